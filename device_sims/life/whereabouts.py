"""Where somebody is at a moment, to the step."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from device_sims.life.activities import Doing, Stay
from device_sims.life.floor_plan import OUTSIDE, FloorPlan, Point, distance_m


@dataclass(frozen=True, slots=True)
class Position:
    """Where somebody is: `at` and `room` are None outside."""

    who: str
    at: Point | None
    room: str | None
    doing: Doing


def position_in(stays: Sequence[Stay], at: datetime, who: str, plan: FloorPlan, metres_a_second: float) -> Position:
    """Return where one person is (stays by start); on the way between rooms, how far they have come."""
    index = bisect_right(stays, at, key=lambda stay: stay.start) - 1
    if index < 0 or at >= stays[index].end:
        return Position(who, None, None, Doing.AWAY)
    stay = stays[index]
    if stay.room is None:
        return Position(who, None, None, stay.doing)
    came_from = stays[index - 1].room if index else stay.room
    point = _on_the_way(plan, came_from, stay, (at - stay.start).total_seconds() * metres_a_second)
    return Position(who, point, plan.room_at(point) or stay.room, stay.doing)


def _on_the_way(plan: FloorPlan, came_from: str | None, stay: Stay, walked_m: float) -> Point:
    room = stay.room or OUTSIDE
    there = plan.place(stay.doing, room)
    if came_from == stay.room:
        return there
    rooms = plan.path(came_from or OUTSIDE, room)
    start = plan.rooms[came_from].middle if came_from else plan.door_between(rooms[0], rooms[1]).at
    corners = plan.way(start, rooms, there)
    for before, after in pairwise(corners):
        step = distance_m(before, after)
        if walked_m < step:
            share = walked_m / step
            return Point(before.x + (after.x - before.x) * share, before.y + (after.y - before.y) * share)
        walked_m -= step
    return there
