"""What devices one connects to say, from the specifications' own bytes."""

import math
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connected.blood_pressure import blood_pressure
from gateway.connected.glucose import GlucoseContext, glucose, glucose_context
from gateway.connected.heart_rate import heart_rate
from gateway.connected.ieee11073 import float32, sfloat
from gateway.connected.profile import PROFILES
from gateway.connected.pulse_oximeter import continuous, spot_check
from gateway.connected.record_access import Outcome, outcome, report_records
from gateway.connected.thermometer import thermometer
from gateway.connected.vital import UndecodableMeasurementError, VitalReading
from gateway.connected.weight import weight
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind

NOON = bytes.fromhex("ea07 03 01 0c 00 00")
AT_NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001


def as_sfloat(mantissa: int, exponent: int) -> bytes:
    return ((mantissa & 0xFFF) | (exponent & 0xF) << 12).to_bytes(2, "little")


def as_float32(mantissa: int, exponent: int) -> bytes:
    return ((mantissa & 0xFFFFFF) | (exponent & 0xFF) << 24).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("data", "value"),
    [("7200", 114), ("7800", 120), ("cef3", 97.4), ("37c0", 0.0055), ("01f0", 0.1), ("ff0f", -1), ("0010", 0)],
)
def test_an_sfloat_has_a_signed_exponent(data: str, value: float) -> None:
    assert sfloat(bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    ("data", "value"), [("6c0100ff", 36.4), ("6e0100ff", 36.6), ("240e00fe", 36.2), ("01000003", 1000)]
)
def test_a_float_has_a_signed_exponent(data: str, value: float) -> None:
    assert float32(bytes.fromhex(data)) == value


@given(st.integers(-0x7FD, 0x7FD), st.integers(-8, 7))
def test_every_number_an_sfloat_holds_is_read_exactly(mantissa: int, exponent: int) -> None:
    assert sfloat(as_sfloat(mantissa, exponent)) == float(f"{mantissa}e{exponent}")


@given(st.integers(-0x7FFFFD, 0x7FFFFD), st.integers(-128, 127))
def test_every_number_a_float_holds_is_read_exactly(mantissa: int, exponent: int) -> None:
    assert float32(as_float32(mantissa, exponent)) == float(f"{mantissa}e{exponent}")


@pytest.mark.parametrize("exponent", [0, 7, -8])
def test_the_five_mantissas_that_are_no_number(exponent: int) -> None:
    assert all(math.isnan(sfloat(as_sfloat(name, exponent))) for name in (0x7FF, 0x800, 0x801))
    assert all(math.isnan(float32(as_float32(name, exponent))) for name in (0x7FFFFF, 0x800000, 0x800001))
    assert [sfloat(as_sfloat(name, exponent)) for name in (0x7FE, 0x802)] == [math.inf, -math.inf]
    assert [float32(as_float32(name, exponent)) for name in (0x7FFFFE, 0x800002)] == [math.inf, -math.inf]


def test_a_blood_pressure_with_everything() -> None:
    said = bytes.fromhex("1e 7800 5000 5d00") + NOON + bytes.fromhex("4800 01 0400")

    assert blood_pressure(said) == tuple(
        VitalReading(kind, value, AT_NOON, user=1, doubts=frozenset({Doubt.IRREGULAR_PULSE}))
        for kind, value in [
            (SensorKind.SYSTOLIC, 120),
            (SensorKind.DIASTOLIC, 80),
            (SensorKind.MEAN_ARTERIAL, 93),
            (SensorKind.HEART_RATE, 72),
        ]
    )


def test_a_cuff_error_is_a_measurement_without_a_value() -> None:
    readings = blood_pressure(bytes.fromhex("10 ff07 ff07 ff07 0200"))

    assert [reading.value for reading in readings] == [None, None, None]
    assert all(reading.doubts == {Doubt.CUFF_LOOSE} for reading in readings)


def test_a_blood_pressure_in_kilopascal() -> None:
    assert [reading.value for reading in blood_pressure(bytes.fromhex("01 a0f0 6bf0 7cf0"))] == [120.0, 80.3, 93.0]


@pytest.mark.parametrize(
    ("said", "rate", "doubts"),
    [
        ("0648", 72, set()),
        ("0048", 72, set()),
        ("074800", 72, set()),
        ("16480004", 72, set()),
        ("0448", None, {Doubt.NO_CONTACT}),
    ],
)
def test_a_heart_rate(said: str, rate: float | None, doubts: set[Doubt]) -> None:
    assert heart_rate(bytes.fromhex(said)) == (VitalReading(SensorKind.HEART_RATE, rate, doubts=frozenset(doubts)),)


