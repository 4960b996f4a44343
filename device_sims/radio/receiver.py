"""A gateway's radio in a simulated home: a bleak scanner that listens to the home's air, not to an adapter."""

import asyncio
import logging
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from typing_extensions import override

from device_sims.radio import frames

_log = logging.getLogger(__name__)

# Real seconds between two tries to reach an air that is not there.
_AGAIN_AFTER_S: Final = 0.2
# Real seconds to wait for the world's time when the gateway starts.
_TIME_PATIENCE_S: Final = 2.0
# Real seconds.
_LONGEST_UNFED_SLEEP_S: Final = 1.0
_READ_BYTES: Final = 1 << 16
_BLUETOOTH_BASE: Final = "0000{:04x}-0000-1000-8000-00805f9b34fb"
_UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class AirClock:
    """The world's time as it arrives with what is on the air. It stands still while the air is silent.

    `is_fed` tells whether anybody listens to the air, so that time can arrive at all.
    """

    def __init__(self, now: datetime) -> None:
        self.is_fed = False
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the moment at which the packet being delivered was sent, aware, in UTC."""
        return self._now

    async def sleep(self, span: timedelta) -> None:
        """Wait until the world has moved on by `span`; at most a real second while no time can arrive.

        The world waits for a gateway that listens, and a new gateway for its configuration: were it not to ask for that
        again meanwhile, both would wait for ever.
        """
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + span, woken))
        while not woken.done():
            _, pending = await asyncio.wait({woken}, timeout=_LONGEST_UNFED_SLEEP_S)
            if pending and not self.is_fed:
                self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[1] is not woken]
                return

    def set(self, now: datetime) -> None:
        """Let it be `now`; wakes nobody yet. A clock that is set back makes nobody sleep longer."""
        if now < self._now:
            back = self._now - now
            self._sleepers = [(until - back, woken) for until, woken in self._sleepers]
        self._now = now

    def wake(self) -> None:
        """Wake whoever has slept long enough."""
        still = []
        for until, woken in self._sleepers:
            if until > self._now:
                still.append((until, woken))
            elif not woken.done():
                woken.set_result(None)
        self._sleepers = still


class VirtualRadio:
    """The radio behind `--radio virtual:SOCKET`.

    Args:
        address: path of the socket which the simulator of the home holds. It need not be there yet.

    Raises:
        AirAddressError: the path is too long for a socket.
    """

    def __init__(self, address: str) -> None:
        self.path = frames.usable_address(Path(address))
        self.name = f"virtual:{address}"
        self.clock = AirClock(_ask_time(self.path))
        self.scanner_backend: type[BaseBleakScanner] = type("BoundVirtualScanner", (VirtualScanner,), {"radio": self})


class VirtualScanner(BaseBleakScanner):
    """Bleak's scanner on a home's air. Like a real radio it is silent, never in error, when there is nothing."""

    radio: ClassVar[VirtualRadio]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "passive",
        **options: object,
    ) -> None:
        del scanning_mode, options
        super().__init__(detection_callback, service_uuids)
        self._listening: asyncio.Task[None] | None = None

    @override
    async def start(self) -> None:
        """Begin to listen. Returns at once, also while the home's simulator is not there yet."""
        self.seen_devices = {}
        self._listening = asyncio.create_task(self._listen(), name=f"listen on {self.radio.name}")

    @override
    async def stop(self) -> None:
        """Stop listening. A repeat is harmless."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        self._listening = None

    async def _listen(self) -> None:
        was_there = True
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self.radio.path)
            except OSError:
                if was_there:
                    _log.warning("nothing is on the air at %s: waiting for its simulator", self.radio.path)
                was_there = False
            else:
                was_there = True
                try:
                    await self._hear(reader, writer)
                except ConnectionError:
                    _log.warning("the air at %s fell silent", self.radio.path)
                finally:
                    self.radio.clock.is_fed = False
                    writer.close()
            await asyncio.sleep(_AGAIN_AFTER_S)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frames.LISTEN)
        self.radio.clock.is_fed = True
        cut = frames.FrameReader()
        while data := await reader.read(_READ_BYTES):
            heard = 0
            for frame in cut.feed(data):
                self.radio.clock.set(frame.at)
                if frame.packet is not None:
                    self._deliver(frame.packet)
                    heard = frame.number
            self.radio.clock.wake()
            if heard:
                writer.write(frames.write_acknowledgement(heard))
                await writer.drain()

    def _deliver(self, packet: frames.Packet) -> None:
        is_service = packet.part is frames.Part.SERVICE_DATA
        advertisement = AdvertisementData(
            local_name=None,
            manufacturer_data={} if is_service else {packet.number: packet.data},
            service_data={_BLUETOOTH_BASE.format(packet.number): packet.data} if is_service else {},
            service_uuids=[],
            tx_power=None,
            rssi=packet.rssi_dbm,
            platform_data=(),
        )
        address = packet.address.hex(":").upper()
        # Not by create_or_update_device: bleak remembers every address for as long as it listens.
        self.call_detection_callbacks(BLEDevice(address, None, None), advertisement)


def _ask_time(path: Path) -> datetime:
    """Return the world's time, or the start of 1970 where nobody tells it: the first packet will bring it."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as air:
            air.settimeout(_TIME_PATIENCE_S)
            air.connect(str(path))
            air.sendall(frames.ASK_TIME)
            answer = next(frames.FrameReader().feed(air.recv(_READ_BYTES)), None)
    except OSError:
        return _UNKNOWN
    return answer.at if answer is not None else _UNKNOWN
