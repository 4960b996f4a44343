"""The words for what was measured on a body."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind

_NAMES = MappingProxyType(
    {
        SensorKind.SYSTOLIC: N_("Blood pressure"),  # told together with the diastolic
        SensorKind.DIASTOLIC: N_("Diastolic blood pressure"),
        SensorKind.MEAN_ARTERIAL: N_("Mean blood pressure"),
        SensorKind.HEART_RATE: N_("Pulse"),
        SensorKind.OXYGEN_SATURATION: N_("Oxygen saturation"),
        SensorKind.BODY_TEMPERATURE: N_("Body temperature"),
        SensorKind.WEIGHT: N_("Weight"),
        SensorKind.GLUCOSE: N_("Blood sugar"),
    }
)

_SOMETHING = N_("A measurement")

_UNITS = MappingProxyType(
    {
        SensorKind.SYSTOLIC: "mmHg",
        SensorKind.DIASTOLIC: "mmHg",
        SensorKind.MEAN_ARTERIAL: "mmHg",
        SensorKind.HEART_RATE: N_("beats/min"),
        SensorKind.OXYGEN_SATURATION: "%",
        SensorKind.BODY_TEMPERATURE: "°C",
        SensorKind.WEIGHT: "kg",
        SensorKind.GLUCOSE: "mmol/L",
    }
)
_IN_TENTHS = frozenset({SensorKind.BODY_TEMPERATURE, SensorKind.WEIGHT, SensorKind.GLUCOSE})

_DOUBTS = MappingProxyType(
    {
        Doubt.BODY_MOVED: N_("The body moved"),
        Doubt.CUFF_LOOSE: N_("The cuff was loose"),
        Doubt.IRREGULAR_PULSE: N_("Irregular pulse"),
        Doubt.PULSE_OUT_OF_RANGE: N_("The pulse was outside the device's range"),
        Doubt.WRONG_POSITION: N_("Wrong position while measuring"),
        Doubt.NO_CONTACT: N_("No contact with the skin"),
        Doubt.POOR_SIGNAL: N_("Poor signal"),
        Doubt.QUESTIONABLE: N_("The device is in doubt about the value"),
        Doubt.STILL_MEASURING: N_("The device had not finished measuring"),
        Doubt.NOT_A_PERSON: N_("A test of the device, not of a person"),
        Doubt.SAMPLE_OR_STRIP: N_("Something was wrong with the sample or the strip"),
        Doubt.OUT_OF_RANGE: N_("Outside the device's range"),
        Doubt.TOO_HOT_OR_COLD: N_("The device was too hot or too cold"),
        Doubt.FAULT: N_("A fault in the device"),
        Doubt.CLOCK_NOT_SET: N_("The device's clock is not set"),
    }
)

_MEALS = MappingProxyType(
    {
        Meal.BEFORE: N_("Before a meal"),
        Meal.AFTER: N_("After a meal"),
        Meal.FASTING: N_("Fasting"),
        Meal.CASUAL: N_("With a snack or a drink"),
        Meal.BEDTIME: N_("At bedtime"),
    }
)


def vital_name(speech: Speech, kind: SensorKind) -> str:
    """Return what is measured; of a kind we do not know, that something is."""
    return speech.gettext(_NAMES.get(kind, _SOMETHING))


def vital_unit(speech: Speech, kind: SensorKind) -> str:
    """Return the unit as people write it."""
    return speech.gettext(_UNITS[kind])


def vital_figure(speech: Speech, kind: SensorKind, value: float) -> str:
    """Return a value with as many decimals as matter."""
    return speech.tenths(value) if kind in _IN_TENTHS else f"{value:.0f}"


def doubt_words(speech: Speech, doubt: Doubt) -> str:
    """Return why a value may not be what it seems."""
    return speech.gettext(_DOUBTS[doubt])


def meal_words(speech: Speech, meal: Meal) -> str:
    """Return when blood sugar was measured, seen from the last meal."""
    return speech.gettext(_MEALS[meal])
