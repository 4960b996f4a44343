"""What a blood pressure monitor has stored reaches the server once, whoever falls on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio
from builders import UNITS, home, rows_of, stored
from hand_clock import HandClock
from postgres import NewDatabase

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from device_sims.radio.bluez.peripheral import Characteristic, Peripheral
from gateway import app
from gateway.ble.radio import open_radios
from gateway.contract.doubt import Doubt
from gateway.contract.observation import SensorKind
from gateway.settings import GatewaySettings
from server.broker import embedded
from server.db.session import Database
from server.live.feed import Feed
from server.observations.tables import KIND_NUMBER
from server.provisioning import Provisioning, provision
from server.residents.tables import Gateway, Sensor
from server.roles import Roles
from server.settings import ServerSettings
from server.vitals.service import StoredVital, vitals_since

CUFF, SENSOR_ID = "A4:C1:38:00:00:99", "a4c138000099"
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
BREAKFAST = datetime(2026, 3, 9, 7, 30)  # noqa: DTZ001 - a device does not know its zone
PATIENCE_S = 60.0


def pressure(systolic: int, at: datetime, status: int = 0) -> bytes:
    """Return a measurement as the device stores it."""
    moment = at.year.to_bytes(2, "little") + bytes([at.month, at.day, at.hour, at.minute, at.second])
    values = b"".join(value.to_bytes(2, "little") for value in (systolic, 80, 95))
    return b"\x12" + values + moment + status.to_bytes(2, "little")


class Cuff:
    """A blood pressure monitor that sends all it has stored whenever somebody listens."""

    def __init__(self, *stored: bytes) -> None:
        self.stored = list(stored)
        value = Characteristic(0x2A35, ("indicate",))
        value.on_subscribe = lambda: [value.notify(one) for one in self.stored] and None
        battery = Characteristic(0x2A19, ("read",), b"\x58")
        self.peripheral = Peripheral(CUFF, {0x1810: (value,), 0x180F: (battery,)})


class Chain:
    """A simulated air, a whole gateway that can be started and stopped, and what the server behind it has."""

    def __init__(self, folder: Path, daemon: Bluetoothd, database: Database, broker: str, clock: HandClock) -> None:
        self.data = folder / "gateway"
        self.database = database
        self.clock = clock
        self._daemon = daemon
        self._settings = GatewaySettings(id="gw-c", broker=broker, data=self.data, disk_floor_mb=1)
        self.cuff = Cuff(*(pressure(120 + day, BREAKFAST + timedelta(minutes=day)) for day in range(3)))
        daemon.bring(self.cuff.peripheral)

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[None]:
        """Run the whole gateway."""
        [radio] = open_radios("bluez:hci0")
        radio.clock = self.clock
        task = asyncio.create_task(app.run(self._settings, radio))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let the device show itself until something has come true."""
        strength = -60
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                strength = -60 if strength == -75 else -75
                self._daemon.hear(Heard(CUFF, strength, services=[0x1810]))
                await asyncio.sleep(0.1)

    def systolic(self) -> list[StoredVital]:
        [gateway] = [one for one in rows_of(self.database, Gateway) if one.code == "gw-c"]
        with self.database.reading() as db:
            found = vitals_since(db, gateway.home_id, NOW - timedelta(days=400))
        return [one for one in found if one.kind is SensorKind.SYSTOLIC]

    def told(self) -> int:
        """Return how often the server was told a systolic pressure."""
        return sum(1 for fact in stored(self.database) if fact[3] == KIND_NUMBER[SensorKind.SYSTOLIC])


@pytest_asyncio.fixture
async def chain(bluetoothd: Bluetoothd, tmp_path: Path, new_sqlite: NewDatabase) -> AsyncIterator[Chain]:
    database, clock = new_sqlite(), HandClock(NOW)
    sensor = {"sensor_id": SENSOR_ID, "room": "bedroom", "kinds": ["systolic", "diastolic"]}
    wanted = {"units": UNITS, "people": [], "homes": [{**home("c", "nord"), "sensors": [sensor]}]}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(wanted), test_mode=False)
    with embedded() as broker:
        async with Roles(database, clock, ServerSettings(data=tmp_path), Feed(database)).running([broker]):
            yield Chain(tmp_path, bluetoothd, database, broker, clock)


async def test_three_stored_measurements_reach_the_server_with_the_times_they_were_made(chain: Chain) -> None:
    chain.cuff.stored[1] = pressure(121, BREAKFAST + timedelta(minutes=1), status=0x04)
    async with chain.gateway():
        await chain.until(lambda: len(chain.systolic()) == 3)

    at = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
    assert [(one.value, one.measured_at, one.doubts) for one in chain.systolic()] == [
        (120, at, ()),
        (121, at + timedelta(minutes=1), (Doubt.IRREGULAR_PULSE,)),
        (122, at + timedelta(minutes=2), ()),
    ]
    assert all(one.by_device_clock for one in chain.systolic())
    assert chain.told() == 3


async def test_what_a_device_sends_again_is_not_told_again(chain: Chain) -> None:
    async with chain.gateway():
        await chain.until(lambda: len(chain.systolic()) == 3)
    chain.cuff.stored.append(pressure(130, BREAKFAST + timedelta(minutes=9)))
    async with chain.gateway():
        await chain.until(lambda: len(chain.systolic()) == 4)

    assert chain.told() == 4


async def test_a_gateway_that_falls_before_it_remembers_tells_again_and_the_server_keeps_each_once(
    chain: Chain,
) -> None:
    async with chain.gateway():
        await chain.until(lambda: len(chain.systolic()) == 3)
    for part in chain.data.glob("measurements.db*"):  # as if the power had gone between writing and remembering
        part.unlink()
    async with chain.gateway():
        await chain.until(lambda: chain.told() == 6)

    assert [one.value for one in chain.systolic()] == [120, 121, 122]


async def test_a_visit_proves_that_the_device_lives_and_tells_of_its_battery(chain: Chain) -> None:
    def cuff() -> Sensor:
        [found] = [one for one in rows_of(chain.database, Sensor) if one.address == SENSOR_ID]
        return found

    def is_told() -> bool:
        chain.clock.move(timedelta(seconds=61))
        return cuff().battery_percent is not None

    async with chain.gateway():
        await chain.until(is_told)

    assert cuff().battery_percent == 88
    assert cuff().last_heard_at is not None


async def test_a_device_that_cannot_be_reached_is_a_trouble_of_the_gateway(chain: Chain) -> None:
    chain.cuff.peripheral.connect_errors = ["busy"] * 1000

    def troubles() -> dict[str, int]:
        chain.clock.move(timedelta(seconds=61))
        [gateway] = [one for one in rows_of(chain.database, Gateway) if one.code == "gw-c"]
        return dict(gateway.troubles)

    async with chain.gateway():
        await chain.until(lambda: "visit_failed" in troubles())

    assert chain.systolic() == []
