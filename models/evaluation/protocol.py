"""What is put into the traces, line by line, and what is to be reached."""

from dataclasses import dataclass
from typing import Final

from models.alerts import AlertClass
from models.evaluation import faults, injection
from models.evaluation.injection import Injection
from models.evaluation.setting import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Goal:
    """What to reach with at most the allowed false alerts; None: nothing is asked. Times in seconds."""

    recall: float | None = None
    chance: float | None = None
    median_s: float | None = None
    mean_s: float | None = None
    within: float | None = None
    no_more_persons: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the protocol.

    `cls`: the class of alert that counts. `inject`: None for faults of the whole fleet, of which `share` (lowest,
    highest) falls silent. `within_s`: the time of which the share found is told. `has_heartbeats`: the homes' gateways
    give signs of life. `baseline`: the best causal baseline's figures, as published with the data.
    """

    name: str
    title: str
    cls: AlertClass
    inject: Injection | None
    goal: Goal
    within_s: float = 4 * HOUR
    has_heartbeats: bool = False
    share: tuple[float, float] = (1.0, 1.0)
    baseline: str = ""


_FAULT: Final = Goal(recall=0.97, median_s=DAY, no_more_persons=True)
_OUTAGE: Final = Goal(within=0.95, no_more_persons=True)

LINES: Final = (
    Line("fall_day", "Fall by day", "person", injection.fall_by_day,
         Goal(recall=0.97, within=0.60, median_s=3 * HOUR), baseline=".84 / 3.3 h"),
    Line("fall_night", "Fall by night", "person", injection.fall_by_night,
         Goal(recall=0.95, median_s=6 * HOUR), baseline=".89 / 6.0 h"),
    Line("emergency", "Emergency at any hour", "person", injection.emergency,
         Goal(mean_s=5.2 * HOUR), 6 * HOUR, baseline="6.8 h"),
    Line("last_sign", "The same, since the last sign of life", "person", injection.emergency_since_last_sign,
         Goal(mean_s=5.2 * HOUR), 6 * HOUR, baseline="6.8 h"),
    Line("not_up", "Not getting up", "person", injection.not_getting_up,
         Goal(recall=0.80, median_s=2.3 * HOUR), baseline=".58 / 2.7 h"),
    Line("wandering", "Night wandering", "person", injection.night_wandering,
         Goal(recall=0.93, median_s=30 * MINUTE), 30 * MINUTE, baseline=".93 / 25 min"),
    Line("left_at_night", "Left home at night, not back", "person", injection.left_at_night,
         Goal(recall=0.80, median_s=45 * MINUTE), 45 * MINUTE, baseline=".33"),
    Line("bathroom", "Bathroom visits x2 + 3", "person", injection.bathroom,
         Goal(recall=0.65, chance=0.20), DAY, baseline=".58 (.23)"),
    Line("no_kitchen", "No kitchen for a day", "person", injection.no_kitchen,
         Goal(recall=0.75, chance=0.10, median_s=10 * HOUR), 10 * HOUR, baseline=".72 (.09) / 14 h"),
    Line("decline_50", "Decline to -50 % in 21 days", "trend", injection.decline(0.5),
         Goal(recall=0.80), 14 * DAY, baseline=".72"),
    Line("decline_30", "Decline to -30 % in 21 days", "trend", injection.decline(0.3),
         Goal(recall=0.60), 14 * DAY, baseline=".50"),
    Line("sensor_dead", "One sensor dead for 3 days", "technical", faults.sensor_dead, _FAULT, DAY, baseline=".97"),
    Line("flapping", "One sensor flapping", "technical", faults.flapping,
         Goal(recall=0.97, median_s=HOUR, no_more_persons=True), HOUR, baseline="1.0"),
    Line("gateway_silent", "Gateway silent for 12 h, heartbeats known", "technical", faults.gateway_silent,
         Goal(recall=0.97, no_more_persons=True), 2 * HOUR, has_heartbeats=True),
    Line("fall_day_alive", "Fall by day, heartbeats known", "person", injection.fall_by_day,
         Goal(recall=0.97, within=0.60, median_s=3 * HOUR), has_heartbeats=True),
    Line("doubled", "Each event delivered twice for a week", "technical", faults.doubled, Goal(no_more_persons=True)),
    Line("outage_whole", "Whole fleet silent for 3 to 10 h", "technical", None, _OUTAGE, 2 * HOUR),
    Line("outage_partial", "70 to 100 % of the fleet silent for 3 to 10 h", "technical", None, _OUTAGE, 2 * HOUR,
         share=(0.7, 1.0), baseline="31 false"),
)  # fmt: skip
