"""Collects facts and writes them down together: one wait for the disk, not fifty, and none before a call for help."""

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from gateway.contract.heartbeat import StreamHead, Trouble
from gateway.contract.observation import SensorKind, Stream
from gateway.keeping import keep
from gateway.observe import Fact, SensorMemory
from gateway.outbox import Outbox
from gateway.troubles import Troubles
from gateway.unwritten import Unwritten

_LOGGER = logging.getLogger(__name__)

# A memory card needs 5 to 50 ms for a commit, so a burst written one by one would wear it out and fall behind.
_WAIT_S: Final = 0.05
_TOGETHER: Final = 50

_RETRY_S: Final = 1.0  # how soon a full or unresponsive disk is tried again; what waits stays in memory

# What waits for the disk takes some 5 MB at most: two ordinary days.
_MOST_IN_MEMORY: Final = 10_000
_KEPT_OF_IT: Final = 9_000


class Recorder:
    """Writes to the outbox within 50 ms, after 50 facts, or in this turn of the event loop where a fact is urgent.

    What one read of the radio brings shares one commit, so that a flood of presses does not stall the loop on a slow
    card; nothing else happens before it. A write happens in the event loop itself: the order is that of hearing, and no
    packet is taken before it has ended.
    While the disk takes nothing, calls for help go by `unwritten`, and the rest waits in bounded memory.
    """

    def __init__(self, outbox: Outbox, troubles: Troubles) -> None:
        self.on_written: Callable[[], None] = _nobody_waits
        self.unwritten = Unwritten()
        self._outbox = outbox
        self._troubles = troubles
        self._dropped: Counter[SensorKind] = Counter()
        self._facts: list[Fact] = []
        self._memories: dict[str, SensorMemory] = {}
        self._timer: asyncio.Handle | None = None
        self._is_disk_ill = False

    def memory(self, sensor_id: str) -> SensorMemory:
        """Return what is remembered of a sensor, written or about to be."""
        return self._memories.get(sensor_id) or self._outbox.memory(sensor_id)

    def record(self, sensor_id: str, facts: tuple[Fact, ...], memory: SensorMemory | None = None) -> None:
        """Take facts and the memory that belongs to them, if any; they reach the disk in one transaction."""
        if memory is not None:
            self._memories[sensor_id] = memory
        if self._is_disk_ill:
            self._do_without_disk(facts)
            return
        self._facts.extend(facts)
        if len(self._facts) >= _TOGETHER:
            self.flush()
        elif any(fact.stream is Stream.URGENT for fact in facts):
            self._plan(0)
        elif self._timer is None:
            self._plan(_WAIT_S)

    def flush(self) -> bool:
        """Write now what waits; return whether it is on disk. Where the disk refuses, keep it and try again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not (self._facts or self._memories or self._dropped):
            return True
        try:
            self._outbox.append(self._facts, self._memories, self._dropped)
        except (sqlite3.OperationalError, OSError) as fault:
            self._try_again(fault)
            return False
        if self._is_disk_ill:
            self._is_disk_ill = False
            _LOGGER.warning("the disk takes facts again")
        has_facts = bool(self._facts)
        self._facts = []
        self._memories = {}
        self._dropped = Counter()
        if has_facts:
            self.on_written()
        return True

    def heads(self) -> tuple[StreamHead, ...]:
        """Return how far each stream has come, with the numbers that what waits for the disk will get."""
        waiting = Counter(fact.stream for fact in self._facts)
        return tuple(
            head.model_copy(
                update={
                    "last_seq": head.last_seq + waiting[head.stream],
                    "waiting": head.waiting + waiting[head.stream],
                }
            )
            for head in self._outbox.heads()
        )

    def dropped(self) -> Counter[SensorKind]:
        """Return how many of each kind were let go for want of room, on disk and in memory."""
        return self._outbox.dropped() + self._dropped

    def _try_again(self, fault: Exception) -> None:
        if not self._is_disk_ill:
            self._is_disk_ill = True
            self._troubles.count(Trouble.DISK_REFUSED)
            _LOGGER.error("the disk does not take facts (%s); they wait in memory. Is it full?", fault)
            waiting, self._facts = self._facts, []
            self._do_without_disk(waiting)
        self._plan(_RETRY_S)

    def _plan(self, wait_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(wait_s, self.flush) if wait_s else loop.call_soon(self.flush)

    def _do_without_disk(self, facts: Iterable[Fact]) -> None:
        """Let calls for help pass, and the rest grow no further than memory can bear."""
        has_call = False
        for fact in facts:
            if fact.stream is not Stream.URGENT:
                self._facts.append(fact)
                continue
            has_call = True
            if self.unwritten.add(fact):
                self._dropped[fact.kind] += 1
        if has_call:
            self.on_written()
        if len(self._facts) > _MOST_IN_MEMORY:
            self._facts, dropped = keep(self._facts, _KEPT_OF_IT)
            self._dropped += dropped
            self._troubles.count(Trouble.OUTBOX_FULL)


def _nobody_waits() -> None:
    pass
