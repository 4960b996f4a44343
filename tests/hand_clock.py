"""A clock that a test moves by hand."""

import asyncio
from datetime import datetime, timedelta


class HandClock:
    """Stands still until it is moved. `now` is aware."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, span: timedelta) -> None:
        until = self._now + span
        while self._now < until:
            await self._moved.wait()

    def move(self, span: timedelta) -> None:
        self._now += span
        self._moved.set()
        self._moved = asyncio.Event()
