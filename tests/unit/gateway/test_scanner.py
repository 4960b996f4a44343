"""The gateway listens through bleak's own scanner, and starts again when listening fails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakError
from typing_extensions import override

from gateway.ble import listener as listener_module
from gateway.ble.advertisement import Advertisement
from gateway.ble.ladder import Patience
from gateway.ble.rhythm import Rhythm
from gateway.ble.scanner import Scanner
from gateway.contract.clock import Clock, SystemClock


class MoodyRadio:
    """A radio whose first starts go as its moods say, and every later one well."""

    def __init__(self, *moods: Callable[[], Exception | None]) -> None:
        self.name = "moody"
        self.clock: Clock = SystemClock()
        self.moods = list(moods)
        self.modes: list[str] = []
        self.live: BaseBleakScanner | None = None
        self.scanner_backend: type[BaseBleakScanner] | None = type("BoundMoody", (_MoodyScanner,), {"radio": self})


class _MoodyScanner(BaseBleakScanner):
    radio: MoodyRadio

    def __init__(
        self, detection_callback: AdvertisementDataCallback, service_uuids: None, mode: str, **options: object
    ) -> None:
        del options
        super().__init__(detection_callback, service_uuids)
        self.radio.modes.append(mode)

    @override
    async def start(self) -> None:
        if self.radio.moods:
            fault = self.radio.moods.pop(0)()
            if fault is None:
                await asyncio.Event().wait()  # hangs, as a hung bluetoothd does
            else:
                raise fault
        self.radio.live = self

    @override
    async def stop(self) -> None:
        if self.radio.live is None:
            raise BleakError("cannot be stopped either")
        self.radio.live = None


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(listener_module, "_FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(listener_module, "_LOOK_EVERY_S", 0.01)


@asynccontextmanager
async def listening(radio: MoodyRadio, heard: list[Advertisement]) -> AsyncIterator[Scanner]:
    scanner = Scanner([radio], heard.append)
    is_listening = asyncio.Event()
    scanner.on_change = is_listening.set
    task = asyncio.ensure_future(scanner.run())
    async with asyncio.timeout(5):
        await is_listening.wait()
    yield scanner
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_bleak_hears_becomes_an_advertisement() -> None:
    radio, heard = MoodyRadio(), list[Advertisement]()

    async with listening(radio, heard):
        assert radio.live is not None
        said = AdvertisementData("lamp", {76: b"m"}, {"uuid": b"s"}, [], None, -71, ())
        device = radio.live.create_or_update_device("AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF", None, None, said)
        radio.live.call_detection_callbacks(device, said)

    (advertisement,) = heard
    assert (advertisement.sensor_id, advertisement.name, advertisement.rssi_dbm) == ("aabbccddeeff", "lamp", -71)
    assert (advertisement.service_data, advertisement.manufacturer_data) == ({"uuid": b"s"}, {76: b"m"})
    assert radio.live is None  # let go of when the gateway stops


@pytest.mark.parametrize("unknown_dbm", [127, -127])  # by BlueZ, and by bleak where BlueZ says nothing
async def test_a_signal_strength_that_nobody_measured_is_not_known(unknown_dbm: int) -> None:
    radio, heard = MoodyRadio(), list[Advertisement]()

    async with listening(radio, heard):
        assert radio.live is not None
        said = AdvertisementData(None, {}, {}, [], None, unknown_dbm, ())
        device = radio.live.create_or_update_device("AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF", None, None, said)
        radio.live.call_detection_callbacks(device, said)

    assert [advertisement.rssi_dbm for advertisement in heard] == [None]


async def test_a_radio_that_fails_or_hangs_is_started_again() -> None:
    radio = MoodyRadio(lambda: OSError("no adapter"), lambda: None)

    async with listening(radio, []) as scanner:
        assert scanner.deaf_since is None
        assert radio.live is not None
        assert len(radio.modes) == 3


async def test_a_radio_that_cannot_listen_passively_listens_actively() -> None:
    radio = MoodyRadio(lambda: BleakError("no passive scanning"))

    async with listening(radio, []):
        assert radio.modes == ["passive", "active"]


async def test_a_scanner_is_deaf_until_it_listens() -> None:
    scanner = Scanner([MoodyRadio()], lambda _: None)

    assert scanner.deaf_since is not None


def say_something(radio: MoodyRadio) -> None:
    assert radio.live is not None
    said = AdvertisementData(None, {}, {"uuid": b"s"}, [], None, -71, ())
    device = radio.live.create_or_update_device("AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF", None, None, said)
    radio.live.call_detection_callbacks(device, said)


async def test_a_radio_the_program_was_ended_for_is_not_called_well_before_it_has_heard_something() -> None:
    radio = MoodyRadio()
    scanner = Scanner([radio], lambda _: None)
    scanner.bear(Patience(), is_doubted=True)
    heard = asyncio.Event()
    scanner.on_change = heard.set
    task = asyncio.ensure_future(scanner.run())
    async with asyncio.timeout(15):
        while radio.live is None:  # noqa: ASYNC110 - the scanner tells only changes
            await asyncio.sleep(0.01)
        before = scanner.deaf_since
        say_something(radio)
        await heard.wait()

    assert (before is None, scanner.deaf_since) == (False, None)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_simulated_air_that_stands_still_is_not_taken_for_a_deaf_radio() -> None:
    radio = MoodyRadio()
    impatient = Patience(restart_s=0.05, power_cycle_s=0.1, give_up_s=0.15, gaps=0)
    scanner = Scanner(
        [radio],
        lambda _: None,
        is_ours=lambda _: True,
        patience=impatient,
        new_rhythm=lambda: Rhythm(trusted_after_s=0),
    )
    task = asyncio.ensure_future(scanner.run())
    async with asyncio.timeout(5):
        while radio.live is None:  # noqa: ASYNC110 - the scanner tells only changes
            await asyncio.sleep(0.01)
    said = AdvertisementData(None, {}, {"uuid": b"s"}, [], None, -71, ())
    device = radio.live.create_or_update_device("AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF", None, None, said)
    radio.live.call_detection_callbacks(device, said)
    await asyncio.sleep(0.3)

    assert scanner.deaf_since is None
    assert not scanner.steps
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
