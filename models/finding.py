"""What the models noticed, with reasons in figures; the words are the reader's language's."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

FindingClass = Literal["person", "trend", "technical"]


class FindingKind(StrEnum):
    """What was noticed."""

    INACTIVITY = "inactivity"
    NOT_UP = "not_up"
    LONG_IN_BATHROOM = "long_in_bathroom"
    OUT_OF_BED = "out_of_bed"
    LEFT_AT_NIGHT = "left_at_night"
    NOT_RETURNED = "not_returned"
    WANDERING = "wandering"
    BATHROOM_VISITS = "bathroom_visits"
    NO_MEALS = "no_meals"
    COLD_HOME = "cold_home"
    DOOR_OPEN = "door_open"
    VITALS = "vitals"
    NIGHT_RESTLESSNESS = "night_restlessness"
    POOR_SLEEP = "poor_sleep"
    FEW_OUTINGS = "few_outings"
    LONG_IN_BED = "long_in_bed"
    LOW_ACTIVITY = "low_activity"
    DECLINE = "decline"
    RHYTHM_CHANGE = "rhythm_change"
    SLOWER_WALKING = "slower_walking"
    SENSOR_SILENT = "sensor_silent"
    SENSOR_FLAPPING = "sensor_flapping"
    GATEWAY_SILENT = "gateway_silent"
    FLEET_OUTAGE = "fleet_outage"


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What always holds for a kind. `code`: vkp-alert-code-v090, empty where none. `severity`: its scale, 10 to 40."""

    cls: FindingClass
    code: str
    severity: int


def _trend() -> FindingFacts:
    return FindingFacts("trend", "4.8", 10)


FACTS: Final = {
    FindingKind.INACTIVITY: FindingFacts("person", "4.9", 30),
    FindingKind.NOT_UP: FindingFacts("person", "4.19", 30),
    FindingKind.LONG_IN_BATHROOM: FindingFacts("person", "4.23", 30),
    FindingKind.OUT_OF_BED: FindingFacts("person", "4.2", 30),
    FindingKind.LEFT_AT_NIGHT: FindingFacts("person", "4.21", 40),
    FindingKind.NOT_RETURNED: FindingFacts("person", "4.12", 30),
    FindingKind.WANDERING: FindingFacts("person", "4.18", 20),
    FindingKind.BATHROOM_VISITS: FindingFacts("person", "4.8", 20),
    FindingKind.NO_MEALS: FindingFacts("person", "4.8", 20),
    FindingKind.COLD_HOME: FindingFacts("person", "4.8", 20),
    FindingKind.DOOR_OPEN: FindingFacts("person", "4.15", 20),
    FindingKind.VITALS: FindingFacts("person", "5", 20),
    FindingKind.NIGHT_RESTLESSNESS: _trend(),
    FindingKind.POOR_SLEEP: _trend(),
    FindingKind.FEW_OUTINGS: _trend(),
    FindingKind.LONG_IN_BED: _trend(),
    FindingKind.LOW_ACTIVITY: _trend(),
    FindingKind.DECLINE: _trend(),
    FindingKind.RHYTHM_CHANGE: _trend(),
    FindingKind.SLOWER_WALKING: _trend(),
    FindingKind.SENSOR_SILENT: FindingFacts("technical", "", 20),
    FindingKind.SENSOR_FLAPPING: FindingFacts("technical", "", 20),
    FindingKind.GATEWAY_SILENT: FindingFacts("technical", "", 20),
    FindingKind.FLEET_OUTAGE: FindingFacts("technical", "", 20),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a key that names a sentence, and the figures that go into it."""

    key: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual.

    `started_at` is when it began, `noticed_at` when it passed the line; both aware, by the home's time. `evidence` are
    the moments of the activities it rests on. `p_value`: how often so much is seen on this home's ordinary days, 0 to
    1; None: a fixed rule, that learns nothing. `learned_days`: from how many days it was learned what is ordinary.
    `subject`: which of several (a door, a measure); empty: there is one.
    """

    kind: FindingKind
    started_at: datetime
    noticed_at: datetime
    room: str | None
    reasons: tuple[Reason, ...]
    evidence: tuple[datetime, ...]
    p_value: float | None = None
    learned_days: int = 0
    subject: str = ""
