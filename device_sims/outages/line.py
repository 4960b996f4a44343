"""The line between one home and the broker, which can be cut, fall silent, or become slow."""

import asyncio
from contextlib import suppress
from typing import Final

_HERE: Final = "127.0.0.1"
_CHUNK: Final = 1 << 14


class Line:
    """A TCP proxy on this machine in front of `port_behind`. What is sent while it is silent arrives when mended."""

    def __init__(self, port_behind: int) -> None:
        self.port = 0  # where the home calls; known once it is open, and the same ever after
        self.delay_s = 0.0  # for every piece of data, each way
        self.bytes_per_s: float | None = None  # None: as fast as it goes
        self.passed = 0  # bytes, both ways
        self._port_behind = port_behind
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._speaks = asyncio.Event()
        self._speaks.set()

    async def open(self) -> None:
        """Let calls through. A repeat is harmless."""
        if self._server is None:
            self._server = await asyncio.start_server(self._connect, _HERE, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """End every connection, and refuse new ones. A repeat is harmless."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def fall_silent(self) -> None:
        """Let nothing through in either direction; connections stand, new ones are taken, and nobody is told."""
        self._speaks.clear()

    async def mend(self) -> None:
        """Be as new. A repeat is harmless."""
        self.delay_s, self.bytes_per_s = 0.0, None
        self._speaks.set()
        await self.open()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        if call is None:
            raise RuntimeError("a connection is taken by a task")
        self._calls.add(call)
        try:
            if self._server is not None:  # else it was cut before this call was answered
                await self._carry(reader, writer)
            writer.close()
        except asyncio.CancelledError:  # cut; nobody awaits this task, and asyncio would log it
            writer.transport.abort()
        finally:
            self._calls.discard(call)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._speaks.wait()
        try:
            behind, onwards = await asyncio.open_connection(_HERE, self._port_behind)
        except OSError:
            writer.transport.abort()
            return
        ways = [asyncio.ensure_future(self._pass(reader, onwards)), asyncio.ensure_future(self._pass(behind, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            onwards.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                takes_s = self.delay_s + (len(data) / self.bytes_per_s if self.bytes_per_s else 0.0)
                if takes_s:
                    await asyncio.sleep(takes_s)
                await self._speaks.wait()
                writer.write(data)
                await writer.drain()
                self.passed += len(data)
