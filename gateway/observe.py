"""What a packet means for the home: new facts, a repeat of what was told already, or a recording played again. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from gateway.ble.advertisement import Advertisement
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import SensorConfig
from gateway.contract.observation import SensorKind, Stream, Vital, stream_of
from gateway.sensors.reading import Reading

# A sensor sends one event as a burst of copies, and BlueZ hands out its cached copy again at every change of signal
# strength. Eight packets back is further than any burst reaches, and far below 256, where packet numbers begin again.
_REMEMBERED_PACKETS: Final = 8

# Where a sensor numbers nothing, the same bytes within this time are the same event.
_SAME_EVENT: Final = timedelta(seconds=10)

# A slowly changing measure is told when it has moved by this much, in its own unit, or when this time has passed.
_DEADBAND: Final[Mapping[SensorKind, float]] = {
    SensorKind.TEMPERATURE: 0.2,
    SensorKind.HUMIDITY: 2.0,
    SensorKind.LIGHT: 20.0,
    SensorKind.POWER: 5.0,
}
_TOLD_AGAIN_AFTER: Final = timedelta(minutes=15)

_MARKS: Final = 512  # that need not be worked out again at each packet: more sensors than a home has
_MARK_BYTES: Final = 4  # enough to tell a sensor's few keys apart, and nothing to guess a key by

# A sensor in beacon mode repeats its last state in ever new packets. The same state is no news from a sensor that also
# tells its end: a door that stands open would else look like somebody at the door all day. Movement that goes on and
# what endangers life are told again after this time, None: never. One that never tells an end means each by itself.
_STATE_AGAIN: Final[Mapping[SensorKind, timedelta | None]] = {
    SensorKind.MOTION: timedelta(minutes=1),
    SensorKind.SMOKE: timedelta(minutes=1),
    SensorKind.WATER_LEAK: timedelta(minutes=1),
    SensorKind.DOOR: None,
    SensorKind.BED: None,
    SensorKind.CHAIR: None,
}

# Of these there is only one sort: a button that reads as a pull cord is pulled, however it was pressed.
_ONE_SORT: Final = frozenset({SensorKind.PULL_CORD, SensorKind.FALL})


@dataclass(frozen=True, slots=True)
class SeenPacket:
    """A packet that was accepted."""

    packet: str  # its bytes in hex
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """The last value of a measure or a state that became a fact."""

    value: float
    at: datetime
    has_rested: bool = False  # it was 0 at some time: this sensor tells both ends of a state


@dataclass(frozen=True, slots=True)
class SensorMemory:
    """What has to be remembered of a sensor, over a restart too, to know its next packet from an old one."""

    counter: int | None = None  # highest encryption counter accepted; None before the first encrypted packet
    key_mark: str | None = None  # tells the key the counter belongs to from another; None before the first
    recent: tuple[SeenPacket, ...] = ()  # oldest first
    told: Mapping[SensorKind, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """An observation that has no number yet: it gets one when it is written down."""

    sensor_id: str
    room: str
    kind: SensorKind
    value: float
    observed_at: datetime  # UTC by the radio's clock
    clock_synced: bool
    rssi_dbm: int | None
    vital: Vital | None = None  # only with what is measured on a body

    @property
    def stream(self) -> Stream:
        """The sequence it belongs to."""
        return stream_of(self.kind, self.value)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one packet. `memory` is to be stored together with `facts`; None: nothing is to be stored."""

    facts: tuple[Fact, ...] = ()
    memory: SensorMemory | None = None
    trouble: Trouble | None = None


class _Packet(Enum):
    NEW = auto()
    REPEAT = auto()
    REPLAYED = auto()


def observe(
    reading: Reading, advertisement: Advertisement, sensor: SensorConfig, memory: SensorMemory, *, clock_synced: bool
) -> Decision:
    """Decide what a packet of a known sensor means. The same packet again decides nothing."""
    now = advertisement.heard_at
    if reading.counter is not None:
        memory = _of_this_key(memory, sensor)
    match _judge(reading, memory, now):
        case _Packet.REPEAT:
            return Decision()
        case _Packet.REPLAYED:
            return Decision(trouble=Trouble.REPLAYED)
        case _Packet.NEW:
            pass
    facts = tuple(
        Fact(sensor.sensor_id, sensor.room, kind, value, now, clock_synced, advertisement.rssi_dbm)
        for kind, value in _worth_telling(reading, sensor, memory, now)
    )
    return Decision(facts, _remember(reading, memory, facts, now))


