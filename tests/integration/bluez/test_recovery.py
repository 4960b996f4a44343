"""Whatever happens to BlueZ, the gateway hears again by itself, says since when it does not, and never hangs."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
from missing import lacks
from system_bus import forget_bus

from device_sims.radio.bluez.adapter import Deafness, Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from device_sims.radio.bluez.private_bus import ADDRESS_VARIABLE, private_bus
from gateway.ble import bluez_adapter as adapter_module
from gateway.ble import listener as listener_module
from gateway.ble.advertisement import Advertisement
from gateway.ble.ladder import Patience, Step
from gateway.ble.radio import RadioLostError, open_radios
from gateway.ble.rhythm import Rhythm
from gateway.ble.scanner import Scanner
from gateway.ble.wake import wake_patterns

BTHOME = 0xFCD2
ADDRESS = "A4:C1:38:00:00:01"
EVERY_S = 0.02  # the canary's pause
HURRIED = Patience(restart_s=0.3, power_cycle_s=0.8, give_up_s=1.6, again_s=10)


class Home:
    """A sensor that speaks all the time, and a gateway's ear for it."""

    def __init__(self, bluetoothd: Bluetoothd, radios: str = "bluez:hci0", patience: Patience = HURRIED) -> None:
        self.bluetoothd = bluetoothd
        self.heard: list[Advertisement] = []
        self.deaf: list[datetime] = []  # every `deaf_since` that was told
        self.scanner = Scanner(
            open_radios(radios),
            self._hear,
            wake_patterns([BTHOME]),
            is_ours=lambda _: True,
            patience=patience,
            new_rhythm=lambda: Rhythm(trusted_after_s=0.2),
        )
        self.scanner.on_change = self._change
        self._news = asyncio.Event()
        self._number = 0

    def _change(self) -> None:
        if self.scanner.deaf_since is not None:
            self.deaf.append(self.scanner.deaf_since)

    def _hear(self, advertisement: Advertisement) -> None:
        self.heard.append(advertisement)
        self._news.set()

    async def speak(self) -> None:
        """Be the chatty sensor."""
        while True:
            self._number = (self._number + 1) % 256
            with suppress(KeyError):
                self.bluetoothd.hear(packet(self._number))
            await asyncio.sleep(EVERY_S)

    async def hears(self, count: int = 1) -> None:
        """Wait until so many more packets have been heard."""
        wanted = len(self.heard) + count
        await self.until(lambda: len(self.heard) >= wanted)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not is_so():
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self._news.wait()


