"""The program as it is started on a machine: `livsrytme gateway run`."""

import asyncio
import shutil
import signal
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway_world import GATEWAY, World

from gateway.contract.heartbeat import PresenceState

_LIVSRYTME = shutil.which("livsrytme", path=sysconfig.get_path("scripts")) or "livsrytme"


@asynccontextmanager
async def started(world: World) -> AsyncIterator[asyncio.subprocess.Process]:
    options = ("--id", GATEWAY, "--broker", world.broker.url, "--data", str(world.data), "--radio", "bluez:hci9")
    process = await asyncio.create_subprocess_exec(
        _LIVSRYTME, "gateway", "run", *options, stderr=asyncio.subprocess.PIPE, cwd=Path("/")
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_says_that_it_is_here_and_a_term_signal_ends_it_cleanly(world: World) -> None:
    await world.opens()

    async with started(world) as gateway:
        await world.server.until(lambda: bool(world.server.heartbeats))
        gateway.send_signal(signal.SIGTERM)
        _, said = await gateway.communicate()

    assert gateway.returncode == 0
    assert [presence.state for presence in world.server.presences] == [PresenceState.HERE, PresenceState.GONE]
    assert b"Traceback" not in said


async def test_the_broker_tells_that_a_killed_gateway_is_gone(world: World) -> None:
    await world.opens()

    async with started(world) as gateway:
        await world.server.until(lambda: bool(world.server.heartbeats))
        gateway.kill()
        await world.server.until(lambda: len(world.server.presences) == 2)

    assert world.server.presences[1].state is PresenceState.GONE


async def test_a_second_one_in_the_same_folder_says_what_to_do(world: World) -> None:
    await world.opens()

    async with started(world):
        await world.server.until(lambda: bool(world.server.heartbeats))
        async with started(world) as second:
            _, said = await second.communicate()

    assert second.returncode == 1
    assert b"already running with the folder" in said
    assert b"Traceback" not in said


async def test_without_a_broker_it_waits_quietly(world: World) -> None:
    async with started(world) as gateway:
        assert gateway.stderr is not None
        async with asyncio.timeout(15):
            line = await gateway.stderr.readline()
        gateway.send_signal(signal.SIGTERM)
        _, rest = await gateway.communicate()

    assert gateway.returncode == 0
    assert b"no broker at" in line
    assert b"Traceback" not in rest
