"""Brings one stream of the outbox to the server, oldest first, again and again until the server says that it has it."""

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

from gateway.contract import topics
from gateway.contract.clock import Clock
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import Observation, ObservationBatch, Stream
from gateway.keeping import missing
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)

Publish = Callable[[str, bytes], Awaitable[None]]

_BATCH: Final = 200  # some 35 KB
_WINDOW: Final = 2000  # sent and not yet covered by a receipt
# Observations a second while there is a backlog: a week of an ordinary home in 20 s, and the server keeps breathing
# when a thousand homes come back at once.
_DRAIN_PER_S: Final = 2000.0
# A receipt follows a commit within milliseconds; after this the broker or the server has lost it. Asking doubles the
# wait each time: a server that is on its knees is not helped by being asked more.
_PATIENCE_S: Final = 2.0
_LONGEST_PATIENCE_S: Final[dict[Stream, float]] = {Stream.URGENT: 2.0, Stream.ROUTINE: 60.0}


class Holding(Protocol):
    """Something that holds numbered observations until the server has them."""

    @property
    def epoch(self) -> str:
        """The name under which the numbers are given."""
        ...

    def oldest(self, stream: Stream, after_seq: int, limit: int) -> tuple[Observation, ...]:
        """Return up to `limit` observations with numbers above `after_seq`, oldest first."""
        ...

    def oldest_seq(self, stream: Stream) -> int | None:
        """Return the lowest number still held, None when nothing is."""
        ...

    def last_seq(self, stream: Stream) -> int:
        """Return the highest number given."""
        ...

    def forget(self, stream: Stream, up_to_seq: int) -> None:
        """Drop what the server has."""
        ...

    def start_over(self) -> None:
        """Give what is held new numbers under a new epoch."""
        ...


class StreamSender:
    """Sends one stream. Each stream has its own, so that a backlog of one never delays the other.

    While no receipt comes, one batch is sent again every few seconds: enough to find the server back, and no flood.
    """

    def __init__(self, gateway_id: str, stream: Stream, outbox: Holding, clock: Clock, troubles: Troubles) -> None:
        self._gateway_id = gateway_id
        self.stream = stream
        self._outbox = outbox
        self._clock = clock
        self._troubles = troubles
        self._news = asyncio.Event()
        self._epoch = outbox.epoch
        self._sent_up_to = 0
        self._window = _WINDOW
        self._proved_at = time.monotonic()
        self._wait_for_receipt(_PATIENCE_S)

    @property
    def epoch(self) -> str:
        """The name under which what it sends is numbered."""
        return self._outbox.epoch

    def wake(self) -> None:
        """Look again: there is something new to send."""
        self._news.set()

    def receive(self, up_to_seq: int) -> None:
        """The server has everything up to `up_to_seq` on disk: forget it."""
        if up_to_seq > self._outbox.last_seq(self.stream):
            self._outbox.start_over()
            self._news.set()
            return
        oldest = self._outbox.oldest_seq(self.stream)
        if oldest is None:
            return
        if up_to_seq < oldest:  # it answers, and waits for what got lost on its way
            self._wait_for_receipt(_PATIENCE_S)
            self._news.set()
            return
        try:
            self._outbox.forget(self.stream, up_to_seq)
        except sqlite3.OperationalError as fault:  # a full disk: it is sent again, and the receipt comes again
            self._troubles.count(Trouble.DISK_REFUSED)
            _LOGGER.debug("a receipt could not be used: %s", fault)
            return
        self._wait_for_receipt(_PATIENCE_S)
        self._window = _WINDOW
        self._proved_at = time.monotonic()
        self._news.set()

    async def run(self, publish: Publish) -> None:
        """Send for as long as the link stands, from the oldest observation without a receipt."""
        self._wait_for_receipt(_PATIENCE_S)
        self._start_again(_WINDOW)
        while True:
            self._news.clear()
            batch = self._next_batch()
            if batch is not None:
                await publish(topics.upward(self._gateway_id, self.stream), to_json(batch))
                self._sent_up_to = batch.observations[-1].seq
                if len(batch.observations) == _BATCH:
                    await asyncio.sleep(_BATCH / _DRAIN_PER_S)
            elif not await self._hears_something():
                self._wait_for_receipt(min(2 * self._patience_s, _LONGEST_PATIENCE_S[self.stream]))
                self._start_again(_BATCH)

    def _wait_for_receipt(self, patience_s: float) -> None:
        """From now on wait so long at most: thousands that lose one server must not all ask again in one second.

        Source: Marc Brooker, "Exponential Backoff And Jitter", 2015: spread over the whole wait, not over its end.
        """
        self._patience_s = patience_s
        self._wait_s = random.uniform(0.8 * min(_PATIENCE_S, patience_s), 1.2 * patience_s)  # noqa: S311 - no secret

    def _start_again(self, window: int) -> None:
        self._sent_up_to = 0
        self._window = window
        self._proved_at = time.monotonic()

    def _next_batch(self) -> ObservationBatch | None:
        if self._epoch != self._outbox.epoch:
            self._epoch = self._outbox.epoch
            self._start_again(_WINDOW)
        oldest = self._outbox.oldest_seq(self.stream)
        if oldest is None:
            return None
        is_first = self._sent_up_to < oldest
        room = self._window - (0 if is_first else self._sent_up_to - oldest + 1)
        observations = self._outbox.oldest(self.stream, self._sent_up_to, min(_BATCH, room)) if room > 0 else ()
        if not observations or self._epoch != self._outbox.epoch:
            return None
        if is_first:  # nothing was on its way: patience begins now
            self._proved_at = time.monotonic()
        return ObservationBatch(
            gateway_id=self._gateway_id,
            epoch=self._epoch,
            stream=self.stream,
            oldest_seq=oldest,
            sent_at=self._clock.now(),
            observations=observations,
            gone=self._gone(observations, oldest),
        )

    def _gone(self, observations: tuple[Observation, ...], oldest: int) -> tuple[tuple[int, int], ...]:
        """Return the numbers up to the end of a batch that were let go: the server must not wait for them."""
        numbers = [observation.seq for observation in observations]
        last = self._outbox.last_seq(self.stream)
        if not self._outbox.oldest(self.stream, numbers[-1], 1) and last > numbers[-1]:
            numbers.append(last + 1)  # nothing more is held, so what was numbered after these is gone as well
        return missing(numbers, max(self._sent_up_to, oldest - 1))

    async def _hears_something(self) -> bool:
        """Wait for news. Return False when what was sent has had no receipt for too long."""
        if self._outbox.oldest_seq(self.stream) is None:
            await self._news.wait()
            return True
        left = self._proved_at + self._wait_s - time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left)):
                await self._news.wait()
        return time.monotonic() < self._proved_at + self._wait_s
