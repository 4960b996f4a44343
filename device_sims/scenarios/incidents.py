"""What can be made to happen in a home: the vocabulary of scenarios. Each incident knows how it changes the scene."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from device_sims.life.activities import Doing
from device_sims.life.life import Life
from device_sims.life.noticing import Change, Happening, Moved, tells
from device_sims.life.people import Drift, Pet
from device_sims.life.profile import HEALTHY, REHABILITATION
from device_sims.sensors.model import Death, Dying, Flapping, Ill
from gateway.contract.observation import SensorKind

# Who is going to fall in a room has to come there, and be seen there, first.
_COMES_BEFORE: Final = timedelta(minutes=2)
# Nobody who comes by is still there when it happens.
_GONE_BEFORE: Final = timedelta(minutes=10)


@dataclass(frozen=True, order=True, slots=True)
class When:
    """A moment of a scenario, by the home's own clocks. `day` 1 is its first."""

    day: int
    clock: time

    def on(self, first: date, zone: ZoneInfo) -> datetime:
        """Return the moment (aware) in a scenario whose first day is `first`."""
        return datetime.combine(first + timedelta(days=self.day - 1), self.clock, zone)


@dataclass(frozen=True, slots=True)
class Failing:
    """A part of the installation fails from `begins` until `ends` (aware): one of OUTAGES.

    `ahead`: of a wrong clock only; negative where it is behind.
    """

    outage: str
    begins: datetime
    ends: datetime
    ahead: timedelta = timedelta()


@dataclass(slots=True)
class Scene:
    """What comes of incidents: another life, what is told besides, and what befalls sensors, house and installation."""

    life: Life
    told: list[Happening] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unheated: list[tuple[datetime, datetime]] = field(default_factory=list)
    ills: dict[str, list[Ill]] = field(default_factory=dict)
    failing: list[Failing] = field(default_factory=list)


class Incident(Protocol):
    """Something that happens at a moment."""

    @property
    def at(self) -> When:
        """When it begins."""
        ...

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it happen at a moment (aware).

        Raises:
            ValueError, LookupError: the home has no such room, sensor or habit.
        """
        ...


@dataclass(frozen=True, slots=True)
class Does:
    """The resident does something else than usual; `room` None is outside."""

    at: When
    doing: Doing
    room: str | None
    lasts: timedelta

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it happen."""
        scene.life = scene.life.with_interruption(at, at + self.lasts, self.doing, self.room)


@dataclass(frozen=True, slots=True)
class Falls:
    """The resident goes to a room, falls there and lies until found; nobody comes by before, unless told to."""

    at: When
    room: str
    lasts: timedelta

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it happen."""
        life = scene.life.without_visits(at - _GONE_BEFORE, at + self.lasts)
        life = life.with_interruption(at - _COMES_BEFORE, at, Doing.TIDYING, self.room)
        scene.life = life.with_interruption(at, at + self.lasts, Doing.LYING_ON_FLOOR, self.room)


@dataclass(frozen=True, slots=True)
class Alone:
    """Nobody comes by."""

    at: When
    lasts: timedelta

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it be so."""
        scene.life = scene.life.without_visits(at, at + self.lasts)


@dataclass(frozen=True, slots=True)
class Visited:
    """Somebody comes by."""

    at: When
    lasts: timedelta
    is_care: bool = False

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let somebody come."""
        scene.life = scene.life.with_visit(at, at + self.lasts, is_care=self.is_care)


@dataclass(frozen=True, slots=True)
class Changes:
    """Some of the resident's habits become others, over some days or (None) from one day to the next."""

    at: When
    factors: Mapping[str, float]
    over: timedelta | None = None

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it come about."""
        first = at.astimezone(scene.life.zone).date()
        scene.life = scene.life.with_drift(Drift.of(first, first + (self.over or timedelta()), self.factors))


@dataclass(frozen=True, slots=True)
class Recovers:
    """The resident comes home weak, and is as before after a while."""

    at: When
    over: timedelta

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it begin."""
        first = at.astimezone(scene.life.zone).date()
        better = Drift.of(first, first + self.over, REHABILITATION.factors_to(HEALTHY))
        scene.life = scene.life.with_profile(first, REHABILITATION).with_drift(better)


@dataclass(frozen=True, slots=True)
class GetsPet:
    """An animal moves in; `lively` 1 is a cat."""

    at: When
    lively: float = 1.0

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it move in."""
        scene.life = scene.life.with_pet(Pet(since=at, lively=self.lively))


@dataclass(frozen=True, slots=True)
class Tells:
    """A button is pressed, a cord pulled, a detector set off: so many times."""

    at: When
    sensor: str
    times: int = 1
    every: timedelta = timedelta(seconds=20)

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it be told."""
        told = [tells(scene.life.plan, self.sensor, at + number * self.every) for number in range(self.times)]
        scene.told += told
        if told[-1].kind in _ENDS:
            scene.told.append(tells(scene.life.plan, self.sensor, told[-1].at + _LASTS, 0.0))


_ENDS: Final = frozenset({SensorKind.SMOKE, SensorKind.WATER_LEAK})
_LASTS: Final = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Unheated:
    """The heating is off."""

    at: When
    lasts: timedelta

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it be cold."""
        scene.unheated.append((at, at + self.lasts))


@dataclass(frozen=True, slots=True)
class MovesSensor:
    """Somebody hangs a motion sensor in another room and tells nobody."""

    at: When
    sensor: str
    room: str

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it hang there."""
        scene.changes.append(Moved(scene.life.plan.sensor(self.sensor).name, at, self.room))


@dataclass(frozen=True, slots=True)
class SensorDies:
    """A sensor falls silent for ever: from one moment to the next (`over` None), or bit by bit."""

    at: When
    sensor: str
    over: timedelta | None = None

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it die."""
        ill = Death(at) if self.over is None else Dying(at, self.over)
        scene.ills.setdefault(scene.life.plan.sensor(self.sensor).name, []).append(ill)


@dataclass(frozen=True, slots=True)
class SensorFlaps:
    """A loose contact lets a sensor's state change all the time."""

    at: When
    sensor: str
    lasts: timedelta

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it flap."""
        ill = Flapping(at, at + self.lasts)
        scene.ills.setdefault(scene.life.plan.sensor(self.sensor).name, []).append(ill)


@dataclass(frozen=True, slots=True)
class Fails:
    """A part of the installation fails: one of OUTAGES. `ahead`: of a wrong clock, negative where it is behind."""

    at: When
    outage: str
    lasts: timedelta
    ahead: timedelta = timedelta()

    def befall(self, scene: Scene, at: datetime) -> None:
        """Let it fail."""
        scene.failing.append(Failing(self.outage, at, at + self.lasts, self.ahead))
