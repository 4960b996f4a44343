"""The air of one home, as its simulator holds it: what sensors send goes to whoever listens, and is kept until heard.

The simulated world stands still while nobody listens: `send` then waits. So killing a gateway loses nothing that a real
home would not have repeated: sensors repeat their packets for seconds, and so does the air, for a listener that is new.
Only an air that was deserted goes on: what is sent there while nobody listens is gone.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from device_sims.radio import frames

# Packets on the way that the listener has not acknowledged. More would only fill the socket's buffers.
_WINDOW: Final = 256
# What a new listener hears again, beyond what was never acknowledged: more than a gateway that is killed can have heard
# and not yet written down.
_REPEATED: Final = 2_000


class Air:
    """The socket server on which the sensors of one home are heard. One listener at a time: a newer one takes over."""

    def __init__(self, path: Path, now: datetime) -> None:
        """Prepare the air.

        Args:
            path: where the socket will be; see `frames.usable_address`.
            now: the world's time (aware).

        Raises:
            AirAddressError: the path is too long.
        """
        self.path = frames.usable_address(path)
        self.on_air = 0
        self.acknowledged = 0
        self.unheard = 0  # sent while it was deserted
        self.clock_error = timedelta()  # how far the listener's clock is ahead of the world's
        self._is_deserted = False
        self._now = now
        self._kept: deque[bytes] = deque()
        self._listener: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None
        self._changed = asyncio.Condition()

    async def open(self) -> None:
        """Let gateways connect."""
        self._server = await asyncio.start_unix_server(self._welcome, self.path)

    async def close(self) -> None:
        """Fall silent and remove the socket. A repeat is harmless."""
        if self._server is not None:
            self._server.close()
        if self._listener is not None:
            self._listener.close()
        self._listener = None
        self.path.unlink(missing_ok=True)

    @property
    def is_listened_to(self) -> bool:
        """Whether a gateway listens now."""
        return self._listener is not None

    async def listened_to(self) -> None:
        """Wait until a gateway listens, or none is waited for."""
        await self._until(lambda: self.is_listened_to or self._is_deserted)

    async def desert(self) -> None:
        """Wait for no listener from now on, and repeat nothing of what was sent so far. A repeat is harmless."""
        self._is_deserted = True
        await self._forget()

    def await_listeners(self) -> None:
        """Wait for a listener again. A repeat is harmless."""
        self._is_deserted = False

    async def heard(self) -> None:
        """Wait until everything sent so far was acknowledged."""
        await self._until(lambda: self.acknowledged == self.on_air)

    async def send(self, packet: frames.Packet) -> None:
        """Put a packet on the air; waits while nobody listens or the listener is far behind."""
        if not self._has_room():
            await self._until(self._has_room)
        self._now = packet.at
        if self._listener is None:
            self.unheard += 1
            return
        self.on_air += 1
        written = frames.write_packet(self.on_air, packet, self.clock_error)
        self._kept.append(written)
        self._say(written)

    def tell_time(self, now: datetime) -> None:
        """Move the listener's clock when nothing is on the air."""
        self._now = now
        self._say(frames.write_time(now + self.clock_error))

    def _has_room(self) -> bool:
        if self._listener is None:
            return self._is_deserted
        return self.on_air - self.acknowledged < _WINDOW

    def _say(self, written: bytes) -> None:
        if self._listener is not None and not self._listener.is_closing():
            self._listener.write(written)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            first = await reader.readexactly(1)
            if first == frames.LISTEN:
                self._start_over(writer)
                await self._notify()
                await self._hear_acknowledgements(reader, writer)
            else:
                writer.write(frames.write_time(self._now + self.clock_error))
                await writer.drain()
        if self._listener is writer:
            self._listener = None
            if self._is_deserted:
                await self._forget()
        writer.close()

    def _start_over(self, writer: asyncio.StreamWriter) -> None:
        if self._listener is not None:
            self._listener.close()
        self._listener = writer
        writer.writelines(self._kept)
        writer.write(frames.write_time(self._now + self.clock_error))

    async def _hear_acknowledgements(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            number = frames.read_acknowledgement(await reader.readexactly(frames.ACKNOWLEDGEMENT_BYTES))
            if self._listener is not writer:
                return
            self.acknowledged = max(self.acknowledged, number)
            while len(self._kept) > _REPEATED + self.on_air - self.acknowledged:
                self._kept.popleft()
            await self._notify()

    async def _forget(self) -> None:
        self._kept.clear()
        self.acknowledged = self.on_air
        await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(holds)
