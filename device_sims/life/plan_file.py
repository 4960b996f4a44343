"""Reads a floor plan from a short YAML file; device_sims/plans holds those of the simulated homes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from device_sims.life.floor_plan import OUTSIDE, Door, Facing, FloorPlan, Hung, Point, Room
from device_sims.yaml_file import Told, YamlFileError, read_yaml
from gateway.contract.observation import SensorKind

_PLANS: Final = Path(__file__).parent.parent / "plans"
_FIELDS: Final = ("name", "rooms", "doors", "windows", "furniture", "sensors", "gateway")
_ROOMS_OF_A_LIFE: Final = ("hallway", "bathroom", "bedroom", "kitchen", "lounge")
_SLACK_M: Final = 0.3
_LARGEST_M: Final = 100.0


def plan_names() -> list[str]:
    """Return the names of the plans that come with the simulators."""
    return sorted(file.stem for file in _PLANS.glob("*.yaml"))


@cache
def plan_named(name: str) -> FloorPlan:
    """Return one of the plans that come with the simulators.

    Raises:
        YamlFileError: there is none of that name.
    """
    if name not in plan_names():
        raise YamlFileError(f"there is no plan {name!r}; there are {', '.join(plan_names())}")
    return load_plan(_PLANS / f"{name}.yaml")


def load_plan(file: Path) -> FloorPlan:
    """Return the home a file describes.

    Raises:
        YamlFileError: it cannot be used; the text names the file, the line and what was expected.
    """
    told = read_yaml(file)
    fields = told.fields(_FIELDS, needed=("name", "rooms", "doors", "sensors", "gateway"))
    rooms = {name: _room(name, one) for name, one in fields["rooms"].fields(needed=_ROOMS_OF_A_LIFE).items()}
    doors = tuple(_door(name, one, rooms) for name, one in fields["doors"].fields().items())
    furniture = {name: _inside(one, rooms) for name, one in _optional(fields, "furniture").items()}
    windows = {}
    for name, one in _optional(fields, "windows").items():
        if name not in rooms:
            raise one.wrong(f"{name!r} is not a room; expected one of {', '.join(rooms)}")
        windows[name] = one.one_of(tuple(Facing))
    places = {*rooms, *furniture, *(door.name for door in doors)}
    sensors = tuple(_sensor(name, one, places, rooms) for name, one in fields["sensors"].fields().items())
    plan = FloorPlan(
        fields["name"].text(), rooms, doors, windows, furniture, sensors, _inside(fields["gateway"], rooms)
    )
    _make_sure_every_room_is_reached(plan, fields)
    return plan


def _optional(fields: Mapping[str, Told], name: str) -> dict[str, Told]:
    return fields[name].fields() if name in fields else {}


def _room(name: str, told: Told) -> Room:
    left, bottom, width, depth = told.numbers(4)
    if not (0 < width <= _LARGEST_M and 0 < depth <= _LARGEST_M):
        raise told.wrong(f"the room {name!r} must be above 0 and at most {_LARGEST_M:.0f} m wide and deep")
    return Room(name, left, bottom, width, depth)


def _door(name: str, told: Told, rooms: Mapping[str, Room]) -> Door:
    fields = told.fields(("between", "at"), needed=("between", "at"))
    joined = [one.one_of((*rooms, OUTSIDE)) for one in fields["between"].items()]
    if len(joined) != 2 or joined[0] == joined[1]:  # noqa: PLR2004 - a door has two sides
        raise fields["between"].wrong(f"the door {name!r} must join two different rooms, or a room and {OUTSIDE}")
    at = _point(fields["at"])
    for room in joined:
        if room != OUTSIDE and not rooms[room].holds(at, _SLACK_M):
            raise fields["at"].wrong(f"the door {name!r} is not in a wall of {room}")
    return Door(name, (joined[0], joined[1]), at)


def _sensor(name: str, told: Told, places: set[str], rooms: Mapping[str, Room]) -> Hung:
    fields = told.fields(("kinds", "room", "at"), needed=("kinds", "room", "at"))
    kinds = tuple(one.one_of(tuple(SensorKind)) for one in fields["kinds"].items())
    if not kinds:
        raise fields["kinds"].wrong(f"the sensor {name!r} measures nothing; expected a kind such as motion")
    return Hung(name, fields["room"].one_of(sorted(places)), kinds, _inside(fields["at"], rooms))


def _inside(told: Told, rooms: Mapping[str, Room]) -> Point:
    at = _point(told)
    if not any(room.holds(at, _SLACK_M) for room in rooms.values()):
        raise told.wrong(f"({at.x:g}, {at.y:g}) is in none of the rooms")
    return at


def _point(told: Told) -> Point:
    return Point(*told.numbers(2))


def _make_sure_every_room_is_reached(plan: FloorPlan, fields: Mapping[str, Told]) -> None:
    if not any(door.is_outer for door in plan.doors):
        raise fields["doors"].wrong(f"no door leads {OUTSIDE}")
    for name in plan.rooms:
        try:
            plan.path(OUTSIDE, name)
        except LookupError:
            raise fields["rooms"].fields()[name].wrong(f"no door leads to {name}") from None
