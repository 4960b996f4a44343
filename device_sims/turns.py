"""What a tester can let happen in a simulated home, from now on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from device_sims.errors import SimulationError
from device_sims.life.activities import Doing
from device_sims.life.life import Life
from device_sims.life.noticing import Chattering, Happening, Moved, Silent, tells
from device_sims.scoring.truth import Expected, Forbidden
from gateway.contract.observation import SensorKind

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_LIES: Final = timedelta(hours=12)
_IS_OUT: Final = timedelta(hours=2)
_FALL_WITHIN: Final = timedelta(hours=4)  # as the scenario file of such a fall says
# Who is out comes home first. Within five minutes of an outer door a silence would look like an outing, and rightly.
_COMES_THERE: Final = timedelta(minutes=8)

BATHROOM: Final = "bathroom"


@dataclass(frozen=True, slots=True)
class Turn:
    """Another life from a moment on, what is told besides, what befalls sensors, and what should come of it."""

    life: Life
    told: tuple[Happening, ...] = ()
    changes: tuple[Silent | Moved | Chattering, ...] = ()
    truth: tuple[Expected | Forbidden, ...] = ()
    is_over: bool = False  # what was going on has ended: nothing more is expected of it


class Scenarios(Protocol):
    """Scenarios that can begin in a home that is being lived in."""

    def titles(self, life: Life) -> Mapping[str, str]:
        """Return code and title of each that this home has rooms and sensors for."""
        ...

    def begin(self, code: str, home: str, life: Life, at: datetime) -> Turn:
        """Let one begin in `home` at a moment of the world (aware).

        Raises:
            SimulationError: this home has none of that code.
        """
        ...


class AtHand:
    """The scenarios every home has: a call, a fall, help, an outing; and what its sensors can set off."""

    def titles(self, life: Life) -> Mapping[str, str]:
        """Return code and title of each that this home has rooms and sensors for."""
        return {code: title for code, (title, _) in self._fitting(life).items()}

    def begin(self, code: str, home: str, life: Life, at: datetime) -> Turn:
        """Let one begin. Raises SimulationError where there is none of that code."""
        fitting = self._fitting(life)
        if code not in fitting:
            raise SimulationError(f"this home has no scenario {code!r}; it has {', '.join(fitting)}")
        return fitting[code][1](home, life, at)

    def _fitting(self, life: Life) -> dict[str, tuple[str, "_Begin"]]:
        known = {kind for hung in life.plan.sensors for kind in hung.kinds}
        found: dict[str, tuple[str, _Begin]] = {
            code: (title, _telling(kind, title)) for code, (kind, title) in _SET_OFF.items() if kind in known
        }
        if BATHROOM in life.plan.rooms:
            found["fall_in_bathroom"] = (_FALL, _fall)
        return {**found, "helped_up": ("Somebody helps", _helped), "goes_out": ("Goes out", _goes_out)}


_Begin = Callable[[str, Life, datetime], Turn]
_FALL: Final = "Fall in the bathroom"
_SET_OFF: Final = {
    "press": (SensorKind.BUTTON, "Presses the help button"),
    "pull_cord": (SensorKind.PULL_CORD, "Pulls the cord"),
    "smoke": (SensorKind.SMOKE, "Smoke"),
    "water_leak": (SensorKind.WATER_LEAK, "Water leak"),
}


def _telling(kind: SensorKind, title: str) -> _Begin:
    def begin(home: str, life: Life, at: datetime) -> Turn:
        hung = next(one for one in life.plan.sensors if kind in one.kinds)
        expected = Expected(home, (kind.value,), at, _MINUTE, title)
        return Turn(life, told=(tells(life.plan, hung.name, at),), truth=(expected,))

    return begin


def _fall(home: str, life: Life, at: datetime) -> Turn:
    """Let the resident lie on the floor; nobody comes by, and nothing tells of it but the silence."""
    falls = at + _COMES_THERE
    found = falls + _LIES
    lies = life.without_visits(at, found).with_interruption(at, falls, Doing.WASHING, BATHROOM)
    lies = lies.with_interruption(falls, found, Doing.LYING_ON_FLOOR, BATHROOM)
    return Turn(lies, truth=(fall_expected(home, falls, found),))


def fall_expected(home: str, at: datetime, found: datetime) -> Expected:
    """Return what should come of a fall that nobody sees until somebody comes."""
    return Expected(home, ("inactivity", "fall", "long_in_bathroom"), at, _FALL_WITHIN, _FALL, ends_at=found)


def press_expected(home: str, at: datetime) -> Expected:
    """Return what should come of a pressed button."""
    return Expected(home, ("button",), at, _MINUTE, _SET_OFF["press"][1])


def _helped(_home: str, life: Life, at: datetime) -> Turn:
    """End what was made to happen: the day goes on as it would have."""
    ended = (
        replace(one, until=at) if one.until is None or one.until > at else one
        for one in life.interruptions
        if one.at < at
    )
    unvisited = tuple((begins, min(ends, at)) for begins, ends in life.unvisited if begins < at)
    return Turn(replace(life, interruptions=tuple(ended), unvisited=unvisited), is_over=True)


def _goes_out(home: str, life: Life, at: datetime) -> Turn:
    out = life.with_interruption(at, at + _IS_OUT, Doing.OUT, None)
    reason = "the resident is out, and the front door told so"
    return Turn(out, truth=(Forbidden(home, at, at + _IS_OUT, "Goes out", reason, ("inactivity",)),))
