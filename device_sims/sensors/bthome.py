"""Measurements as BTHome v2 service data, written from the published format and never from a decoder.

Source: bthome.io, pages "Data format" (device information, object ids, lengths, factors) and "Encryption" (AES-CCM).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

# The 16-bit UUID of BTHome. In the nonce, as in the advertisement, its least significant byte stands first.
SERVICE_UUID16: Final = 0xFCD2
_UUID_ON_AIR: Final = SERVICE_UUID16.to_bytes(2, "little")

_VERSION_2: Final = 2 << 5  # bits 5 to 7
_TRIGGER_BASED: Final = 1 << 2  # sends when something happens, not at a steady interval
_ENCRYPTED: Final = 1 << 0

_MIC_BYTES: Final = 4
_KEY_BYTES: Final = 16
_COUNTER_MAX: Final = 2**32 - 1


class Press(IntEnum):
    """What was done to a button."""

    NONE = 0x00
    PRESS = 0x01
    DOUBLE = 0x02
    TRIPLE = 0x03
    LONG = 0x04
    HOLD = 0x80


@dataclass(frozen=True, slots=True)
class Measurement:
    """One object of a packet: its id, then its value as it goes on the air."""

    object_id: int
    value: bytes


def packet_id(number: int) -> Measurement:
    """Number a packet; it wraps at 256, as in a real sensor."""
    return Measurement(0x00, (number % 256).to_bytes(1, "little"))


def battery(percent: int) -> Measurement:
    """Say how full the battery is, 0 to 100 percent."""
    return Measurement(0x01, _scaled(percent, 1, 1))


def temperature(celsius: float) -> Measurement:
    """Say a temperature to a hundredth of a degree Celsius."""
    return Measurement(0x02, _scaled(celsius, 0.01, 2, signed=True))


def temperature_coarse(celsius: float) -> Measurement:
    """Say a temperature to a tenth of a degree Celsius."""
    return Measurement(0x45, _scaled(celsius, 0.1, 2, signed=True))


def humidity(percent: float) -> Measurement:
    """Say the relative humidity to a hundredth of a percent."""
    return Measurement(0x03, _scaled(percent, 0.01, 2))


def humidity_coarse(percent: int) -> Measurement:
    """Say the relative humidity in whole percent."""
    return Measurement(0x2E, _scaled(percent, 1, 1))


def illuminance(lux: float) -> Measurement:
    """Say how light it is, to a hundredth of a lux."""
    return Measurement(0x05, _scaled(lux, 0.01, 3))


def power(watts: float) -> Measurement:
    """Say how much electricity is used, to a hundredth of a watt."""
    return Measurement(0x0B, _scaled(watts, 0.01, 3))


def occupancy(*, is_occupied: bool) -> Measurement:
    """Say whether somebody is there: in a bed, on a chair, in a room."""
    return Measurement(0x23, _flag(is_occupied))


def door(*, is_open: bool) -> Measurement:
    """Say whether a door stands open."""
    return Measurement(0x1A, _flag(is_open))


def window(*, is_open: bool) -> Measurement:
    """Say whether a window stands open."""
    return Measurement(0x2D, _flag(is_open))


def motion(*, is_moving: bool) -> Measurement:
    """Say whether somebody moves."""
    return Measurement(0x21, _flag(is_moving))


def moisture(*, is_wet: bool) -> Measurement:
    """Say whether there is water on the floor."""
    return Measurement(0x20, _flag(is_wet))


def smoke(*, is_smoke: bool) -> Measurement:
    """Say whether there is smoke."""
    return Measurement(0x29, _flag(is_smoke))


def button(press: Press) -> Measurement:
    """Say what was done to the button."""
    return Measurement(0x3A, bytes([press]))


def plain(measurements: Iterable[Measurement], *, trigger_based: bool = False) -> bytes:
    """Return the service data of an unencrypted packet. Objects go in order of their ids, as the format demands."""
    return bytes([_device_information(trigger_based=trigger_based, encrypted=False)]) + _payload(measurements)


@dataclass(frozen=True, slots=True)
class Seal:
    """Encrypts the packets of one sensor.

    Args:
        address: the sensor's six-byte address, in the order in which it is written.
        key: the sixteen-byte bind key.

    Raises:
        ValueError: the address or the key is not that long.
    """

    address: bytes
    key: bytes
    _cipher: AESCCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.address) != 6 or len(self.key) != _KEY_BYTES:  # noqa: PLR2004 - a BLE address
            raise ValueError("a sensor's address has 6 bytes and its key 16")
        object.__setattr__(self, "_cipher", AESCCM(self.key, tag_length=_MIC_BYTES))

    def close(self, measurements: Iterable[Measurement], counter: int, *, trigger_based: bool = False) -> bytes:
        """Return the service data of an encrypted packet.

        Args:
            measurements: what to say.
            counter: must rise with every packet (32 bits); a receiver refuses one that does not.
            trigger_based: the sensor sends when something happens, not at a steady interval.

        Raises:
            ValueError: the counter does not fit.
        """
        if not 0 <= counter <= _COUNTER_MAX:
            raise ValueError(f"an encryption counter has 32 bits, {counter} does not fit")
        information = bytes([_device_information(trigger_based=trigger_based, encrypted=True)])
        on_air = counter.to_bytes(4, "little")
        nonce = self.address + _UUID_ON_AIR + information + on_air
        sealed = self._cipher.encrypt(nonce, _payload(measurements), None)
        return information + sealed[:-_MIC_BYTES] + on_air + sealed[-_MIC_BYTES:]


def _device_information(*, trigger_based: bool, encrypted: bool) -> int:
    return _VERSION_2 | (_TRIGGER_BASED if trigger_based else 0) | (_ENCRYPTED if encrypted else 0)


def _payload(measurements: Iterable[Measurement]) -> bytes:
    ordered = sorted(measurements, key=lambda one: one.object_id)  # two of the same kind keep their order
    return b"".join(bytes([one.object_id]) + one.value for one in ordered)


def _scaled(value: float, factor: float, length: int, *, signed: bool = False) -> bytes:
    try:
        return round(value / factor).to_bytes(length, "little", signed=signed)
    except OverflowError:
        raise ValueError(f"{value} cannot be said in {length} bytes with a factor of {factor}") from None


def _flag(is_so: bool) -> bytes:  # noqa: FBT001 - the one bit itself
    return b"\x01" if is_so else b"\x00"
