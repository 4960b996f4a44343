"""Measurements that are alarming for anybody, or unusual for this resident."""

from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from models.stays.routine import Limits
from models.stays.standing import Standing
from models.stays.state import AGAIN_S, Measured
from models.stays.view import View
from models.stays.vitals import RANGES, BaselineLimits, Range

_GAIN_KG: Final = 2.0  # within three days: fluid, in a failing heart (European Society of Cardiology 2021)
_GAIN_S: Final = 3 * 86400.0
_STRAYS: Final = 4.0  # times the usual spread: scales on a carpet
_LOST_PART: Final = 0.05  # of the usual weight (Malnutrition Universal Screening Tool, first step)
_SOMEBODY_ELSE: Final = 0.12
_FEWEST_WEIGHTS: Final = 8


def measured(view: View) -> Iterator[Standing]:
    """The last measurement of each sort, once nobody measures again: who sees a strange value tries once more."""
    for kind, one in view.state.measured.items():
        value, everybody = one.value, RANGES[kind]
        own = view.limits.vitals.get(kind, BaselineLimits())
        reason = _reason(value, everybody, own)
        if reason is None:
            continue
        yield _standing(kind, one, reason, view.limits)


def weighed(view: View) -> Iterator[Standing]:
    """A weight that rose by two kilograms within three days, or fell by a twentieth of what is usual."""
    weights = view.state.weights
    if not weights:
        return
    newest, usual = weights[-1], view.limits.routine.vitals.get(SensorKind.WEIGHT)
    about = usual.median if usual else weights[0].kg
    if abs(newest.kg - about) > _SOMEBODY_ELSE * about:
        return
    before = [
        one.kg
        for one in weights[:-1]
        if one.at_s >= newest.at_s - _GAIN_S and abs(one.kg - about) <= _SOMEBODY_ELSE * about
    ]
    gained = newest.kg - (median(before) if before else newest.kg)
    most = max(_GAIN_KG, _STRAYS * usual.spread if usual else 0.0)
    is_lost = usual and usual.count >= _FEWEST_WEIGHTS and newest.kg < (1 - _LOST_PART) * usual.median
    if gained <= most and not is_lost:
        return
    figures: dict[str, Any] = {
        "measure": SensorKind.WEIGHT.value,
        "value": round(newest.kg, 1),
        "usual": usual.median if usual else None,
    }
    figures |= {"changed": round(gained if gained > most else newest.kg - about, 1)}
    reason = "weight_gained" if gained > most else "weight_lost"
    kind = SensorKind.WEIGHT
    yield Standing(FindingKind.VITALS, kind.value, None, newest.at_s, newest.at_s + AGAIN_S, reason, figures)


def _reason(value: float, everybody: Range, own: BaselineLimits) -> str | None:
    if not everybody.low <= value <= everybody.high:
        return "vital_outside_limits"
    if everybody.calm_low <= value <= everybody.calm_high or own.low <= value <= own.high:
        return None
    return "vital_unusual"


def _standing(kind: SensorKind, one: Measured, reason: str, limits: Limits) -> Standing:
    value, baseline, everybody = one.value, limits.routine.vitals.get(kind), RANGES[kind]
    is_own = reason == "vital_unusual"
    own = limits.vitals.get(kind, BaselineLimits())
    edges = (own.low, own.high) if is_own else (everybody.low, everybody.high)
    figures = {
        "measure": kind.value,
        "value": round(value, 1),
        "limit": round(edges[0] if value < edges[0] else edges[1], 1),
        "usual": baseline.median if baseline else None,
        "times": len(one.values),
    }
    p_value = baseline.p_value(value) if is_own and baseline else None
    due = one.last_s + AGAIN_S
    return Standing(FindingKind.VITALS, kind.value, None, one.first_s, due, reason, figures, p_value)
