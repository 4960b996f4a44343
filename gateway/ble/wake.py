"""Which packets wake BlueZ's passive scan. A pattern is no filter: awake, BlueZ hands out everything it hears."""

from collections.abc import Collection, Iterable
from typing import Final

from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType

# What the kernel takes for one monitor. Source: linux/include/net/bluetooth/mgmt.h, HCI_MAX_ADV_MONITOR_NUM_PATTERNS.
_MOST: Final = 16


def wake_patterns(
    services: Iterable[int], companies: Iterable[int] = (), advertised: Collection[int] = ()
) -> list[OrPattern]:
    """Return the patterns for the families a gateway reads.

    Args:
        services: 16-bit numbers of services whose data is sent.
        companies: numbers of companies whose manufacturer data is sent.
        advertised: 16-bit numbers of services that are only named, by devices one connects to.

    Where there are more than the kernel takes, the high byte of a number must do; past that the last ones are left out.
    """
    asked = [
        *((AdvertisementDataType.SERVICE_DATA_UUID16, number) for number in services),
        *((AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, number) for number in advertised),
        *((AdvertisementDataType.INCOMPLETE_LIST_SERVICE_UUID16, number) for number in advertised),
        *((AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, number) for number in companies),
    ]
    exact = dict.fromkeys((0, kind, number.to_bytes(2, "little")) for kind, number in asked)
    if len(exact) > _MOST:
        exact = dict.fromkeys((1, kind, bytes([number >> 8])) for kind, number in asked)
    return [OrPattern(*pattern) for pattern in exact][:_MOST]
