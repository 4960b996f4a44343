"""What all families without encryption share: no key may be expected of them, and an empty packet is no reading."""

from collections.abc import Mapping

from sensor_state_data import SensorUpdate

from gateway.ble.advertisement import Advertisement
from gateway.sensors import library
from gateway.sensors.reading import NotEncryptedError, Reading, UndecodableAdvertisementError


def refuse_key(bind_key: str | None) -> None:
    """Refuse a packet that carries no proof from a sensor that can give one: anybody could have sent it.

    Raises:
        NotEncryptedError: the sensor has a key.
    """
    if bind_key:
        raise NotEncryptedError("packet of a family without encryption from a sensor that has a key")


def only(advertisement: Advertisement, companies: tuple[int, ...]) -> Mapping[int, bytes]:
    """Return the manufacturer data of these companies: a device may send an iBeacon beside its own."""
    return {company: data for company, data in advertisement.manufacturer_data.items() if company in companies}


def reading(
    update: SensorUpdate,
    packet: bytes,
    meanings: library.Meanings = library.CLIMATE,
    *,
    packet_id: int | None = None,
    has_stamp: bool = False,
) -> Reading:
    """Return what a library found in a plain packet.

    Raises:
        UndecodableAdvertisementError: it found nothing, or a value that is no finite number.
    """
    if library.is_empty(update):
        raise UndecodableAdvertisementError(f"packet of {len(packet)} bytes without a readable measurement")
    return Reading(
        measures=library.measures(update, meanings),
        packet=packet,
        packet_id=packet_id,
        has_stamp=has_stamp,
        battery_percent=library.battery(update),
        title=library.title(update),
    )
