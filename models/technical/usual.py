"""What is usual of a sensor, in so few figures that a look at them each hour costs nothing. Pure.

It decides only when a home's weeks are looked at again: whatever it lets pass is found by the next night's look.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.technical.silence_habits import PAST_DAYS
from models.trace import Channel, Trace

_DAY_S: Final = 86_400
_HOUR_S: Final = 3600
_LEAST_S: Final = 3 * _HOUR_S
_LEAST_DAYS: Final = 7
# The longest of a month may be a journey, or the fault before this one.
_RANK: Final = 3


@dataclass(frozen=True, slots=True)
class Usual:
    """`heard_s`: when it was last heard. `silence_s`: longer is unusual; `an_hour`: more events in an hour are."""

    heard_s: int
    silence_s: int
    an_hour: int

    def is_left(self, heard_s: int, an_hour: float, now_s: int) -> bool:
        """Return whether a sensor that was last heard then, and so often in the last hour, is worth a look."""
        return now_s - heard_s > self.silence_s or an_hour > self.an_hour


def usual_of(trace: Trace, now_s: int) -> dict[Channel, Usual]:
    """Return what is usual of each channel, by the 28 days before `now_s`; one that is hardly known is left out."""
    lately = trace.between(now_s - PAST_DAYS * _DAY_S, now_s)
    at, channel = trace.at[lately], trace.channel[lately]
    found = {}
    for number, one in enumerate(trace.channels):
        own = at[channel == number]
        if own.size > _RANK and own[-1] - own[0] >= _LEAST_DAYS * _DAY_S:
            silence = np.partition(np.diff(own), -_RANK)[-_RANK]
            hourly = np.bincount((own - own[0]) // _HOUR_S)
            found[one] = Usual(int(own[-1]), max(_LEAST_S, int(silence)), int(np.partition(hourly, -_RANK)[-_RANK]))
    return found
