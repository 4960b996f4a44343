"""What the sensors of a home notice of the life in it: what a gateway will hear of, and nothing else."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from device_sims.life.activities import Stay
from device_sims.life.climate import RoomAir, Weather
from device_sims.life.floor_plan import FloorPlan, Hung
from device_sims.life.life import Life
from device_sims.life.traces import Movement, Traces, traces_of
from gateway.contract.observation import SensorKind

# A motion sensor that has seen something is blind for a minute; so were those of the TIHM homes (shortest gap 61 s).
REFRACTORY: Final = timedelta(seconds=61)
_REFRACTORY_S: Final = REFRACTORY.total_seconds()

# Thermometers tell a change of this size, and at least once an hour.
_TELLS_C: Final = 0.2
_TELLS_PERCENT: Final = 3.0
_TELLS_LUX: Final = 1.5  # times as much or as little
_AT_LEAST_EVERY_S: Final = 3_600.0

_NEVER_S: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing one sensor notices, at a moment in UTC.

    `room` is what the installer wrote down for the sensor; `value` is as in the contract: 1 active, open or occupied,
    0 closed or empty, else in the unit of its kind.
    """

    at: datetime
    sensor: str
    room: str
    kind: SensorKind
    value: float


@dataclass(frozen=True, slots=True)
class Silent:
    """A sensor tells nothing from `at` until `until` (aware; None: for ever): its battery is flat, or it is broken."""

    sensor: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A motion sensor hangs in another room from `at` on, and nobody has told the service."""

    sensor: str
    at: datetime
    room: str


@dataclass(frozen=True, slots=True)
class Chattering:
    """A sensor with a loose contact tells its 1 again and again between `at` and `until` (aware)."""

    sensor: str
    at: datetime
    until: datetime
    every_s: float = 20.0


Change = Silent | Moved | Chattering


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What befalls the sensors and the house. `unheated`: from when to when (aware) nothing is heated.

    What a sensor's own cell and radio do is no matter of noticing: see `Ill` in device_sims/sensors/model.py.
    """

    changes: tuple[Change, ...] = ()
    unheated: tuple[tuple[datetime, datetime], ...] = ()


ORDINARY: Final = Circumstances()


def noticed(life: Life, first: date, last: date, circumstances: Circumstances = ORDINARY) -> list[Happening]:
    """Return what the sensors of the home's plan notice, oldest first, of the life of these days.

    Button, pull cord, smoke, water and fall sensors notice nothing by themselves: see `tells`.

    Raises:
        LookupError: a sensor is named that the home does not have.
    """
    stays = life.stays(first, last)
    eyes = _Eyes(life, stays, circumstances)
    told = [one for hung in life.plan.sensors for one in eyes.of(hung)]
    for change in circumstances.changes:
        told = list(_after(change, life.plan, told))
    return sorted(told, key=lambda one: (one.at, one.sensor, one.kind))


def tells(plan: FloorPlan, sensor: str, at: datetime, value: float = 1.0) -> Happening:
    """Return what a sensor tells when somebody presses, pulls or sets it off.

    Raises:
        LookupError: the home has no such sensor.
    """
    hung = plan.sensor(sensor)
    return Happening(at.astimezone(UTC), hung.name, hung.room, hung.kinds[0], value)


