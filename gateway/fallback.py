"""What is done in the home itself when a call for help gets no receipt: a siren, a lamp, a second way out."""

import asyncio
import heapq
import logging
import os
import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import Observation, Stream
from gateway.sender import Holding
from gateway.settings import GatewaySettings
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)
_AT_ONCE: Final = 4  # commands that may run beside one another: a flood of presses starts no flood of programs
_MOST_WATCHED: Final = 1000
_PASSED_ON: Final = ("PATH", "LANG", "HOME")  # never ours: it may hold the broker's password


@dataclass(frozen=True, order=True, slots=True)
class _Watched:
    due: float
    number: int
    epoch: str = field(compare=False)
    call: Observation = field(compare=False)
    holding: Holding = field(compare=False)

    def is_unheard(self) -> bool:
        """Tell whether the server has still not said that it has it."""
        oldest = self.holding.oldest_seq(Stream.URGENT)
        return self.holding.epoch == self.epoch and oldest is not None and oldest <= self.call.seq


class Fallback:
    """Watches calls for help until their receipt; runs the command once for each that gets none in time.

    The call stays in the outbox and is delivered all the same, late. A call of an earlier run of the program is watched
    anew: after a power cut nobody knows whether the siren was heard.
    """

    def __init__(self, settings: GatewaySettings, holdings: Sequence[Holding], troubles: Troubles) -> None:
        self._command = shlex.split(settings.fallback_command)
        self._gateway_id = settings.id
        self._after_s = settings.fallback_after_s
        self._limit_s = settings.fallback_limit_s
        self._holdings = tuple(holdings)
        self._troubles = troubles
        self._watched: list[_Watched] = []
        self._seen: dict[str, int] = {}  # by epoch, the highest number that was ever watched
        self._numbers = 0
        self._news = asyncio.Event()
        self._news.set()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self.on_unheard: Callable[[], None] = lambda: None

    def wake(self) -> None:
        """Look again: something was written."""
        self._news.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as running:
            while True:
                self._news.clear()
                self._take_new()
                while self._watched and self._watched[0].due <= time.monotonic():
                    one = heapq.heappop(self._watched)
                    if one.is_unheard():
                        running.create_task(self._tell(one.call), name="fallback")
                await self._wait()

    async def _wait(self) -> None:
        left = self._watched[0].due - time.monotonic() if self._watched else None
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._news.wait()

    def _take_new(self) -> None:
        due = time.monotonic() + self._after_s
        for holding in self._holdings:
            room = _MOST_WATCHED - len(self._watched)
            for call in holding.oldest(Stream.URGENT, self._seen.get(holding.epoch, 0), max(0, room)):
                self._seen[holding.epoch] = call.seq
                self._numbers += 1
                heapq.heappush(self._watched, _Watched(due, self._numbers, holding.epoch, call, holding))

    async def _tell(self, call: Observation) -> None:
        self._troubles.count(Trouble.NO_RECEIPT)
        self.on_unheard()
        if not self._command:
            return
        async with self._turns:
            try:
                await self._run_command(call)
            except (OSError, TimeoutError) as fault:
                self._troubles.count(Trouble.FALLBACK_FAILED)
                _LOGGER.warning("the fallback command failed: %s", str(fault) or "it took too long")

    async def _run_command(self, call: Observation) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            call.kind.value,
            env=self._environment(call),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._limit_s):
                code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if code != 0:
            raise OSError(f"it ended with {code}")

    def _environment(self, call: Observation) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "LIVSRYTME_GATEWAY": self._gateway_id,
            "LIVSRYTME_KIND": call.kind.value,
            "LIVSRYTME_VALUE": str(call.value),
            "LIVSRYTME_ROOM": call.room,
            "LIVSRYTME_SENSOR": call.sensor_id,
            "LIVSRYTME_OBSERVED_AT": call.observed_at.isoformat(),
        }
