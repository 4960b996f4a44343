"""After an outage the backlog leaves at a pace, in batches, and what is fresh and urgent does not wait for it."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from gateway_world import BUTTON, HALL, World, motion, press

from gateway.contract.clock import SystemClock
from gateway.contract.codec import from_json
from gateway.contract.observation import ObservationBatch, SensorKind, Stream
from gateway.observe import Fact
from gateway.outbox import Outbox, Room
from gateway.sender import StreamSender
from gateway.troubles import Troubles
from gateway.unwritten import Unwritten

_AT = datetime(2026, 3, 1, tzinfo=UTC)


def fact(kind: SensorKind) -> Fact:
    return Fact(HALL, "hallway", kind, 1.0, _AT, True, None)  # noqa: FBT003 - a dataclass in order


async def test_a_backlog_leaves_in_full_batches_and_at_a_pace(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles()) as outbox:
        outbox.append([fact(SensorKind.MOTION)] * 1_600, {})
        sender = StreamSender("gw-a", Stream.ROUTINE, outbox, SystemClock(), Troubles())
        sent: list[tuple[float, int]] = []
        is_over = asyncio.Event()

        async def publish(_topic: str, payload: bytes) -> None:
            batch = from_json(ObservationBatch, payload)
            sent.append((time.monotonic(), len(batch.observations)))
            sender.receive(batch.observations[-1].seq)
            if outbox.waiting(Stream.ROUTINE) == 0:
                is_over.set()

        running = asyncio.create_task(sender.run(publish))
        async with asyncio.timeout(15):
            await is_over.wait()
        running.cancel()

    assert [size for _, size in sent] == [200] * 8
    assert sent[-1][0] - sent[0][0] >= 7 * 0.1 * 0.95  # 200 take a tenth of a second


async def test_a_server_that_says_nothing_is_asked_less_and_less_but_for_calls_as_often_as_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("gateway.sender._PATIENCE_S", 0.05)
    monkeypatch.setattr("gateway.sender._LONGEST_PATIENCE_S", {Stream.URGENT: 0.05, Stream.ROUTINE: 0.8})
    with Outbox(tmp_path, Troubles()) as outbox:
        outbox.append([fact(SensorKind.MOTION), fact(SensorKind.BUTTON)], {})
        asked: dict[Stream, int] = dict.fromkeys(Stream, 0)

        async def publish(_topic: str, payload: bytes) -> None:
            asked[from_json(ObservationBatch, payload).stream] += 1

        senders = [StreamSender("gw-a", stream, outbox, SystemClock(), Troubles()) for stream in Stream]
        running = [asyncio.create_task(sender.run(publish)) for sender in senders]
        async with asyncio.timeout(15):
            while asked[Stream.URGENT] < 30:  # noqa: ASYNC110 - what is sent gives no sign here
                await asyncio.sleep(0.01)
        for task in running:
            task.cancel()

    assert 3 <= asked[Stream.ROUTINE] <= 10


async def test_numbers_that_were_let_go_are_told_with_the_batch_around_them(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles(), Room(limit_bytes=1, floor_bytes=0)) as outbox:
        while not outbox.dropped():
            outbox.append([fact(SensorKind.DOOR), *[fact(SensorKind.TEMPERATURE)] * 20], {})
        batches: list[ObservationBatch] = []
        sender = StreamSender("gw-a", Stream.ROUTINE, outbox, SystemClock(), Troubles())
        is_over = asyncio.Event()
        last = outbox.last_seq(Stream.ROUTINE)

        async def publish(_topic: str, payload: bytes) -> None:
            batches.append(from_json(ObservationBatch, payload))
            sender.receive(batches[-1].observations[-1].seq)
            if outbox.waiting(Stream.ROUTINE) == 0:
                is_over.set()

        running = asyncio.create_task(sender.run(publish))
        async with asyncio.timeout(15):
            await is_over.wait()
        running.cancel()
        dropped = outbox.dropped().total()

    told = {one.seq for batch in batches for one in batch.observations}
    gone = {number for batch in batches for first, end in batch.gone for number in range(first, end + 1)}
    before = set(range(1, batches[0].oldest_seq))
    assert gone
    assert not told & gone
    assert told | gone | before == set(range(1, last + 1))
    assert len(gone | before) == dropped


async def test_a_press_during_the_drain_does_not_wait_for_it(world: World) -> None:
    world.knows_its_home()

    async with world.gateway() as air:
        for number in range(6_000):
            air.say(HALL, motion(number))
        await world.opens()
        await world.server.until(lambda: len(world.server.arrived) > 400)
        air.say(BUTTON, press(1))
        pressed_at = time.monotonic()
        await world.server.until(lambda: any(one.kind is SensorKind.BUTTON for one in world.server.arrived))
        took_s = time.monotonic() - pressed_at
        routine_then = sum(one.kind is SensorKind.MOTION for one in world.server.arrived)

    assert took_s < 2
    assert routine_then < 6_000


def test_calls_in_memory_are_numbered_under_a_name_of_their_own_and_the_newest_are_kept() -> None:
    memory = Unwritten()

    went = [memory.add(fact(SensorKind.BUTTON)) for _ in range(1_003)]

    assert sum(went) == 3
    assert (memory.oldest_seq(Stream.URGENT), memory.last_seq(Stream.URGENT)) == (4, 1_003)
    assert memory.oldest(Stream.ROUTINE, 0, 10) == ()
    epoch = memory.epoch
    memory.forget(Stream.URGENT, 1_001)
    memory.start_over()
    assert memory.epoch != epoch
    assert [one.seq for one in memory.oldest(Stream.URGENT, 0, 10)] == [1, 2]
