"""Sends by one channel in threads of its own, so that a provider that hangs delays nobody else."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gateway.contract.clock import Clock
from server.db.session import Database
from server.notifications.channel import Channel
from server.notifications.dispatch import Claimed, attempt, claim, record

_LOG = logging.getLogger(__name__)

_AT_ONCE = 16


class Sender:
    """One channel's threads. `on_told` hears which alerts somebody was told of, in any thread."""

    def __init__(
        self, database: Database, clock: Clock, name: str, channel: Channel, on_told: Callable[[list[int]], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._channel = channel
        self._on_told = on_told
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"send {name}")
        self._free = _AT_ONCE
        self._turn = threading.Lock()

    def start_due(self) -> int:
        """Begin to send as much of what is due as there are free threads for; return how many messages."""
        with self._turn:
            if not self._free:
                return 0
            claimed = claim(self._database, [self._name], self._clock.now(), self._free)
            self._free -= len(claimed)
        for one in claimed:
            self._threads.submit(self._send, one)
        return len(claimed)

    def close(self) -> None:
        """Wait for what is being sent; the rest stays due, for this server's next life or another's."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _send(self, claimed: Claimed) -> None:
        try:
            failure = attempt(self._channel, claimed)
            self._on_told(record(self._database, claimed, failure, self._clock.now()))
        except Exception:  # noqa: BLE001 - the top of a thread
            # A thread's own error would go nowhere; the message is due again when its lease ends.
            _LOG.exception("what became of notification %s is not known", claimed.message.notification_id)
        finally:
            with self._turn:
                self._free += 1
