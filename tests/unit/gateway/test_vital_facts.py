"""What a device has measured becomes facts on disk before it is taken for seen, and a belt does not flood the home."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.connected.facts import facts_of
from gateway.connected.measuring import Measuring
from gateway.connected.seen import SeenMeasurements
from gateway.connected.visit import Measurement, Said
from gateway.connected.visitor import Visitor
from gateway.connected.vital import VitalReading
from gateway.contract.codec import to_json
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import VITALS, Observation, SensorKind, Stream, Vital, stream_of
from gateway.home import Home
from gateway.keeping import Rank, rank
from gateway.observe import Fact
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.troubles import Troubles

CUFF = SensorConfig(sensor_id="a4c138000001", room="bedroom")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - a device does not know its zone


def pressure(systolic: float | None, mean: float | None = 93) -> tuple[VitalReading, ...]:
    values = (
        (SensorKind.SYSTOLIC, systolic),
        (SensorKind.DIASTOLIC, None if systolic is None else 80.0),
        (SensorKind.MEAN_ARTERIAL, mean),
    )
    return tuple(VitalReading(kind, value, NOON, doubts=frozenset({Doubt.BODY_MOVED})) for kind, value in values)


def told(readings: tuple[VitalReading, ...]) -> list[tuple[SensorKind, float]]:
    return [(fact.kind, fact.value) for fact in facts_of(readings, CUFF, NOW, clock_synced=True)]


def test_a_measurement_becomes_a_fact_for_each_value() -> None:
    assert told(pressure(120)) == [
        (SensorKind.SYSTOLIC, 120),
        (SensorKind.DIASTOLIC, 80),
        (SensorKind.MEAN_ARTERIAL, 93),
    ]


def test_what_many_cuffs_never_compute_is_left_out() -> None:
    assert told(pressure(120, mean=None)) == [(SensorKind.SYSTOLIC, 120), (SensorKind.DIASTOLIC, 80)]


def test_a_measurement_that_failed_is_told_with_what_was_missed() -> None:
    [fact] = facts_of(pressure(None, mean=None), CUFF, NOW, clock_synced=True)

    assert (fact.kind, fact.value, fact.stream) == (SensorKind.MEASURED_NOTHING, 1, Stream.ROUTINE)
    assert fact.vital == Vital(device_time=NOON, doubts=(Doubt.BODY_MOVED,), missed=SensorKind.SYSTOLIC)


def test_what_the_device_says_beside_the_value_goes_with_it() -> None:
    reading = VitalReading(SensorKind.GLUCOSE, 5.5, NOON, 7, 2, frozenset({Doubt.FAULT, Doubt.BODY_MOVED}), Meal.BEFORE)

    [fact] = facts_of((reading,), CUFF, NOW, clock_synced=True)

    assert fact.vital == Vital(
        device_time=NOON, sequence=7, user=2, doubts=(Doubt.BODY_MOVED, Doubt.FAULT), meal=Meal.BEFORE
    )


@pytest.mark.parametrize("kind", sorted(VITALS))
def test_measurements_of_a_body_are_no_calls_for_help_and_are_kept_long(kind: SensorKind) -> None:
    fact = Fact(CUFF.sensor_id, CUFF.room, kind, 120, NOW, clock_synced=True, rssi_dbm=None)

    assert stream_of(kind, 120) is Stream.ROUTINE
    assert rank([fact, fact], {})[0] == [Rank.TELLING, Rank.TELLING]


class StillClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.present = NOW

    def now(self) -> datetime:
        return self.present

    async def sleep(self, span: timedelta) -> None:
        self.present += span


class IllDisk(sqlite3.Connection):
    """A disk that takes nothing while it is ill."""

    is_ill = False

    def executemany(self, *statement: object) -> sqlite3.Cursor:  # type: ignore[override]
        if IllDisk.is_ill:
            raise sqlite3.OperationalError("database or disk is full")
        return super().executemany(*statement)  # type: ignore[arg-type]


class WatchedMemory(SeenMeasurements):
    """Notes how much was on disk when it was asked to remember."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._outbox = folder / "outbox.db"
        self.on_disk: list[int] = []

    def add(self, sensor_id: str, taken: list[tuple[bytes, int | None]]) -> None:  # type: ignore[override]
        with sqlite3.connect(self._outbox) as reader:
            self.on_disk.append(reader.execute("SELECT count(*) FROM item").fetchone()[0])
        reader.close()
        super().add(sensor_id, taken)


