"""The time of a world in which scenarios are played: it waits for the service, or passes at a speed."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from device_sims.radio.transmitter import Air
from gateway.contract.clock import WorldTime

# Real seconds.
_STEP_S: Final = 0.01
_TICK_S: Final = 0.05
_LONGEST_LEAP_S: Final = 0.25  # a machine that was busy elsewhere: the world goes on from where it stood


class Pace:
    """Moves the clock of the server and of every gateway. Time never goes back.

    Args:
        clock_file: the file the server reads its time from.
        now: when the world begins (aware).
        airs: the air of every home in it.
    """

    def __init__(self, clock_file: Path, now: datetime, airs: Sequence[Air]) -> None:
        self.now = now
        self._hand = WorldTime(clock_file, now)
        self._airs = airs
        self._ticked_at = 0.0
        self._speed: float | None = None
        self._earned = now  # how far the world may have come by its speed
        self._counted_at = 0.0

    async def pass_until(self, moment: datetime, speed: float | None) -> None:
        """Let time pass until `moment`: at once (None), or at `speed` world seconds a real second."""
        if speed != self._speed:
            self._speed, self._earned, self._counted_at = speed, self.now, time.monotonic()
        while speed is not None and self._earned < moment:
            await asyncio.sleep(_STEP_S)
            real_s = time.monotonic()
            self._earned += timedelta(seconds=min(real_s - self._counted_at, _LONGEST_LEAP_S) * speed)
            self._counted_at = real_s
            self._set(min(self._earned, moment))
            if real_s - self._ticked_at >= _TICK_S:
                self.tick()
        self._set(moment)

    def tick(self) -> None:
        """Tell every gateway what time it is."""
        self._ticked_at = time.monotonic()
        for air in self._airs:
            air.tell_time(self.now)

    def _set(self, now: datetime) -> None:
        self.now = max(self.now, now)
        self._hand.set(self.now)
