"""The virtual radio, heard through bleak's own scanner."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from device_sims.radio.frames import AirAddressError, FrameReader, Packet, Part, write_packet, write_time
from device_sims.radio.receiver import VirtualRadio
from device_sims.radio.transmitter import Air

_T0 = datetime(2026, 3, 2, 10, tzinfo=UTC)
_ADDRESS = bytes.fromhex("a4c138000001")
_BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"


def _packet(number: int) -> Packet:
    return Packet(_T0 + timedelta(seconds=number), _ADDRESS, -61, 0xFCD2, number.to_bytes(4, "big"))


class _Listener:
    """A gateway's ear: keeps the number in each packet, with the time the radio's clock told while it was delivered."""

    def __init__(self, radio: VirtualRadio) -> None:
        self.radio = radio
        self.heard: list[int] = []
        self.times: list[datetime] = []
        self.last: tuple[BLEDevice, AdvertisementData] | None = None
        self.scanner = BleakScanner(self._take, scanning_mode="passive", backend=self.radio.scanner_backend)

    @classmethod
    async def at(cls, path: Path) -> Self:
        """Make the radio in a thread: it asks the air for the time, and here both live in one event loop."""
        return cls(await asyncio.to_thread(VirtualRadio, str(path)))

    def _take(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        self.heard.append(int.from_bytes(advertisement.service_data[_BTHOME], "big"))
        self.times.append(self.radio.clock.now())
        self.last = (device, advertisement)


@asynccontextmanager
async def _open_air(folder: Path) -> AsyncIterator[Air]:
    air = Air(folder / "air", _T0)
    await air.open()
    try:
        yield air
    finally:
        await air.close()


async def test_bleaks_own_scanner_hears_what_is_on_the_air_with_the_time_it_was_sent(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        listener = await _Listener.at(air.path)
        async with listener.scanner:
            for number in range(3):
                await air.send(_packet(number))
            await air.heard()

    assert listener.heard == [0, 1, 2]
    assert listener.times == [_packet(number).at for number in range(3)]
    assert listener.last is not None
    device, advertisement = listener.last
    assert (device.address, advertisement.rssi) == ("A4:C1:38:00:00:01", -61)


async def test_the_world_stands_still_while_nobody_listens(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        sending = asyncio.create_task(air.send(_packet(0)))
        await asyncio.sleep(0)
        assert (sending.done(), air.on_air) == (False, 0)

        listener = await _Listener.at(air.path)
        async with listener.scanner:
            await sending
            await air.heard()

        assert listener.heard == [0]


async def test_a_listener_that_hears_nothing_holds_the_world_after_a_bounded_number_of_packets(
    short_folder: Path,
) -> None:
    async with _open_air(short_folder) as air:
        reader, writer = await asyncio.open_unix_connection(air.path)
        writer.write(b"L")
        await air.listened_to()

        sent = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                for sent in range(1_000):
                    await air.send(_packet(sent))

        assert (sent, air.on_air) == (256, 256)
        writer.close()
        await writer.wait_closed()
        del reader


async def test_a_new_listener_hears_the_last_two_thousand_packets_again_in_order_with_their_own_time(
    short_folder: Path,
) -> None:
    async with _open_air(short_folder) as air:
        first = await _Listener.at(air.path)
        async with first.scanner:
            for number in range(2_500):
                await air.send(_packet(number))
            await air.heard()
        second = await _Listener.at(air.path)
        async with second.scanner:
            await air.send(_packet(2_500))
            await air.heard()

    assert first.heard == list(range(2_500))
    assert second.heard[-1] == 2_500
    assert second.heard == list(range(second.heard[0], 2_501))
    assert 2_000 <= len(second.heard) <= 2_300
    assert second.times == [_packet(number).at for number in second.heard]


async def test_what_was_never_acknowledged_is_heard_by_the_next_listener(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        _, writer = await asyncio.open_unix_connection(air.path)
        writer.write(b"L")
        await air.listened_to()
        for number in range(100):
            await air.send(_packet(number))
        writer.close()
        await writer.wait_closed()

        listener = await _Listener.at(air.path)
        async with listener.scanner:
            await air.heard()

    assert listener.heard == list(range(100))


async def test_a_radio_waits_quietly_for_an_air_that_comes_later_and_again_when_it_comes_back(
    short_folder: Path,
) -> None:
    listener = await _Listener.at(short_folder / "air")
    async with listener.scanner:
        async with _open_air(short_folder) as air:
            await air.send(_packet(1))
            await air.heard()
        async with _open_air(short_folder) as air:
            await air.send(_packet(2))
            await air.heard()

    assert listener.heard == [1, 2]


async def test_a_scanner_that_was_stopped_hears_nothing_more_and_can_start_again(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        listener = await _Listener.at(air.path)
        await listener.scanner.start()
        await air.send(_packet(1))
        await air.heard()
        await listener.scanner.stop()
        await listener.scanner.stop()
        assert listener.heard == [1]

        await listener.scanner.start()
        await air.send(_packet(2))
        await air.heard()
        await listener.scanner.stop()

    assert listener.heard[-1] == 2


async def test_a_radio_knows_the_worlds_time_before_anything_is_on_the_air(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        radio = await asyncio.to_thread(VirtualRadio, str(air.path))

    assert radio.clock.now() == _T0


async def test_time_passes_on_a_radio_also_when_nothing_is_on_the_air(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        listener = await _Listener.at(air.path)
        async with listener.scanner:
            await air.send(_packet(0))
            await air.heard()
            waiting = asyncio.create_task(listener.radio.clock.sleep(timedelta(minutes=1)))
            air.tell_time(_T0 + timedelta(seconds=59))
            await air.send(_packet(59))
            await air.heard()
            assert not waiting.done()

            air.tell_time(_T0 + timedelta(seconds=61))
            async with asyncio.timeout(5):
                await waiting

    assert listener.radio.clock.now() == _T0 + timedelta(seconds=61)


async def test_on_a_deserted_air_the_world_goes_on_and_what_nobody_heard_is_gone(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        first = await _Listener.at(air.path)
        async with first.scanner:
            await air.send(_packet(0))
            await air.heard()
            await air.desert()
        await _until(lambda: not air.is_listened_to)
        for number in range(1, 1_000):
            await air.send(_packet(number))
        await air.listened_to()
        assert air.unheard == 999

        air.await_listeners()
        second = await _Listener.at(air.path)
        async with second.scanner:
            await air.send(_packet(1_000))
            await air.heard()

    assert second.heard == [1_000]


async def test_a_send_that_waits_goes_on_when_the_air_is_deserted(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        sending = asyncio.create_task(air.send(_packet(0)))
        await asyncio.sleep(0)
        await air.desert()

        async with asyncio.timeout(10):
            await sending

    assert (air.on_air, air.unheard) == (0, 1)


async def test_a_wrong_clock_is_wrong_for_the_listener_and_not_for_the_world(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        listener = await _Listener.at(air.path)
        async with listener.scanner:
            air.clock_error = timedelta(hours=2)
            await air.send(_packet(1))
            await air.heard()
            waiting = asyncio.create_task(listener.radio.clock.sleep(timedelta(seconds=5)))
            await asyncio.sleep(0)
            air.clock_error = timedelta(hours=-1)  # set back by three hours, and nobody sleeps longer for it
            await air.send(_packet(7))
            await air.heard()
            await air.send(_packet(13))
            await air.heard()
            async with asyncio.timeout(10):
                await waiting
            air.clock_error = timedelta()
            await air.send(_packet(20))
            await air.heard()

    assert listener.times == [
        _packet(1).at + timedelta(hours=2),
        *(_packet(number).at - timedelta(hours=1) for number in (7, 13)),
        _packet(20).at,
    ]


async def test_what_a_company_sends_is_heard_under_its_number(short_folder: Path) -> None:
    async with _open_air(short_folder) as air:
        radio = await asyncio.to_thread(VirtualRadio, str(air.path))
        heard: list[AdvertisementData] = []
        scanner = BleakScanner(
            lambda _, said: heard.append(said), scanning_mode="passive", backend=radio.scanner_backend
        )
        async with scanner:
            await air.send(Packet(_T0, _ADDRESS, -70, 0x0499, b"\x05", Part.MANUFACTURER_DATA))
            await air.heard()

    assert [(said.manufacturer_data, said.service_data) for said in heard] == [({0x0499: b"\x05"}, {})]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - a socket lies between
            await asyncio.sleep(0.005)


def test_a_path_too_long_for_a_socket_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(AirAddressError, match="put it in a short folder"):
        VirtualRadio(str(tmp_path / ("x" * 100)))


def test_frames_come_out_of_pieces_of_any_size_as_they_went_in() -> None:
    written = write_packet(1, _packet(1)) + write_time(_T0) + write_packet(2, _packet(2))
    reader = FrameReader()

    frames = [frame for position in range(len(written)) for frame in reader.feed(written[position : position + 1])]

    assert [(frame.number, frame.packet) for frame in frames] == [(1, _packet(1)), (0, None), (2, _packet(2))]
    assert frames[1].at == _T0
