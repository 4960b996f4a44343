"""What an alert can be of: those the service raises today, and those it is to learn."""

from collections.abc import Mapping
from typing import Final

from device_sims.scoring.truth import AlertClass

_PERSON: Final = (
    "button",
    "pull_cord",
    "fall",
    "smoke",
    "water_leak",
    "inactivity",
    "not_up_yet",
    "long_in_bathroom",
    "out_of_bed_at_night",
    "left_home_at_night",
    "night_wandering",
    "night_restlessness",
    "bathroom_visits",
    "missed_meals",
    "few_outings",
    "long_in_bed",
    "low_activity",
    "cold_home",
    "door_left_open",
    "unusual_vitals",
)
_TREND: Final = ("gradual_decline", "change_of_rhythm", "slower_walking")
_TECHNICAL: Final = ("gateway_silent", "gateway_deaf", "sensor_silent", "sensor_flapping", "battery_low", "many_silent")

CLASS_OF: Final[Mapping[str, AlertClass]] = {
    **dict.fromkeys(_PERSON, AlertClass.PERSON),
    **dict.fromkeys(_TREND, AlertClass.TREND),
    **dict.fromkeys(_TECHNICAL, AlertClass.TECHNICAL),
}
