"""What the models are told: that somebody did something, where and when."""

from dataclasses import dataclass
from datetime import datetime

from gateway.contract.observation import SensorKind

# Kinds that show a living person; temperature and the like change by themselves.
_BY_A_PERSON = frozenset(
    {
        SensorKind.MOTION,
        SensorKind.DOOR,
        SensorKind.BED,
        SensorKind.CHAIR,
        SensorKind.BUTTON,
        SensorKind.PULL_CORD,
    }
)
_OUTER_DOORS = frozenset({"front_door", "back_door"})


@dataclass(frozen=True, slots=True, order=True)
class Activity:
    """Somebody did something at `at` (aware) in `room`."""

    at: datetime
    room: str
    kind: SensorKind

    @property
    def is_outer_door(self) -> bool:
        """Whether the resident may have gone out, or somebody come in, by this."""
        return self.kind is SensorKind.DOOR and self.room in _OUTER_DOORS


def shows_activity(kind: SensorKind, value: float) -> bool:
    """Return whether a fact shows that somebody did something.

    A door that closes does, a motion sensor that goes quiet does not.
    """
    return kind in _BY_A_PERSON and (value > 0 or kind is not SensorKind.MOTION)
