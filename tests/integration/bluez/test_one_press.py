"""However often BlueZ hands out a press, and however many radios hear it, the home tells it once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from gateway.ble.radio import open_radios
from gateway.ble.scanner import Scanner
from gateway.contract.codec import to_json
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import Observation, Stream
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.troubles import Troubles

BTHOME = 0xFCD2
ADDRESS = "A4:C1:38:00:00:01"
SENSOR = SensorConfig(sensor_id="a4c138000001", room="bedroom")


class Ear:
    """A gateway's way from radio to outbox."""

    def __init__(self, folder: Path, daemon: Bluetoothd) -> None:
        troubles = Troubles()
        self.daemon = daemon
        self.outbox = Outbox(folder, troubles)
        home = Home(folder, "gw-a", troubles)
        home.take(to_json(HomeConfig(version=1, gateway_id="gw-a", sensors=(SENSOR,))))
        self.recorder = Recorder(self.outbox, troubles)
        self._hearing = Hearing(home, self.recorder, troubles, lambda: True)
        self.packets = 0
        radios = open_radios(",".join(f"bluez:{name}" for name in daemon.adapters))
        self.scanner = Scanner(radios, self._hear, is_ours=lambda sensor_id: home.sensor(sensor_id) is not None)

    def _hear(self, advertisement: object) -> None:
        self.packets += 1
        self._hearing.hear(advertisement)  # type: ignore[arg-type]

    def presses(self) -> tuple[Observation, ...]:
        self.recorder.flush()
        return self.outbox.oldest(Stream.URGENT, 0, 100)

    async def hears(self, packets: int) -> None:
        async with asyncio.timeout(5):
            while self.packets < packets:  # noqa: ASYNC110 - D-Bus has no event for it
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture
async def ear(bus: str, tmp_path: Path) -> AsyncIterator[Ear]:
    daemon = Bluetoothd(bus, ["hci0", "hci1"])
    await daemon.start()
    ear = Ear(tmp_path / "data", daemon)
    listening = asyncio.create_task(ear.scanner.run())
    async with asyncio.timeout(10):
        while not all(adapter.discoveries for adapter in daemon.adapters.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    yield ear
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    ear.outbox.close()
    await daemon.kill()


def press(number: int, rssi_dbm: int) -> Heard:
    return Heard(ADDRESS, rssi_dbm, service_data={BTHOME: bytes([0x44, 0x00, number, 0x3A, 0x01])})


async def test_a_cached_press_handed_out_again_with_another_signal_strength_is_told_once(ear: Ear) -> None:
    ear.daemon.hear(press(1, -60), "hci0")
    ear.daemon.hear(Heard(ADDRESS, -75, name="button"), "hci0")
    ear.daemon.hear(Heard(ADDRESS, -60, name="button"), "hci0")
    await ear.hears(3)

    assert len(ear.presses()) == 1


async def test_two_radios_hear_one_press(ear: Ear) -> None:
    ear.daemon.hear(press(1, -60), "hci0")
    ear.daemon.hear(press(1, -80), "hci1")
    ear.daemon.hear(press(2, -80), "hci1")
    ear.daemon.hear(press(2, -60), "hci0")
    ear.daemon.hear(press(3, -60), "hci0")
    await ear.hears(3)

    assert [press.rssi_dbm for press in ear.presses()] == [-60, -80, -60]  # as the first radio heard it
