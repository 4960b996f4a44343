"""What is looked at: a home's state, its limits, and what is known of it from elsewhere."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from models.sight import Sight
from models.stays.routine import Limits
from models.stays.state import StayState
from models.technical.findings import Suspect


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a home from elsewhere. `away_until`: till when the resident is said to be away; None: is not.

    `is_paused`: nobody's movement is looked at, by wish or because nobody is at home.
    `suspects`: sensors that are suspected of a fault: what needs them is not told, and what babbles is not heard.
    """

    sight: Sight = field(default_factory=Sight)
    away_until: datetime | None = None
    suspects: tuple[Suspect, ...] = ()
    is_paused: bool = False

    @property
    def sees_movement(self) -> bool:
        """Whether movement, or that there is none, tells anything."""
        return not (self.sight.is_blind or self.is_paused)


@dataclass(frozen=True, slots=True)
class View:
    """One home as it is judged. `zone`: its time zone."""

    state: StayState
    limits: Limits
    zone: tzinfo
    around: Circumstances


def to_moment(seconds: float) -> datetime:
    """Return seconds since 1970 UTC as a moment, to the microsecond."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
