"""SensorPro thermometers T201 and T301; read by sensorpro-ble."""

from sensorpro_ble import SensorProBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

_COMPANIES = (0xAA55,)


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is of no known model, or breaks off.
    """
    plain.refuse_key(bind_key)
    heard = plain.only(advertisement, _COMPANIES)
    update = library.parse(SensorProBluetoothDeviceData(), advertisement, manufacturer_data=heard)
    return plain.reading(update, library.manufacturer_packet(heard))


SENSORPRO = Family("SensorPro", decode, companies=_COMPANIES)
