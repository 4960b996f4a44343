"""Whether a home's sensors could see somebody move at all: without that, no movement says nothing. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.contract.observation import SensorKind

# What notices somebody who lives there and does nothing about it: of the first sort where there is one, else of the
# second. A bed or a door alone does not tell how a day goes; a home that has nothing else was learned from them.
_WITNESSES: Final = (
    frozenset({SensorKind.MOTION}),
    frozenset({SensorKind.DOOR, SensorKind.BED, SensorKind.CHAIR}),
)


@dataclass(frozen=True, slots=True)
class Eye:
    """A sensor: where it hangs, what it means there, and whether it is known to be silent."""

    room: str
    kinds: frozenset[SensorKind]
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a home can be seen. `unseen_rooms`: in each of them there is a sensor that could see, and none does."""

    is_blind: bool = False
    unseen_rooms: tuple[str, ...] = ()


def sight(eyes: Iterable[Eye]) -> Sight:
    """Return what these sensors can see. A home without any that could is not blind: it was never watched by them."""
    every = list(eyes)
    witnesses = next((found for sort in _WITNESSES if (found := [eye for eye in every if eye.kinds & sort])), [])
    seen = {eye.room for eye in witnesses if not eye.is_silent}
    unseen = {eye.room for eye in witnesses if eye.is_silent} - seen
    return Sight(is_blind=bool(unseen) and not seen, unseen_rooms=tuple(sorted(unseen)))
