"""A home as a drawing: rooms, doors and walls in metres, where the sensors hang, and the way from room to room.

x grows to the east and y to the north. A wall stands where a room ends; a doorway is a hole in it.
"""

import heapq
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from gateway.contract.observation import SensorKind

OUTSIDE: Final = "outside"
FRONT_DOOR: Final = "front_door"

# Walls of two rooms nearer to each other than this are one wall.
_WALL_THICKNESS_M: Final = 0.3
_DOORWAY_M: Final = 0.9


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the drawing, in metres."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Room:
    """A rectangle. `left` and `bottom` are its south-west corner; metres."""

    name: str
    left: float
    bottom: float
    width: float
    depth: float

    @property
    def middle(self) -> Point:
        """The room's centre."""
        return Point(self.left + self.width / 2, self.bottom + self.depth / 2)

    @property
    def right(self) -> float:
        """The east wall."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """The north wall."""
        return self.bottom + self.depth

    def holds(self, point: Point, slack_m: float = 0.0) -> bool:
        """Tell whether a point is in the room, or within `slack_m` of it."""
        return (
            self.left - slack_m <= point.x <= self.right + slack_m
            and self.bottom - slack_m <= point.y <= self.top + slack_m
        )


@dataclass(frozen=True, slots=True)
class Door:
    """A doorway between two rooms, or between a room and `OUTSIDE`."""

    name: str
    rooms: tuple[str, str]
    at: Point

    @property
    def inside(self) -> str:
        """The room on this side of it; of a door between two rooms the first."""
        return self.rooms[1] if self.rooms[0] == OUTSIDE else self.rooms[0]

    @property
    def is_outer(self) -> bool:
        """Whether it leads out."""
        return OUTSIDE in self.rooms


class Facing(StrEnum):
    """Which way a room's window looks."""

    NORTH = "north"
    EAST = "east"
    SOUTH = "south"
    WEST = "west"


@dataclass(frozen=True, slots=True)
class Hung:
    """A sensor on the wall: what it is called, what it measures, where it hangs and which place it tells of.

    `room` is a room, a door or a piece of furniture of the plan: what the installer wrote down.
    """

    name: str
    room: str
    kinds: tuple[SensorKind, ...]
    at: Point


@dataclass(frozen=True, eq=False)
class FloorPlan:
    """One home. Immutable; it is itself alone, so that ways through it can be kept."""

    name: str
    rooms: Mapping[str, Room]
    doors: tuple[Door, ...]
    windows: Mapping[str, Facing]
    furniture: Mapping[str, Point]
    sensors: tuple[Hung, ...]
    gateway: Point

    def room_at(self, point: Point) -> str | None:
        """Return the room that holds the point, None for none."""
        return next((name for name, room in self.rooms.items() if room.holds(point)), None)

    def path(self, start: str, end: str) -> tuple[str, ...]:
        """Return the rooms from `start` to `end`, both with them, by the shortest way; either may be `OUTSIDE`."""
        return tuple(room for room, _ in _route(self, start, end))

    def way(self, start: Point, rooms: tuple[str, ...], end: Point) -> list[Point]:
        """Return the corners of the walk from a point in the first of the rooms to one in the last."""
        doors = [self.door_between(*pair).at for pair in pairwise(rooms)]
        return [start, *doors, end]

    def outer_door(self, *, to_garden: bool) -> Door:
        """Return the door somebody leaves by: the front door, or where there is one the other, into the garden."""
        doors = [door for door in self.doors if door.is_outer]
        fitting = [door for door in doors if (door.name != FRONT_DOOR) == to_garden]
        return (fitting or doors)[0]

    def door_between(self, one: str, other: str) -> Door:
        """Return the doorway that joins two neighbouring rooms.

        Raises:
            LookupError: none does.
        """
        for door in self.doors:
            if door.rooms in {(one, other), (other, one)}:
                return door
        raise LookupError(f"no door between {one} and {other}")

    def walking_s(self, start: str, end: str, metres_a_second: float) -> float:
        """Return the time from the middle of a room to the middle of another."""
        return _length_of(self, start, end) / metres_a_second

    def walls_between(self, one: Point, other: Point) -> int:
        """Return how many walls stand in the straight line between two points. An open doorway is no wall."""
        shares = sorted(share for wall in _walls(self) if (share := _crossing(one, other, wall)) is not None)
        length = distance_m(one, other)
        walls, last = 0, -math.inf
        for share in shares:
            at = Point(one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share)
            is_new = (share - last) * length > _WALL_THICKNESS_M
            if is_new and not any(distance_m(at, door.at) < _DOORWAY_M / 2 for door in self.doors):
                walls += 1
                last = share
        return walls

    def sensor(self, name: str) -> Hung:
        """Return a sensor by name.

        Raises:
            LookupError: the home has none of that name.
        """
        for one in self.sensors:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.sensors)
        raise LookupError(f"{self.name} has no sensor {name!r}; it has {known}")

    def place(self, doing: str, room: str) -> Point:
        """Return where in a room somebody does that: by the furniture for it, or in the middle."""
        for piece in _FURNITURE_OF.get(doing, ()):
            if piece in self.furniture and self.rooms[room].holds(self.furniture[piece]):
                return self.furniture[piece]
        return self.rooms[room].middle

    def only(self, *kinds: SensorKind) -> "FloorPlan":
        """Return the home with those sensors alone that measure one of these kinds, and nothing else."""
        kept = [
            replace(one, kinds=shared)
            for one in self.sensors
            if (shared := tuple(kind for kind in one.kinds if kind in kinds))
        ]
        return replace(self, sensors=tuple(kept))


