"""How long a sensor may be silent before somebody looks at it."""

from datetime import timedelta

import pytest

from gateway.contract.observation import SensorKind
from server.liveness.rules import sensor_patience


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
