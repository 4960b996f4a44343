"""Whether the machine's clock can be believed: a small computer without a battery clock wakes up in the past."""

import asyncio
import ctypes
import logging
import time
from collections.abc import Callable
from typing import Final

from gateway.contract.clock import Clock, SystemClock
from gateway.contract.heartbeat import Trouble
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)

# Source: Linux adjtimex(2). The first field of `struct timex` says what to change: nothing. The kernel fills the rest.
_NOT_DISCIPLINED: Final = 5  # TIME_ERROR: no time server has set the clock, or the last one is too long ago
_STRUCT_BYTES: Final = 512  # larger than the structure is on any machine


def synced_by(clock: Clock) -> Callable[[], bool]:
    """Return the question whether this clock is right. A simulated world's time is right by definition."""
    return _kernel_is_synced if isinstance(clock, SystemClock) else lambda: True


def _kernel_is_synced() -> bool:
    state: int = _ADJTIMEX(ctypes.create_string_buffer(_STRUCT_BYTES))
    return 0 <= state < _NOT_DISCIPLINED


_ADJTIMEX: Final = ctypes.CDLL(None).adjtimex


# A time server pulls a clock along by at most half a millisecond a second; what moves it further has set it.
_JUMP_S: Final = 2.0
_LOOK_EVERY_S: Final = 5.0


class ClockWatch:
    """Notices when the clock is set: it then moves otherwise than the time since the machine's start.

    A simulated world's time does not move with the machine's, so it is not watched.
    """

    def __init__(self, clock: Clock, troubles: Troubles, since_boot: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._troubles = troubles
        self._since_boot = since_boot or _since_boot
        self._is_watched = isinstance(clock, SystemClock) or since_boot is not None
        self._offset_s = self._offset_now()
        self.jumps = 0
        self.last_jump_s: float | None = None  # positive: forwards

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_LOOK_EVERY_S)

    def look(self) -> None:
        """Compare the clock with the time since the machine's start."""
        offset_s = self._offset_now()
        moved_s = offset_s - self._offset_s
        self._offset_s = offset_s
        if self._is_watched and abs(moved_s) >= _JUMP_S:
            self.jumps += 1
            self.last_jump_s = round(moved_s, 3)
            self._troubles.count(Trouble.CLOCK_JUMPED)
            _LOGGER.warning("the clock was set by %+.1f s", moved_s)

    def _offset_now(self) -> float:
        return self._clock.now().timestamp() - self._since_boot()


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine sleeps
