"""Sensors that speak BTHome version 2, plain or encrypted, among them the Shelly BLU ones; read by bthome-ble.

Source: bthome.io/format.
"""

from bthome_ble import BTHomeBluetoothDeviceData

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
_TRAILER_LENGTH = 8
_ADDRESS_LENGTH = 6

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


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: it is plain, and the sensor has a key.
        WrongKeyError: it is encrypted, and the key does not open it or there is none.
        UndecodableAdvertisementError: it is not BTHome version 2, or breaks off before its first measurement.
    """
    packet = advertisement.service_data[_SERVICE_DATA]
    is_encrypted = _check_frame(packet, bind_key)
    parser = BTHomeBluetoothDeviceData(bindkey=bytes.fromhex(bind_key) if bind_key else None)
    update = library.parse(parser, advertisement, service_data={_SERVICE_DATA: packet})
    if is_encrypted and not parser.bindkey_verified:
        raise WrongKeyError("encrypted BTHome packet that the key does not open; is it this sensor's key and address?")
    if parser.last_service_info is None:
        raise UndecodableAdvertisementError(f"BTHome packet of {len(packet)} bytes without a readable measurement")
    packet_id = next((int(value) for name, value in library.numbers(update) if name == "packet_id"), None)
    return Reading(
        measures=library.measures(update, _MEANINGS),
        packet=packet,
        packet_id=packet_id,
        counter=int.from_bytes(packet[_COUNTER], "little") if is_encrypted else None,
        is_encrypted=is_encrypted,
        battery_percent=library.battery(update),
        title=library.title(update),
    )


BTHOME = Family("BTHome v2", decode, services=(_SERVICE,))


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
