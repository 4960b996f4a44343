"""ThermoPro thermometers TP35x, TP39x, TP96x and TP97x; read by thermopro-ble."""

from thermopro_ble import ThermoProBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading

_NAMES = ("TP35", "TP39", "TP96", "TP97")
_MEANINGS = library.Meanings(numbers={**library.CLIMATE.numbers, "ambient_temperature_probe": SensorKind.TEMPERATURE})


def claims(advertisement: Advertisement) -> bool:
    """Tell whether it says anything: its name alone is no measurement."""
    return bool(advertisement.manufacturer_data)


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is of no known model, or breaks off.
    """
    plain.refuse_key(bind_key)
    heard = advertisement.manufacturer_data
    update = library.parse(ThermoProBluetoothDeviceData(), advertisement, manufacturer_data=heard)
    return plain.reading(update, library.manufacturer_packet(heard), _MEANINGS)


THERMOPRO = Family("ThermoPro", decode, names=_NAMES, claims=claims, has_values_for_company=True)
