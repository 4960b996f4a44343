"""How long a sensor may be silent before somebody looks at it, and when many silences are one fault."""

from datetime import timedelta
from math import exp, factorial

import pytest
from builders import HOUR, MINUTE, T0

from gateway.contract.observation import SensorKind
from server.liveness.rules import (
    LEAST_TOGETHER,
    Together,
    fallen_together,
    is_outage_over,
    least_together,
    sensor_patience,
)


@pytest.mark.parametrize(
    ("kinds", "hours"),
    [
        ([SensorKind.BUTTON], 12),
        ([SensorKind.POWER], 2.5),
        ([SensorKind.TEMPERATURE], 3),
        ([SensorKind.DOOR], 24),
        ([SensorKind.MOTION, SensorKind.TEMPERATURE], 3),
        (["a kind of tomorrow"], 24),
    ],
)
def test_each_kind_has_its_patience(kinds: list[str], hours: float) -> None:
    assert sensor_patience(kinds, None) == timedelta(hours=hours)


def test_a_stated_interval_counts_three_times() -> None:
    assert sensor_patience([SensorKind.DOOR], 600) == timedelta(minutes=30)


@pytest.mark.parametrize("homes", [5, 14, 100, 1000, 10_000])
def test_so_many_silences_together_come_by_chance_less_than_once_in_a_million_windows(homes: int) -> None:
    window = 10 * MINUTE
    least = least_together(homes, window)
    mean = homes * window / timedelta(days=7)
    by_chance = 1 - sum(exp(-mean) * mean**count / factorial(count) for count in range(least))

    assert least >= LEAST_TOGETHER
    assert by_chance <= 1e-6 + 1e-12


def test_more_are_needed_where_more_are_listened_to() -> None:
    assert [least_together(homes, 10 * MINUTE) for homes in (20, 10_000)] == [5, 29]


def test_silences_hours_apart_are_not_together() -> None:
    hours = {home: T0 + home * HOUR for home in range(20)}

    assert fallen_together(hours, 3, 40, 5 * MINUTE) is None
    assert fallen_together(dict.fromkeys(range(20), T0), 3, 40, 5 * MINUTE) == Together(20, 40)


def test_an_outage_is_over_when_half_are_back() -> None:
    assert [is_outage_over(14, still) for still in (14, 8, 7, 0)] == [False, False, True, True]
    assert not is_outage_over(1, 1)
