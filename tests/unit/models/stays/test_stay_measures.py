"""Measurements on the body: alarming for anybody, or unusual for this resident; never on a strange value alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.finding import Finding
from models.presence import Fact
from models.stays.live import advance
from models.stays.routine import StayRoutine
from models.stays.state import StayState
from models.stays.vitals import RANGES, Baseline, learn_baseline

_OSLO = ZoneInfo("Europe/Oslo")
_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


def found(facts: Sequence[Fact], vitals: dict[SensorKind, Baseline] | None = None) -> tuple[Finding, ...]:
    limits = StayRoutine(days=28, vitals=vitals or {}).limits()
    return advance(StayState(), limits, _OSLO, facts, facts[-1].at + timedelta(hours=1)).opened


def told(kind: SensorKind, *values: float, every: timedelta = _DAY) -> list[Fact]:
    return [Fact(_NOON + number * every, "bedroom", kind, value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("kind", "alarming", "ordinary"),
    [
        (SensorKind.SYSTOLIC, (90, 220), (91, 219)),
        (SensorKind.DIASTOLIC, (39, 120), (41, 119)),
        (SensorKind.HEART_RATE, (40, 131), (41, 130)),
        (SensorKind.OXYGEN_SATURATION, (91, 80), (92, 100)),
        (SensorKind.BODY_TEMPERATURE, (35.0, 39.1), (35.1, 39.0)),
        (SensorKind.GLUCOSE, (3.8, 20.1), (3.9, 20.0)),
    ],
)
def test_what_is_alarming_for_anybody_is_told_before_anything_is_learned(
    kind: SensorKind, alarming: tuple[float, float], ordinary: tuple[float, float]
) -> None:
    for value in alarming:
        (one,) = found(told(kind, value))
        assert one.subject == kind.value
        assert one.reasons[0].key == "vital_outside_limits"
        assert one.p_value is None
    for value in ordinary:
        assert found(told(kind, value)) == ()


def test_who_measures_again_at_once_is_judged_by_the_middle_of_what_was_measured() -> None:
    assert found(told(SensorKind.SYSTOLIC, 230, 140, 142, every=_MINUTE)) == ()
    (one,) = found(told(SensorKind.SYSTOLIC, 230, 140, 226, every=_MINUTE))
    assert one.reasons[0].figures["value"] == 226
    assert one.noticed_at == _NOON + 7 * _MINUTE


def test_each_alarming_measurement_is_told() -> None:
    assert len(found(told(SensorKind.SYSTOLIC, 85, 84, 140, 86))) == 3


def test_a_value_that_the_device_doubts_is_left_out() -> None:
    (fact,) = told(SensorKind.SYSTOLIC, 85)

    assert found([replace(fact, doubted=True)]) == ()


def test_what_is_unusual_for_this_resident_is_told_where_it_is_not_healthy() -> None:
    pulse = {SensorKind.HEART_RATE: Baseline(62, 5, 60, 7)}
    (one,) = found(told(SensorKind.HEART_RATE, 110), pulse)

    assert one.reasons[0].key == "vital_unusual"
    assert one.reasons[0].figures["usual"] == 62
    assert one.p_value is not None
    assert one.p_value < 0.01
    assert found(told(SensorKind.HEART_RATE, 110)) == ()
    assert found(told(SensorKind.SYSTOLIC, 128), {SensorKind.SYSTOLIC: Baseline(165, 8, 60, 7)}) == ()


def test_from_a_few_values_nothing_is_said_to_be_unusual() -> None:
    assert found(told(SensorKind.HEART_RATE, 110), {SensorKind.HEART_RATE: Baseline(62, 5, 7, 7)}) == ()


def test_weight_that_rises_by_two_kilograms_in_three_days_is_told() -> None:
    (one,) = found(told(SensorKind.WEIGHT, 70.0, 70.3, 72.8))

    assert one.reasons[0].key == "weight_gained"
    assert found(told(SensorKind.WEIGHT, 70.0, 70.3, 71.9)) == ()
    assert found(told(SensorKind.WEIGHT, 70.0, 70.8, 71.5, 72.2, 73.0, every=3 * _DAY)) == ()


def test_weight_that_is_a_twentieth_below_the_usual_is_told_and_somebody_else_on_the_scales_is_not() -> None:
    usual = {SensorKind.WEIGHT: Baseline(70, 0.4, 20, 3)}

    assert found(told(SensorKind.WEIGHT, 66.0), usual)[0].reasons[0].key == "weight_lost"
    assert found(told(SensorKind.WEIGHT, 67.0), usual) == ()
    assert found(told(SensorKind.WEIGHT, 95.0), usual) == ()
    assert found(told(SensorKind.WEIGHT, 50.0), usual) == ()


@given(st.lists(st.floats(20, 300), min_size=1, max_size=30))
def test_a_baseline_is_finite_and_its_limits_hold_the_median(values: list[float]) -> None:
    own = learn_baseline(SensorKind.SYSTOLIC, np.array(values), weeks=2)
    limits = own.limits(0.01)

    assert limits.low < own.median < limits.high
    assert own.spread >= RANGES[SensorKind.SYSTOLIC].least_spread
    assert 0 <= own.p_value(400) <= 1
