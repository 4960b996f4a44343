"""What is known of a resident without a camera, when to look, and what may be said of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.contract.observation import SensorKind
from models.presence import Fact, Presence, look, step
from server.rounds.rules import (
    LONGEST_PLAN,
    Mark,
    Picture,
    Plan,
    State,
    Unfit,
    is_open,
    is_planned,
    may_be,
    next_moment,
    picture,
    saves_visit,
    unfit_dates,
    unfit_times,
)

OSLO = ZoneInfo("Europe/Oslo")
NIGHT = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)  # 03:00 in Oslo
MINUTE = timedelta(minutes=1)
NIGHTS = Plan((23 * 60, 3 * 60), frozenset(range(7)), date(2025, 1, 1), date(2025, 12, 31))


def seen(*facts: tuple[int, str, SensorKind, float], is_known: bool = True) -> Picture:
    """Return what is shown at 03:00 of facts so many minutes before."""
    presence = Presence()
    for before, room, kind, value in facts:
        presence = step(presence, Fact(NIGHT - before * MINUTE, room, kind, value))
    return picture(presence, look(presence, OSLO, NIGHT), OSLO, NIGHT, is_known=is_known)


IN_BED = (260, "bedroom", SensorKind.BED, 1.0)
UP = (20, "bedroom", SensorKind.BED, 0.0)


@pytest.mark.parametrize(
    ("facts", "state", "before"),
    [
        ([IN_BED], State.IN_BED, 260),
        ([IN_BED, UP], State.OUT_OF_BED, 20),
        ([IN_BED, UP, (12, "bathroom", SensorKind.MOTION, 1.0)], State.IN_BATHROOM, 12),
        ([(45, "lounge", SensorKind.MOTION, 1.0)], State.QUIET, 45),
        ([(3, "lounge", SensorKind.MOTION, 1.0)], State.UP, 3),
        ([(90, "hallway", SensorKind.MOTION, 1.0), (89, "front_door", SensorKind.DOOR, 1.0)], State.OUT, 89),
    ],
)
def test_a_look_tells_where_somebody_is_and_since_when(
    facts: list[tuple[int, str, SensorKind, float]], state: State, before: int
) -> None:
    found = seen(*facts)

    assert (found.state, found.since) == (state, NIGHT - before * MINUTE)


def test_what_is_not_known_is_never_told_as_something_else() -> None:
    assert seen(IN_BED, is_known=False) == Picture(State.UNKNOWN, None, None, None, is_quiet=False)
    assert seen().state is State.UNKNOWN


def test_nobody_is_seen_whose_home_is_not_known_and_a_visit_can_always_be_asked_for() -> None:
    assert not may_be(Mark.SEEN, State.UNKNOWN)
    assert may_be(Mark.SPOKEN, State.UNKNOWN)
    assert all(may_be(Mark.VISIT, state) for state in State)
    assert all(may_be(Mark.SEEN, state) for state in State if state is not State.UNKNOWN)


def test_a_look_saves_a_visit_when_one_would_have_been_made_and_none_was_needed() -> None:
    assert saves_visit(Mark.SEEN, replaces_visit=True)
    assert saves_visit(Mark.SPOKEN, replaces_visit=True)
    assert not saves_visit(Mark.VISIT, replaces_visit=True)
    assert not saves_visit(Mark.SEEN, replaces_visit=False)


def test_the_next_look_is_the_first_of_all_plans() -> None:
    weekend = Plan((20 * 60,), frozenset({5, 6}), date(2025, 1, 1), date(2025, 12, 31))
    over = Plan((2 * 60,), frozenset(range(7)), date(2024, 1, 1), date(2024, 12, 31))

    assert next_moment([(NIGHTS, OSLO)], NIGHT) == datetime(2025, 1, 15, 22, 0, tzinfo=UTC)
    assert next_moment([(NIGHTS, OSLO)], NIGHT - MINUTE) == NIGHT
    assert next_moment([(weekend, OSLO), (over, OSLO)], NIGHT) == datetime(2025, 1, 18, 19, 0, tzinfo=UTC)
    assert next_moment([(over, OSLO)], NIGHT) is None
    assert next_moment([], NIGHT) is None


@pytest.mark.parametrize("night", [date(2025, 3, 30), date(2025, 10, 26)])
def test_each_night_of_a_clock_change_has_every_look_once(night: date) -> None:
    every_half_hour = Plan(tuple(range(0, 6 * 60, 30)), frozenset(range(7)), night, night)
    begins = datetime(night.year, night.month, night.day, tzinfo=OSLO).astimezone(UTC)

    found, at = [], begins - MINUTE
    while (after := next_moment([(every_half_hour, OSLO)], at)) is not None:
        found.append(after)
        at = after

    assert len(found) == len({*found})
    assert all(is_planned(every_half_hour, OSLO, one) for one in found)
    assert len(found) == (10 if night.month == 3 else 12), "what the clock leaps over falls together with what follows"


def test_a_round_opens_half_an_hour_before_its_time() -> None:
    assert not is_open(NIGHT, NIGHT - 31 * MINUTE)
    assert is_open(NIGHT, NIGHT - 30 * MINUTE)


def test_what_cannot_be_planned_is_said() -> None:
    first, last = date(2025, 1, 1), date(2025, 6, 1)

    assert unfit_times([]) is Unfit.NO_TIMES
    assert unfit_times([None, 60]) is Unfit.NOT_A_TIME
    assert unfit_times([61]) is Unfit.NOT_A_QUARTER
    assert unfit_times([0, 15]) is None
    assert unfit_dates(first, None) is Unfit.NOT_A_DATE
    assert unfit_dates(last, first) is Unfit.ENDS_BEFORE
    assert unfit_dates(first, first + LONGEST_PLAN + timedelta(days=1)) is Unfit.TOO_LONG
    assert unfit_dates(first, last) is None