@asynccontextmanager
async def living(home: Home) -> AsyncIterator[asyncio.Task[None]]:
    tasks = [asyncio.create_task(home.scanner.run()), asyncio.create_task(home.speak())]
    try:
        await home.hears(30)
        yield tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def packet(number: int, rssi_dbm: int = -60) -> Heard:
    return Heard(ADDRESS, rssi_dbm, service_data={BTHOME: bytes([0x44, 0x00, number, 0x3A, 0x01])})


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "_PATIENCE_S", 0.4)
    monkeypatch.setattr(listener_module, "_FIRST_WAIT_S", 0.2)
    monkeypatch.setattr(listener_module, "_LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(listener_module, "_SETTLE_S", 0.05)


async def test_bluetoothd_killed_and_started_again(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd)
    async with living(home):
        await bluetoothd.kill()
        await home.until(lambda: bool(home.deaf))
        await bluetoothd.start()
        await home.hears()
        await home.until(lambda: home.scanner.deaf_since is None)

    assert home.scanner.steps[Step.GIVE_UP] == 0


async def test_bluetoothd_restarted_so_fast_that_nobody_sees_it_missing(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd)
    async with living(home):
        await bluetoothd.kill()
        await bluetoothd.start()
        await home.hears()

    assert home.scanner.steps[Step.RESTART] >= 1


async def test_an_adapter_pulled_out_and_put_in_again(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd)
    async with living(home):
        bluetoothd.unplug("hci0")
        await home.until(lambda: bool(home.deaf))
        bluetoothd.plug("hci0")
        await home.hears()

    assert home.scanner.steps[Step.GIVE_UP] == 0


async def test_an_adapter_that_is_switched_off_is_switched_on_at_once(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd)
    async with living(home):
        bluetoothd.adapters["hci0"].power(on=False)
        await home.until(lambda: bool(home.deaf))
        await home.hears()

    assert home.scanner.steps[Step.POWER_ON] >= 1


async def test_a_hung_bluetoothd_hangs_nobody(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd, patience=Patience(restart_s=0.3, power_cycle_s=60, give_up_s=180))
    async with living(home):
        bluetoothd.is_hung = True
        await home.until(lambda: home.scanner.steps[Step.RESTART] >= 2)
        assert home.scanner.deaf_since is not None
        bluetoothd.is_hung = False
        await home.hears()


@pytest.mark.parametrize(
    ("deafness", "cure"),
    [(Deafness.UNTIL_SCAN_STARTS, Step.RESTART), (Deafness.UNTIL_POWERED, Step.POWER_CYCLE)],
)
async def test_a_radio_that_falls_silent_is_cured_by_the_cheapest_step(
    bluetoothd: Bluetoothd, deafness: Deafness, cure: Step
) -> None:
    home = Home(bluetoothd)
    async with living(home):
        bluetoothd.adapters["hci0"].deafness = deafness
        await home.until(lambda: bool(home.deaf))
        await home.hears()
        await home.until(lambda: home.scanner.deaf_since is None)

    # Since the last packet, not since it was noticed.
    assert home.deaf[0] in {advertisement.heard_at for advertisement in home.heard}
    assert max(home.scanner.steps, key=list(Step).index) is cure


async def test_where_nothing_helps_the_program_is_ended(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd)
    async with living(home) as listening:
        bluetoothd.adapters["hci0"].deafness = Deafness.FOR_EVER

        with pytest.raises(RadioLostError, match="bluez:hci0"):
            async with asyncio.timeout(15):
                await listening

    assert home.scanner.steps[Step.POWER_CYCLE] == 1


async def test_one_deaf_radio_of_two_neither_ends_the_program_nor_makes_the_home_deaf(bus: str) -> None:
    bluetoothd = Bluetoothd(bus, ["hci0", "hci1"])
    await bluetoothd.start()
    home = Home(bluetoothd, "bluez:hci0,bluez:hci1")
    async with living(home) as listening:
        bluetoothd.adapters["hci1"].deafness = Deafness.FOR_EVER
        await home.until(lambda: "bluez:hci1" in home.scanner.deaf_radios)
        await home.until(lambda: home.scanner.steps[Step.POWER_CYCLE] == 1)
        await asyncio.sleep(1.5)  # past the time at which a lone radio would end it

        assert not listening.done()
        assert home.scanner.deaf_since is None
    await bluetoothd.kill()


async def test_a_home_with_only_quiet_sensors_is_left_in_peace(bluetoothd: Bluetoothd) -> None:
    home = Home(bluetoothd)
    listening = asyncio.create_task(home.scanner.run())
    await home.until(lambda: home.scanner.deaf_since is None and bluetoothd.adapters["hci0"].starts == 1)

    bluetoothd.hear(packet(1))
    await home.until(lambda: bool(home.heard))
    await asyncio.sleep(2)  # long past every step

    assert not home.scanner.steps
    assert bluetoothd.adapters["hci0"].starts == 1
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_bluez_without_monitors_is_listened_to_actively(bus: str) -> None:
    bluetoothd = Bluetoothd(bus, can_listen_passively=False)
    await bluetoothd.start()
    async with living(Home(bluetoothd)):
        assert bluetoothd.adapters["hci0"].discoveries
    await bluetoothd.kill()


async def test_a_bluez_with_monitors_is_listened_to_passively(bluetoothd: Bluetoothd) -> None:
    async with living(Home(bluetoothd)):
        assert bluetoothd.adapters["hci0"].monitors
        assert not bluetoothd.adapters["hci0"].discoveries


async def test_a_bluez_whose_monitors_do_not_work_is_listened_to_actively(bluetoothd: Bluetoothd) -> None:
    bluetoothd.refuses_monitors = True

    async with living(Home(bluetoothd)):
        assert bluetoothd.adapters["hci0"].discoveries


async def test_the_bus_itself_killed_and_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("dbus-daemon") is None:
        lacks("dbus-daemon is not installed")
    monkeypatch.setattr(adapter_module, "_FIRST_WAIT_S", 0.1)
    async with private_bus(tmp_path) as address:
        monkeypatch.setenv(ADDRESS_VARIABLE, address)
        bluetoothd = Bluetoothd(address)
        await bluetoothd.start()
        home = Home(bluetoothd)
        listening = asyncio.create_task(home.scanner.run())
        speaking = asyncio.create_task(home.speak())
        await home.hears(30)
    await home.until(lambda: bool(home.deaf))
    await bluetoothd.kill()
    async with private_bus(tmp_path) as again:
        assert again.split(",")[0] == address.split(",")[0]
        monkeypatch.setenv(ADDRESS_VARIABLE, again)
        await bluetoothd.start()
        await home.hears()
        listening.cancel()
        speaking.cancel()
        await asyncio.gather(listening, speaking, return_exceptions=True)
        await bluetoothd.kill()
        await forget_bus()
