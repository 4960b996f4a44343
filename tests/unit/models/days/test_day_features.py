"""The table of days: what it says of days written by hand, and what must not change it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from models.days.column import COLUMNS, Column
from models.days.local import LocalDays
from models.days.table import day_features
from models.days.walking import walking_s
from models.minutes import MINUTE_S, Minutes
from models.rooms import Role

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = datetime(2026, 1, 5, tzinfo=OSLO)


def seconds(day: datetime, clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(day.replace(hour=hour, minute=minute).timestamp())


def span(day: datetime, first: str, last: str, role: Role, every: int = 1) -> list[tuple[int, Role]]:
    """Return activity in a room each so many minutes from one time to another."""
    return [(at, role) for at in range(seconds(day, first), seconds(day, last), every * MINUTE_S)]


def table(events: list[tuple[int, Role]]) -> NDArray[np.float64]:
    return day_features(days_of(events))


def days_of(events: list[tuple[int, Role]]) -> LocalDays:
    at = np.array([one for one, _ in events], np.int64)
    bits = np.array([1 << role for _, role in events], np.uint8)
    return LocalDays.of(Minutes.of_events(at, bits), OSLO)


def one_night(day: datetime, following: datetime) -> list[tuple[int, Role]]:
    """Up until 22:00, to bed, once to the bathroom, up at 07:00."""
    return [
        *span(day, "18:00", "22:00", Role.LIVING),
        *span(day, "22:00", "22:05", Role.BEDROOM),
        *span(following, "04:00", "04:05", Role.BATHROOM),
        *span(following, "07:00", "09:00", Role.KITCHEN),
    ]


def test_a_night_is_the_time_between_being_up_and_being_up_again() -> None:
    night = table(one_night(MONDAY, MONDAY.replace(day=6)))[1]
    assert night[Column.IN_BED_FROM] == 10 * 60
    assert night[Column.IN_BED_TO] == 7 * 60
    assert night[Column.IN_BED] == 9 * 60
    assert night[Column.QUIET_IN_BED] == 9 * 60 - 10
    assert night[Column.TIMES_UP] == 1
    assert night[Column.RESTLESSNESS] == pytest.approx(10 / 9)
    assert night[Column.NIGHT_BATHROOM] == 1


@pytest.mark.parametrize(
    ("evening", "hours"),
    [(datetime(2026, 3, 28, tzinfo=OSLO), 8), (datetime(2026, 10, 24, tzinfo=OSLO), 10)],
    ids=["spring", "autumn"],
)
def test_a_night_of_a_clock_change_is_as_long_as_it_was(evening: datetime, hours: int) -> None:
    night = table(one_night(evening, evening.replace(day=evening.day + 1)))[1]
    assert night[Column.IN_BED] == hours * 60
    assert night[Column.QUIET_IN_BED] == hours * 60 - 10
    assert night[Column.IN_BED_TO] == 7 * 60


@pytest.mark.parametrize(("month", "day", "longer"), [(3, 29, -60), (10, 25, 60)], ids=["spring", "autumn"])
def test_days_begin_at_midnight_on_both_sides_of_a_clock_change(month: int, day: int, longer: int) -> None:
    noons = [datetime(2026, month, day + step, 12, tzinfo=OSLO) for step in (-1, 0, 1)]
    laid = days_of([(int(noon.timestamp()), Role.KITCHEN) for noon in noons])
    assert laid.bits.shape == (3, 1440)
    assert [list(np.flatnonzero(row)) for row in laid.bits] == [[720]] * 3
    assert list(laid.longer) == [0, longer, 0]


def test_both_hours_of_an_autumn_night_are_kept() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    laid = days_of([(int(first.timestamp()), Role.BATHROOM), (int(second.timestamp()), Role.KITCHEN)])
    assert laid.bits[0, 150] == (1 << Role.BATHROOM) | (1 << Role.KITCHEN)


def test_a_day_known_in_part_is_seen_in_part() -> None:
    laid = days_of(span(MONDAY, "12:00", "23:55", Role.LIVING))
    assert laid.seen[0] == pytest.approx(0.5, abs=0.01)


def test_repeated_and_reordered_observations_change_no_feature() -> None:
    rng = np.random.default_rng(4)
    moments = rng.integers(seconds(MONDAY, "00:00"), seconds(MONDAY, "00:00") + 9 * 86400, 3000)
    events = [(int(at), Role(int(role))) for at, role in zip(moments, rng.integers(0, 8, 3000), strict=True)]
    shuffled = [events[place] for place in rng.permutation(np.repeat(np.arange(3000), 2))]
    np.testing.assert_array_equal(table(events), table(shuffled))


def test_walking_time_is_the_same_of_repeated_and_reordered_events() -> None:
    rng = np.random.default_rng(4)
    at = np.sort(rng.integers(0, 86400, 2000))
    roles = rng.integers(0, 8, 2000)
    order = rng.permutation(np.repeat(np.arange(2000), 2))
    midnights = np.array([0, 86400])
    walked = walking_s(at, roles, midnights)
    assert np.isfinite(walked).all()
    np.testing.assert_array_equal(walked, walking_s(at[order], roles[order], midnights))


def test_walking_is_timed_from_room_to_room_through_the_hall() -> None:
    at = np.concatenate([hour * 3600 + np.array([0, 8, 20]) for hour in range(6)])
    roles = np.tile([Role.KITCHEN, Role.HALL, Role.LIVING], 6)
    assert walking_s(at, roles, np.array([0, 86400])) == [20]


def test_no_row_depends_on_a_later_day() -> None:
    rng = np.random.default_rng(5)
    bits = np.where(rng.random((12, 1440)) < 0.3, 1 << rng.integers(0, 8, (12, 1440)), 0).astype(np.uint8)
    whole = day_features(LocalDays(0, bits, np.ones(12), np.zeros(12, np.int64)))
    part = day_features(LocalDays(0, bits[:9], np.ones(9), np.zeros(9, np.int64)))
    np.testing.assert_array_equal(whole[:9], part)


def test_an_outing_is_from_door_to_door() -> None:
    day = table(
        [
            *span(MONDAY, "08:00", "10:00", Role.LIVING),
            *span(MONDAY, "10:00", "10:02", Role.OUTER_DOOR),
            *span(MONDAY, "11:30", "11:31", Role.OUTER_DOOR),
            *span(MONDAY, "11:31", "13:00", Role.LIVING),
            *span(MONDAY, "15:00", "16:00", Role.LIVING),
        ]
    )[0]
    assert (day[Column.OUTINGS], day[Column.OUT]) == (1, 88)


def test_rooms_are_counted_by_visits_and_by_how_long() -> None:
    day = table(
        [
            *span(MONDAY, "08:00", "08:30", Role.KITCHEN, every=5),
            *span(MONDAY, "08:30", "08:33", Role.BATHROOM),
            *span(MONDAY, "08:40", "09:00", Role.LIVING, every=5),
            *span(MONDAY, "12:00", "12:01", Role.KITCHEN),
            *span(MONDAY, "17:00", "17:03", Role.FRIDGE),
        ]
    )[0]
    assert day[Column.MEALS] == 2
    assert day[Column.DAY_BATHROOM] == 1
    assert day[Column.KITCHEN_DWELL] == 30 + 61
    assert day[Column.BATHROOM_DWELL] == 10
    assert day[Column.ROOM_CHANGES] == 2
    assert (day[Column.FIRST_ACTIVITY], day[Column.LAST_ACTIVITY]) == (8 * 60, 17 * 60 + 2)


def test_what_no_sensor_could_tell_is_not_known() -> None:
    day = table(span(MONDAY, "08:00", "20:00", Role.LIVING))[0]
    for column in (Column.DAY_BATHROOM, Column.MEALS, Column.OUT, Column.WALKING, Column.BEDROOM_DWELL):
        assert np.isnan(day[column]), column
    assert day.shape == (COLUMNS,)


def test_a_week_of_the_same_day_is_wholly_stable() -> None:
    week = [one for day in range(5, 13) for one in span(MONDAY.replace(day=day), "08:00", "20:00", Role.LIVING)]
    days = table(week)
    assert days[6, Column.STABILITY] == pytest.approx(1)
    assert np.isnan(days[3, Column.STABILITY])
    assert days[6, Column.PHASE] == pytest.approx(14 * 60, abs=1)
