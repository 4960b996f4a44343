"""A home's life as one byte a minute: which roles of rooms were active in it.

It is the base of everything that is learned and judged. Whatever a sensor repeats within a minute, and in whichever
order facts arrive, the byte is the same; a sensor that may fire once a minute and one that fires each second are alike.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

MINUTE_S: Final = 60
TICK_MINUTES: Final = 5  # a home is judged at the end of each tick
TICK_S: Final = TICK_MINUTES * MINUTE_S
TICKS_A_DAY: Final = 288

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Minutes:
    """Whole ticks of a home's minutes.

    `first_tick`: number of the first tick since 1970 UTC. `bits`: shape (5 * ticks,), bit r is `rooms.Role(r)`.
    `seen`: shape (5 * ticks,), False where nobody could have been seen moving.
    """

    first_tick: int
    bits: Bits
    seen: NDArray[np.bool_]

    @property
    def ticks(self) -> int:
        """How many ticks there are."""
        return self.bits.size // TICK_MINUTES

    @property
    def end_tick(self) -> int:
        """The tick after the last one."""
        return self.first_tick + self.ticks

    @classmethod
    def empty(cls, first_tick: int, end_tick: int) -> Self:
        """Return minutes in which nothing happened and everything was seen."""
        size = (end_tick - first_tick) * TICK_MINUTES
        return cls(first_tick, np.zeros(size, np.uint8), np.ones(size, np.bool_))

    @classmethod
    def of_events(
        cls, at_s: NDArray[np.int64], bits: Bits, first_tick: int | None = None, end_tick: int | None = None
    ) -> Self:
        """Return the minutes of events in any order: `at_s` seconds since 1970 UTC and each one's role as a bit.

        Without `first_tick` and `end_tick` they reach from the first event to the last; events outside are left out.
        """
        first = int(at_s.min()) // TICK_S if first_tick is None else first_tick
        end = int(at_s.max()) // TICK_S + 1 if end_tick is None else end_tick
        minutes = cls.empty(first, end)
        place = at_s // MINUTE_S - first * TICK_MINUTES
        inside = (place >= 0) & (place < minutes.bits.size)
        np.bitwise_or.at(minutes.bits, place[inside], bits[inside])
        return minutes

    def between(self, first_tick: int, end_tick: int) -> "Minutes":
        """Return the minutes of these ticks; those before and after what is known are empty and seen."""
        out = Minutes.empty(first_tick, end_tick)
        begin, end = max(first_tick, self.first_tick), min(end_tick, self.end_tick)
        if begin < end:
            to = slice((begin - first_tick) * TICK_MINUTES, (end - first_tick) * TICK_MINUTES)
            source = slice((begin - self.first_tick) * TICK_MINUTES, (end - self.first_tick) * TICK_MINUTES)
            out.bits[to], out.seen[to] = self.bits[source], self.seen[source]
        return out

    def any_of(self, mask: int) -> NDArray[np.bool_]:
        """Return in which minutes one of these roles was active."""
        return np.asarray((self.bits & np.uint8(mask)) != 0)