def test_a_weight() -> None:
    assert weight(bytes.fromhex("00 7038")) == (VitalReading(SensorKind.WEIGHT, 72.24),)
    assert weight(bytes.fromhex("01 983a")) == (VitalReading(SensorKind.WEIGHT, 68.04),)
    assert weight(b"\x06\xff\xff" + NOON + b"\xff") == (VitalReading(SensorKind.WEIGHT, None, AT_NOON),)


def test_a_body_temperature() -> None:
    assert thermometer(bytes.fromhex("00 6c0100ff")) == (VitalReading(SensorKind.BODY_TEMPERATURE, 36.4),)
    assert thermometer(bytes.fromhex("03 da0300ff") + NOON) == (
        VitalReading(SensorKind.BODY_TEMPERATURE, 37.0, AT_NOON),
    )
    assert thermometer(bytes.fromhex("00 ffff7f00"))[0].value is None


def test_an_oximeter_s_finished_measurement() -> None:
    said = b"\x01" + bytes.fromhex("6100 4800") + NOON

    assert spot_check(said) == (
        VitalReading(SensorKind.OXYGEN_SATURATION, 97, AT_NOON),
        VitalReading(SensorKind.HEART_RATE, 72, AT_NOON),
    )


def test_a_moment_of_an_oximeter_whose_clock_was_never_set_is_not_believed() -> None:
    (saturation, _) = spot_check(b"\x11" + bytes.fromhex("6100 4800") + NOON)

    assert (saturation.measured_at, saturation.doubts) == (None, {Doubt.CLOCK_NOT_SET})


def test_an_oximeter_s_running_measurement_without_a_finger() -> None:
    (saturation, pulse) = continuous(bytes.fromhex("0f ff07 ff07 ff07 ff07 ff07 ff07 2000 000800"))

    assert (saturation.value, pulse.value) == (None, None)
    assert saturation.doubts == {Doubt.STILL_MEASURING, Doubt.NO_CONTACT}


def test_a_blood_sugar() -> None:
    said = b"\x07\x2a\x00" + NOON + bytes.fromhex("c4ff 37c0 11")

    assert glucose(said) == (VitalReading(SensorKind.GLUCOSE, 5.5, datetime(2026, 3, 1, 11), 42),)  # noqa: DTZ001


def test_a_blood_sugar_in_kilograms() -> None:
    (reading,) = glucose(b"\x02\x01\x00" + NOON + bytes.fromhex("63b0 11"))  # 99 mg/dl

    assert reading.value == 5.5


def test_a_test_of_the_meter_and_a_bad_strip_are_told() -> None:
    (reading,) = glucose(b"\x0e\x01\x00" + NOON + bytes.fromhex("37c0 1a 0400"))

    assert reading.doubts == {Doubt.NOT_A_PERSON, Doubt.SAMPLE_OR_STRIP}


def test_what_the_person_did_is_told_by_number() -> None:
    assert glucose_context(bytes.fromhex("83 2a00 00 01 3cd0 02")) == GlucoseContext(42, Meal.AFTER)


def test_records_are_asked_for_and_the_answer_is_understood() -> None:
    assert report_records() == bytes.fromhex("0101")
    assert report_records(after=0x0102) == bytes.fromhex("0103010301")
    assert report_records(after=0xFFFF) == bytes.fromhex("0101")
    answers = [outcome(bytes.fromhex(answer)) for answer in ("06000101", "06000106", "06000102")]
    assert answers == [Outcome.ALL_SENT, Outcome.NOTHING_STORED, Outcome.REFUSED]


def test_a_moment_that_does_not_exist_is_refused_and_an_unknown_one_is_none() -> None:
    with pytest.raises(UndecodableMeasurementError):
        thermometer(bytes.fromhex("02 6c0100ff ea07 0d 01 0c 00 00"))
    assert thermometer(bytes.fromhex("02 6c0100ff 0000 00 00 00 00 00"))[0].measured_at is None


@pytest.mark.parametrize("read", [*(profile.decode for profile in PROFILES), glucose_context, outcome])
@given(data=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(read: Callable[[bytes], object], data: bytes) -> None:
    with suppress(UndecodableMeasurementError):
        read(data)
