"""How long a silence is too long: learned from a home's own days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from gateway.contract.observation import SensorKind
from models.activity import Activity
from models.calendar import local_quarters, quarter_of, quarter_start
from models.inactivity import DEFAULT_SILENCE_S, InactivityLine, default_line
from models.learning import learn

OSLO = ZoneInfo("Europe/Oslo")
START = datetime(2025, 1, 6, tzinfo=OSLO)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def motion(at: datetime) -> Activity:
    return Activity(at.astimezone(UTC), "lounge", SensorKind.MOTION)


def door(at: datetime) -> Activity:
    return Activity(at.astimezone(UTC), "front_door", SensorKind.DOOR)


def at(day: int, hour: float, start: datetime = START) -> datetime:
    """Return a wall-clock moment of a day in Oslo."""
    midnight = start + day * DAY
    return midnight.replace(hour=int(hour), minute=round(hour % 1 * 60))


def ordinary_days(count: int, start: datetime = START) -> list[Activity]:
    """Return days with a movement each ten minutes from 7 to 23, a nap from 13 to 15, and sleep."""
    hours = [7 + minutes / 60 for minutes in range(0, 16 * 60, 10)]
    return [motion(at(day, hour, start)) for day in range(count) for hour in hours if not 13 < hour < 15]


def line_of(activities: list[Activity], **skip: list[tuple[float, float]]) -> np.ndarray:
    return InactivityLine().fit(activities, zone=OSLO, **skip).line_s()


def test_the_parameters_given_are_the_parameters_kept() -> None:
    line = InactivityLine(factor=2.0, margin_s=60.0, few_days_factor=0.0)

    assert clone(line).get_params() == {"factor": 2.0, "margin_s": 60.0, "few_days_factor": 0.0}


def test_nothing_can_be_asked_before_it_is_learned() -> None:
    with pytest.raises(NotFittedError):
        InactivityLine().line_s()


def test_the_line_lies_above_every_silence_seen_and_not_far() -> None:
    line = InactivityLine().fit(ordinary_days(14), zone=OSLO)

    assert np.all(line.line_s() >= np.minimum(line.usual_s_, DEFAULT_SILENCE_S))
    nap = line.usual_s_[int(14.9 * 4)]
    assert nap == 2 * 3600
    assert line.line_s()[int(14.9 * 4)] == pytest.approx(nap * (1.15 + 2 / 14) + 900)
    assert line.line_s()[18 * 4] < HOUR.total_seconds()


def test_a_night_is_as_long_as_it_has_lasted_at_each_hour() -> None:
    usual = InactivityLine().fit(ordinary_days(7), zone=OSLO).usual_s_ / 3600

    # From 22.50 to 7.00; widened by half an hour either way.
    assert usual[0] == pytest.approx(1 + 55 / 60 - 1 / 6 + 1 / 6 - 1 / 3 + 1 / 4, abs=0.5)
    assert usual[3 * 4] == pytest.approx(3 + 1 / 6 + 1 + 3 / 4, abs=0.26)
    assert usual[6 * 4 + 3] == pytest.approx(8 + 1 / 6)


def test_a_young_line_is_a_cautious_one() -> None:
    assert np.all(line_of(ordinary_days(4)) >= line_of(ordinary_days(20)))
    assert line_of(ordinary_days(4))[14 * 4] > line_of(ordinary_days(20))[14 * 4]


@pytest.mark.parametrize("days", [0, 1, 2])
def test_with_fewer_than_three_days_the_safe_line_applies(days: int) -> None:
    assert np.array_equal(line_of(ordinary_days(days)), default_line())


def test_no_line_is_above_the_safe_one() -> None:
    assert line_of([motion(at(day, 8)) for day in range(9)]).max() == DEFAULT_SILENCE_S


@pytest.mark.parametrize("month", [3, 10], ids=["clocks forward", "clocks back"])
def test_the_line_follows_the_wall_clock_over_a_change(month: int) -> None:
    start = datetime(2025, month, 20, tzinfo=OSLO)  # the change is on the 30th of March and the 26th of October

    around, before = line_of(ordinary_days(14, start)), line_of(ordinary_days(14))

    waking = slice(8 * 4, 22 * 4)
    assert np.array_equal(around[waking], before[waking])


def test_an_absence_after_the_outer_door_is_not_learned() -> None:
    days = ordinary_days(10)
    away = [a for a in days if not (a.at >= at(5, 16).astimezone(UTC) and a.at < at(5, 22).astimezone(UTC))]

    went_out = line_of(sorted([*away, door(at(5, 16))]))

    assert np.array_equal(went_out[18 * 4 : 21 * 4], line_of(days)[18 * 4 : 21 * 4])
    assert line_of(away)[20 * 4] > went_out[20 * 4]


def test_a_span_not_to_learn_from_teaches_nothing() -> None:
    days = ordinary_days(10)
    begin, end = at(5, 16).timestamp(), at(5, 22).timestamp()
    strange = [a for a in days if not begin < a.at.timestamp() < end]

    assert line_of(strange)[20 * 4] > line_of(days)[20 * 4]
    assert np.array_equal(line_of(strange, skip=[(begin, end)]), line_of(days))


def test_an_hour_at_which_nobody_was_ever_at_home_has_the_safe_line() -> None:
    days = [a for a in ordinary_days(10) if not at(0, 9).hour <= a.at.astimezone(OSLO).hour < 16]
    leaves = [door(at(day, 9)) for day in range(10)]

    line = line_of(sorted([*days, *leaves]))

    assert np.all(line[10 * 4 : 15 * 4] == DEFAULT_SILENCE_S)
    assert line[19 * 4] < HOUR.total_seconds()


def test_learning_gives_what_the_live_state_needs() -> None:
    days = ordinary_days(10)
    strange = (at(5, 22.8), at(6, 7.5))

    routine = learn(days, OSLO, [strange])

    assert routine.days == 10
    assert routine.line_s.shape == routine.usual_s.shape == (96,)
    assert routine.shortest_s == routine.line_s.min()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 20 * 86_400), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_hearing_an_activity_twice_teaches_the_same(seconds: list[int], random: object) -> None:
    activities = sorted(motion(START + timedelta(seconds=second)) for second in seconds)

    once, twice = line_of(activities), line_of(sorted([*activities, *activities]))

    assert np.array_equal(once, twice)


@given(st.integers(0, 2_000_000_000))
def test_a_quarter_of_an_hour_begins_at_most_fifteen_minutes_ago(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)

    begun = quarter_start(moment)

    assert timedelta(0) <= moment - begun < timedelta(minutes=15)
    assert quarter_of(begun, OSLO) == quarter_of(moment, OSLO)
    assert 0 <= quarter_of(moment, OSLO) < 96


@pytest.mark.parametrize(("day", "quarters", "twos"), [(29, 96, 4), (30, 92, 0)])
def test_a_local_day_has_the_quarters_the_clock_change_leaves_it(day: int, quarters: int, twos: int) -> None:
    midnight = datetime(2025, 3, day, tzinfo=OSLO)

    _, local = local_quarters(midnight.timestamp(), (midnight + DAY).timestamp() - 1, OSLO)

    assert local.size == quarters
    assert np.count_nonzero(local // 4 == 2) == twos
