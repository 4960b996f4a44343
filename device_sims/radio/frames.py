"""How one packet on the simulated air is written on the socket between the simulator and a gateway's radio."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# What a receiver says first. Asking for the time does not count as listening.
LISTEN: Final = b"L"
ASK_TIME: Final = b"T"

# Number (0: only the time), microseconds since 1970, address, RSSI in dBm, 16-bit service UUID, length of what follows.
_HEAD: Final = struct.Struct("<Qq6sbHB")
_ACKNOWLEDGEMENT: Final = struct.Struct("<Q")
ACKNOWLEDGEMENT_BYTES: Final = _ACKNOWLEDGEMENT.size

# sun_path has 108 bytes on Linux and 104 on macOS, with a zero at the end.
_LONGEST_SOCKET_PATH: Final = 100


class AirAddressError(ValueError):
    """The path cannot be that of a socket."""


@dataclass(frozen=True, slots=True)
class Packet:
    """What one sensor puts on the air at one moment (aware), with the strength at which the gateway hears it."""

    at: datetime
    address: bytes
    rssi_dbm: int
    service_uuid16: int
    service_data: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A numbered packet, or only the time of the world."""

    number: int
    at: datetime
    packet: Packet | None


def usable_address(path: Path) -> Path:
    """Return the path.

    Raises:
        AirAddressError: it is too long for a UNIX socket.
    """
    if len(str(path).encode()) > _LONGEST_SOCKET_PATH:
        raise AirAddressError(
            f"the radio's address {path} is longer than the {_LONGEST_SOCKET_PATH} characters a socket may have: "
            "put it in a short folder such as /tmp"
        )
    return path


def write_packet(number: int, packet: Packet) -> bytes:
    """Write packet `number` (from 1)."""
    body = packet.service_data
    head = _HEAD.pack(number, _micros(packet.at), packet.address, packet.rssi_dbm, packet.service_uuid16, len(body))
    return head + body


def write_time(now: datetime) -> bytes:
    """Write only the time: nothing is on the air."""
    return _HEAD.pack(0, _micros(now), bytes(6), 0, 0, 0)


def write_acknowledgement(number: int) -> bytes:
    """Write that everything up to `number` was heard."""
    return _ACKNOWLEDGEMENT.pack(number)


def read_acknowledgement(data: bytes) -> int:
    """Return up to which number everything was heard."""
    number: int = _ACKNOWLEDGEMENT.unpack(data)[0]
    return number


class FrameReader:
    """Cuts what comes out of a socket, in pieces of any size, back into frames."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are whole now, in order."""
        data = self._rest + data
        start = 0
        while len(data) - start >= _HEAD.size:
            number, micros, address, rssi, uuid16, length = _HEAD.unpack_from(data, start)
            body = start + _HEAD.size
            if len(data) < body + length:
                break
            at = _EPOCH + micros * _MICROSECOND
            yield Frame(number, at, Packet(at, address, rssi, uuid16, data[body : body + length]) if number else None)
            start = body + length
        self._rest = data[start:]


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
