"""Sensors that speak BTHome version 2, plain or encrypted, among them the Shelly BLU ones; read by bthome-ble.

Source: bthome.io/format.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from bthome_ble import BTHomeBluetoothDeviceData
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library
from gateway.sensors.family import Family
from gateway.sensors.reading import NotEncryptedError, Reading, UndecodableAdvertisementError, WrongKeyError

_SERVICE = 0xFCD2
_SERVICE_DATA = library.uuid(_SERVICE)

# The first byte of the service data.
_ENCRYPTED = 0x01
_WITH_ADDRESS = 0x02
_VERSION_SHIFT = 5
_VERSION = 2

# Behind an encrypted payload stand its counter and its check, four bytes each.
_COUNTER = slice(-8, -4)
_CHECK_LENGTH = 4
_TRAILER_LENGTH = 8
_ADDRESS_LENGTH = 6
_ON_AIR = _SERVICE.to_bytes(2, "little")

_PACKET_ID = 0x00  # the object that numbers a packet; it stands first, as objects stand in the order of their numbers
_PACKET_ID_LENGTH = 2
_UNNUMBERED = bytes((_PACKET_ID, 0))  # number nought for all, so that what else they say can be the same

# What sensors have said lately and how it was read: a beacon says the same again under a new number.
_REMEMBERED = 512
_WHENEVER = datetime(2000, 1, 1, tzinfo=UTC)  # what a packet says does not depend on when it was heard

_MEANINGS = library.Meanings(
    numbers={
        "temperature": SensorKind.TEMPERATURE,
        "humidity": SensorKind.HUMIDITY,
        "illuminance": SensorKind.LIGHT,
        "power": SensorKind.POWER,
    },
    states={
        "motion": SensorKind.MOTION,
        "occupancy": SensorKind.MOTION,
        "presence": SensorKind.MOTION,
        "door": SensorKind.DOOR,
        "garage_door": SensorKind.DOOR,
        "opening": SensorKind.DOOR,
        "window": SensorKind.DOOR,
        "moisture": SensorKind.WATER_LEAK,
        "smoke": SensorKind.SMOKE,
    },
    events={"button": library.PRESSES},
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What stands in a packet, whatever its number and its seal."""

    measures: tuple[tuple[SensorKind, float], ...]
    packet_id: int | None
    battery_percent: float | None
    title: str | None


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: it is plain, and the sensor has a key.
        WrongKeyError: it is encrypted, and the key does not open it or there is none.
        UndecodableAdvertisementError: it is not BTHome version 2, or breaks off before its first measurement.
    """
    packet = advertisement.service_data[_SERVICE_DATA]
    is_encrypted = _check_frame(packet, bind_key)
    head = 1 + (_ADDRESS_LENGTH if packet[0] & _WITH_ADDRESS else 0)
    content = _opened(packet, head, advertisement.sensor_id, bind_key) if bind_key else packet[head:]
    packet_id = None
    if len(content) >= _PACKET_ID_LENGTH and content[0] == _PACKET_ID:
        packet_id, content = content[1], _UNNUMBERED + content[_PACKET_ID_LENGTH:]
    said = _read(advertisement.address, advertisement.name, packet[0] & ~(_ENCRYPTED | _WITH_ADDRESS), content)
    return Reading(
        measures=said.measures,
        packet=packet,
        packet_id=said.packet_id if packet_id is None else packet_id,
        counter=int.from_bytes(packet[_COUNTER], "little") if is_encrypted else None,
        is_encrypted=is_encrypted,
        battery_percent=said.battery_percent,
        title=said.title,
    )


BTHOME = Family("BTHome v2", decode, services=(_SERVICE,))


@lru_cache(maxsize=_REMEMBERED)
def _read(address: str, name: str | None, head: int, content: bytes) -> _Said:
    """Let the library read the content of a packet as a plain one. The same content always reads the same."""
    plain = {_SERVICE_DATA: bytes((head,)) + content}
    parser = BTHomeBluetoothDeviceData()
    update = library.parse(parser, Advertisement(address, name, plain, {}, None, _WHENEVER), service_data=plain)
    if parser.last_service_info is None:
        raise UndecodableAdvertisementError(f"BTHome packet without a readable measurement in {len(content)} bytes")
    packet_id = next((int(value) for word, value in library.numbers(update) if word == "packet_id"), None)
    return _Said(library.measures(update, _MEANINGS), packet_id, library.battery(update), library.title(update))


def _opened(packet: bytes, head: int, sensor_id: str, bind_key: str) -> bytes:
    """Return what is in an encrypted packet.

    The library does this too, but would then have to read every beacon anew. Source: bthome.io/encryption.

    Raises:
        WrongKeyError: the key does not open it.
    """
    try:
        sender = packet[1:head][::-1] or bytes.fromhex(sensor_id)
        nonce = sender + _ON_AIR + packet[:1] + packet[_COUNTER]
        return _cipher(bind_key).decrypt(nonce, packet[head:-_TRAILER_LENGTH] + packet[-_CHECK_LENGTH:], None)
    except (InvalidTag, ValueError):  # the second: a sender without an address, as some platforms have it
        raise WrongKeyError(
            "encrypted BTHome packet that the key does not open; is it this sensor's key and address?"
        ) from None


@lru_cache(maxsize=_REMEMBERED)
def _cipher(bind_key: str) -> AESCCM:
    return AESCCM(bytes.fromhex(bind_key), tag_length=_CHECK_LENGTH)


def _check_frame(packet: bytes, bind_key: str | None) -> bool:
    """Return whether the packet is encrypted, having made sure that it may be read at all."""
    if not packet or packet[0] >> _VERSION_SHIFT != _VERSION:
        raise UndecodableAdvertisementError("not a BTHome version 2 packet")
    is_encrypted = bool(packet[0] & _ENCRYPTED)
    if bind_key and not is_encrypted:
        raise NotEncryptedError("plain BTHome packet from a sensor that has a key")
    head = 1 + (_ADDRESS_LENGTH if packet[0] & _WITH_ADDRESS else 0)
    if is_encrypted and len(packet) <= head + _TRAILER_LENGTH + 1:
        raise UndecodableAdvertisementError(f"encrypted BTHome packet of only {len(packet)} bytes")
    if is_encrypted and not bind_key:
        raise WrongKeyError("encrypted BTHome packet, and no key is known for its sensor")
    return is_encrypted
