"""What was learned of a home's stays, and what follows from it with a budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, Self

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from models.presence import cached_role
from models.rooms import Role
from models.stays.tail import Tail
from models.stays.vitals import Baseline, BaselineLimits

_VERSION: Final = 1
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0

# False findings a week in one home. Together they stay below a tenth of what people are asked to bear.
DEFAULT_RATES: Final[Mapping[FindingKind, float]] = {
    FindingKind.LONG_IN_BATHROOM: 0.04,
    FindingKind.OUT_OF_BED: 0.015,
    FindingKind.NOT_RETURNED: 0.015,
    FindingKind.DOOR_OPEN: 0.02,
    FindingKind.COLD_HOME: 0.005,
    FindingKind.VITALS: 0.05,
    FindingKind.INACTIVITY: 0.05,  # a fixed rule: the rate that TIHM's homes pass it at; it only turns it on or off
}
# By day; at night; and at night where a bed tells. Elsewhere many a night's visit seems to last, for who goes back to
# sleep unseen was seen last in the bathroom.
_BATHROOM: Final = (Tail(130, 15 * _MINUTE, 3.0), Tail(25, 20 * _MINUTE, 1.5), Tail(25, 20 * _MINUTE, 3.0))
_BATHROOM_SHARES: Final = (0.7, 0.3, 0.3)
_BED: Final = Tail(10, 25 * _MINUTE, 3.0)
_AWAY: Final = Tail(10, 6 * _HOUR, 3.0)
_OUTER_DOOR: Final = Tail(20, 5 * _MINUTE, 2.0)
_FRIDGE: Final = Tail(40, 4 * _MINUTE, 2.0)
# Never told sooner, and no longer told at all beyond: then the home's habit hides it.
_BATHROOM_S: Final = (30 * _MINUTE, 6 * _HOUR)
_BED_S: Final = (25 * _MINUTE, 4 * _HOUR)
_AWAY_S: Final = (4 * _HOUR, 24 * _HOUR)
_DOOR_S: Final = (20 * _MINUTE, 12 * _HOUR)
# Many homes do not show who leaves a bathroom; until one's habit is known, nobody is woken for it.
_UNLEARNED_FACTOR: Final = 2.0
_NIGHT_ENDS_MIN: Final = 5 * 60 + 30
_COLD_C: Final = 16.0
# While a home's rhythm is hardly known, nobody is left lying for longer than the silence that TIHM's homes pass only
# once in six weeks.
_SILENCE_S: Final = 12 * _HOUR
_YOUNG_DAYS: Final = 14
# And whatever a home is used to: so long nobody is left waiting.
_LONGEST_S: Final = 16 * _HOUR


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on each is too long, in seconds; `inf`: never told.

    `bathroom`: by day, at night, and at night where a bed tells. `other_doors`: outer doors and fridges that are not
    among `doors`. `night_ends_min`: minute of the local day from which who has left the bed may be up. `cold_c`: by
    room, in degrees Celsius; a room that is not among them has `usual_cold_c`.
    """

    routine: "StayRoutine"
    bathroom: tuple[float, ...]
    bed: float
    away: float
    doors: Mapping[str, float]
    other_doors: tuple[float, float]
    night_ends_min: int
    cold_c: Mapping[str, float]
    usual_cold_c: float
    vitals: Mapping[SensorKind, BaselineLimits]
    silence: float = inf

    @property
    def shortest_s(self) -> float:
        """No stay is too long in less time than this, in seconds."""
        return min(self.silence, *self.bathroom, self.bed, self.away, *self.doors.values(), *self.other_doors)


