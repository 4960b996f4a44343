"""The gateway connects to a meter that shows itself, takes what it has stored, and takes it once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from device_sims.radio.bluez.peripheral import Characteristic, Peripheral
from gateway.ble.radio import open_radios
from gateway.ble.scanner import Scanner
from gateway.connected.seen import SeenMeasurements
from gateway.connected.visit import Measurement, Waiting
from gateway.connected.visitor import Calling, Visitor
from gateway.connected.vital import VitalReading
from gateway.contract.observation import SensorKind

CUFF, STRANGER = "A4:C1:38:00:00:01", "A4:C1:38:00:00:03"
NOON = bytes.fromhex("ea070301 0c0000")
PRESSURE = b"\x02" + bytes.fromhex("7800 5000 5d00") + NOON
HURRIED = Calling(again_after_s=0.1, first_pause_s=0.1, connect_s=5)
IMPATIENT = Waiting(silence_s=0.3, longest_s=5, answer_s=2, records_s=2)


class Ward:
    """A gateway's ear and its visitor."""

    def __init__(self, folder: Path, daemon: Bluetoothd) -> None:
        self.daemon = daemon
        self.readings: list[tuple[str, VitalReading]] = []
        self.batteries: dict[str, int | None] = {}
        self.failures: list[str] = []
        self.heard = 0
        self.seen = SeenMeasurements(folder)
        ours = CUFF.replace(":", "").lower()
        self.visitor = Visitor(self.seen, ours.__eq__, self, HURRIED, IMPATIENT)
        self.scanner = Scanner(open_radios("bluez:hci0"), lambda _: None)
        self.scanner.introduce_to(self._meet)

    def _meet(self, *met: object) -> None:
        self.heard += 1
        self.visitor.meet(*met)  # type: ignore[arg-type]

    def take(self, sensor_id: str, measurement: Measurement) -> None:
        self.readings.extend((sensor_id, reading) for reading in measurement.readings)

    def is_written(self) -> bool:
        return True

    def visited(self, sensor_id: str, battery_percent: int | None) -> None:
        self.batteries[sensor_id] = battery_percent

    def failed(self, sensor_id: str) -> None:
        self.failures.append(sensor_id)

    def undecodable(self, sensor_id: str) -> None:
        raise AssertionError(f"{sensor_id} says only what can be read")

    def values(self, kind: SensorKind) -> list[float | None]:
        return [reading.value for _, reading in self.readings if reading.kind is kind]

    async def until(self, is_so: Callable[[], bool], *show: Heard) -> None:
        """Let devices show themselves until something has come true."""
        strength = -60
        async with asyncio.timeout(15):
            while not is_so():
                strength = -60 if strength == -75 else -75
                for heard in show:
                    self.daemon.hear(Heard(heard.address, strength, services=heard.services))
                await asyncio.sleep(0.05)


@asynccontextmanager
async def opened(folder: Path, daemon: Bluetoothd) -> AsyncIterator[Ward]:
    ward = Ward(folder, daemon)
    tasks = [asyncio.create_task(ward.scanner.run()), asyncio.create_task(ward.visitor.run())]
    try:
        yield ward
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ward.seen.__exit__()


def cuff(*stored: bytes) -> Peripheral:
    """A blood pressure monitor that sends what it has stored as soon as somebody listens."""
    measurement = Characteristic(0x2A35, ("indicate",))

    def send() -> None:
        for one in stored:
            measurement.notify(one)

    measurement.on_subscribe = send
    return Peripheral(CUFF, {0x1810: (measurement,), 0x180F: (Characteristic(0x2A19, ("read",), b"\x58"),)})


CUFF_SHOWS = Heard(CUFF, -60, services=[0x1810])


async def test_a_blood_pressure_is_fetched_and_the_battery_with_it(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    bluetoothd.bring(cuff(PRESSURE))

    async with opened(tmp_path, bluetoothd) as ward:
        await ward.until(lambda: bool(ward.readings), CUFF_SHOWS)

        assert ward.values(SensorKind.SYSTOLIC) == [120]
        assert ward.batteries == {"a4c138000001": 88}


async def test_what_is_stored_is_taken_once_over_visits_and_restarts(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    later = b"\x02" + bytes.fromhex("8200 5000 5d00") + NOON[:-2] + b"\x05\x00"
    device = cuff(PRESSURE, later)
    bluetoothd.bring(device)
    told = []
    for visits in (2, 3):
        async with opened(tmp_path, bluetoothd) as ward:
            await ward.until(lambda at_least=visits: device.connections > at_least, CUFF_SHOWS)
            told += ward.values(SensorKind.SYSTOLIC)

    assert told == [120, 130]


async def test_a_device_that_refuses_twice_is_reached_in_the_same_call(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    device = cuff(PRESSURE)
    device.connect_errors = ["le-connection-abort-by-peer", "busy"]
    bluetoothd.bring(device)

    async with opened(tmp_path, bluetoothd) as ward:
        await ward.until(lambda: bool(ward.readings), CUFF_SHOWS)

        assert device.connections == 3
        assert not ward.failures


async def test_a_device_that_never_answers_is_given_up_and_scanning_goes_on(
    bluetoothd: Bluetoothd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = cuff(PRESSURE)
    device.connect_errors = ["busy"] * 100
    bluetoothd.bring(device)

    async with opened(tmp_path, bluetoothd) as ward:
        await ward.until(lambda: len(ward.failures) == 1, CUFF_SHOWS)
        heard = ward.heard
        await ward.until(lambda: ward.heard > heard, CUFF_SHOWS)

        assert not ward.readings


async def test_what_was_said_before_the_connection_broke_is_kept(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    device = cuff(PRESSURE)
    bluetoothd.bring(device)
    measurement = device.characteristic(0x2A35)
    measurement.on_subscribe = lambda: (measurement.notify(PRESSURE), bluetoothd.drop(device))[-1]

    async with opened(tmp_path, bluetoothd) as ward:
        await ward.until(lambda: bool(ward.readings), CUFF_SHOWS)

        assert ward.values(SensorKind.DIASTOLIC) == [80]


async def test_a_neighbour_s_device_is_never_connected_to(bluetoothd: Bluetoothd, tmp_path: Path) -> None:
    stranger = Peripheral(STRANGER, cuff(PRESSURE).services)
    bluetoothd.bring(stranger)
    bluetoothd.bring(cuff(PRESSURE))

    async with opened(tmp_path, bluetoothd) as ward:
        shows = Heard(STRANGER, -60, services=[0x1810])
        await ward.until(lambda: bool(ward.readings), shows, CUFF_SHOWS)

    assert stranger.connections == 0


async def test_a_damaged_memory_is_begun_anew(tmp_path: Path) -> None:
    with SeenMeasurements(tmp_path) as seen:
        seen.add("a", [(b"1", 1)])
        assert seen.has("a", b"1")
    with suppress(FileNotFoundError):
        (tmp_path / "measurements.db-wal").unlink()
    (tmp_path / "measurements.db").write_bytes(b"not a database at all" * 300)

    with SeenMeasurements(tmp_path) as seen:
        assert not seen.has("a", b"1")
        seen.add("a", [(b"2", 2)])
        assert seen.last_sequence("a") == 2
