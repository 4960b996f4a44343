"""Measurements on the body: against limits that hold for everybody, and against the resident's own.

The limits for everybody are those at which the National Early Warning Score gives a single measure its full three
points (Royal College of Physicians 2017, NEWS2): systolic 90 and 220 mmHg, pulse 40 and 131, saturation 91 %, body
temperature 35.0 °C; of a fever, its two points, 39.1 °C. Where it has none: diastolic 120 mmHg (hypertensive crisis,
ACC/AHA 2017), glucose 3.9 mmol/l (hypoglycaemia level 1, ADA 2024) and 20 mmol/l.
A measure that is unusual for the resident is told only where NEWS2 gives a point for it: a healthy value is no alert.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from gateway.contract.observation import SensorKind

_FEWEST: Final = 8
_TAIL_DF: Final = 5.0  # measures stray further than a normal distribution says
_MAD_TO_SD: Final = 1.4826
_NO_LIMIT: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Range:
    """Values outside [`low`, `high`] are alarming for anybody; inside [`calm_low`, `calm_high`] they never are."""

    low: float
    high: float
    calm_low: float
    calm_high: float
    least_spread: float


RANGES: Final[Mapping[SensorKind, Range]] = {
    SensorKind.SYSTOLIC: Range(90.5, 219.5, 110.5, 160.0, 8.0),
    SensorKind.DIASTOLIC: Range(40.0, 119.5, 55.0, 100.0, 5.0),
    SensorKind.HEART_RATE: Range(40.5, 130.5, 50.5, 90.5, 5.0),
    SensorKind.OXYGEN_SATURATION: Range(91.5, _NO_LIMIT, 95.5, _NO_LIMIT, 1.0),
    SensorKind.BODY_TEMPERATURE: Range(35.05, 39.05, 36.05, 38.05, 0.25),
    SensorKind.GLUCOSE: Range(3.9, 20.0, 5.0, 14.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class BaselineLimits:
    """What is unusual for this resident: outside [`low`, `high`]."""

    low: float = -_NO_LIMIT
    high: float = _NO_LIMIT


@dataclass(frozen=True, slots=True)
class Baseline:
    """A resident's own values: the median, a robust standard deviation, how many, and how many a week."""

    median: float
    spread: float
    count: int
    per_week: float

    def limits(self, rate: float) -> BaselineLimits:
        """Return the values that are left `rate` times a week; none while there are fewer than eight."""
        if self.count < _FEWEST or rate <= 0:
            return BaselineLimits()
        # Few values say little about their spread: the limits are as much wider.
        beyond = min(rate / self.per_week / 2, 0.25)
        far = float(-stdtrit(_TAIL_DF, beyond)) * self.spread * (1 + 2 / self.count)
        return BaselineLimits(self.median - far, self.median + far)

    def p_value(self, value: float) -> float:
        """Return how often a value is as far from the median as this."""
        return float(2 * stdtr(_TAIL_DF, -abs(value - self.median) / self.spread))

    def as_json(self) -> list[Any]:
        """Return it as it is stored."""
        return list(astuple(self))


def learn_baseline(kind: SensorKind, values: NDArray[np.float64], weeks: float) -> Baseline:
    """Return a resident's own baseline from values of which none is doubted, at least one."""
    median = float(np.median(values))
    least = RANGES[kind].least_spread if kind in RANGES else 0.0
    spread = max(float(np.median(np.abs(values - median))) * _MAD_TO_SD, least)
    return Baseline(round(median, 2), round(spread, 3), int(values.size), round(values.size / max(weeks, 1 / 7), 3))