@dataclass(frozen=True, slots=True)
class StayRoutine:
    """How long each usually lasts in one home. `days`: from how many days; 0: nothing is learned, all are defaults.

    `doors`: by room; `cold_c`: by room, below what it is cold for this room; `vitals`: by measure.
    """

    days: int = 0
    bathroom: tuple[Tail, ...] = _BATHROOM
    bed: Tail = _BED
    away: Tail = _AWAY
    doors: Mapping[str, Tail] = field(default_factory=dict)
    night_ends_min: int = _NIGHT_ENDS_MIN
    cold_c: Mapping[str, float] = field(default_factory=dict)
    vitals: Mapping[SensorKind, Baseline] = field(default_factory=dict)

    @classmethod
    def default(cls) -> Self:
        """Return what is safe in a home of which nothing is known."""
        return cls()

    def limits(self, rates: Mapping[FindingKind, float] = DEFAULT_RATES) -> Limits:
        """Return the lengths that are passed so many times a week; a kind that is missing is never told.

        Measurements outside the limits for everybody are, and a silence in a home that is hardly known.
        """

        def rate(kind: FindingKind) -> float:
            return rates.get(kind, 0.0)

        in_bathroom, cautious = rate(FindingKind.LONG_IN_BATHROOM), 1 if self.days else _UNLEARNED_FACTOR
        parts = zip(self.bathroom, _BATHROOM_SHARES, strict=True)
        bathroom = [_within(tail, in_bathroom * share, _BATHROOM_S, cautious) for tail, share in parts]
        door = rate(FindingKind.DOOR_OPEN) / max(len(self.doors), 2)
        vitals = rate(FindingKind.VITALS) / max(len(self.vitals), 1)
        return Limits(
            self,
            tuple(bathroom),
            _within(self.bed, rate(FindingKind.OUT_OF_BED), _BED_S),
            _within(self.away, rate(FindingKind.NOT_RETURNED), _AWAY_S),
            {room: _within(tail, door, _DOOR_S) for room, tail in self.doors.items()},
            (_within(_OUTER_DOOR, door, _DOOR_S), _within(_FRIDGE, door, _DOOR_S)),
            self.night_ends_min,
            self.cold_c if rate(FindingKind.COLD_HOME) else dict.fromkeys(self.cold_c, -273.0),
            _COLD_C if rate(FindingKind.COLD_HOME) else -273.0,
            {kind: own.limits(vitals) for kind, own in self.vitals.items()},
            _silence(self.days) if rate(FindingKind.INACTIVITY) else inf,
        )

    def door(self, room: str) -> Tail:
        """Return how long a door is usually open."""
        return self.doors.get(room) or door_default(room)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored: a few hundred bytes."""
        return {
            "version": _VERSION,
            "days": self.days,
            "bathroom": [tail.as_json() for tail in self.bathroom],
            "bed": self.bed.as_json(),
            "away": self.away.as_json(),
            "doors": {room: tail.as_json() for room, tail in self.doors.items()},
            "night_ends_min": self.night_ends_min,
            "cold_c": dict(self.cold_c),
            "vitals": {kind.value: own.as_json() for kind, own in self.vitals.items()},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote.

        Raises:
            ValueError: it is of another version, or not of this form; learn the home again.
        """
        if stored.get("version") != _VERSION:
            raise ValueError(
                f"these stays were learned by version {stored.get('version')}, this is {_VERSION}: learn again"
            )
        try:
            return cls(
                stored["days"],
                tuple(Tail(*tail) for tail, _ in zip(stored["bathroom"], _BATHROOM, strict=True)),
                Tail(*stored["bed"]),
                Tail(*stored["away"]),
                {room: Tail(*tail) for room, tail in stored["doors"].items()},
                stored["night_ends_min"],
                dict(stored["cold_c"]),
                {SensorKind(kind): Baseline(*own) for kind, own in stored["vitals"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"these are not learned stays ({error}): learn again") from None


def door_default(room: str) -> Tail:
    """Return how long a door is usually open before anything is learned of it."""
    return _FRIDGE if cached_role(SensorKind.DOOR, room) is Role.FRIDGE else _OUTER_DOOR


def _silence(days: int) -> float:
    return _SILENCE_S if days < _YOUNG_DAYS else _LONGEST_S


def _within(tail: Tail, rate: float, bounds: tuple[float, float], factor: float = 1) -> float:
    length = max(tail.length_at(rate) * factor, bounds[0])
    return length if length <= bounds[1] else float("inf")
