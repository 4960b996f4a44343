"""Local days of a past, across both clock changes, and which of them may be learned from."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.guard import learnable_days
from models.minutes import TICK_MINUTES, TICK_S, TICKS_A_DAY, Minutes
from models.past import LocalTicks, local_ticks, past_of
from models.rooms import Role, mask_of
from models.series import Series

OSLO = ZoneInfo("Europe/Oslo")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOUR = 12


def tick_of(day: date, zone: ZoneInfo = OSLO) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) // TICK_S


def lived(first: date, days: int) -> tuple[Minutes, LocalTicks]:
    """Return days on which somebody is heard in each tick of the daytime."""
    begin, end = tick_of(first), tick_of(first + timedelta(days))
    minutes, local = Minutes.empty(begin, end), local_ticks(begin, end, OSLO)
    minutes.bits[::TICK_MINUTES] = np.where(local.of_day >= 8 * HOUR, mask_of(Role.LIVING), 0)
    return minutes, local


@settings(max_examples=60)
@given(
    tick=st.integers(tick_of(date(2020, 1, 1)), tick_of(date(2030, 1, 1))),
    zone=st.sampled_from(["Europe/Oslo", "Europe/London", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
)
def test_a_tick_has_the_time_of_the_clock_on_the_wall(tick: int, zone: str) -> None:
    wall = datetime.fromtimestamp(tick * TICK_S, UTC).astimezone(ZoneInfo(zone))
    local = local_ticks(tick - 3, tick + 1, ZoneInfo(zone))
    assert (local.day[-1], local.of_day[-1]) == (wall.toordinal(), wall.hour * HOUR + wall.minute // TICK_MINUTES)


@pytest.mark.parametrize(("change", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 6, 1), 24)])
def test_a_day_has_as_many_ticks_as_hours_by_the_clock(change: date, hours: int) -> None:
    local = local_ticks(tick_of(change) - HOUR, tick_of(change + timedelta(1)) + HOUR, OSLO)
    assert (local.day == change.toordinal()).sum() == hours * HOUR


def test_the_hour_that_spring_skips_is_like_the_tick_before_it() -> None:
    minutes, local = lived(SPRING, 1)
    [day] = past_of(Series(minutes), local, [SPRING.toordinal()]).at
    assert day[2 * HOUR - 1] == 2 * HOUR - 1
    assert set(day[2 * HOUR : 3 * HOUR]) == {2 * HOUR - 1}
    assert day[3 * HOUR :].tolist() == list(range(2 * HOUR, 23 * HOUR))


def test_of_the_hour_that_comes_twice_in_autumn_the_second_counts() -> None:
    minutes, local = lived(AUTUMN, 1)
    [day] = past_of(Series(minutes), local, [AUTUMN.toordinal()]).at
    assert day[: 2 * HOUR].tolist() == list(range(2 * HOUR))
    assert day[2 * HOUR :].tolist() == list(range(3 * HOUR, 25 * HOUR))


def test_of_a_day_that_begins_before_anything_is_known_the_first_that_is_known_counts() -> None:
    minutes, local = lived(AUTUMN, 1)
    minutes, local = (
        minutes.between(minutes.first_tick + 5, minutes.end_tick),
        local_ticks(minutes.first_tick + 5, minutes.end_tick, OSLO),
    )
    [day] = past_of(Series(minutes), local, [AUTUMN.toordinal()]).at
    assert day[:8].tolist() == [0, 0, 0, 0, 0, 0, 1, 2]


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_the_day_of_a_clock_change_may_be_learned_from(change: date) -> None:
    minutes, local = lived(change - timedelta(2), 4)
    days = learnable_days(Series(minutes), local, (change + timedelta(1)).toordinal(), 28)
    assert days == [(change + timedelta(day)).toordinal() for day in (-2, -1, 0)]


def test_only_ordinary_whole_days_before_today_are_learned_from() -> None:
    first = date(2026, 5, 4)
    minutes, local = lived(first, 12)
    minutes = minutes.between(minutes.first_tick + 6 * HOUR, minutes.end_tick)  # the first day lacks its morning
    local = local_ticks(minutes.first_tick, minutes.end_tick, OSLO)
    of_day = local.day.repeat(TICK_MINUTES) - first.toordinal()
    minutes.bits[of_day == 3] = 0  # away
    minutes.bits[of_day == 5] *= np.arange(minutes.bits.size)[of_day == 5] % 100 == 0  # hardly there
    minutes.seen[np.flatnonzero(of_day == 7)[:200]] = False

    def learned(**more: object) -> list[int]:
        asked = {"until": first.toordinal() + 11, "most": 28, **more}
        return [day - first.toordinal() for day in learnable_days(Series(minutes), local, **asked)]  # type: ignore[arg-type]

    assert learned() == [1, 2, 4, 6, 8, 9, 10]
    assert learned(strange=[first.toordinal() + 2]) == [1, 4, 6, 8, 9, 10]
    assert learned(most=3) == [8, 9, 10]
    assert learned(until=first.toordinal() + 5) == [1, 2, 4]
    assert learned(until=first.toordinal()) == []


def test_of_no_days_none_is_learned_from() -> None:
    assert learnable_days(Series(Minutes.empty(0, 0)), local_ticks(0, 0, OSLO), 1, 28) == []
    assert learnable_days(Series(Minutes.empty(0, TICKS_A_DAY)), local_ticks(0, TICKS_A_DAY, OSLO), 10**6, 28) == []