class _Eyes:
    """Everything there is to notice, sorted by place once."""

    def __init__(self, life: Life, stays: Sequence[Stay], circumstances: Circumstances) -> None:
        self._life = life
        self._stays = stays
        self._traces: Traces = traces_of(life, stays)
        self._moved = [change for change in circumstances.changes if isinstance(change, Moved)]
        spans = tuple((at.timestamp(), until.timestamp()) for at, until in circumstances.unheated)
        self._weather = Weather(life.seed, life.zone, spans)
        self._airs: dict[str, RoomAir] = {}
        self._by_room: dict[str, list[Movement]] = defaultdict(list)
        for movement in sorted(self._traces.movements):
            self._by_room[movement[1]].append(movement)

    def of(self, hung: Hung) -> Iterator[Happening]:
        for kind in hung.kinds:
            for at, value in self._seen(hung, kind):
                yield Happening(datetime.fromtimestamp(round(at), UTC), hung.name, hung.room, kind, value)

    def _seen(self, hung: Hung, kind: SensorKind) -> Iterable[tuple[float, float]]:
        traces = self._traces
        match kind:
            case SensorKind.MOTION:
                return self._motion(hung)
            case SensorKind.TEMPERATURE | SensorKind.HUMIDITY:
                return self._climate(hung.room, kind)
            case SensorKind.LIGHT:
                return self._light(hung.room)
            case SensorKind.POWER:
                return _switched(traces.kettle)
            case _:
                lasting = {
                    SensorKind.DOOR: traces.openings,
                    SensorKind.BED: traces.in_bed,
                    SensorKind.CHAIR: traces.in_chair,
                }
                return _switched(
                    (begins, ends, 1.0) for begins, ends, place in lasting.get(kind, []) if place == hung.room
                )

    def _motion(self, hung: Hung) -> Iterator[tuple[float, float]]:
        # How well a sensor looks over its room differs between homes more than anything people do there.
        sees = random.Random(f"{self._life.seed}/{hung.name}/eye").uniform(0.62, 1.0)  # noqa: S311 - a simulated home
        blind_until = 0.0
        for at, _, hard in self._before_it(hung):
            if hard < sees and at >= blind_until:
                blind_until = at + _REFRACTORY_S
                yield at, 1.0

    def _before_it(self, hung: Hung) -> Iterator[Movement]:
        """Yield the movements in the room the sensor hangs in, which may not be the one it is thought to."""
        since, room = 0.0, hung.room
        for move in sorted((one for one in self._moved if one.sensor == hung.name), key=lambda one: one.at):
            yield from (one for one in self._by_room[room] if since <= one[0] < move.at.timestamp())
            since, room = move.at.timestamp(), move.room
        yield from (one for one in self._by_room[room] if one[0] >= since)

    def _air(self, room: str) -> RoomAir:
        if room not in self._airs:
            self._airs[room] = RoomAir(room, self._life.plan.windows.get(room), self._stays, self._weather)
        return self._airs[room]

    @property
    def _span(self) -> tuple[float, float]:
        return self._stays[0].start.timestamp(), max(stay.end for stay in self._stays).timestamp()

    def _climate(self, room: str, kind: SensorKind) -> Iterator[tuple[float, float]]:
        told_at, told_c, told_percent = -_NEVER_S, 0.0, 0.0
        for at, warmth, damp in self._air(room).climate(*self._span):
            is_news = abs(warmth - told_c) >= _TELLS_C or abs(damp - told_percent) >= _TELLS_PERCENT
            if is_news or at - told_at >= _AT_LEAST_EVERY_S:
                told_at, told_c, told_percent = at, warmth, damp
                yield at, round(warmth, 1) if kind is SensorKind.TEMPERATURE else round(damp)

    def _light(self, room: str) -> Iterator[tuple[float, float]]:
        told_at, told = -_NEVER_S, 0.0
        for at, lux in self._air(room).light(*self._span):
            is_news = not (told + 1) / _TELLS_LUX < lux + 1 < (told + 1) * _TELLS_LUX
            if is_news or at - told_at >= _AT_LEAST_EVERY_S:
                told_at, told = at, lux
                yield at, round(lux, 1)


def _switched(spans: Iterable[tuple[float, float, float]]) -> Iterator[tuple[float, float]]:
    """Yield when something goes on, with its value, and off again; spans that meet within two seconds are one."""
    until = -_NEVER_S
    for begins, ends, value in sorted(spans):
        if begins > until + 2:
            if until > 0:
                yield until, 0.0
            yield begins, value
        until = max(until, ends)
    if until > 0:
        yield until, 0.0


def _after(change: Change, plan: FloorPlan, told: list[Happening]) -> Iterator[Happening]:
    hung = plan.sensor(change.sensor)
    match change:
        case Silent(at=at, until=until):
            yield from (one for one in told if one.sensor != hung.name or not _is_within(one.at, at, until))
        case Moved():
            yield from told
        case Chattering(at=at, until=until, every_s=every_s):
            yield from told
            chance = random.Random(f"{hung.name}/{at.isoformat()}")  # noqa: S311 - a simulated fault
            while (at := at + timedelta(seconds=chance.expovariate(1 / every_s) + 1)) < until:
                yield Happening(at.astimezone(UTC), hung.name, hung.room, hung.kinds[0], 1.0)


def _is_within(moment: datetime, at: datetime, until: datetime | None) -> bool:
    return moment >= at and (until is None or moment < until)
