"""Which packets wake BlueZ's passive scan: in monitors of a few patterns each, the most important first.

Most adapters hand out everything while one monitor stands, and bluetoothd keeps what is discoverable or fits a pattern.
An adapter that compares the patterns itself (Microsoft's extension) hands out only what fits.
"""

from collections.abc import Collection, Iterable
from typing import Final

from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType

# The kernel takes 16, but bluetoothd counts the length of its request (1 byte, and 34 for each) in one byte and dies of
# the eighth. Source: bluez/src/adv_monitor.c, merged_pattern_send_add_pattern; seen with 5.66.
MOST_PATTERNS: Final = 7
# Of 32 that the kernel takes from all programs together. Source: HCI_MAX_ADV_MONITOR_NUM_HANDLES.
MOST_MONITORS: Final = 8
# General, limited or not discoverable, without classic Bluetooth: what most sensors say of themselves.
# Source: Core Specification Supplement, part A, 1.3.
_USUAL_FLAGS: Final = (b"\x06", b"\x05", b"\x04")


def wake_patterns(
    services: Iterable[int], companies: Iterable[int] = (), advertised: Collection[int] = ()
) -> list[list[OrPattern]]:
    """Return the patterns of each monitor for the families a gateway reads.

    Args:
        services: 16-bit numbers of services whose data is sent.
        companies: numbers of companies whose manufacturer data is sent.
        advertised: 16-bit numbers of services that are only named, by devices one connects to. Their high byte does:
            a device that names several has the one we read anywhere in the list.
    """
    wanted = dict.fromkeys(
        [
            *((0, AdvertisementDataType.SERVICE_DATA_UUID16, _low_first(number)) for number in services),
            *((1, AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID16, bytes([number >> 8])) for number in advertised),
            *((1, AdvertisementDataType.INCOMPLETE_LIST_SERVICE_UUID16, bytes([number >> 8])) for number in advertised),
            *((0, AdvertisementDataType.FLAGS, flags) for flags in _USUAL_FLAGS),
            *((0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, _low_first(number)) for number in companies),
        ]
    )
    patterns = [OrPattern(*pattern) for pattern in wanted]
    monitors = [patterns[place : place + MOST_PATTERNS] for place in range(0, len(patterns), MOST_PATTERNS)]
    return monitors[:MOST_MONITORS]


def _low_first(number: int) -> bytes:
    return number.to_bytes(2, "little")