@dataclass
class Ward:
    """A gateway from what a device said to its disk."""

    measuring: Measuring
    visitor: Visitor
    seen: WatchedMemory
    outbox: Outbox
    clock: StillClock
    troubles: Troubles

    def hears(self, *measurements: Measurement) -> None:
        self.visitor._hand_on(CUFF.sensor_id, Said(list(measurements)))

    def waiting(self) -> list[Observation]:
        return list(self.outbox.oldest(Stream.ROUTINE, 0, 100))


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    troubles, clock = Troubles(), StillClock()
    IllDisk.is_ill = False

    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=0.1, isolation_level=None, factory=IllDisk)

    with Outbox(tmp_path, troubles, connect=connect) as outbox, WatchedMemory(tmp_path) as seen:
        home = Home(tmp_path, "gw-a", troubles)
        home.take(to_json(HomeConfig(version=1, gateway_id="gw-a", sensors=(CUFF,))))
        measuring = Measuring(home, Recorder(outbox, troubles), troubles, clock, lambda: True)
        yield Ward(measuring, Visitor(seen, home.has, measuring), seen, outbox, clock, troubles)


async def test_a_measurement_is_on_disk_before_it_is_remembered(ward: Ward) -> None:
    ward.hears(Measurement(b"1", pressure(120)))

    assert ward.seen.on_disk == [3]
    assert ward.seen.has(CUFF.sensor_id, b"1")


async def test_while_the_disk_takes_nothing_a_measurement_waits_once_and_is_not_remembered(ward: Ward) -> None:
    IllDisk.is_ill = True
    for _ in range(3):  # the device sends it again at each visit
        ward.hears(Measurement(b"1", pressure(120)))
    assert not ward.seen.has(CUFF.sensor_id, b"1")

    IllDisk.is_ill = False
    ward.hears(Measurement(b"1", pressure(120)))

    assert [one.kind for one in ward.waiting()] == [
        SensorKind.SYSTOLIC,
        SensorKind.DIASTOLIC,
        SensorKind.MEAN_ARTERIAL,
    ]
    assert ward.seen.has(CUFF.sensor_id, b"1")
    assert ward.troubles.so_far() == {Trouble.DISK_REFUSED: 1}


def beat(rate: float | None) -> Measurement:
    return Measurement(b"7", (VitalReading(SensorKind.HEART_RATE, rate),), is_stream=True)


async def test_a_belt_worn_for_an_hour_is_told_every_five_minutes(ward: Ward) -> None:
    for second in range(3600):
        ward.hears(beat(72 + second % 3))
        ward.clock.present += timedelta(seconds=1)

    assert len(ward.waiting()) == 12


async def test_a_pulse_that_moves_much_is_told_within_a_minute_and_no_oftener(ward: Ward) -> None:
    for second in range(600):
        ward.hears(beat(72 + 30 * (second % 2)))
        ward.clock.present += timedelta(seconds=1)

    assert len(ward.waiting()) == 10


async def test_a_belt_that_touches_nobody_says_nothing(ward: Ward) -> None:
    ward.hears(beat(None))

    assert ward.waiting() == []


async def test_a_scale_without_a_clock_is_told_each_time(ward: Ward) -> None:
    for _ in range(2):
        ward.hears(Measurement(b"9", (VitalReading(SensorKind.WEIGHT, 61.5),)))

    assert [one.value for one in ward.waiting()] == [61.5, 61.5]


async def test_a_visit_is_a_sign_of_life_and_a_battery_once_told_is_kept(ward: Ward) -> None:
    ward.measuring.visited(CUFF.sensor_id, 88)
    ward.clock.present += timedelta(hours=1)
    ward.measuring.visited(CUFF.sensor_id, None)
    ward.measuring.visited("a4c1380000ff", 1)

    [health] = ward.measuring.health()
    assert (health.last_heard_at, health.battery_percent) == (NOW + timedelta(hours=1), 88)


async def test_what_cannot_be_read_is_counted(ward: Ward) -> None:
    ward.visitor._hand_on(CUFF.sensor_id, Said(undecodable=2))

    assert ward.troubles.so_far() == {Trouble.UNDECODABLE: 2}


async def test_a_device_that_was_never_reached_is_known_for_it(ward: Ward) -> None:
    ward.measuring.failed(CUFF.sensor_id)

    [health] = ward.measuring.health()
    assert (health.last_heard_at, health.troubles) == (None, {Trouble.VISIT_FAILED: 1})
