from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lives import life_of

from device_sims.life.activities import Doing
from device_sims.life.noticing import noticed
from device_sims.life.people import Person
from device_sims.life.profile import DEMENTIA, FRAIL, HEALTHY
from gateway.contract.observation import SensorKind

_DAY = timedelta(days=1)
_FIRST, _LAST = date(2026, 3, 1), date(2026, 3, 10)
_AT = datetime(2026, 3, 5, 10, tzinfo=UTC)

_minutes = st.integers(-600, 12_000)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_minutes, st.integers(1, 3_000), st.sampled_from(Doing)), max_size=4))
def test_whatever_is_made_to_happen_nobody_is_nowhere_or_in_two_places(happen: list[tuple[int, int, Doing]]) -> None:
    life = life_of()
    for minute, long, doing in happen:
        at = _AT + timedelta(minutes=minute)
        life = life.with_interruption(at, at + timedelta(minutes=long), doing, "bathroom")

    stays = life.stays_of("inger", _FIRST, _LAST)

    assert all(before.end == after.start for before, after in pairwise(stays))
    assert all(stay.start < stay.end for stay in stays)
    untouched = life_of().stays_of("inger", _FIRST, _LAST)
    assert (stays[0].start, stays[-1].end) == (untouched[0].start, untouched[-1].end)


def test_who_lies_on_the_bathroom_floor_is_not_seen_until_found() -> None:
    falls, found = _AT, _AT + timedelta(hours=6)
    life = life_of(DEMENTIA).without_visits(falls - timedelta(minutes=3), found)
    life = life.with_interruption(falls - timedelta(minutes=3), falls, Doing.WASHING, "bathroom")
    life = life.with_interruption(falls, found, Doing.LYING_ON_FLOOR, "bathroom")
    life = replace(life, plan=life.plan.only(SensorKind.MOTION, SensorKind.DOOR))

    told = [one for one in noticed(life, _FIRST, _LAST) if one.value]

    assert not [one for one in told if falls <= one.at < found]
    assert max(one.at for one in told if one.at < falls) > falls - timedelta(minutes=3)
    assert [one for one in told if found <= one.at < found + timedelta(hours=2)]
    assert life.position(falls + timedelta(hours=2)).room == "bathroom"


def test_who_leaves_for_ever_never_comes_back() -> None:
    life = life_of().with_interruption(_AT, None, Doing.AWAY, None)

    after = [s for s in life.stays_of("inger", _FIRST, _LAST) if s.end > _AT]

    assert {(s.room, s.doing) for s in after} == {(None, Doing.AWAY)}


def test_who_wanders_goes_from_room_to_room() -> None:
    night = datetime(2026, 3, 5, 1, tzinfo=UTC)
    life = life_of().with_interruption(night, night + timedelta(hours=1), Doing.WANDERING, "hallway")

    stays = [s for s in life.stays_of("inger", _FIRST, _LAST) if s.doing is Doing.WANDERING]

    assert len(stays) > 8
    assert len({s.room for s in stays}) >= 4
    assert (stays[0].start, stays[-1].end) == (night, night + timedelta(hours=1))


def test_what_cannot_be_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="cannot end at 2026-03-05 09:00"):
        life_of().with_interruption(_AT, _AT - timedelta(hours=1), Doing.OUT, None)
    with pytest.raises(ValueError, match="nobody here is called 'olav'; here live inger"):
        life_of().with_interruption(_AT, None, Doing.OUT, None, who="olav")
    with pytest.raises(ValueError, match="has no room 'cellar'; it has hallway"):
        life_of().with_interruption(_AT, None, Doing.WASHING, "cellar")
    with pytest.raises(LookupError, match="nobody here is called 'olav'"):
        life_of().person("olav")


def test_before_a_change_of_profile_everything_is_as_it_was() -> None:
    changed = life_of().with_profile(_LAST, FRAIL)

    assert changed.stays_of("inger", _FIRST, _LAST - 2 * _DAY) == life_of().stays_of("inger", _FIRST, _LAST - 2 * _DAY)
    assert changed.person().on(_LAST).name == "frail"


def test_somebody_who_moves_in_is_there_from_then_on_and_does_not_change_the_other() -> None:
    life = life_of().with_person(Person("olav", HEALTHY, since=_AT))

    olav = [s for s in life.stays(_FIRST, _LAST) if s.who == "olav"]

    assert olav[0].start == _AT
    assert life.stays_of("inger", _FIRST, _LAST) == life_of().stays_of("inger", _FIRST, _LAST)


def test_a_visit_can_be_told_and_times_without_visits_too() -> None:
    life = life_of(DEMENTIA)
    visited = life.with_visit(_AT, _AT + timedelta(hours=1))
    alone = life.without_visits(_AT - 2 * _DAY, _AT + 2 * _DAY)

    visitor = [s for s in visited.stays(_FIRST, _LAST) if s.who == "visitor" and s.room == "lounge"]
    assert any(s.start >= _AT and s.end <= _AT + timedelta(hours=1) for s in visitor)
    others = [s for s in alone.stays(_FIRST, _LAST) if s.who != "inger"]
    assert others
    assert not [s for s in others if _AT - 2 * _DAY < s.start < _AT + 2 * _DAY - timedelta(minutes=5)]