def distance_m(one: Point, other: Point) -> float:
    """Return the straight distance."""
    return math.hypot(one.x - other.x, one.y - other.y)


_FURNITURE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "sleeping": ("bed",),
    "lying_awake": ("bed",),
    "napping": ("sofa", "chair", "bed"),
    "watching_tv": ("chair",),
    "reading": ("chair",),
    "with_visitor": ("sofa", "chair"),
    "cooking": ("stove",),
    "making_coffee": ("kettle",),
    "eating": ("table",),
    "on_toilet": ("toilet",),
    "washing": ("basin", "shower"),
    "showering": ("shower",),
    "medication": ("table",),
}


@lru_cache(maxsize=512)
def _route(plan: FloorPlan, start: str, end: str) -> tuple[tuple[str, float], ...]:
    """Return the rooms on the shortest way and how far into it, in metres, each is entered (Dijkstra by doorways)."""
    queue: list[tuple[float, int, str, Point, tuple[tuple[str, float], ...]]] = []
    first = _middle_of(plan, start)
    heapq.heappush(queue, (0.0, 0, start, first, ((start, 0.0),)))
    seen: set[str] = set()
    number = 0
    while queue:
        gone, _, room, at, way = heapq.heappop(queue)
        if room == end:
            return way
        if room in seen or (room == OUTSIDE and start != OUTSIDE):
            continue
        seen.add(room)
        for door, beyond in _doors_of(plan, room):
            number += 1
            far = gone + distance_m(at, door.at)
            heapq.heappush(queue, (far, number, beyond, door.at, (*way, (beyond, far))))
    raise LookupError(f"{plan.name}: no way from {start} to {end}")


def _length_of(plan: FloorPlan, start: str, end: str) -> float:
    way = _route(plan, start, end)
    if len(way) == 1:
        return 0.0
    last = plan.door_between(way[-2][0], way[-1][0]).at
    return way[-1][1] + distance_m(last, _middle_of(plan, end))


def _middle_of(plan: FloorPlan, room: str) -> Point:
    """Return the middle of a room; who is outside stands at the first outer door."""
    if room == OUTSIDE:
        return next(door.at for door in plan.doors if door.is_outer)
    return plan.rooms[room].middle


def _doors_of(plan: FloorPlan, room: str) -> Iterator[tuple[Door, str]]:
    for door in plan.doors:
        if room in door.rooms:
            yield door, door.rooms[1] if door.rooms[0] == room else door.rooms[0]


_Wall = tuple[Point, Point]


@lru_cache(maxsize=32)
def _walls(plan: FloorPlan) -> tuple[_Wall, ...]:
    walls: list[_Wall] = []
    for room in plan.rooms.values():
        corners = [
            Point(room.left, room.bottom),
            Point(room.right, room.bottom),
            Point(room.right, room.top),
            Point(room.left, room.top),
        ]
        walls += zip(corners, [*corners[1:], corners[0]], strict=True)
    return tuple(walls)


def _crossing(one: Point, other: Point, wall: _Wall) -> float | None:
    """Return the share of the way at which a line goes through a wall; a line that only ends at it does not."""
    a, b = wall
    dx, dy, wx, wy = other.x - one.x, other.y - one.y, b.x - a.x, b.y - a.y
    cross = dx * wy - dy * wx
    if abs(cross) < 1e-9:  # noqa: PLR2004 - parallel
        return None
    along = ((a.x - one.x) * wy - (a.y - one.y) * wx) / cross
    on_wall = ((a.x - one.x) * dy - (a.y - one.y) * dx) / cross
    margin = 0.05 / max(distance_m(one, other), 0.1)  # a sensor that hangs on the wall is on this side of it
    return along if margin < along < 1 - margin and 0 <= on_wall <= 1 else None
