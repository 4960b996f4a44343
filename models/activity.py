"""Which facts show that somebody did something."""

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


def shows_activity(kind: SensorKind, value: float) -> bool:
    """Return whether a fact shows that somebody did something.

    A door that closes does, a motion sensor that goes quiet does not.
    """
    return kind in _BY_A_PERSON and (value > 0 or kind is not SensorKind.MOTION)
