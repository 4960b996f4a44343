"""Which packets wake BlueZ's passive scan. A pattern is no filter: awake, BlueZ hands out everything it hears."""

from collections.abc import Collection, Iterable
from typing import Final

from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType

# The kernel takes 16, but bluetoothd counts the length of its request (1 byte, and 34 for each) in one byte and dies of
# the eighth. Source: bluez/src/adv_monitor.c, merged_pattern_send_add_pattern; seen with 5.66.
MOST_PATTERNS: Final = 7
# General, limited or not discoverable, without classic Bluetooth: what sensors that speak by manufacturer data say of
# themselves. Source: Core Specification Supplement, part A, 1.3.
_USUAL_FLAGS: Final = (b"\x06", b"\x05", b"\x04")
_IN_ANY_CASE: Final = (AdvertisementDataType.SERVICE_DATA_UUID16, AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16)


def wake_patterns(
    services: Iterable[int], companies: Iterable[int] = (), advertised: Collection[int] = ()
) -> list[OrPattern]:
    """Return the patterns for the families a gateway reads.

    Args:
        services: 16-bit numbers of services whose data is sent.
        companies: numbers of companies whose manufacturer data is sent.
        advertised: 16-bit numbers of services that are only named, by devices one connects to.

    Where there are more than bluetoothd bears, the high byte of a number must do; where that is not enough, the flags
    that devices send stand for the makers' numbers. Past that the last ones are left out.
    """
    asked = [
        *((AdvertisementDataType.SERVICE_DATA_UUID16, number) for number in services),
        *((AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, number) for number in advertised),
        *((AdvertisementDataType.INCOMPLETE_LIST_SERVICE_UUID16, number) for number in advertised),
        *((AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, number) for number in companies),
    ]
    exact = dict.fromkeys((0, kind, number.to_bytes(2, "little")) for kind, number in asked)
    coarse = dict.fromkeys((1, kind, bytes([number >> 8])) for kind, number in asked)
    flags = [(0, AdvertisementDataType.FLAGS, flag) for flag in _USUAL_FLAGS]
    widest = [*(one for one in coarse if one[1] in _IN_ANY_CASE), *flags]
    fits = next((few for few in (exact, coarse) if len(few) <= MOST_PATTERNS), widest)
    return [OrPattern(*pattern) for pattern in fits][:MOST_PATTERNS]
