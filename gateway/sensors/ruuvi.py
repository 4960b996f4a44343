"""RuuviTag and Ruuvi Air: temperature, humidity, light; read by ruuvitag-ble.

Source: docs.ruuvi.com, data formats 3, 5, 6 and E1. They tell the battery's voltage and never a percentage.
"""

from ruuvitag_ble import RuuvitagBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

_COMPANIES = (0x0499,)
# The older tags fill a packet up behind these formats; the library takes them only at their exact length.
_LENGTHS = {0x03: 14, 0x05: 24}
_MEANINGS = library.Meanings(numbers={**library.CLIMATE.numbers, "illuminance": SensorKind.LIGHT})


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is none of the four formats, or breaks off.
    """
    plain.refuse_key(bind_key)
    heard = plain.only(advertisement, _COMPANIES)
    whole = {company: data[: _LENGTHS.get(data[0], len(data))] for company, data in heard.items() if data}
    update = library.parse(RuuvitagBluetoothDeviceData(), advertisement, manufacturer_data=whole)
    return plain.reading(update, library.manufacturer_packet(heard), _MEANINGS)


RUUVI = Family("Ruuvi", decode, companies=_COMPANIES)
