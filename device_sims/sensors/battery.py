"""How full a sensor's cell is, and what the sensor believes about it.

Source: ruuvi/ruuvitag_fw, wiki, "FAQ: battery": a lithium cell starts above 3.0 V, stands at 3.0 to 2.7 V for nearly
all of its life and then collapses below 2.0 V; before that, short droops make the sensor start anew.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

# Share of the life that is over, and the voltage then.
_CURVE: Final = ((0.0, 3_050), (0.02, 3_000), (0.6, 2_900), (0.85, 2_700), (0.95, 2_500), (1.0, 2_000))
_EMPTY_MV: Final = 2_000
_FULL_MV: Final = 3_000


@dataclass(frozen=True, slots=True)
class Cell:
    """What a new cell lasts for: this long when the sensor says nothing, and this many packets if time cost nothing."""

    shelf_life: timedelta
    packets: int

    def spent(self, age: timedelta, packets: int) -> float:
        """Return which share is used up, 0 and above; at 1 it is empty."""
        return age / self.shelf_life + packets / self.packets


@dataclass(frozen=True, slots=True)
class Battery:
    """What a sensor measures on its cell. A percentage made of the voltage looks fine until shortly before the end."""

    millivolts: int

    @classmethod
    def after(cls, spent: float) -> "Battery":
        """Return what is measured when this share (0 and above) is used up."""
        return _STEPS[min(len(_STEPS) - 1, max(0, int(spent * (len(_STEPS) - 1))))]

    @property
    def percent(self) -> int:
        """0 to 100, as most firmware reckons it: straight from the voltage."""
        return max(0, min(100, round(100 * (self.millivolts - _EMPTY_MV) / (_FULL_MV - _EMPTY_MV))))


def _voltage(spent: float) -> int:
    place = bisect_left([share for share, _ in _CURVE], spent)
    if place == 0:
        return _CURVE[0][1]
    (before, above), (after, below) = list(pairwise(_CURVE))[min(place, len(_CURVE) - 1) - 1]
    return round(above + (below - above) * (spent - before) / (after - before))


# One for each thousandth of the life: a sensor asks before every packet.
_STEPS: Final = tuple(Battery(_voltage(step / 1_000)) for step in range(1_001))

FRESH: Final = Battery.after(0.0)
