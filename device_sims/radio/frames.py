"""How one packet on the simulated air is written on the socket between the simulator and a gateway's radio."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# What a receiver says first. Asking for the time does not count as listening.
LISTEN: Final = b"L"
ASK_TIME: Final = b"T"

# Number (0: only the time), microseconds since 1970, address, RSSI in dBm, `Part`, its 16-bit number, its length.
_HEAD: Final = struct.Struct("<Qq6sbBHB")
_ACKNOWLEDGEMENT: Final = struct.Struct("<Q")
ACKNOWLEDGEMENT_BYTES: Final = _ACKNOWLEDGEMENT.size

# sun_path has 108 bytes on Linux and 104 on macOS, with a zero at the end.
_LONGEST_SOCKET_PATH: Final = 100


class AirAddressError(ValueError):
    """The path cannot be that of a socket."""


class Part(IntEnum):
    """Where in an advertisement the data stand. Source: Bluetooth Assigned Numbers, 2.3, "common data types"."""

    SERVICE_DATA = 0x16
    MANUFACTURER_DATA = 0xFF


@dataclass(frozen=True, slots=True)
class Packet:
    """What one sensor puts on the air at one moment (aware), with the strength at which the gateway hears it."""

    at: datetime
    address: bytes
    rssi_dbm: int
    number: int  # of the service or of the company, 16 bits
    data: bytes
    part: Part = Part.SERVICE_DATA


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


def write_packet(number: int, packet: Packet, clock_error: timedelta = timedelta()) -> bytes:
    """Write packet `number` (from 1) for a listener whose clock is ahead by `clock_error`."""
    at, size = _micros(packet.at + clock_error), len(packet.data)
    head = _HEAD.pack(number, at, packet.address, packet.rssi_dbm, packet.part, packet.number, size)
    return head + packet.data


def write_time(now: datetime) -> bytes:
    """Write only the time: nothing is on the air."""
    return _HEAD.pack(0, _micros(now), bytes(6), 0, 0, 0, 0)


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
            number, micros, address, rssi, part, named, length = _HEAD.unpack_from(data, start)
            body = start + _HEAD.size
            if len(data) < body + length:
                break
            at = _EPOCH + micros * _MICROSECOND
            end = body + length
            yield Frame(number, at, Packet(at, address, rssi, named, data[body:end], Part(part)) if number else None)
            start = end
        self._rest = data[start:]


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
