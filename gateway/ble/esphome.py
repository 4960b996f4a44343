"""A radio in another room: an ESPHome Bluetooth proxy on the home's network, which passes on every packet it hears.

Needs the package aioesphomeapi.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, Protocol

from aioesphomeapi.client import APIClient
from aioesphomeapi.core import APIConnectionError
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bluetooth_data_tools import parse_advertisement_data
from typing_extensions import override

from gateway.ble.ladder import AdapterState
from gateway.contract.clock import Clock, SystemClock

_PORT: Final = 6053  # Source: esphome.io/components/api
_ADDRESS_BYTES: Final = 6
# A proxy that lost its power is noticed after four and a half of these.
_PING_EVERY_S: Final = 5.0
_FAREWELL_S: Final = 3.0


class _Packet(Protocol):
    address: int
    rssi: int
    data: bytes


class _Packets(Protocol):
    advertisements: Iterable[_Packet]


class ProxyLink:
    """The connection to a proxy, seen as an adapter: it can be lost, and it has no switch."""

    can_be_cycled = False
    can_fall_silent = True
    state = AdapterState.READY  # the next try tells
    can_listen_passively = True

    def __init__(self) -> None:
        self.losses = 0
        self._change = asyncio.Event()

    def lose(self) -> None:
        """Note that the connection is gone."""
        self.losses += 1
        self._change.set()

    async def watch(self) -> None:
        """The connection watches itself."""
        await asyncio.get_running_loop().create_future()

    async def looked_at(self, patience_s: float) -> None:
        """There is nothing to look at before the first try."""

    async def changed(self, patience_s: float) -> None:
        """Wait for a loss, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._change.wait()
        self._change.clear()

    async def power(self, *, on: bool) -> None:
        """It has no switch."""


class EsphomeRadio:
    """The radio behind `--radio esphome:[KEY@]HOST[:PORT]`.

    Args:
        address: name or address of the proxy; before it, where the proxy has one, its encryption key in base64.

    Raises:
        ValueError: there is no host in it, or the port is no number.
    """

    def __init__(self, address: str) -> None:
        key, _, place = address.rpartition("@")
        host, _, port = place.partition(":")
        if not host or (port and not port.isdigit()):
            raise ValueError("write it as esphome:host, esphome:host:port or esphome:key@host")
        self.host, self.port, self.key = host, int(port or _PORT), key or None
        self.name = f"esphome:{self.host}:{self.port}"
        self.clock: Clock = SystemClock()
        self.adapter_link = ProxyLink()
        self.scanner_backend: type[BaseBleakScanner] | None = type(
            "BoundProxyScanner", (ProxyScanner,), {"radio": self}
        )


class ProxyScanner(BaseBleakScanner):
    """Bleak's scanner on what a proxy hears."""

    radio: EsphomeRadio

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "passive",
        **options: object,
    ) -> None:
        del scanning_mode, options  # the proxy's own configuration says how it scans
        super().__init__(detection_callback, service_uuids)
        self._client: APIClient | None = None

    @override
    async def start(self) -> None:
        """Connect to the proxy and ask for its packets.

        Raises:
            OSError: it is not there, or it wants another key.
        """
        self.seen_devices = {}
        self._client = APIClient(
            self.radio.host, self.radio.port, None, noise_psk=self.radio.key, keepalive=_PING_EVERY_S
        )
        try:
            await self._client.connect(on_stop=self._lost, login=True, log_errors=False)
            self._client.subscribe_bluetooth_le_raw_advertisements(self._take)
        except APIConnectionError as fault:
            raise ConnectionError(f"the proxy does not answer: {type(fault).__name__}") from None

    @override
    async def stop(self) -> None:
        """Let go of the proxy. A repeat is harmless."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await client.disconnect()
        except (APIConnectionError, TimeoutError):
            await client.disconnect(force=True)

    async def _lost(self, expected: bool) -> None:  # noqa: FBT001 - the library calls it so
        del expected
        if self._client is not None:
            self.radio.adapter_link.lose()

    def _take(self, told: _Packets) -> None:
        for packet in told.advertisements:
            said = parse_advertisement_data((packet.data,))
            advertisement = AdvertisementData(
                local_name=said.local_name,
                manufacturer_data=said.manufacturer_data,
                service_data=said.service_data,
                service_uuids=said.service_uuids,
                tx_power=said.tx_power,
                rssi=packet.rssi,
                platform_data=(),
            )
            address = packet.address.to_bytes(_ADDRESS_BYTES, "big").hex(":").upper()
            # Not by create_or_update_device: bleak remembers every address for as long as it listens, and phones change
            # theirs every quarter of an hour.
            self.call_detection_callbacks(BLEDevice(address, said.local_name, None), advertisement)
