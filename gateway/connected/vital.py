"""One measurement of a body, whoever made the device."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.errors import GatewayError


class UndecodableMeasurementError(GatewayError):
    """The bytes are not what the profile says. The text never repeats them."""


class VitalKind(StrEnum):
    """What was measured. The comment gives the unit (UCUM) and the LOINC code."""

    SYSTOLIC = "systolic"  # mm[Hg], 8480-6
    DIASTOLIC = "diastolic"  # mm[Hg], 8462-4
    MEAN_ARTERIAL = "mean_arterial"  # mm[Hg], 8478-0
    HEART_RATE = "heart_rate"  # /min, 8867-4
    OXYGEN_SATURATION = "oxygen_saturation"  # %, 2708-6
    BODY_TEMPERATURE = "body_temperature"  # Cel, 8310-5
    WEIGHT = "weight"  # kg, 29463-7
    GLUCOSE = "glucose"  # mmol/L, 15074-8


class Doubt(StrEnum):
    """Why a value may not be what it seems; the device says so itself."""

    BODY_MOVED = "body_moved"
    CUFF_LOOSE = "cuff_loose"
    IRREGULAR_PULSE = "irregular_pulse"
    PULSE_OUT_OF_RANGE = "pulse_out_of_range"
    WRONG_POSITION = "wrong_position"
    NO_CONTACT = "no_contact"
    POOR_SIGNAL = "poor_signal"
    QUESTIONABLE = "questionable"
    STILL_MEASURING = "still_measuring"
    NOT_A_PERSON = "not_a_person"  # a demonstration, a test or a calibration
    SAMPLE_OR_STRIP = "sample_or_strip"
    OUT_OF_RANGE = "out_of_range"
    TOO_HOT_OR_COLD = "too_hot_or_cold"
    FAULT = "fault"
    CLOCK_NOT_SET = "clock_not_set"


class Meal(StrEnum):
    """When blood sugar was measured, seen from the last meal."""

    BEFORE = "before"
    AFTER = "after"
    FASTING = "fasting"
    CASUAL = "casual"
    BEDTIME = "bedtime"


@dataclass(frozen=True, slots=True)
class VitalReading:
    """One value of one measurement. A blood pressure is several, with the same moment."""

    kind: VitalKind
    value: float | None  # in the unit of its kind; None: it was measured, and no value came of it (a cuff error, say)
    measured_at: datetime | None = None  # by the device's own clock, naive, in its local time; None: it does not say
    sequence: int | None = None  # the device's number for the measurement; None: it does not number them
    user: int | None = None  # the device's number for the person; None: it does not know
    doubts: frozenset[Doubt] = frozenset()
    meal: Meal | None = None  # blood sugar only; None: nobody told


def doubts_in(status: int, meanings: dict[int, Doubt]) -> frozenset[Doubt]:
    """Return what the bits of a status say. `meanings` is by bit number."""
    return frozenset(doubt for bit, doubt in meanings.items() if status >> bit & 1)
