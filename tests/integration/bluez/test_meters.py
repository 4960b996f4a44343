"""A home's meters, served by the simulated bluetoothd, are read by the gateway's visitor through real bleak."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures
from missing import lacks
from system_bus import forget_bus

from device_sims.radio.bluez.private_bus import NoBusError
from device_sims.sensors.vitals.bedside import Connectable, bedside
from device_sims.sensors.vitals.devices import Body, GlucoseMeter, Meter
from device_sims.sensors.vitals.measurements import (
    BloodPressure,
    Glucose,
    body_temperature,
    heart_rate,
    saturation,
    weight,
)
from gateway.ble.radio import open_radios
from gateway.ble.scanner import Scanner
from gateway.connected.seen import SeenMeasurements
from gateway.connected.visit import Measurement, Waiting
from gateway.connected.visitor import Calling, Visitor
from gateway.connected.vital import VitalReading
from gateway.contract.doubt import Meal
from gateway.contract.observation import SensorKind

_CUFF, _SUGAR, _SCALE = "A4:C1:38:00:00:01", "A4:C1:38:00:00:02", "A4:C1:38:00:00:03"
_EAR, _FINGER, _BELT = "A4:C1:38:00:00:04", "A4:C1:38:00:00:05", "A4:C1:38:00:00:06"
_MORNING = datetime(2026, 3, 1, 7, 30)  # noqa: DTZ001 - a device does not know its zone
_HURRIED = Calling(again_after_s=0.1, first_pause_s=0.1, connect_s=20)
_IMPATIENT = Waiting(silence_s=0.5, longest_s=3, answer_s=10, records_s=10)
_LIMIT_S = 60


class Told:
    """What the gateway has read."""

    def __init__(self) -> None:
        self.readings: list[tuple[str, VitalReading]] = []
        self.batteries: dict[str, int | None] = {}

    def take(self, sensor_id: str, measurement: Measurement) -> None:
        self.readings.extend((sensor_id, reading) for reading in measurement.readings)

    def is_written(self) -> bool:
        return True

    def visited(self, sensor_id: str, battery_percent: int | None) -> None:
        self.batteries[sensor_id] = battery_percent

    def failed(self) -> None:
        """A visit came to nothing; another follows."""

    def undecodable(self) -> None:
        raise AssertionError("these devices say what can be read")

    def values(self, kind: SensorKind) -> list[float | None]:
        return [reading.value for _, reading in self.readings if reading.kind is kind]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(_LIMIT_S):
            while not holds():  # noqa: ASYNC110 - D-Bus has no event for it
                await asyncio.sleep(0.02)


@asynccontextmanager
async def gateway_beside(folder: Path, patch: pytest.MonkeyPatch, *devices: Connectable) -> AsyncIterator[Told]:
    """Run a gateway's ear and visitor in a home with these devices."""
    patch.setattr(BlueZFeatures, "checked_bluez_version", True)  # it would look for bluetoothctl
    told = Told()
    ours = {device.peripheral.address.replace(":", "").lower() for device in devices}
    try:
        async with bedside(folder, devices) as environment:
            for name, value in environment.items():
                patch.setenv(name, value)
            with SeenMeasurements(folder / "gateway") as seen:
                visitor = Visitor(seen, ours.__contains__, told, _HURRIED, _IMPATIENT)
                scanner = Scanner(open_radios("bluez:hci0"), lambda _: None)
                scanner.introduce_to(visitor.meet)
                tasks = [asyncio.create_task(scanner.run()), asyncio.create_task(visitor.run())]
                try:
                    yield told
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
                    await forget_bus()
    except NoBusError as missing:
        lacks(str(missing))


async def test_what_a_blood_pressure_monitor_has_stored_is_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuff = Meter(_CUFF, Body.BLOOD_PRESSURE, battery_percent=61)
    cuff.measures(BloodPressure(142, 88, 106, _MORNING, 71).on_air())
    cuff.measures(BloodPressure(138, 84, 102, _MORNING.replace(minute=35), 70).on_air())

    async with gateway_beside(tmp_path, monkeypatch, cuff) as told:
        await told.until(lambda: cuff.peripheral.connections > 1)
        cuff.measures(BloodPressure(150, 90, 110, _MORNING.replace(hour=20), 74).on_air())
        await told.until(lambda: len(told.values(SensorKind.SYSTOLIC)) > 2)

    assert told.values(SensorKind.SYSTOLIC) == [142, 138, 150]
    assert told.values(SensorKind.HEART_RATE) == [71, 70, 74]
    assert told.batteries == {"a4c138000001": 61}


