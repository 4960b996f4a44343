"""ThermoBeacon (Brifit, Oria ...) thermometers and hygrometers; read by thermobeacon-ble.

They have a button for their own display; the library calls it occupancy, which it is not.
"""

from thermobeacon_ble import ThermoBeaconBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

_COMPANIES = (0x10, 0x11, 0x14, 0x15, 0x18, 0x1B, 0x30)  # the model, where the company number belongs
_MEASUREMENT_LENGTH = 18  # one of 20 bytes holds the highest and lowest values since the start
_SERVICE = library.uuid(0xFFF0)


def claims(advertisement: Advertisement) -> bool:
    """Tell whether it holds a measurement, by its length."""
    return any(len(data) == _MEASUREMENT_LENGTH for data in plain.only(advertisement, _COMPANIES).values())


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: its values are beyond what the sensor can measure.
    """
    plain.refuse_key(bind_key)
    heard = plain.only(advertisement, _COMPANIES)
    update = library.parse(
        ThermoBeaconBluetoothDeviceData(), advertisement, manufacturer_data=heard, service_uuids=[_SERVICE]
    )
    return plain.reading(update, library.manufacturer_packet(heard))


THERMOBEACON = Family("ThermoBeacon", decode, companies=_COMPANIES, claims=claims)
