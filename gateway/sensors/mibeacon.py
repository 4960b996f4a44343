"""Sensors of Xiaomi and its partners (Aqara, Linptech, Yeelight ...): MiBeacon versions 2 to 5; read by xiaomi-ble.

Source: the maker's "MiBeacon protocol" in the repository MiEcosystem/miio_open.
"""

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library
from gateway.sensors.family import Family
from gateway.sensors.reading import NotEncryptedError, Reading, UndecodableAdvertisementError, WrongKeyError
from gateway.sensors.xiaomi_library import PARSER

_SERVICE = 0xFE95
_SERVICE_DATA = library.uuid(_SERVICE)

# Frame control, the first two bytes; then come the product (2), the frame counter (1) and, where said, the address (6).
_ENCRYPTED = 0x0008
_WITH_ADDRESS = 0x0010
_WITH_MEASUREMENT = 0x0040
_VERSION_SHIFT = 12
_CHECKED_SINCE_VERSION = 4  # before that a wrong key opens a packet as well as the right one, to nonsense
_PRODUCT = slice(2, 4)
_NUMBER = 4
_HEAD_LENGTH = 5
_ADDRESS = slice(5, 11)

# Behind an encrypted measurement stand three more bytes of the counter, whose lowest byte is the frame counter, and
# the check.
_COUNTER_REST = slice(-7, -4)
_TRAILER_LENGTH = 7
_LEAST_CONTENT = 2  # less is taken for a wrong key by the library

# The maker promises only that the three bytes are never used twice with the same frame counter. All products of which
# packets are published count in them, save this thermometer (LYWSD02MMC).
_NOT_COUNTING = frozenset({0x16E4})

_NUMBERS = {
    "temperature": SensorKind.TEMPERATURE,
    "humidity": SensorKind.HUMIDITY,
    "illuminance": SensorKind.LIGHT,
}
_STATES = {
    "motion": SensorKind.MOTION,
    "occupancy": SensorKind.MOTION,
    "door": SensorKind.DOOR,
    "opening": SensorKind.DOOR,
    "moisture": SensorKind.WATER_LEAK,
    "bottom_submersion": SensorKind.WATER_LEAK,
    "top_splash": SensorKind.WATER_LEAK,
    "smoke": SensorKind.SMOKE,
}
_EVENTS = {"button": library.PRESSES, "motion": {"motion_detected": (SensorKind.MOTION, 1.0)}}
_MEANINGS = library.Meanings(_NUMBERS, _STATES, _EVENTS)
# Sensors that feel weight: what they call occupancy is somebody on the mattress.
_WEIGHT_MEANINGS = library.Meanings(_NUMBERS, {**_STATES, "occupancy": SensorKind.BED}, _EVENTS)
_FEELING_WEIGHT = frozenset({0x3F4C})  # PS1BB


def claims(advertisement: Advertisement) -> bool:
    """Tell whether it holds a measurement: the same devices also announce themselves, plain, with nothing to say."""
    packet = advertisement.service_data.get(_SERVICE_DATA, b"")
    return bool(packet) and bool(packet[0] & _WITH_MEASUREMENT)


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: it is plain, and the sensor has a key.
        WrongKeyError: it is encrypted, and the key does not open it, there is none, or its encryption has no check.
        UndecodableAdvertisementError: it breaks off, names another sender, or is of an unknown product.
    """
    packet = advertisement.service_data[_SERVICE_DATA]
    is_encrypted = _check_frame(packet, advertisement.sensor_id, bind_key)
    parser = PARSER(bindkey=bytes.fromhex(bind_key) if bind_key else None)
    update = library.parse(parser, advertisement, service_data={_SERVICE_DATA: packet})
    product = int.from_bytes(packet[_PRODUCT], "little")
    if parser.last_service_info is None:
        raise UndecodableAdvertisementError(f"MiBeacon packet that is broken, or of the unknown product {product:#06x}")
    if is_encrypted and not parser.bindkey_verified:
        raise WrongKeyError(
            "encrypted MiBeacon packet that the key does not open; is it this sensor's key and address?"
        )
    return Reading(
        measures=library.measures(update, _WEIGHT_MEANINGS if product in _FEELING_WEIGHT else _MEANINGS),
        packet=packet,
        packet_id=packet[_NUMBER],
        counter=_counter(packet) if is_encrypted and product not in _NOT_COUNTING else None,
        is_encrypted=is_encrypted,
        battery_percent=library.battery(update),
        title=library.title(update),
    )


MIBEACON = Family("MiBeacon", decode, services=(_SERVICE,), claims=claims)


def _check_frame(packet: bytes, sensor_id: str, bind_key: str | None) -> bool:
    """Return whether the packet is encrypted, having made sure that it may be read at all."""
    if len(packet) < _HEAD_LENGTH:
        raise UndecodableAdvertisementError(f"MiBeacon packet of only {len(packet)} bytes")
    control = int.from_bytes(packet[:2], "little")
    if control & _WITH_ADDRESS and packet[_ADDRESS][::-1].hex() != sensor_id:
        raise UndecodableAdvertisementError("MiBeacon packet that names another sender than the one it was heard from")
    if not control & _ENCRYPTED:
        if bind_key:
            raise NotEncryptedError("plain MiBeacon packet from a sensor that has a key")
        return False
    if control >> _VERSION_SHIFT < _CHECKED_SINCE_VERSION:
        raise WrongKeyError("MiBeacon packet in the old encryption, which cannot be checked and so is not believed")
    if not bind_key:
        raise WrongKeyError("encrypted MiBeacon packet, and no key is known for its sensor")
    head = _ADDRESS.stop if control & _WITH_ADDRESS else _HEAD_LENGTH
    if len(packet) < head + _LEAST_CONTENT + _TRAILER_LENGTH:
        raise UndecodableAdvertisementError(f"encrypted MiBeacon packet of only {len(packet)} bytes")
    return True


def _counter(packet: bytes) -> int:
    return int.from_bytes(packet[_COUNTER_REST], "little") << 8 | packet[_NUMBER]
