"""A simulated ESPHome Bluetooth proxy: speaks its native API, without encryption, to programs on this machine.

Needs the package aioesphomeapi, for the messages only. Source: esphome/aioesphomeapi, api.proto.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO

_PREAMBLE: Final = b"\x00"
_HOST: Final = "127.0.0.1"
_RANDOM_ADDRESS: Final = 1
# Passive scanning, and packets as they came. Source: esphome/components/bluetooth_proxy.
_FEATURES: Final = 0b100001
_NUMBER_OF: Final = {kind.__name__: number for number, kind in MESSAGE_TYPE_TO_PROTO.items()}
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80


class EsphomeProxy:
    """One proxy. It passes on what it hears to every program that has asked for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = 0
        self.listeners: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._answers: dict[str, Callable[[], Any]] = {
            "HelloRequest": self._hello,
            "AuthenticationRequest": lambda: _message("AuthenticationResponse"),
            "DeviceInfoRequest": self._device,
            "PingRequest": lambda: _message("PingResponse"),
            "DisconnectRequest": lambda: _message("DisconnectResponse"),
        }

    async def start(self) -> None:
        """Be there; on the same port as before where it was there already."""
        self._server = await asyncio.start_server(self._serve, _HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull_plug(self) -> None:
        """Be gone, with every connection. A repeat is harmless."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    def hear(self, address: str, data: bytes, rssi_dbm: int) -> None:
        """Hear one packet. `data` are its advertising structures as they came, at most 31 bytes."""
        heard = _message("BluetoothLERawAdvertisementsResponse")
        number = int(address.replace(":", ""), 16)
        heard.advertisements.add(address=number, rssi=rssi_dbm, address_type=_RANDOM_ADDRESS, data=data)
        for listener in self.listeners:
            _send(listener, heard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._answer(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            self.listeners.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one message. Return False when it was the last."""
        await reader.readexactly(len(_PREAMBLE))
        length = await _read_number(reader)
        kind: str = MESSAGE_TYPE_TO_PROTO[await _read_number(reader)].__name__
        await reader.readexactly(length)
        if kind == "SubscribeBluetoothLEAdvertisementsRequest":
            self.listeners.add(writer)
        if kind in self._answers:
            _send(writer, self._answers[kind]())
        return kind != "DisconnectRequest"

    def _hello(self) -> Any:  # noqa: ANN401 - the library makes its messages' types at run time
        return _message("HelloResponse", api_version_major=1, api_version_minor=14, name=self.name)

    def _device(self) -> Any:  # noqa: ANN401
        return _message("DeviceInfoResponse", name=self.name, bluetooth_proxy_feature_flags=_FEATURES)


def _message(kind: str, **fields: object) -> Any:  # noqa: ANN401
    return MESSAGE_TYPE_TO_PROTO[_NUMBER_OF[kind]](**fields)


def _send(writer: asyncio.StreamWriter, message: Any) -> None:  # noqa: ANN401
    body = message.SerializeToString()
    writer.write(_PREAMBLE + _number(len(body)) + _number(_NUMBER_OF[type(message).__name__]) + body)


def _number(value: int) -> bytes:
    written = bytearray()
    while value > _SEVEN_BITS:
        written.append(value & _SEVEN_BITS | _MORE)
        value >>= 7
    written.append(value)
    return bytes(written)


async def _read_number(reader: asyncio.StreamReader) -> int:
    value = shift = 0
    while True:
        (byte,) = await reader.readexactly(1)
        value |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            return value
