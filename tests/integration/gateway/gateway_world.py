"""What a gateway meets outside itself, and a radio to speak through."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hand_clock import HandClock
from real_broker import PATIENCE_S, RealBroker
from receipt_server import ReceiptServer
from typing_extensions import override

from gateway import app
from gateway.ble.radio import Radio
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Heartbeat
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.home import Home
from gateway.settings import GatewaySettings
from gateway.troubles import Troubles

GATEWAY = "gw-a"
KEY = bytes(range(16))
HALL, BUTTON, SEALED = "a4c138000001", "a4c138000002", "a4c138000003"
SENSORS = (
    SensorConfig(sensor_id=HALL, room="hallway"),
    SensorConfig(sensor_id=BUTTON, room="bedroom"),
    SensorConfig(sensor_id=SEALED, room="kitchen", bind_key=KEY.hex()),
)
_CONFIG = HomeConfig(version=1, gateway_id=GATEWAY, sensors=SENSORS)
_BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"
A_MINUTE = timedelta(seconds=61)


def motion(number: int) -> bytes:
    """Return a plain motion packet; the number makes it another one."""
    return bytes([0x44, 0x00, number % 256, 0x21, 0x01])


def press(number: int) -> bytes:
    """Return a plain packet of a pressed button."""
    return bytes([0x44, 0x00, number % 256, 0x3A, 0x01])


def sealed(counter: int, key: bytes = KEY) -> bytes:
    """Return an encrypted motion packet of the sensor SEALED."""
    tail = counter.to_bytes(4, "little")
    nonce = bytes.fromhex(SEALED) + b"\xd2\xfc\x41" + tail
    closed = AESCCM(key, tag_length=4).encrypt(nonce, b"\x21\x01", None)
    return b"\x41" + closed[:-4] + tail + closed[-4:]


class Air:
    """A radio whose air is a method call, behind bleak's own scanner."""

    name = "test air"

    def __init__(self) -> None:
        self.clock: HandClock = HandClock(datetime(2026, 3, 1, 8, tzinfo=UTC))
        self.listening = asyncio.Event()
        self.scanner: BaseBleakScanner | None = None
        self.scanner_backend: type[BaseBleakScanner] | None = type("BoundAirScanner", (_AirScanner,), {"air": self})

    def say(self, sensor_id: str, service_data: bytes) -> None:
        """Put one packet on the air."""
        heard = AdvertisementData(None, {}, {_BTHOME: service_data}, [], None, -60, ())
        address = bytes.fromhex(sensor_id).hex(":").upper()
        assert self.scanner is not None
        self.scanner.call_detection_callbacks(BLEDevice(address, None, None), heard)


class _AirScanner(BaseBleakScanner):
    air: Air

    def __init__(
        self, detection_callback: AdvertisementDataCallback, service_uuids: None, mode: str, **options: object
    ) -> None:
        del mode, options
        super().__init__(detection_callback, service_uuids)

    @override
    async def start(self) -> None:
        self.air.scanner = self
        self.air.listening.set()

    @override
    async def stop(self) -> None:
        self.air.scanner = None
        self.air.listening.clear()


class World:
    """A folder on the gateway's disk, and everything around the gateway."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "gateway"
        self.config = _CONFIG
        self.broker = RealBroker(folder)
        self.server = ReceiptServer(self.broker, _CONFIG)
        self.air = Air()

    @property
    def settings(self) -> GatewaySettings:
        return GatewaySettings(id=GATEWAY, broker=self.broker.url, data=self.data)

    async def opens(self) -> None:
        """Start the broker, and let the server be there before anything is said."""
        await self.broker.start()
        await self.server.until(lambda: self.server.is_linked)

    async def next_heartbeat(self) -> Heartbeat:
        """Let minutes pass until one brings a heartbeat: the first may be over before the gateway waits for it."""
        before = len(self.server.heartbeats)

        async def minutes_pass() -> None:
            while True:
                self.air.clock.move(A_MINUTE)
                await asyncio.sleep(1)

        async with running(minutes_pass()):
            await self.server.until(lambda: len(self.server.heartbeats) > before)
        return self.server.heartbeats[-1]

    def knows_its_home(self) -> None:
        """Let the gateway have been told of its home in an earlier life."""
        self.data.mkdir(exist_ok=True)
        Home(self.data, GATEWAY, Troubles()).take(to_json(_CONFIG))

    @contextlib.asynccontextmanager
    async def gateway(self) -> AsyncIterator[Air]:
        """Run the gateway, from listening to a clean stop."""
        async with running(app.run(self.settings, self._radio())):
            async with asyncio.timeout(PATIENCE_S):
                await self.air.listening.wait()
            yield self.air

    def _radio(self) -> Radio:
        return self.air


@contextlib.asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    """Run something beside the test; where it fails, so does the test."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
