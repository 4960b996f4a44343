"""A passive scan is woken by every family a gateway reads, though bluetoothd bears few patterns in one monitor."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from dbus_fast import Message
from typing_extensions import override

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from gateway.ble.advertisement import Advertisement
from gateway.ble.radio import open_radios
from gateway.ble.scanner import Scanner
from gateway.ble.wake import wake_patterns
from gateway.connected.profile import ADVERTISED
from gateway.sensors.registry import WAKING_COMPANIES, WAKING_SERVICES

MONITORS = wake_patterns(WAKING_SERVICES, WAKING_COMPANIES, ADVERTISED)


@asynccontextmanager
async def listening(hear: Callable[[Advertisement], None]) -> AsyncIterator[Scanner]:
    scanner = Scanner(open_radios("bluez:hci0"), hear, MONITORS)
    task = asyncio.create_task(scanner.run())
    yield scanner
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not is_so():  # noqa: ASYNC110 - a bus lies between
            await asyncio.sleep(0.01)


async def test_a_sensor_that_says_nothing_but_its_makers_data_is_heard_once(bluetoothd: Bluetoothd) -> None:
    heard = list[Advertisement]()
    adapter = bluetoothd.adapters["hci0"]
    async with listening(heard.append):
        await until(lambda: len(adapter.monitors) == len(MONITORS))
        for number, company in enumerate(WAKING_COMPANIES):
            address = f"A4:C1:38:00:00:{number:02X}"
            bluetoothd.hear(Heard(address, -60, manufacturer_data={company: b"\x05\x00"}, flags=0x1A))
        await until(lambda: len(heard) >= len(WAKING_COMPANIES))

    assert len(heard) == len(WAKING_COMPANIES)
    await until(lambda: not adapter.monitors)  # all are taken away again
    assert adapter.is_powered


class Narrow(Bluetoothd):
    """One that has room for a single monitor."""

    calls = 0

    @override
    def _register_monitor(self, call: Message) -> Message:
        self.calls += 1
        self.refuses_monitors = self.calls > 1
        return super()._register_monitor(call)


async def test_where_bluetoothd_has_room_for_one_monitor_only_its_families_are_heard(bus: str) -> None:
    heard = list[Advertisement]()
    bluetoothd = Narrow(bus)
    await bluetoothd.start()
    adapter = bluetoothd.adapters["hci0"]
    async with listening(heard.append) as scanner:
        await until(lambda: bool(adapter.monitors) and scanner.deaf_since is None)
        bluetoothd.hear(Heard("A4:C1:38:00:00:01", -60, service_data={0xFCD2: bytes.fromhex("44002101")}))
        await until(lambda: bool(heard))

        assert len(adapter.monitors) == 1
    await bluetoothd.kill()
