"""Measurements as Xiaomi's MiBeacon version 5, encrypted, written from the protocol's page and never from a decoder.

Source: "Mijia BLE Broadcasting Protocol: Mi Beacon" (MiEcosystem/miio_open; in English in pvvx/ATC_MiThermometer), and
the products' object numbers in home.miot-spec.com.
"""

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

SERVICE_UUID16: Final = 0xFE95

_ENCRYPTED: Final = 1 << 3
_WITH_ADDRESS: Final = 1 << 4
_WITH_OBJECT: Final = 1 << 6
_REGISTERED: Final = 1 << 8
_STANDARD_LOGIN: Final = 2 << 10
_VERSION_5: Final = 5 << 12
_CONTROL: Final = _VERSION_5 | _STANDARD_LOGIN | _REGISTERED | _WITH_OBJECT | _ENCRYPTED

_ASSOCIATED: Final = b"\x11"
_MIC_BYTES: Final = 4
_KEY_BYTES: Final = 16
_COUNTER_MAX: Final = 2**32 - 1


class Product(IntEnum):
    """The number by which a product is known."""

    MOTION_HS1BB = 0x2AEB
    DOOR_MS1BB = 0x1889
    PRESSURE_PS1BB = 0x3F4C
    FLOOD_SJWS01LM = 0x0863
    SMOKE_JTYJGD03MI = 0x0997


def motion(lux: float) -> bytes:
    """Say that somebody moves, and how light it is."""
    return _object(0x4A08, struct.pack("<f", lux))


def no_motion(for_seconds: int) -> bytes:
    """Say that nobody has moved for so long."""
    return _object(0x4818, for_seconds.to_bytes(2, "little"))


def door(*, is_open: bool) -> bytes:
    """Say whether a door stands open."""
    return _object(0x4A12, b"\x01" if is_open else b"\x02")


def pressure(*, is_present: bool) -> bytes:
    """Say whether somebody lies or sits on it."""
    return _object(0x483C, b"\x01" if is_present else b"\x00")


def water(*, is_wet: bool) -> bytes:
    """Say whether there is water on the floor."""
    return _object(0x1014, b"\x01" if is_wet else b"\x00")


def smoke(*, is_smoke: bool) -> bytes:
    """Say whether there is smoke."""
    return _object(0x1015, b"\x01" if is_smoke else b"\x00")


def battery(percent: int) -> bytes:
    """Say how full the battery is."""
    return _object(0x4C03, bytes([percent]))


@dataclass(frozen=True, slots=True)
class Seal:
    """Encrypts the packets of one sensor.

    Args:
        address: the sensor's six-byte address, in the order in which it is written.
        key: the sixteen-byte bind key.
        product: what it is.

    Raises:
        ValueError: the address or the key is not that long.
    """

    address: bytes
    key: bytes
    product: int
    _cipher: AESCCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.address) != 6 or len(self.key) != _KEY_BYTES:  # noqa: PLR2004 - a BLE address
            raise ValueError("a sensor's address has 6 bytes and its key 16")
        object.__setattr__(self, "_cipher", AESCCM(self.key, tag_length=_MIC_BYTES))

    def close(self, content: bytes, counter: int, *, with_address: bool = True) -> bytes:
        """Return the service data of one packet.

        Args:
            content: one object.
            counter: must rise with every packet (32 bits): the lowest byte is the frame counter.
            with_address: whether the packet names its sender; it has to where the content leaves room.

        Raises:
            ValueError: the counter does not fit.
        """
        if not 0 <= counter <= _COUNTER_MAX:
            raise ValueError(f"an encryption counter has 32 bits, {counter} does not fit")
        count = counter.to_bytes(4, "little")
        frame, rest = self.product.to_bytes(2, "little") + count[:1], count[1:]
        control = (_CONTROL | (_WITH_ADDRESS if with_address else 0)).to_bytes(2, "little")
        backwards = self.address[::-1]
        sealed = self._cipher.encrypt(backwards + frame + rest, content, _ASSOCIATED)
        sender = backwards if with_address else b""
        return control + frame + sender + sealed[:-_MIC_BYTES] + rest + sealed[-_MIC_BYTES:]


def _object(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "little") + bytes([len(content)]) + content
