"""Where the resident is: told as far as it is known, and no further."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.presence import Fact, Presence, Present, Where, look, seen, step

_OSLO = ZoneInfo("Europe/Oslo")
_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_NIGHT = datetime(2026, 3, 3, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)

_SOURCES = [
    ("lounge", SensorKind.MOTION),
    ("bathroom", SensorKind.MOTION),
    ("bedroom", SensorKind.BED),
    ("front_door", SensorKind.DOOR),
    ("lounge", SensorKind.TEMPERATURE),
]
facts = st.builds(
    lambda minutes, source, value: Fact(_NOON + minutes * _MINUTE, *source, value),
    st.integers(0, 600),
    st.sampled_from(_SOURCES),
    st.sampled_from([0.0, 1.0]),
)


def motion(at: datetime, room: str) -> Fact:
    return Fact(at, room, SensorKind.MOTION, 1.0)


def bed(at: datetime, value: float) -> Fact:
    return Fact(at, "bedroom", SensorKind.BED, value)


def after(*heard: Fact) -> Presence:
    presence = Presence()
    for fact in heard:
        presence = step(presence, fact)
    return presence


def test_a_home_of_which_nothing_was_heard_is_unknown() -> None:
    assert look(Presence(), _OSLO, _NOON) == Present(Where.UNKNOWN, None)


def test_somebody_is_in_the_room_they_were_last_noticed_in_since_they_came_there() -> None:
    presence = after(motion(_NOON, "hallway"), motion(_NOON + _MINUTE, "lounge"), motion(_NOON + 9 * _MINUTE, "lounge"))

    assert look(presence, _OSLO, _NOON + _HOUR) == Present(Where.AT_HOME, _NOON + _MINUTE, "lounge")


def test_a_stay_in_the_bathroom_began_with_its_first_sign() -> None:
    presence = after(motion(_NOON, "hallway"), *(motion(_NOON + n * _MINUTE, "bathroom") for n in (2, 3, 7)))

    assert look(presence, _OSLO, _NOON + _HOUR) == Present(Where.IN_BATHROOM, _NOON + 2 * _MINUTE, "bathroom")


def test_whoever_is_silent_after_an_outer_door_is_out_once_it_has_lasted_and_not_before() -> None:
    presence = after(motion(_NOON, "hallway"), Fact(_NOON + _MINUTE, "front_door", SensorKind.DOOR, 1.0))
    closed = step(presence, Fact(_NOON + 2 * _MINUTE, "front_door", SensorKind.DOOR, 0.0))

    assert look(closed, _OSLO, _NOON + 5 * _MINUTE).where is Where.AT_HOME
    assert look(closed, _OSLO, _NOON + _HOUR) == Present(Where.OUT, _NOON + 2 * _MINUTE)


def test_whoever_is_noticed_long_after_the_door_is_at_home() -> None:
    presence = after(Fact(_NOON, "front_door", SensorKind.DOOR, 1.0), motion(_NOON + 6 * _MINUTE, "kitchen"))

    assert look(presence, _OSLO, _NOON + 3 * _HOUR).where is Where.AT_HOME


def test_the_bed_tells_since_when_somebody_lies_in_it_and_a_short_rise_is_the_same_lying() -> None:
    presence = after(
        bed(_NIGHT, 1.0), bed(_NIGHT + _HOUR, 0.0), motion(_NIGHT + _HOUR + _MINUTE, "hallway"),
        bed(_NIGHT + _HOUR + 4 * _MINUTE, 1.0),
    )  # fmt: skip

    assert look(presence, _OSLO, _NIGHT + 3 * _HOUR) == Present(Where.IN_BED, _NIGHT, "bedroom")


def test_after_a_long_rise_it_is_another_lying() -> None:
    presence = after(bed(_NIGHT, 1.0), bed(_NIGHT + _HOUR, 0.0), bed(_NIGHT + 2 * _HOUR, 1.0))

    assert look(presence, _OSLO, _NIGHT + 3 * _HOUR).since == _NIGHT + 2 * _HOUR


@pytest.mark.parametrize(("at", "where"), [(_NIGHT, Where.IN_BED), (_NOON, Where.AT_HOME)])
def test_where_no_bed_tells_silence_in_the_bedroom_is_sleep_at_night_only(at: datetime, where: Where) -> None:
    presence = after(motion(at, "bedroom"))

    assert look(presence, _OSLO, at + _HOUR).where is where
    assert look(presence, _OSLO, at + 5 * _MINUTE).where is Where.AT_HOME


def test_where_a_bed_tells_that_it_is_empty_nobody_is_said_to_sleep() -> None:
    presence = after(bed(_NIGHT, 1.0), bed(_NIGHT + _HOUR, 0.0))

    assert look(presence, _OSLO, _NIGHT + 2 * _HOUR).where is Where.AT_HOME


def test_in_a_home_that_cannot_be_seen_nothing_is_known_until_somebody_is_noticed_again() -> None:
    blind = seen(after(motion(_NOON, "lounge")), _NOON + _HOUR, is_blind=True)
    again = seen(blind, _NOON + 2 * _HOUR, is_blind=False)

    assert look(blind, _OSLO, _NOON + 90 * _MINUTE) == Present(Where.UNKNOWN, _NOON + _HOUR)
    assert look(again, _OSLO, _NOON + 3 * _HOUR) == Present(Where.UNKNOWN, _NOON + _HOUR)
    assert look(step(again, motion(_NOON + 3 * _HOUR, "lounge")), _OSLO, _NOON + 3 * _HOUR).where is Where.AT_HOME
    assert seen(again, _NOON + 4 * _HOUR, is_blind=False) == again


def test_an_empty_bed_is_known_though_it_came_late() -> None:
    presence = after(bed(_NIGHT, 1.0), motion(_NIGHT + _HOUR + _MINUTE, "hallway"), bed(_NIGHT + _HOUR, 0.0))

    assert look(presence, _OSLO, _NIGHT + 2 * _HOUR) == Present(Where.AT_HOME, _NIGHT + _HOUR + _MINUTE, "hallway")


def test_whoever_went_out_is_out_though_the_door_came_late() -> None:
    presence = after(motion(_NOON + _MINUTE, "hallway"), Fact(_NOON, "front_door", SensorKind.DOOR, 1.0))

    assert look(presence, _OSLO, _NOON + _HOUR) == Present(Where.OUT, _NOON + _MINUTE)


@given(heard=st.lists(facts, max_size=30), repeated=st.integers(0, 29))
def test_a_fact_told_again_or_late_changes_nothing(heard: list[Fact], repeated: int) -> None:
    heard = sorted(heard)
    presence = after(*heard)
    late = [fact for fact in heard[: repeated + 1] if fact.at.timestamp() < presence.last_s]

    assert after(*(fact for one in heard for fact in (one, one))) == presence
    assert after(*heard, *late) == presence


@given(heard=st.lists(facts, max_size=30))
def test_it_comes_back_as_it_was_stored(heard: list[Fact]) -> None:
    presence = after(*heard)

    assert Presence.from_json(json.loads(json.dumps(presence.as_json()))) == presence
