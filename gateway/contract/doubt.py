"""What a device that measures on a body says beside the value."""

from enum import StrEnum


class Doubt(StrEnum):
    """Why a value may not be what it seems; the device says so itself."""

    BODY_MOVED = "body_moved"
    CUFF_LOOSE = "cuff_loose"
    IRREGULAR_PULSE = "irregular_pulse"
    PULSE_OUT_OF_RANGE = "pulse_out_of_range"
    WRONG_POSITION = "wrong_position"
    NO_CONTACT = "no_contact"
    POOR_SIGNAL = "poor_signal"
    QUESTIONABLE = "questionable"  # also: a doubt of a newer gateway that we have no word for
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


def known_doubts(told: object) -> object:
    """Keep a doubt that we have no word for as one: a value is never shown as surer than its device was."""
    if not isinstance(told, list | tuple):
        return told
    return [Doubt.QUESTIONABLE if isinstance(one, str) and one not in set(Doubt) else one for one in told]


def known_meal(told: object) -> object:
    """Leave out a meal that we have no word for."""
    return None if isinstance(told, str) and told not in set(Meal) else told
