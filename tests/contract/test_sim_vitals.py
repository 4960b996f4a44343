"""Simulated meters say what the specifications say, and the gateway reads from it what was measured."""

from collections.abc import Callable
from datetime import datetime

import pytest

from device_sims.sensors.vitals.measurements import (
    BloodPressure,
    Glucose,
    body_temperature,
    heart_rate,
    saturation,
    saturation_now,
    weight,
)
from device_sims.sensors.vitals.medfloat import date_time, float32, sfloat
from gateway.connected import blood_pressure, pulse_oximeter, thermometer
from gateway.connected import glucose as glucose_meter
from gateway.connected import heart_rate as belt
from gateway.connected import weight as scale
from gateway.connected.vital import VitalReading
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind

_AT = datetime(2026, 3, 1, 7, 30, 15)  # noqa: DTZ001 - a device does not know its zone


# Source: Bluetooth SIG, "Personal Health Devices Transcoding" (114, 36.4), and recorded devices.
@pytest.mark.parametrize(
    ("value", "decimals", "on_air"),
    [
        (114, 0, "7200"),
        (120, 0, "7800"),
        (97.4, 1, "cef3"),
        (127.0, 1, "f6f4"),
        (0.0055, 4, "37c0"),
        (-1, 0, "ff0f"),
        (0.1, 1, "01f0"),
        (1_000, -3, "0130"),
        (None, 0, "ff07"),
    ],
)
def test_a_short_number_has_a_signed_exponent(value: float | None, decimals: int, on_air: str) -> None:
    assert sfloat(value, decimals).hex() == on_air


@pytest.mark.parametrize(
    ("value", "decimals", "on_air"), [(36.4, 1, "6c0100ff"), (36.2, 2, "240e00fe"), (None, 0, "ffff7f00")]
)
def test_a_long_number_has_a_signed_exponent(value: float | None, decimals: int, on_air: str) -> None:
    assert float32(value, decimals).hex() == on_air


@pytest.mark.parametrize(("value", "decimals"), [(205.0, 1), (-2_046, 0), (1, 9)])
def test_a_number_that_does_not_fit_is_refused_in_words(value: float, decimals: int) -> None:
    with pytest.raises(ValueError, match="take fewer decimals"):
        sfloat(value, decimals)


def test_a_blood_pressure_is_the_one_a_real_monitor_was_heard_to_send() -> None:
    said = BloodPressure(
        127.0, 79.0, None, datetime(2020, 1, 20, 8, 43), 69.0, user=1, status=0x80, decimals=1  # noqa: DTZ001
    ).on_air()  # fmt: skip

    assert said.hex() == "1ef6f416f3ff07e4070114082b00b2f2018000"  # it set two reserved flags besides


def test_a_moment_is_written_as_the_specification_has_it() -> None:
    assert date_time(_AT).hex() == "ea07030107" + "1e0f"


Decode = Callable[[bytes], tuple[VitalReading, ...]]


@pytest.mark.parametrize(
    ("said", "decode", "values"),
    [
        (
            BloodPressure(142, 88, 106, _AT, 71, user=2).on_air(),
            blood_pressure.blood_pressure,
            {
                SensorKind.SYSTOLIC: 142,
                SensorKind.DIASTOLIC: 88,
                SensorKind.MEAN_ARTERIAL: 106,
                SensorKind.HEART_RATE: 71,
            },
        ),
        (heart_rate(72), belt.heart_rate, {SensorKind.HEART_RATE: 72}),
        (heart_rate(300, [0.2, 0.21], has_contact=True), belt.heart_rate, {SensorKind.HEART_RATE: 300}),
        (heart_rate(72, has_contact=False), belt.heart_rate, {SensorKind.HEART_RATE: None}),
        (weight(68.45, _AT, user=1), scale.weight, {SensorKind.WEIGHT: 68.45}),
        (weight(None), scale.weight, {SensorKind.WEIGHT: None}),
        (body_temperature(38.7, _AT, 3), thermometer.thermometer, {SensorKind.BODY_TEMPERATURE: 38.7}),
        (
            saturation(93, 88, _AT),
            pulse_oximeter.spot_check,
            {SensorKind.OXYGEN_SATURATION: 93, SensorKind.HEART_RATE: 88},
        ),
        (
            saturation_now(None, 88),
            pulse_oximeter.continuous,
            {SensorKind.OXYGEN_SATURATION: None, SensorKind.HEART_RATE: 88},
        ),
        (Glucose(7, 5.5, _AT).on_air(), glucose_meter.glucose, {SensorKind.GLUCOSE: 5.5}),
        (Glucose(7, 5.5, _AT, in_kg_per_l=True).on_air(), glucose_meter.glucose, {SensorKind.GLUCOSE: 5.5}),
        (Glucose(7, None, _AT, status=0x02).on_air(), glucose_meter.glucose, {SensorKind.GLUCOSE: None}),
    ],
)
def test_what_a_meter_says_is_what_the_gateway_reads(
    said: bytes, decode: Decode, values: dict[SensorKind, float | None]
) -> None:
    read = {reading.kind: reading.value for reading in decode(said)}

    assert read == {kind: value if value is None else pytest.approx(value, abs=0.01) for kind, value in values.items()}


def test_moment_person_number_and_doubt_come_along() -> None:
    pressure = blood_pressure.blood_pressure(BloodPressure(142, 88, 106, _AT, user=2, status=0x04).on_air())
    record = Glucose(7, 5.5, _AT, offset_min=-60, meal=3)
    (sugar,) = glucose_meter.glucose(record.on_air())
    context = record.context()

    assert {(one.measured_at, one.user, one.doubts) for one in pressure} == {
        (_AT, 2, frozenset({Doubt.IRREGULAR_PULSE}))
    }
    assert (sugar.sequence, sugar.measured_at) == (7, _AT.replace(hour=6))
    assert context is not None
    assert glucose_meter.glucose_context(context).meal is Meal.FASTING
    assert Glucose(7, 5.5, _AT).context() is None