async def test_a_bedside_table_full_of_meters_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scale, ear = Meter(_SCALE, Body.WEIGHT, forgets=True), Meter(_EAR, Body.TEMPERATURE)
    finger, belt = Meter(_FINGER, Body.SATURATION), Meter(_BELT, Body.HEART_RATE)
    scale.measures(weight(68.45, _MORNING))
    ear.measures(body_temperature(38.7, _MORNING, 3))
    finger.measures(saturation(93, 88, _MORNING))
    belt.measures(heart_rate(200))  # a belt forgets what nobody heard

    async with gateway_beside(tmp_path, monkeypatch, scale, ear, finger, belt) as told:
        beating = asyncio.create_task(_beats(belt))
        await told.until(lambda: len({address for address, _ in told.readings}) == 4)
        beating.cancel()

    assert told.values(SensorKind.WEIGHT) == [68.45]
    assert scale.stored == []
    assert told.values(SensorKind.BODY_TEMPERATURE) == [38.7]
    assert told.values(SensorKind.OXYGEN_SATURATION) == [93]
    assert {88.0, 72.0} == set(told.values(SensorKind.HEART_RATE))


async def _beats(belt: Meter) -> None:
    while True:
        belt.measures(heart_rate(72, [0.83], has_contact=True))
        await asyncio.sleep(0.05)


async def test_a_blood_sugar_meter_is_asked_for_what_is_new_and_for_everything_after_a_reset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = GlucoseMeter(_SUGAR)
    meter.measures(Glucose(7, 5.5, _MORNING, meal=3))
    meter.measures(Glucose(8, 9.1, _MORNING.replace(hour=9), in_kg_per_l=True))

    async with gateway_beside(tmp_path, monkeypatch, meter) as told:
        await told.until(lambda: len(told.readings) == 2)
        meter.measures(Glucose(9, 6.0, _MORNING.replace(hour=12)))
        await told.until(lambda: len(told.readings) == 3)
        meter.records = [Glucose(1, 7.0, _MORNING.replace(day=2))]
        await told.until(lambda: len(told.readings) == 4)

    assert [(reading.sequence, reading.meal) for _, reading in told.readings] == [
        (7, Meal.FASTING),
        (8, None),
        (9, None),
        (1, None),
    ]
    assert told.values(SensorKind.GLUCOSE) == pytest.approx([5.5, 9.1, 6.0, 7.0], abs=0.05)
    assert meter.requests[:2] == [b"\x01\x01", b"\x01\x03\x01\x09\x00"]
    assert b"\x01\x01" in meter.requests[2:]


def _asked(meter: GlucoseMeter, request: str) -> list[bytes]:
    """Ask as a central does, and return what the control point and the measurement said."""
    said: list[bytes] = []
    control, value = meter.peripheral.characteristic(0x2A52), meter.peripheral.characteristic(0x2A18)
    for characteristic in (control, value):
        characteristic.is_subscribed, characteristic.tell = True, said.append
    assert control.on_write is not None
    control.on_write(bytes.fromhex(request))
    return said


@pytest.mark.parametrize(
    ("request_hex", "sequences", "answer"),
    [
        ("0101", [3, 5, 9], "06000101"),
        ("0105", [3], "06000101"),
        ("0106", [9], "06000101"),
        ("0102010500", [3, 5], "06000101"),
        ("0103010500", [5, 9], "06000101"),
        ("01040104000600", [5], "06000101"),
        ("0103010a00", [], "06000106"),
        ("0401", [], "05000300"),
        ("0403010500", [], "05000200"),
        ("0300", [], "06000301"),
        ("0700", [], "06000702"),
        ("", [], "06000002"),
        ("0109", [], "06000104"),
        ("01030105", [], "06000105"),
        ("0103020500", [], "06000109"),
    ],
)
def test_records_are_asked_for_as_the_specification_has_it(request_hex: str, sequences: list[int], answer: str) -> None:
    meter = GlucoseMeter(_SUGAR)
    for sequence in (3, 5, 9):
        meter.measures(Glucose(sequence, 5.5, _MORNING))

    *records, last = _asked(meter, request_hex)

    assert [int.from_bytes(record[1:3], "little") for record in records] == sequences
    assert last.hex() == answer


def test_records_can_be_deleted() -> None:
    meter = GlucoseMeter(_SUGAR)
    meter.measures(Glucose(3, 5.5, _MORNING))

    assert _asked(meter, "0201") == [bytes.fromhex("06000201")]
    assert meter.records == []
