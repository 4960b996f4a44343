"""The devices of one home's bedside table, on a Bluetooth of their own that the home's gateway connects through."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.bluetoothd import Bluetoothd
from device_sims.radio.bluez.peripheral import Peripheral
from device_sims.radio.bluez.private_bus import ADDRESS_VARIABLE, private_bus

_SHOWS_EVERY_S: Final = 1.0
# BlueZ tells an unchanged device again only when its strength has changed by a step; a hand holds it ever differently.
_STRENGTHS_DBM: Final = (-60, -75)


class Connectable(Protocol):
    """A device one can connect to."""

    peripheral: Peripheral
    shows: Heard


@asynccontextmanager
async def bedside(folder: Path, devices: Iterable[Connectable]) -> AsyncIterator[dict[str, str]]:
    """Let devices show themselves every second, and give the environment in which a gateway hears them as `bluez:hci0`.

    Args:
        folder: for the bus; its path must leave room for a socket's name.
        devices: those of the home.

    Raises:
        NoBusError: dbus-daemon is not installed, or does not start.
    """
    async with private_bus(folder) as address:
        daemon = Bluetoothd(address)
        await daemon.start()
        there = list(devices)
        for device in there:
            daemon.bring(device.peripheral)
        showing = asyncio.create_task(_show(daemon, there))
        try:
            yield {ADDRESS_VARIABLE: address}
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            await daemon.kill()


async def _show(daemon: Bluetoothd, devices: list[Connectable]) -> None:
    turn = 0
    while True:
        turn += 1
        for device in devices:
            daemon.hear(replace(device.shows, rssi_dbm=_STRENGTHS_DBM[turn % 2]))
        await asyncio.sleep(_SHOWS_EVERY_S)
