"""One packet that several radios hear is one packet; pure."""

from collections import OrderedDict
from typing import Final

from gateway.ble.advertisement import Advertisement

# A proxy's packets may be held up on the network while a sensor speaks on. Not longer than it takes for the same bytes
# from a sensor without numbers to mean another event.
_WINDOW_S: Final = 10.0
_REMEMBERED: Final = 4096  # of all sensors of the home together

_Packet = tuple[str, tuple[tuple[str, bytes], ...], tuple[tuple[int, bytes], ...]]


class Twins:
    """What the radios have heard lately, and which of them heard it.

    Only a copy through another radio is told apart here. What one radio hands out twice is for `observe` to judge.
    """

    def __init__(self) -> None:
        self._heard: OrderedDict[_Packet, tuple[float, set[str]]] = OrderedDict()

    def is_copy(self, advertisement: Advertisement, now: float) -> bool:
        """Take a packet, at `now` in monotonic seconds. True: another radio has brought it already."""
        packet = (
            advertisement.address,
            tuple(advertisement.service_data.items()),
            tuple(advertisement.manufacturer_data.items()),
        )
        self._forget(now)
        known = self._heard.get(packet)
        if known is None:
            self._heard[packet] = (now, {advertisement.radio})
            return False
        _, radios = known
        is_new_here = advertisement.radio not in radios
        radios.add(advertisement.radio)
        return is_new_here

    def _forget(self, now: float) -> None:
        while self._heard:
            oldest, (since, _) = next(iter(self._heard.items()))
            if now - since < _WINDOW_S and len(self._heard) < _REMEMBERED:
                return
            del self._heard[oldest]
