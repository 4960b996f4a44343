"""SensorPush thermometers HT1, HT.w, HTP.xw and TC.x; read by sensorpush-ble."""

from sensorpush_ble import SensorPushBluetoothDeviceData

from gateway.ble.advertisement import Advertisement
from gateway.sensors import library, plain
from gateway.sensors.family import Family
from gateway.sensors.reading import Reading, UndecodableAdvertisementError

_HT1_NAME = "s"
_HT1_SERVICE = "ef090000-11d6-42ba-93b8-9dd7ec090aa9"
_SERVICE = "ef090000-11d6-42ba-93b8-9dd7ec090ab0"
_NAME = "SensorPush"

# The first byte, which stands where the company number belongs, holds page (2 bits) and model (6). Measurements are on
# the first page; behind it a model has always as many bytes, and the library reads nonsense from fewer.
_PAGE = 0x03
_MODEL_SHIFT = 2
_LENGTHS = {0: 5, 1: 3, 2: 2}  # HTP.xw, HT.w, TC.x
_HT1_LENGTH = 2


def claims(advertisement: Advertisement) -> bool:
    """Tell whether it says anything, and is not merely somebody whose name begins with an s."""
    if not advertisement.manufacturer_data:
        return False
    name = advertisement.name or ""
    if name == _HT1_NAME:
        return True
    is_ours = _SERVICE in advertisement.services or name.startswith(_NAME)
    return is_ours and any(not company & _PAGE for company in advertisement.manufacturer_data)


def decode(advertisement: Advertisement, bind_key: str | None) -> Reading:
    """Read one packet.

    Raises:
        NotEncryptedError: the sensor has a key, and this family none.
        UndecodableAdvertisementError: it is of no known model, or breaks off.
    """
    plain.refuse_key(bind_key)
    heard = advertisement.manufacturer_data
    if not all(_is_whole(company, data, advertisement.name) for company, data in heard.items()):
        raise UndecodableAdvertisementError("SensorPush packet that breaks off, or of an unknown model")
    update = library.parse(
        SensorPushBluetoothDeviceData(), advertisement, manufacturer_data=heard, service_uuids=[_HT1_SERVICE]
    )
    return plain.reading(update, library.manufacturer_packet(heard))


SENSORPUSH = Family(
    "SensorPush", decode, advertised=(_SERVICE,), names=(_HT1_NAME, _NAME), claims=claims, has_values_for_company=True
)


def _is_whole(company: int, data: bytes, name: str | None) -> bool:
    if name == _HT1_NAME:
        return len(data) >= _HT1_LENGTH
    return bool(company & _PAGE) or len(data) == _LENGTHS.get((company & 0xFF) >> _MODEL_SHIFT)
