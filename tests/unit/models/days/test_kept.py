"""A home's days as people look at them: what was not seen is never shown as quiet, and a change is the person's own."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.days.column import Column
from models.days.kept import FIGURES, QUARTERS, UNSEEN, DaysKept, Metric, changes, kept
from models.days.local import LocalDays
from models.days.table import day_features
from models.minutes import TICKS_A_DAY, Minutes

OSLO = ZoneInfo("Europe/Oslo")
FIRST = 20_000  # days since 1970
DAYS = 3


def test_quarters_that_were_not_seen_are_marked_and_those_with_movement_are_not() -> None:
    minutes = Minutes.empty(FIRST * TICKS_A_DAY - 24, (FIRST + DAYS) * TICKS_A_DAY - 24)  # Oslo is two hours ahead
    minutes.bits[8 * 60 : 8 * 60 + 20] = 1
    minutes.seen[6 * 60 : 10 * 60] = False
    seen = Minutes(minutes.first_tick, minutes.seen.astype(np.uint8), minutes.seen)
    days = LocalDays.of(minutes, OSLO)

    found = kept(day_features(days), np.ones(DAYS, np.bool_), days, LocalDays.of(seen, OSLO))

    first = found.quarters[0]
    assert found.quarters.shape == (DAYS, QUARTERS)
    assert (first[32], first[33]) == (15, 5)
    assert (first[6 * 4 : 8 * 4] == UNSEEN).all()
    assert (first[:24] == 0).all()
    assert (found.quarters[1] == 0).all()


def lived(active: list[float], ok: list[bool] | None = None) -> DaysKept:
    figures = np.full((len(active), FIGURES), np.nan, np.float32)
    figures[:, Column.ACTIVE] = active
    quarters = np.zeros((len(active), QUARTERS), np.uint8)
    return DaysKept(FIRST, figures, quarters, np.array(ok or [True] * len(active)))


def test_a_week_of_half_the_movement_is_far_from_the_usual() -> None:
    change = changes(lived([200.0, 220.0, 180.0, 200.0] * 7 + [100.0] * 7))[Metric.ACTIVITY]

    assert (change.usual, change.lately) == (200, 100)
    assert change.far < -2


def test_days_that_were_not_ordinary_count_for_nothing() -> None:
    active = [200.0] * 28 + [200.0] * 4 + [5.0] * 3

    change = changes(lived(active, [True] * 32 + [False] * 3))[Metric.ACTIVITY]

    assert change.far == pytest.approx(0)


def test_of_few_days_no_change_is_told() -> None:
    assert changes(lived([200.0] * 9)) == {}
    assert Metric.SLEEP not in changes(lived([200.0] * 35))
