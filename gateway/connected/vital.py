"""One measurement of a body, whoever made the device."""

from dataclasses import dataclass
from datetime import datetime

from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind
from gateway.errors import GatewayError


class UndecodableMeasurementError(GatewayError):
    """The bytes are not what the profile says. The text never repeats them."""


@dataclass(frozen=True, slots=True)
class VitalReading:
    """One value of one measurement. A blood pressure is several, with the same moment."""

    kind: SensorKind  # one of VITALS
    value: float | None  # in the unit of its kind; None: it was measured, and no value came of it (a cuff error, say)
    measured_at: datetime | None = None  # by the device's own clock, naive, in its local time; None: it does not say
    sequence: int | None = None  # the device's number for the measurement; None: it does not number them
    user: int | None = None  # the device's number for the person; None: it does not know
    doubts: frozenset[Doubt] = frozenset()
    meal: Meal | None = None  # blood sugar only; None: nobody told


def doubts_in(status: int, meanings: dict[int, Doubt]) -> frozenset[Doubt]:
    """Return what the bits of a status say. `meanings` is by bit number."""
    return frozenset(doubt for bit, doubt in meanings.items() if status >> bit & 1)
