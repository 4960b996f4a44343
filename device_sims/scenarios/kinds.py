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
    "not_up",
    "long_in_bathroom",
    "out_of_bed",
    "left_at_night",
    "not_returned",
    "wandering",
    "bathroom_visits",
    "no_meals",
    "cold_home",
    "door_open",
    "vitals",
    "agreed_rule",
    "visit_overdue",
)
_TREND: Final = (
    "night_restlessness",
    "poor_sleep",
    "few_outings",
    "long_in_bed",
    "low_activity",
    "decline",
    "rhythm_change",
    "slower_walking",
)
_TECHNICAL: Final = (
    "gateway_silent",
    "gateway_deaf",
    "sensor_silent",
    "sensor_flapping",
    "battery_low",
    "fleet_outage",
    "nobody_on_duty",
    "round_overdue",
    "chain_slow",
    "chain_stalled",
    "channel_down",
)

CLASS_OF: Final[Mapping[str, AlertClass]] = {
    **dict.fromkeys(_PERSON, AlertClass.PERSON),
    **dict.fromkeys(_TREND, AlertClass.TREND),
    **dict.fromkeys(_TECHNICAL, AlertClass.TECHNICAL),
}
