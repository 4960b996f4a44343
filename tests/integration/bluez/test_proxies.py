"""ESPHome proxies are radios like others: what two of them hear is one press, one that comes back is heard again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from bleak import BleakScanner

from gateway.ble import listener as listener_module
from gateway.ble.radio import open_radio, open_radios
from gateway.ble.scanner import Scanner
from gateway.contract.codec import to_json
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import Observation, Stream
from gateway.errors import UnknownRadioError
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.troubles import Troubles

pytest.importorskip("aioesphomeapi", reason="aioesphomeapi is not installed: pip install aioesphomeapi")

from device_sims.radio.esphome_proxy import EsphomeProxy

ADDRESS = "A4:C1:38:00:00:01"
SENSOR = SensorConfig(sensor_id="a4c138000001", room="bedroom")


def press(number: int) -> bytes:
    """Return the advertising structures of a pressed button: flags, and BTHome's service data."""
    return bytes.fromhex("020106 08 16 d2fc 44 00") + bytes([number, 0x3A, 0x01])


class House:
    """A gateway whose ears are two proxies."""

    def __init__(self, folder: Path, proxies: list[EsphomeProxy]) -> None:
        troubles = Troubles()
        home = Home(folder, "gw-a", troubles)
        home.take(to_json(HomeConfig(version=1, gateway_id="gw-a", sensors=(SENSOR,))))
        self.outbox = Outbox(folder, troubles)
        self.recorder = Recorder(self.outbox, troubles)
        self.packets: list[str] = []
        self._hearing = Hearing(home, self.recorder, troubles, lambda: True)
        radios = open_radios(",".join(f"esphome:127.0.0.1:{proxy.port}" for proxy in proxies))
        self.scanner = Scanner(radios, self._hear, is_ours=lambda sensor_id: home.sensor(sensor_id) is not None)

    def _hear(self, advertisement: object) -> None:
        self.packets.append(advertisement.radio)  # type: ignore[attr-defined]
        self._hearing.hear(advertisement)  # type: ignore[arg-type]

    def presses(self) -> tuple[Observation, ...]:
        self.recorder.flush()
        return self.outbox.oldest(Stream.URGENT, 0, 100)


@pytest_asyncio.fixture
async def proxies() -> AsyncIterator[list[EsphomeProxy]]:
    both = [EsphomeProxy("hall"), EsphomeProxy("bedroom")]
    for proxy in both:
        await proxy.start()
    yield both
    for proxy in both:
        await proxy.pull_plug()


@pytest_asyncio.fixture
async def house(proxies: list[EsphomeProxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(listener_module, "_FIRST_WAIT_S", 0.05)
    house = House(tmp_path / "data", proxies)
    listening = asyncio.create_task(house.scanner.run())
    await until(lambda: all(proxy.listeners for proxy in proxies))
    yield house
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    house.outbox.close()


async def until(is_so: object) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # type: ignore[operator] # noqa: ASYNC110 - two processes' worth of sockets lie between
            await asyncio.sleep(0.01)


async def test_two_proxies_hear_the_same_presses_and_one_of_them_late(
    house: House, proxies: list[EsphomeProxy]
) -> None:
    for number in range(10):
        proxies[0].hear(ADDRESS, press(number), -60)
    await until(lambda: len(house.packets) == 10)
    for number in range(11):  # the other one's network was slow
        proxies[1].hear(ADDRESS, press(number), -60)
    await until(lambda: len(house.packets) == 11)

    assert len(house.presses()) == 11
    assert house.packets[-1] == f"esphome:127.0.0.1:{proxies[1].port}"


async def test_a_proxy_without_power_is_told_and_heard_again_when_it_is_back(
    house: House, proxies: list[EsphomeProxy]
) -> None:
    hall = proxies[0]
    await hall.pull_plug()
    await until(lambda: bool(house.scanner.deaf_radios))

    assert list(house.scanner.deaf_radios) == [f"esphome:127.0.0.1:{hall.port}"]
    assert house.scanner.deaf_since is None  # the other one hears

    await hall.start()
    await until(lambda: bool(hall.listeners) and not house.scanner.deaf_radios)
    hall.hear(ADDRESS, press(1), -60)
    await until(lambda: bool(house.packets))

    assert len(house.presses()) == 1


async def test_who_passes_by_a_proxy_is_not_remembered(proxies: list[EsphomeProxy]) -> None:
    radio = open_radio(f"esphome:127.0.0.1:{proxies[0].port}")
    heard = set[str]()
    scanner = BleakScanner(lambda device, _: heard.add(device.address), backend=radio.scanner_backend)
    async with scanner:
        await until(lambda: bool(proxies[0].listeners))
        for number in range(200):  # phones change their address every quarter of an hour
            proxies[0].hear(number.to_bytes(6, "big").hex(":").upper(), press(1), -60)
        await until(lambda: len(heard) == 200)

        assert len(scanner.discovered_devices) == 0


@pytest.mark.parametrize("address", ["", ":6053", "proxy:door"])
def test_an_address_that_is_none_is_explained(address: str) -> None:
    with pytest.raises(UnknownRadioError, match="write it as esphome:host"):
        open_radio(f"esphome:{address}")


def test_the_key_of_a_proxy_is_not_part_of_its_name() -> None:
    assert open_radio("esphome:c2VjcmV0@proxy:6054").name == "esphome:proxy:6054"
