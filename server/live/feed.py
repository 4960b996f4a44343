"""Carries changes from the database to the open pages of this process."""

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from server.db.session import Database
from server.live.service import newest, since
from server.live.tables import ChangeRow

_LOG = logging.getLogger(__name__)

# How often a process looks for changes made by another one, in real seconds. Its own it hears of at once.
_LOOK_EVERY_S = 0.25
# Between two looks, however often it is woken: the homes of a town change many times a second.
_REST_S = 0.03
# Two transactions may become visible in another order than their numbers, so each look goes back this far.
_LOOK_BACK = 200
# A page this far behind is cut off; its browser connects again and fetches everything.
_MOST_WAITING = 1000
# While one page is left for the next nobody listens: what was meant for a person meanwhile is told to the next page.
_MISSED_S = 10.0


class Feed:
    """Every open page has a queue here. `wake` is safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages: set[asyncio.Queue[ChangeRow | None]] = set()
        self._personal: deque[tuple[float, ChangeRow]] = deque(maxlen=_MOST_WAITING)
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look for changes now."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self) -> None:
        """Carry changes until cancelled; a database that is away for a while only delays them."""
        self._loop = asyncio.get_running_loop()
        after = await asyncio.to_thread(self._newest)
        told = set(range(max(0, after - _LOOK_BACK), after + 1))
        while True:
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                rows = await asyncio.to_thread(self._since, after - _LOOK_BACK, told)
            except SQLAlchemyError as error:
                _LOG.warning("cannot look for changes: %s", type(error).__name__)
                continue
            for row in rows:
                if row.change_id is not None:
                    told.add(row.change_id)
                    after = max(after, row.change_id)
                    self._tell(row)
            told = {number for number in told if number >= after - _LOOK_BACK}
            await asyncio.sleep(_REST_S)

    def close(self) -> None:
        """End every open page's stream, so that the server can stop."""
        for page in self._pages:
            page.put_nowait(None)

    @contextmanager
    def page(self) -> Iterator[asyncio.Queue[ChangeRow | None]]:
        """Open a queue of changes for one page; None in it means the server stops or the page is too far behind."""
        queue: asyncio.Queue[ChangeRow | None] = asyncio.Queue()
        self._pages.add(queue)
        for at, row in self._personal:
            if asyncio.get_running_loop().time() - at < _MISSED_S:
                queue.put_nowait(row)
        try:
            yield queue
        finally:
            self._pages.discard(queue)

    def _tell(self, row: ChangeRow) -> None:
        if row.person_id is not None:
            self._personal.append((asyncio.get_running_loop().time(), row))
        for page in self._pages:
            if page.qsize() <= _MOST_WAITING:
                page.put_nowait(row if page.qsize() < _MOST_WAITING else None)

    def _newest(self) -> int:
        with self._database.reading() as db:
            return newest(db)

    def _since(self, after: int, known: Collection[int]) -> list[ChangeRow]:
        with self._database.reading() as db:
            return since(db, after, known)
