"""A flood of packets that are none of the home's, or only claim to be, holds up no call for help and fills nothing."""

import asyncio
import gc
import itertools
import random
import shutil
import sysconfig
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from gateway_world import BUTTON, GATEWAY, HALL, SEALED, Air, World, press, running, sealed

from device_sims.radio import transmitter
from device_sims.radio.frames import Packet, Part
from gateway import app
from gateway.ble import twins
from gateway.contract.clock import SystemClock
from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import Stream

_LIVSRYTME = shutil.which("livsrytme", path=sysconfig.get_path("scripts")) or "livsrytme"
_PER_S = 2_000
_BTHOME, _MIBEACON, _GOVEE = 0xFCD2, 0xFE95, 0xEC88
_KINDS = ((Part.SERVICE_DATA, _BTHOME), (Part.SERVICE_DATA, _MIBEACON), (Part.MANUFACTURER_DATA, _GOVEE))

Flood = Callable[[], Iterator[tuple[str, bytes]]]  # sender and service data, without end


def strangers() -> Iterator[tuple[str, bytes]]:
    """Speak BTHome from addresses that are never heard twice."""
    chance = random.Random(1)  # noqa: S311 - the same flood each time
    while True:
        yield chance.randbytes(6).hex(), _nonsense(chance)


def impostors() -> Iterator[tuple[str, bytes]]:
    """Speak in the names of the home's own sensors: plain where there is a key, under a wrong key, broken off."""
    chance = random.Random(1)  # noqa: S311 - the same flood each time
    for counter in itertools.count(1):
        yield SEALED, _nonsense(chance)
        yield SEALED, sealed(counter, key=bytes(16))
        yield HALL, b"\x44\x00" + chance.randbytes(1) + b"\x21"[: chance.randrange(2)]
        yield HALL, bytes([chance.randrange(0x40)]) + chance.randbytes(8)  # no version of BTHome that we read


def _nonsense(chance: random.Random) -> bytes:
    return b"\x44\x00" + chance.randbytes(chance.randrange(1, 12))


@pytest.mark.parametrize("flood", [strangers, impostors])
async def test_a_flood_leaves_nothing_behind_in_memory(
    world: World, flood: Flood, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every table of the program is looked at, whoever has it: what a packet left would be there when all is over."""
    monkeypatch.setattr(twins, "_REMEMBERED", 100)  # full at any pace, though it forgets by time too
    await world.opens()
    near, far = world.air, Air()
    far.name = "the far end of the house"
    packets = flood()

    async def pour(count: int) -> None:
        for number in range(count):
            sender, data = next(packets)
            near.say(sender, data)
            far.say(sender, data)
            if number % 100 == 0:
                await asyncio.sleep(0)

    tracemalloc.start()
    try:
        async with running(app.run(world.settings, near, far)):
            await near.listening.wait()
            await far.listening.wait()
            await world.server.until(lambda: bool(world.server.heartbeats))
            await pour(5_000)  # fills what has a bound: caches, and the copies that two radios hear
            before = _traced_bytes()
            await pour(3_000)
            left_behind = _traced_bytes() - before
            near.say(BUTTON, press(1))
            await world.server.until(lambda: bool(world.server.arrived))
            heartbeat = await world.next_heartbeat()
    finally:
        tracemalloc.stop()

    assert left_behind < 150_000  # 50 bytes a packet: no address would go in there
    assert [one.sensor_id for one in world.server.all_stored()] == [BUTTON]
    if flood is impostors:
        of_sensor = {health.sensor_id: health.troubles for health in heartbeat.sensors}
        assert of_sensor[SEALED].keys() == {Trouble.NOT_ENCRYPTED, Trouble.WRONG_KEY}
        assert of_sensor[HALL].keys() == {Trouble.UNDECODABLE}


@pytest.mark.parametrize("flood", [strangers, impostors])
async def test_a_call_for_help_passes_a_flood_and_neither_memory_nor_the_log_grows(world: World, flood: Flood) -> None:
    """Judged by the packets that go by before it is at the server, because the test machine may be busy: they are sent
    at the pace of 2,000 a second or slower, and 10,000 would be five seconds of that.
    """
    await world.opens()

    with tempfile.TemporaryDirectory(prefix="air-") as folder, tempfile.TemporaryFile() as log:
        async with _gateway(world, Path(folder) / "air", log) as (air, program):
            flooding = asyncio.create_task(_flood(air, flood()))
            await _until(lambda: air.acknowledged > _PER_S)
            at_first_kb = _resident_kb(program)
            for number in range(1, 4):
                earlier = air.on_air
                await air.send(_packet(BUTTON, press(number)))
                await world.server.until(lambda: _pressed(world) >= number)  # noqa: B023 - waited for at once
                assert air.on_air - earlier < 5 * _PER_S
            await _until(lambda: air.acknowledged > 5 * _PER_S)
            at_last_kb = _resident_kb(program)
            flooding.cancel()
        log.seek(0)
        lines = log.readlines()

    assert at_last_kb < 80_000
    assert at_last_kb - at_first_kb < 4_000  # 8,000 strangers take 10 MB where bleak remembers them
    assert len(lines) < 20


def _traced_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _pressed(world: World) -> int:
    return sum(1 for (_, stream), numbers in world.server.stored.items() if stream is Stream.URGENT for _ in numbers)


def _packet(sender: str, data: bytes, part: Part = Part.SERVICE_DATA, number: int = _BTHOME) -> Packet:
    return Packet(SystemClock().now(), bytes.fromhex(sender), -70, number, data, part)


@asynccontextmanager
async def _gateway(world: World, air_path: Path, log: IO[bytes]) -> AsyncIterator[tuple[transmitter.Air, int]]:
    """Run the program as on a machine, on the virtual radio."""
    air = transmitter.Air(air_path, SystemClock().now() - timedelta(seconds=1))
    await air.open()
    options = (
        "--id",
        GATEWAY,
        "--broker",
        world.broker.url,
        "--data",
        str(world.data),
        "--radio",
        f"virtual:{air_path}",
    )
    process = await asyncio.create_subprocess_exec(_LIVSRYTME, "gateway", "run", *options, stderr=log)
    try:
        await _until(lambda: air.is_listened_to)
        yield air, process.pid
    finally:
        process.kill()
        await process.wait()
        await air.close()


async def _flood(air: transmitter.Air, packets: Iterator[tuple[str, bytes]]) -> None:
    began = time.monotonic()
    for sent, (sender, data) in enumerate(packets):
        await air.send(_packet(sender, data, *_KINDS[sent % len(_KINDS)]))
        if sent % 20 == 0:
            await asyncio.sleep(max(0.0, began + sent / _PER_S - time.monotonic()))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - the air gives no sign
            await asyncio.sleep(0.02)


def _resident_kb(program: int) -> int:
    lines = Path(f"/proc/{program}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
