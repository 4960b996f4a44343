"""A disk that takes nothing stops neither the gateway nor a call for help."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from gateway_world import BUTTON, HALL, World, motion, press

from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import SensorKind, Stream
from gateway.outbox import Outbox
from gateway.troubles import Troubles


@contextmanager
def refusing_disk(world: World) -> Iterator[None]:
    """Let every write to the outbox fail, as a full disk does, until the block ends."""
    intruder = sqlite3.connect(world.data / "outbox.db", isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        intruder.close()


async def test_a_call_for_help_passes_by_memory_and_the_rest_follows_when_the_disk_is_well(world: World) -> None:
    await world.opens()

    async with world.gateway() as air:
        await world.server.until(lambda: bool(world.server.heartbeats))
        with refusing_disk(world):
            air.say(HALL, motion(1))
            air.say(BUTTON, press(1))
            await world.server.until(lambda: bool(world.server.arrived))
            assert [one.kind for one in world.server.arrived] == [SensorKind.BUTTON]
            ill = await world.next_heartbeat()
        await world.server.until(lambda: len(world.server.all_stored()) == 2)
        well = await world.next_heartbeat()

    assert ill.troubles[Trouble.DISK_REFUSED] == 1
    claimed = {head.stream: head.last_seq for head in ill.heads}
    assert claimed == {Stream.URGENT: 0, Stream.ROUTINE: 1}  # a fact that is not written yet is claimed all the same
    assert [head.last_seq for head in well.heads] == [0, 1]
    epochs = {batch.stream: batch.epoch for batch in world.server.batches}
    assert epochs[Stream.URGENT] != epochs[Stream.ROUTINE]  # numbers from memory are never mistaken for the file's


async def test_what_waits_in_memory_is_bounded_and_what_goes_is_told(world: World) -> None:
    world.knows_its_home()

    async with world.gateway() as air:
        with refusing_disk(world):
            for number in range(11_000):
                air.say(HALL, motion(number))
                if number % 100 == 0:
                    await asyncio.sleep(0)
        await world.opens()
        await world.server.until(lambda: bool(world.server.heartbeats))
        heartbeat = await world.next_heartbeat()
        while heartbeat.troubles.get(Trouble.DISK_REFUSED) and any(head.waiting for head in heartbeat.heads):
            heartbeat = await world.next_heartbeat()

    told = len(world.server.all_stored())
    assert heartbeat.dropped[SensorKind.MOTION] + told == 11_000
    assert told <= 10_000
    assert heartbeat.troubles[Trouble.OUTBOX_FULL] >= 1
    with Outbox(world.data, Troubles()) as outbox:
        assert outbox.dropped() == heartbeat.dropped
