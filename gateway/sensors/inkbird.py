"""Inkbird thermometers and hygrometers that say what they measure in their advertisements; read by inkbird-ble."""

from dataclasses import replace

from inkbird_ble import INKBIRDBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

# Two can be known without their names: the IAM-T2, and the food thermometers, which send their own address along.
_IAM_T2 = 0x3254
_FOOD_THERMOMETER = 0x0000
_FOOD_THERMOMETER_NAME = "iBBQ"
_ADDRESS = slice(2, 8)
_NAMES = ("sps", "tps", "ibs-p02b", "ith-11-b", "ith-13-b", "ith-21-b", "ibbq", "xbbq")
_MEANINGS = library.Meanings(numbers={**library.CLIMATE.numbers, "temperature_probe": SensorKind.TEMPERATURE})


def claims(advertisement: Advertisement) -> bool:
    """Tell whether it says anything: its name alone is no measurement."""
    if advertisement.name is None and _FOOD_THERMOMETER in advertisement.manufacturer_data:
        return _names_itself(advertisement)
    return bool(advertisement.manufacturer_data)


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is of no known model, or breaks off.
    """
    plain.refuse_key(bind_key)
    heard = advertisement.manufacturer_data
    named = advertisement
    if advertisement.name is None and _names_itself(advertisement):
        named = replace(advertisement, name=_FOOD_THERMOMETER_NAME)
    update = library.parse(INKBIRDBluetoothDeviceData(), named, manufacturer_data=heard)
    return plain.reading(update, library.manufacturer_packet(heard), _MEANINGS)


INKBIRD = Family(
    "Inkbird", decode, companies=(_IAM_T2, _FOOD_THERMOMETER), names=_NAMES, claims=claims, has_values_for_company=True
)


def _names_itself(advertisement: Advertisement) -> bool:
    told = advertisement.manufacturer_data.get(_FOOD_THERMOMETER, b"")[_ADDRESS].hex()
    return told == advertisement.sensor_id or bytes.fromhex(told)[::-1].hex() == advertisement.sensor_id
