"""What time it is: the only file that reads a clock.

Everything else takes `now` as an argument or is handed a `Clock`. A simulated world runs on its own time, so that a
month can pass in minutes; it publishes that time in a small file which the server reads.
"""

import asyncio
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = struct.Struct("<q")  # microseconds since 1970, little-endian: one write of eight bytes cannot be torn

# Real seconds between two looks at a simulated clock while somebody waits for it.
_WORLD_POLL_S = 0.02


class Clock(Protocol):
    """The time of one world, real or simulated."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        ...

    async def sleep(self, span: timedelta) -> None:
        """Wait until `span` of this world's time has passed."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads it

    async def sleep(self, span: timedelta) -> None:
        """Wait for `span` of real time."""
        await asyncio.sleep(max(0.0, span.total_seconds()))


class WorldClock:
    """The clock of a simulated world, read from the file its simulator writes. For test homes only.

    Raises:
        FileNotFoundError: no simulator has written the file yet.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)

    def now(self) -> datetime:
        """Return the simulated present, aware, in UTC."""
        microseconds: int = _TIME.unpack(os.pread(self._file, _TIME.size, 0))[0]
        return _EPOCH + microseconds * _MICROSECOND

    async def sleep(self, span: timedelta) -> None:
        """Wait until the simulated world has moved on by `span`; for ever if it stands still."""
        until = self.now() + span
        while self.now() < until:  # noqa: ASYNC110 - another process moves this clock
            await asyncio.sleep(_WORLD_POLL_S)


class WorldTime:
    """The hand that moves a simulated world's clock: its simulator holds it, every `WorldClock` on the file follows."""

    def __init__(self, path: Path, now: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self.set(now)

    def set(self, now: datetime) -> None:
        """Let it be `now` (aware) in the simulated world."""
        os.pwrite(self._file, _TIME.pack((now - _EPOCH) // _MICROSECOND), 0)
