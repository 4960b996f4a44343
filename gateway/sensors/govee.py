"""Govee thermometers, motion, door, presence, pressure sensors and buttons; read by govee-ble.

Its buttons, doors and motion sensors scramble a packet with a key that stands in it: that is no proof of the sender,
so they count as plain. Such a packet carries the time since the sensor's start in milliseconds.
"""

from collections.abc import Mapping

from govee_ble import GoveeBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

# Govee owns none of these: its devices write other things where the company number belongs.
_COMPANIES = (
    *(0xEC88, 0x8801, 0x8803, 0x8843),  # thermometers; 0x8803 and 0x8843 also presence
    *(0xF861, 0x388A, 0xEA42, 0xAAA2, 0xD14B, 0x67DD, 0xE02F, 0xF79F),  # probes: H5181, H5183
    *(0x2730, 0x1B36, 0x4A32, 0x0332, 0x4C32, 0xAC63, 0x3022),  # probes: H5182, H5184, H5185, H5191, H5198
)
# Probes that are known by the service they name: H5181 to H5185, H5191, H5198, H5055.
_ADVERTISED = tuple(
    library.uuid(service) for service in (0x8151, 0x8251, 0x8351, 0x8451, 0x8551, 0x9151, 0x9851, 0x5550)
)
_NAMES = ("Govee", "GVH5", "GV51", "H51", "H50", "B5178")
_APPLE = 0x004C  # the devices also send an iBeacon
_STAMPED_LENGTH = 24

_MEANINGS = library.Meanings(
    numbers={**library.CLIMATE.numbers, "temperature_probe": SensorKind.TEMPERATURE},
    states={
        "window": SensorKind.DOOR,
        "motion": SensorKind.MOTION,
        "occupancy": SensorKind.MOTION,
        "presence": SensorKind.BED,  # of the H5130, which feels weight
    },
    events={"button": library.PRESSES, "motion": {"motion": (SensorKind.MOTION, 1.0)}},
)


def claims(advertisement: Advertisement) -> bool:
    """Tell whether there is anything in it besides an iBeacon."""
    return any(company != _APPLE for company in advertisement.manufacturer_data)


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is of no known model, or breaks off.
    """
    plain.refuse_key(bind_key)
    heard = {company: data for company, data in advertisement.manufacturer_data.items() if company != _APPLE}
    update = library.parse(GoveeBluetoothDeviceData(), advertisement, manufacturer_data=heard)
    return plain.reading(update, library.manufacturer_packet(heard), _MEANINGS, has_stamp=_has_stamp(heard))


GOVEE = Family("Govee", decode, companies=_COMPANIES, advertised=_ADVERTISED, names=_NAMES, claims=claims)


def _has_stamp(heard: Mapping[int, bytes]) -> bool:
    return any(len(data) == _STAMPED_LENGTH for data in heard.values())
