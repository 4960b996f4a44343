"""The simulated bluetoothd is one for bleak's unmodified BlueZ backend: scanning and connecting work as with BlueZ."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from device_sims.radio.bluez.objects import uuid128
from device_sims.radio.bluez.peripheral import Characteristic, Peripheral

BTHOME = 0xFCD2
PATTERN = OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID16, BTHOME.to_bytes(2, "little"))
ADDRESS = "A4:C1:38:00:00:01"


class Ear:
    """What a scanner hands over."""

    def __init__(self) -> None:
        self.heard: list[tuple[BLEDevice, AdvertisementData]] = []
        self._news = asyncio.Event()

    def take(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        self.heard.append((device, advertisement))
        self._news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()


def packet(number: int, rssi_dbm: int = -60) -> Heard:
    return Heard(ADDRESS, rssi_dbm, service_data={BTHOME: bytes([0x44, 0x00, number, 0x21, 0x01])})


async def listens(daemon: Bluetoothd) -> None:
    """Wait until a passive scan has been understood."""
    async with asyncio.timeout(5):
        while not daemon.adapters["hci0"].starts:  # noqa: ASYNC110 - the daemon has no event for it
            await asyncio.sleep(0.005)


async def test_an_active_scan_hears_what_is_on_the_air(bluetoothd: Bluetoothd) -> None:
    ear = Ear()

    async with BleakScanner(ear.take, scanning_mode="active"):
        bluetoothd.hear(packet(1))
        bluetoothd.hear(packet(2))
        await ear.until(2)

    assert [said.service_data[uuid128(BTHOME)][2] for _, said in ear.heard] == [1, 2]
    assert not bluetoothd.adapters["hci0"].discoveries


async def test_a_passive_scan_hears_what_its_patterns_ask_for(bluetoothd: Bluetoothd) -> None:
    ear = Ear()

    async with BleakScanner(ear.take, scanning_mode="passive", bluez={"or_patterns": [PATTERN]}):
        await listens(bluetoothd)
        bluetoothd.hear(Heard("00:00:00:00:00:01", -60, manufacturer_data={76: b"not asked for"}))
        bluetoothd.hear(packet(1))
        await ear.until(1)

    assert [device.address for device, _ in ear.heard] == [ADDRESS]


async def test_a_change_of_signal_strength_hands_out_the_old_data_again(bluetoothd: Bluetoothd) -> None:
    ear = Ear()

    async with BleakScanner(ear.take, scanning_mode="active"):
        bluetoothd.hear(packet(1))
        bluetoothd.hear(Heard(ADDRESS, -65))  # less than a step: not told
        bluetoothd.hear(Heard(ADDRESS, -75))
        await ear.until(2)

    assert [(said.rssi, said.service_data[uuid128(BTHOME)][2]) for _, said in ear.heard] == [(-60, 1), (-75, 1)]


@pytest.mark.parametrize("way", ["StartNotify", "AcquireNotify"])
async def test_a_device_is_read_written_and_heard(bluetoothd: Bluetoothd, way: str) -> None:
    told, values = asyncio.Event(), list[bytes]()
    measurement = Characteristic(0x2A37, ("notify",), on_subscribe=told.set)
    control = Characteristic(0x2A39, ("write",), on_write=lambda written: measurement.notify(b"got " + written))
    battery = Characteristic(0x2A19, ("read",), b"\x63")
    bluetoothd.bring(Peripheral(ADDRESS, {0x180D: (measurement, control), 0x180F: (battery,)}))
    ear = Ear()
    async with BleakScanner(ear.take, scanning_mode="active"):
        bluetoothd.hear(Heard(ADDRESS, -60, services=[0x180D]))
        await ear.until(1)
    got = asyncio.Event()

    def take(_: object, value: bytearray) -> None:
        values.append(bytes(value))
        got.set()

    async with asyncio.timeout(5), BleakClient(ear.heard[0][0]) as client:
        assert await client.read_gatt_char(uuid128(0x2A19)) == b"\x63"
        await client.start_notify(uuid128(0x2A37), take, bluez={"use_start_notify": way == "StartNotify"})
        await told.wait()
        await client.write_gatt_char(uuid128(0x2A39), b"it", response=True)
        await got.wait()

    assert values == [b"got it"]


async def test_a_device_can_refuse_and_can_leave(bluetoothd: Bluetoothd) -> None:
    device = Peripheral(ADDRESS, {0x180F: (Characteristic(0x2A19, ("read",), b"\x63"),)}, connect_errors=["busy"])
    bluetoothd.bring(device)
    ear, left = Ear(), asyncio.Event()
    async with BleakScanner(ear.take, scanning_mode="active"):
        bluetoothd.hear(Heard(ADDRESS, -60))
        await ear.until(1)
    client = BleakClient(ear.heard[0][0], disconnected_callback=lambda _: left.set())

    with pytest.raises(BleakError, match="busy"):
        await client.connect()
    async with asyncio.timeout(5):
        await client.connect()
        bluetoothd.drop(device)
        await left.wait()

    assert not client.is_connected
    assert device.connections == 2
