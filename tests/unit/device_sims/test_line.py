"""A line between home and broker that is cut, falls silent, is slow, and is mended."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from device_sims.outages.line import Line
from device_sims.ports import free_port

_LIMIT_S = 20.0


class Echo:
    """A server that says back what it hears."""

    def __init__(self) -> None:
        self.port = 0
        self.heard = b""
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while data := await reader.read(1_000):
                self.heard += data
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[Echo]:
    server = Echo()
    await server.open()
    yield server
    server.close()
    await asyncio.sleep(0)


@pytest_asyncio.fixture
async def line(echo: Echo) -> AsyncIterator[Line]:
    line = Line(echo.port)
    await line.open()
    yield line
    await line.cut()


async def _says(line: Line, data: bytes) -> bytes:
    async with asyncio.timeout(_LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        try:
            writer.write(data)
            return await reader.read(len(data))
        finally:
            writer.close()


async def _has_ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not holds():  # noqa: ASYNC110 - sockets lie between
            await asyncio.sleep(0.005)


async def test_a_whole_line_carries_both_ways(line: Line) -> None:
    assert await _says(line, b"hello") == b"hello"
    assert line.passed == 10


async def test_a_cut_line_ends_what_stands_and_refuses_what_comes(line: Line) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    writer.write(b"a")
    async with asyncio.timeout(_LIMIT_S):
        assert await reader.read(1) == b"a"
        await line.cut()
        await line.cut()
        assert await _has_ended(reader)
    with pytest.raises(OSError):  # noqa: PT011 - which one is the system's business
        await asyncio.open_connection("127.0.0.1", line.port)
    writer.close()


async def test_a_mended_line_is_at_the_same_place(line: Line) -> None:
    port = line.port
    await line.cut()
    await line.mend()

    assert line.port == port
    assert await _says(line, b"again") == b"again"


async def test_what_is_said_into_a_silent_line_arrives_when_it_is_mended(line: Line, echo: Echo) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    writer.write(b"a")
    async with asyncio.timeout(_LIMIT_S):
        assert await reader.read(1) == b"a"
    line.fall_silent()
    writer.write(b"b")
    new = asyncio.create_task(_says(line, b"c"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reader.read(1)
    assert (echo.heard, new.done()) == (b"a", False)

    await line.mend()

    async with asyncio.timeout(_LIMIT_S):
        assert await reader.read(1) == b"b"
        assert await new == b"c"
    writer.close()


async def test_a_slow_line_takes_its_time(line: Line) -> None:
    line.delay_s = 0.2
    loop = asyncio.get_running_loop()
    began = loop.time()

    assert await _says(line, b"slow") == b"slow"
    assert loop.time() - began >= 0.39


async def test_a_narrow_line_lets_so_many_bytes_through_in_a_second(line: Line) -> None:
    line.bytes_per_s = 1_000.0
    loop = asyncio.get_running_loop()
    began = loop.time()

    await _says(line, b"x" * 200)
    assert loop.time() - began >= 0.19


async def test_a_line_to_nowhere_ends_the_call() -> None:
    line = Line(free_port())
    await line.open()
    async with asyncio.timeout(_LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        assert await _has_ended(reader)
    writer.close()
    await line.cut()


async def test_a_line_that_is_cut_in_its_silence_keeps_nothing(line: Line, echo: Echo) -> None:
    line.fall_silent()
    saying = asyncio.create_task(_says(line, b"lost"))
    await asyncio.sleep(0)
    await line.cut()
    await asyncio.gather(saying, return_exceptions=True)

    await line.mend()

    assert await _says(line, b"new") == b"new"
    await _until(lambda: echo.heard == b"new")
