"""The gateway's sign of life, every minute: what it has, what it hears, and what troubles it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final

from gateway.ble.ladder import Step
from gateway.ble.scanner import Scanner
from gateway.ble.surrender import Surrenders
from gateway.connected.measuring import Measuring
from gateway.contract import topics
from gateway.contract.clock import Clock
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import DeafRadio, Heartbeat
from gateway.contract.observation import Stream
from gateway.contract.topics import Upward
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.timekeeping import ClockWatch
from gateway.troubles import Troubles

_INTERVAL: Final = timedelta(seconds=60)
# Real time: a home whose simulated day passes in a second still beats at most 20 times in it.
_LEAST_PAUSE_S: Final = 0.05
_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What a heartbeat tells of."""

    home: Home
    outbox: Outbox
    recorder: Recorder
    hearing: Hearing
    measuring: Measuring
    scanner: Scanner
    clock_watch: ClockWatch
    troubles: Troubles
    surrenders: Surrenders


class Pulse:
    """Writes and sends the heartbeats of one run of the program."""

    def __init__(
        self,
        gateway_id: str,
        clock: Clock,
        is_clock_synced: Callable[[], bool],
        parts: Parts,
    ) -> None:
        self.boot_id = secrets.token_hex(4)
        self.clock = clock
        self._gateway_id = gateway_id
        self._is_clock_synced = is_clock_synced
        self._parts = parts
        self._hurry = asyncio.Event()
        self._started_at = clock.now()
        self._software = version("livsrytme")[:32]

    async def beat(self, publish: Callable[[str, bytes], Awaitable[None]]) -> None:
        """Send a heartbeat now, one a minute of this home's time, and one when told to hurry, while the link stands."""
        while True:
            self._hurry.clear()
            heartbeat = self.heartbeat()
            await publish(topics.upward(self._gateway_id, Upward.HEARTBEAT), to_json(heartbeat))
            await asyncio.sleep(_LEAST_PAUSE_S)
            left = heartbeat.sent_at + _INTERVAL - self.clock.now()
            if left <= _INTERVAL:  # else the clock was set back meanwhile, and nobody has a heartbeat by the right time
                await self._pause(left)

    def hurry(self) -> None:
        """Let the next heartbeat come soon: something in it has changed that cannot wait a minute."""
        self._hurry.set()

    def heartbeat(self) -> Heartbeat:
        """Return how things stand. Everything heard before it has a number that its heads cover."""
        now = self.clock.now()
        parts = self._parts
        parts.recorder.flush()
        parts.clock_watch.look()
        return Heartbeat(
            gateway_id=self._gateway_id,
            boot_id=self.boot_id,
            software=self._software,
            started_at=self._started_at,
            sent_at=now,
            clock_synced=self._is_clock_synced(),
            config_version=parts.home.version,
            config_mark=parts.home.mark,
            epoch=parts.outbox.epoch,
            heads=parts.recorder.heads(),
            oldest_waiting_at=self._oldest_waiting_at(),
            deaf_since=parts.scanner.deaf_since,
            sensors=(*parts.hearing.health(), *parts.measuring.health()),
            troubles=parts.troubles.so_far(),
            dropped=parts.recorder.dropped(),
            deaf_radios=tuple(DeafRadio(name=name, since=since) for name, since in parts.scanner.deaf_radios.items()),
            radio_steps=self._radio_steps(),
            starts=parts.outbox.starts,
            clock_jumps=parts.clock_watch.jumps,
            clock_jump_s=parts.clock_watch.last_jump_s,
            disk_free_mb=parts.outbox.free_bytes() // _MB,
        )

    async def _pause(self, span: timedelta) -> None:
        waits = {asyncio.ensure_future(self.clock.sleep(span)), asyncio.ensure_future(self._hurry.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _radio_steps(self) -> dict[str, int]:
        steps = {**self._parts.scanner.steps, Step.GIVE_UP: self._parts.surrenders.count}
        return {str(step): count for step, count in steps.items() if count}

    def _oldest_waiting_at(self) -> datetime | None:
        oldest = [first.observed_at for stream in Stream for first in self._parts.outbox.oldest(stream, 0, 1)]
        return min(oldest, default=None)
