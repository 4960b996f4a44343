"""Qingping (ClearGrass) thermometers, motion, door and light sensors in their own format; read by qingping-ble."""

from qingping_ble import QingpingBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

_SERVICE = 0xFDCD
_SERVICE_DATA = library.uuid(_SERVICE)
_MEANINGS = library.Meanings(
    numbers={**library.CLIMATE.numbers, "illuminance": SensorKind.LIGHT},
    states={"motion": SensorKind.MOTION, "door": SensorKind.DOOR},
)

# Behind a head with the address stand blocks: what (1), length (1), content. One of them numbers the packet of an
# event; the library leaves it out.
_HEAD_LENGTH = 8
_PACKET_NUMBER = 0x0F


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is of no known model, or breaks off.
    """
    plain.refuse_key(bind_key)
    packet = advertisement.service_data[_SERVICE_DATA]
    update = library.parse(QingpingBluetoothDeviceData(), advertisement, service_data={_SERVICE_DATA: packet})
    return plain.reading(update, packet, _MEANINGS, packet_id=_packet_number(packet))


QINGPING = Family("Qingping", decode, services=(_SERVICE,))


def _packet_number(packet: bytes) -> int | None:
    place = _HEAD_LENGTH
    while place + 2 < len(packet):
        what, length = packet[place], packet[place + 1]
        if what == _PACKET_NUMBER and length == 1:
            return packet[place + 2]
        place += 2 + length
    return None
