from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sims.life.floor_plan import OUTSIDE, Point, distance_m
from device_sims.life.plan_file import load_plan, plan_named, plan_names
from device_sims.yaml_file import YamlFileError
from gateway.contract.observation import SensorKind

_PLAN = """\
name: Tiny
rooms:
  hallway: [0, 0, 2, 2]
  bathroom: [2, 0, 2, 2]
  bedroom: [0, 2, 2, 2]
  kitchen: [2, 2, 2, 2]
  lounge: [4, 2, 3, 2]
doors:
  front_door: {between: [outside, hallway], at: [1, 0]}
  bathroom_door: {between: [hallway, bathroom], at: [2, 1]}
  bedroom_door: {between: [hallway, bedroom], at: [1, 2]}
  kitchen_door: {between: [bedroom, kitchen], at: [2, 3]}
  lounge_door: {between: [kitchen, lounge], at: [4, 3]}
sensors:
  hall: {kinds: [motion, light], room: hallway, at: [0.1, 0.1]}
gateway: [1, 1]
"""


def _file(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in _PLAN
    file = folder / "tiny.yaml"
    file.write_text(_PLAN.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", plan_names())
def test_every_home_that_comes_with_the_simulators_can_be_lived_in(name: str) -> None:
    plan = plan_named(name)

    kinds = {kind for sensor in plan.sensors for kind in sensor.kinds}
    assert kinds >= {SensorKind.MOTION, SensorKind.DOOR, SensorKind.BED, SensorKind.TEMPERATURE, SensorKind.BUTTON}
    assert plan.room_at(plan.gateway) in plan.rooms
    for room in plan.rooms:
        assert plan.path(OUTSIDE, room)[-1] == room
    for piece, at in plan.furniture.items():
        assert plan.room_at(at), piece
    middles = [room.middle for room in plan.rooms.values()]
    assert [plan.room_at(middle) for middle in middles] == list(plan.rooms), "rooms lie over each other"


def test_there_are_a_flat_in_a_care_home_a_house_and_a_flat_with_a_balcony() -> None:
    assert plan_names() == ["balcony_flat", "care_flat", "house"]


def test_the_way_leads_through_the_doors_and_takes_its_time(tmp_path: Path) -> None:
    plan = load_plan(_file(tmp_path))

    assert plan.path("bathroom", "lounge") == ("bathroom", "hallway", "bedroom", "kitchen", "lounge")
    assert plan.path("bathroom", "bathroom") == ("bathroom",)
    assert plan.walking_s("hallway", "bathroom", 0.5) == pytest.approx(4)
    assert plan.walking_s("hallway", "hallway", 0.5) == 0
    assert [door.name for door in plan.doors if door.is_outer] == ["front_door"]


def test_nobody_takes_the_way_through_the_garden_from_room_to_room(tmp_path: Path) -> None:
    side, back = "{between: [bathroom, outside], at: [4, 1]}", "{between: [outside, lounge], at: [5, 2]}"
    tiny = load_plan(_file(tmp_path, "sensors:\n", f"  side_door: {side}\n  back_door: {back}\nsensors:\n"))
    assert OUTSIDE not in tiny.path("bathroom", "lounge"), "though it is nearer"
    for name in plan_names():
        plan = plan_named(name)
        assert all(OUTSIDE not in plan.path(one, other) for one in plan.rooms for other in plan.rooms)


def test_walls_are_counted_once_and_an_open_doorway_is_none(tmp_path: Path) -> None:
    plan = load_plan(_file(tmp_path))

    assert plan.walls_between(Point(0.5, 0.5), Point(1.5, 0.6)) == 0
    assert plan.walls_between(Point(1.5, 0.3), Point(2.5, 0.3)) == 1
    assert plan.walls_between(Point(1.5, 1.0), Point(2.5, 1.0)) == 0, "through the bathroom's doorway"
    assert plan.walls_between(Point(0.5, 3.6), Point(6.0, 3.7)) == 2
    assert plan.walls_between(Point(0.0, 0.5), Point(1.5, 0.5)) == 0, "a sensor on the wall is on this side of it"
    assert distance_m(Point(0, 0), Point(3, 4)) == 5


_points = st.builds(Point, st.floats(0, 7), st.floats(0, 4))


@given(_points, _points)
def test_as_many_walls_stand_in_the_way_back(one: Point, other: Point) -> None:
    plan = plan_named("house")

    assert abs(plan.walls_between(one, other) - plan.walls_between(other, one)) <= 1  # where corners are crossed
    assert plan.walls_between(one, one) == 0


def test_a_home_can_be_had_with_some_of_its_sensors_alone() -> None:
    plan = plan_named("house").only(SensorKind.LIGHT, SensorKind.BED)

    assert [(one.name, one.kinds) for one in plan.sensors] == [
        ("lounge_motion", (SensorKind.LIGHT,)),
        ("bed", (SensorKind.BED,)),
    ]


def test_a_sensor_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="Tiny has no sensor 'celler'; it has hall"):
        load_plan(_file(tmp_path)).sensor("celler")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("name: Tiny\n", "name: Tiny\ncolour: red\n", r"line 2: 'colour' is unknown here; expected name, rooms, doors"),
        ("name: Tiny\n", "", "line 1: 'name' is missing"),
        ("[0, 0, 2, 2]", "[0, 0, 2]", "line 3: expected 4 numbers, found 3"),
        ("[0, 0, 2, 2]", "[0, 0, -2, 2]", "line 3: the room 'hallway' must be above 0"),
        ("[2, 0, 2, 2]", "[2, zero, 2, 2]", "line 4: 'zero' is not a number"),
        ("  lounge: [4, 2, 3, 2]\n", "", "line 3: 'lounge' is missing"),
        ("[outside, hallway]", "[outside, cellar]", "line 9: 'cellar' is unknown; expected hallway, bathroom"),
        ("[outside, hallway]", "[hallway, hallway]", "line 9: the door 'front_door' must join two different rooms"),
        ("at: [1, 0]", "at: [1, 3.9]", "line 9: the door 'front_door' is not in a wall of hallway"),
        ("  lounge_door: {between: [kitchen, lounge], at: [4, 3]}\n", "", "line 7: no door leads to lounge"),
        ("[outside, hallway], at: [1, 0]", "[hallway, bathroom], at: [2, 1]", "line 9: no door leads outside"),
        ("kinds: [motion, light]", "kinds: [smell]", "line 15: 'smell' is unknown; expected motion, door, bed"),
        ("kinds: [motion, light]", "kinds: []", "line 15: the sensor 'hall' measures nothing"),
        ("kinds: [motion, light]", "kinds: motion", "line 15: expected a list"),
        ("room: hallway", "room: cellar", "line 15: 'cellar' is unknown"),
        ("at: [0.1, 0.1]", "at: [9, 9]", r"line 15: \(9, 9\) is in none of the rooms"),
        ("gateway: [1, 1]", "gateway: [1, 1]\ngateway: [1, 1]", "line 17: 'gateway' is said twice"),
        (
            "sensors:\n  hall: {kinds: [motion, light], room: hallway, at: [0.1, 0.1]}",
            "sensors: none",
            "line 14: expected",
        ),
        ("gateway: [1, 1]", "windows: {cellar: south}\ngateway: [1, 1]", "line 16: 'cellar' is not a room"),
        ("gateway: [1, 1]", "gateway: [1, 1", "line 17: expected ',' or ']'"),
    ],
)
def test_a_plan_that_cannot_be_used_is_told_with_file_line_and_what_was_expected(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    with pytest.raises(YamlFileError, match=rf"tiny\.yaml, {complaint}"):
        load_plan(_file(tmp_path, old, new))


def test_a_plan_that_is_missing_or_empty_or_no_text_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(YamlFileError, match="there is no plan 'castle'; there are balcony_flat, care_flat, house"):
        plan_named("castle")
    with pytest.raises(YamlFileError, match="it cannot be read"):
        load_plan(tmp_path / "nowhere.yaml")
    for content, complaint in (
        (b"", "it is empty"),
        (b"\xff\xfe\xfa", "not a text file in UTF-8"),
        (b"\x00", "odd.yaml"),
    ):
        (tmp_path / "odd.yaml").write_bytes(content)
        with pytest.raises(YamlFileError, match=complaint):
            load_plan(tmp_path / "odd.yaml")
