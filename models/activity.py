"""Which facts show that somebody did something."""

from typing import Final

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


# With whether it shows somebody above zero only: a door that closes does, a motion sensor that goes quiet does not.
SHOWING: Final = {kind: kind is SensorKind.MOTION for kind in sorted(_BY_A_PERSON)}


def shows_activity(kind: SensorKind, value: float) -> bool:
    """Return whether a fact shows that somebody did something."""
    return kind in SHOWING and (value > 0 or not SHOWING[kind])
