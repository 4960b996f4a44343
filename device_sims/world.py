"""The time of a simulated world and how fast it passes."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from device_sims.radio.transmitter import Air
from gateway.contract.clock import WorldTime

# Real seconds between two moves of the world's hand. A server's reaction cannot be timed more finely than one move.
_STEP_S: Final = 0.002
_STOPPED_STEP_S: Final = 0.05
# Ticks to the gateways are messages, and need not come as often.
_TICK_S: Final = 0.05
# What real time may at most be caught up at once: after a pause (a gateway was killed, the lid was closed) the world
# goes on from where it stood instead of leaping.
_LONGEST_LEAP_S: Final = 0.25


class World:
    """Moves the time of the server and of every gateway.

    Args:
        clock_file: the file the server reads its time from.
        now: when the world begins (aware).
        airs: the air of every home in it.
        speed: world seconds in a real second; None for as fast as it goes.
    """

    def __init__(self, clock_file: Path, now: datetime, airs: Sequence[Air], speed: float | None) -> None:
        self.now = now
        self.speed = speed
        self.is_running = True  # a world without a speed always does
        self._hand = WorldTime(clock_file, now)
        self._airs = airs
        self._earned = now  # how far the world may have come by its speed
        self._counted_at = time.monotonic()
        self._ticked_at = 0.0

    async def pass_until(self, moment: datetime) -> None:
        """Let time pass until `moment`; it stands still while a home has no gateway that listens. Never goes back.

        The speed may be changed, and the world stopped and started, while somebody waits here.
        """
        if self.speed is not None:
            while self._earned < moment:
                for air in self._airs:
                    await air.listened_to()
                await asyncio.sleep(_STEP_S if self.is_running else _STOPPED_STEP_S)
                self._earn(self.speed)
                self._set(min(self._earned, moment))
        if moment > self.now:
            self._set(moment)

    def begin(self) -> None:
        """Count real time from now on: what setting up took is not part of the world."""
        self._counted_at = time.monotonic()

    def _earn(self, speed: float) -> None:
        real_s = time.monotonic()
        if self.is_running:
            self._earned += timedelta(seconds=min(real_s - self._counted_at, _LONGEST_LEAP_S) * speed)
        self._counted_at = real_s

    def _set(self, now: datetime) -> None:
        self.now = now
        self._hand.set(now)
        if self.speed is not None and time.monotonic() - self._ticked_at >= _TICK_S:
            self._ticked_at = time.monotonic()
            for air in self._airs:
                air.tell_time(now)
