"""How grave something is, in four cues: a word, an icon's shape, a stripe's pattern and a colour."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from caregiver_ui.language import Speech
from server.alerting.rules import AlertClass, Severity
from server.overview.rules import Status


class Level(StrEnum):
    """What a card looks like. The value is the icon's name and the style sheet's class."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    NOTICE = "notice"
    TECHNICAL = "technical"
    NORMAL = "normal"
    UNKNOWN = "unknown"
    LEARNING = "learning"
    PAUSED = "paused"


# Designsystemet's name for each colour. Red is kept for what is critical.
_COLOUR = MappingProxyType(
    {
        Level.CRITICAL: "danger",
        Level.IMPORTANT: "warning",
        Level.NOTICE: "info",
        Level.TECHNICAL: "brand2",
        Level.NORMAL: "success",
        Level.UNKNOWN: "neutral",
        Level.LEARNING: "accent",
        Level.PAUSED: "neutral",
    }
)


@dataclass(frozen=True, slots=True)
class Badge:
    """A level with its word, for a tag."""

    level: Level
    word: str

    @property
    def colour(self) -> str:
        """Designsystemet's name of the colour."""
        return _COLOUR[self.level]


def level_of_alert(severity: int, alert_class: AlertClass) -> Level:
    """Return how an alert is shown."""
    if alert_class is AlertClass.TECHNICAL:
        return Level.TECHNICAL
    if severity >= Severity.CRITICAL:
        return Level.CRITICAL
    return Level.IMPORTANT if severity >= Severity.SERIOUS else Level.NOTICE


def alert_badge(speech: Speech, level: Level) -> Badge:
    """Return the tag of an alert."""
    words = {
        Level.CRITICAL: speech.gettext("Critical"),
        Level.IMPORTANT: speech.gettext("Important"),
        Level.TECHNICAL: speech.gettext("Technical"),
    }
    return Badge(level, words.get(level, speech.gettext("For information")))


def resident_badge(speech: Speech, status: Status) -> Badge:
    """Return the tag of a resident. A status without one of its own is shown as not knowing, never as well."""
    badges = {
        Status.NORMAL: Badge(Level.NORMAL, speech.gettext("All is normal")),
        Status.WATCH: Badge(Level.IMPORTANT, speech.gettext("Something to watch")),
        Status.CRITICAL: Badge(Level.CRITICAL, speech.gettext("Critical alert")),
        Status.TECHNICAL: Badge(Level.TECHNICAL, speech.gettext("Technical fault")),
        Status.PAUSED: Badge(Level.PAUSED, speech.gettext("Not watched for now")),
        Status.LEARNING: Badge(Level.LEARNING, speech.gettext("Learning the daily rhythm")),
    }
    return badges.get(status, Badge(Level.UNKNOWN, speech.gettext("We do not know right now")))
