"""What is remembered of a home's stays between two facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any, Final, NamedTuple, Self

from gateway.contract.observation import VITALS, SensorKind
from models.presence import Fact, Presence, cached_role
from models.presence import step as step_presence
from models.rooms import Role

_HOUR_S: Final = 3600
_HOURS_KEPT: Final = 5
AGAIN_S: Final = 300.0  # measured again within this time, and it is one measurement
_MOST_VALUES: Final = 9
_WEIGHTS_S: Final = 4 * 86400.0
DOORS: Final = frozenset({Role.OUTER_DOOR, Role.FRIDGE})
MEASURED: Final = VITALS - {SensorKind.MEASURED_NOTHING, SensorKind.MEAN_ARTERIAL, SensorKind.WEIGHT}


class Door(NamedTuple):
    """A door that tells. `opened_s`: since when it is open, 0: it is closed; `closes`: it has told of a closing."""

    heard_s: float
    opened_s: float
    closes: bool


class Warmth(NamedTuple):
    """A room's temperature: the newest, and the highest of each of the last hours, in degrees Celsius.

    `hours`: whole hours since 1970 UTC and their highest value, oldest first.
    """

    heard_s: float
    celsius: float
    hours: tuple[tuple[int, float], ...]


class Measured(NamedTuple):
    """One measurement of a body, with what was measured again at once. Values in the unit of their kind."""

    first_s: float
    last_s: float
    values: tuple[float, ...]

    @property
    def value(self) -> float:
        """The median of what was measured."""
        return float(median(self.values))


class Weighed(NamedTuple):
    """One weight, in kilograms."""

    at_s: float
    kg: float


@dataclass(frozen=True, slots=True)
class StayState:
    """Where one home stands. `open`: what was told and lasts, by key, and when it began, seconds since 1970 UTC."""

    presence: Presence = field(default_factory=Presence)
    doors: Mapping[str, Door] = field(default_factory=dict)
    warmth: Mapping[str, Warmth] = field(default_factory=dict)
    measured: Mapping[SensorKind, Measured] = field(default_factory=dict)
    weights: tuple[Weighed, ...] = ()
    open: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored between two looks."""
        return {
            "presence": self.presence.as_json(),
            "doors": {room: list(door) for room, door in self.doors.items()},
            "warmth": {room: list(warmth) for room, warmth in self.warmth.items()},
            "measured": {kind.value: list(one) for kind, one in self.measured.items()},
            "weights": [list(one) for one in self.weights],
            "open": dict(self.open),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote; an empty one is a home nobody has looked at.

        Raises:
            ValueError: it is not of this form.
        """
        try:
            return cls(
                Presence.from_json(stored.get("presence", [])),
                {room: Door(*one) for room, one in stored.get("doors", {}).items()},
                {
                    room: Warmth(at, celsius, tuple((hour, high) for hour, high in hours))
                    for room, (at, celsius, hours) in stored.get("warmth", {}).items()
                },
                {
                    SensorKind(kind): Measured(first, last, tuple(values))
                    for kind, (first, last, values) in stored.get("measured", {}).items()
                },
                tuple(Weighed(*one) for one in stored.get("weights", [])),
                dict(stored.get("open", {})),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"this is not the state of stays ({error}): begin with an empty one") from None


def step(state: StayState, fact: Fact) -> StayState:
    """Return the state after a fact. One that came again, or is older than the last of its sort, changes nothing."""
    if fact.kind is SensorKind.TEMPERATURE:
        return _warmed(state, fact)
    if fact.kind is SensorKind.WEIGHT:
        return _weighed(state, fact)
    if fact.kind in MEASURED:
        return _measured(state, fact)
    presence = step_presence(state.presence, fact)
    doors = state.doors
    if fact.kind is SensorKind.DOOR and cached_role(fact.kind, fact.room) in DOORS:
        doors = _moved(doors, fact)
    if presence is state.presence and doors is state.doors:
        return state
    return StayState(presence, doors, state.warmth, state.measured, state.weights, state.open)


def _moved(doors: Mapping[str, Door], fact: Fact) -> Mapping[str, Door]:
    at, is_open = fact.at.timestamp(), fact.value > 0
    door = doors.get(fact.room, Door(0.0, 0.0, closes=False))
    if at < door.heard_s or (at == door.heard_s and is_open == (door.opened_s > 0)):
        return doors
    opened = (door.opened_s or at) if is_open else 0.0
    return {**doors, fact.room: Door(at, opened, door.closes or not is_open)}


def _warmed(state: StayState, fact: Fact) -> StayState:
    at = fact.at.timestamp()
    old = state.warmth.get(fact.room, Warmth(0.0, 0.0, ()))
    if at <= old.heard_s:
        return state
    hour = int(at // _HOUR_S)
    before = [one for one in old.hours if one[0] > hour - _HOURS_KEPT]
    highest = fact.value
    if before and before[-1][0] == hour:
        highest = max(highest, before.pop()[1])
    new = Warmth(at, fact.value, (*before, (hour, highest)))
    return replace(state, warmth={**state.warmth, fact.room: new})


def _measured(state: StayState, fact: Fact) -> StayState:
    at, old = fact.at.timestamp(), state.measured.get(fact.kind)
    if fact.doubted or (old and at <= old.last_s):
        return state
    new = Measured(at, at, (fact.value,))
    if old and at - old.last_s < AGAIN_S:
        new = Measured(old.first_s, at, (*old.values, fact.value)[-_MOST_VALUES:])
    return replace(state, measured={**state.measured, fact.kind: new})


def _weighed(state: StayState, fact: Fact) -> StayState:
    at = fact.at.timestamp()
    if fact.doubted or (state.weights and at <= state.weights[-1].at_s):
        return state
    kept = tuple(one for one in state.weights if one.at_s > at - _WEIGHTS_S)
    return replace(state, weights=(*kept[-20:], Weighed(at, fact.value)))