def _of_this_key(memory: SensorMemory, sensor: SensorConfig) -> SensorMemory:
    """Begin a new count with a new key: what was recorded under the old one opens no longer.

    It is the only way to a lower counter, and takes an operator: a sensor that has lost its count with its battery is
    given a new key, or its count is renewed, which counts as one.
    """
    mark = _mark_of(sensor.bind_key or "", str(sensor.count_renewed) if sensor.count_renewed else "")
    if memory.key_mark == mark:
        return memory
    return replace(memory, counter=memory.counter if memory.key_mark is None else None, key_mark=mark)


@lru_cache(maxsize=_MARKS)
def _mark_of(key: str, renewed: str) -> str:
    return hashlib.blake2s(bytes.fromhex(key) + renewed.encode(), digest_size=_MARK_BYTES).hexdigest()


def _judge(reading: Reading, memory: SensorMemory, now: datetime) -> _Packet:
    packet = reading.packet.hex()
    earlier = next((seen.heard_at for seen in reversed(memory.recent) if seen.packet == packet), None)
    # The absolute value, because a clock that was set back must not silence a sensor until it has caught up.
    if earlier is not None and (reading.is_numbered or abs(now - earlier) < _SAME_EVENT):
        return _Packet.REPEAT
    if reading.counter is not None and memory.counter is not None and reading.counter <= memory.counter:
        return _Packet.REPLAYED
    return _Packet.NEW


def _worth_telling(
    reading: Reading, sensor: SensorConfig, memory: SensorMemory, now: datetime
) -> Iterator[tuple[SensorKind, float]]:
    """Yield the measures that become facts."""
    for kind, value in _in_this_home(reading, sensor):
        told = memory.told.get(kind)
        if kind in _DEADBAND:
            is_news = told is None or _has_moved(told, value, _DEADBAND[kind], now)
        elif kind in _STATE_AGAIN:
            is_news = told is None or _is_other_state(told, value, _STATE_AGAIN[kind], now)
        else:
            is_news = True
        if is_news:
            yield kind, value


def _in_this_home(reading: Reading, sensor: SensorConfig) -> Iterator[tuple[SensorKind, float]]:
    """Yield the measures by their meaning in this home: events each by itself, everything else once.

    Of two states the active one counts: one open window is open windows. Of two probes the first counts: the second
    would make it seem to jump.
    """
    once: dict[SensorKind, float] = {}
    for measured, value in reading.measures:
        kind = sensor.reads_as.get(measured, measured)
        if kind in _STATE_AGAIN:
            once[kind] = max(value, once.get(kind, value))
        elif kind in _DEADBAND:
            once.setdefault(kind, value)
        else:
            yield kind, min(value, 1.0) if kind in _ONE_SORT else value
    yield from once.items()


def _has_moved(told: Told, value: float, deadband: float, now: datetime) -> bool:
    return abs(value - told.value) >= deadband or abs(now - told.at) >= _TOLD_AGAIN_AFTER


def _is_other_state(told: Told, value: float, again_after: timedelta | None, now: datetime) -> bool:
    if value != told.value or not told.has_rested:
        return True
    return value > 0 and again_after is not None and abs(now - told.at) >= again_after


def _remember(reading: Reading, memory: SensorMemory, facts: tuple[Fact, ...], now: datetime) -> SensorMemory:
    seen = SeenPacket(reading.packet.hex(), now)
    news = {
        fact.kind: Told(fact.value, now, _has_rested(memory, fact))
        for fact in facts
        if fact.kind in _DEADBAND or fact.kind in _STATE_AGAIN
    }
    return SensorMemory(
        counter=memory.counter if reading.counter is None else reading.counter,
        key_mark=memory.key_mark,
        recent=(*(earlier for earlier in memory.recent if earlier.packet != seen.packet), seen)[-_REMEMBERED_PACKETS:],
        told={**memory.told, **news},
    )


def _has_rested(memory: SensorMemory, fact: Fact) -> bool:
    told = memory.told.get(fact.kind)
    return fact.value == 0 or (told is not None and told.has_rested)
