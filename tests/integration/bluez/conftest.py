"""A simulated bluetoothd on a private D-Bus, which bleak's own BlueZ backend takes for the machine's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from bleak.backends.bluezdbus.version import BlueZFeatures
from missing import lacks
from system_bus import forget_bus

from device_sims.radio.bluez.bluetoothd import Bluetoothd
from device_sims.radio.bluez.private_bus import ADDRESS_VARIABLE, NoBusError, private_bus


@pytest_asyncio.fixture
async def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The address of a D-Bus that this process takes for the system's."""
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)  # it would look for bluetoothctl
    try:
        async with private_bus(tmp_path) as address:
            monkeypatch.setenv(ADDRESS_VARIABLE, address)
            yield address
            await forget_bus()
    except NoBusError as missing:
        lacks(str(missing))


@pytest_asyncio.fixture
async def bluetoothd(bus: str) -> AsyncIterator[Bluetoothd]:
    """A BlueZ with one adapter, hci0."""
    daemon = Bluetoothd(bus)
    await daemon.start()
    yield daemon
    daemon.is_hung = False
    await daemon.kill()
