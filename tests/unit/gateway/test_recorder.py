"""Facts are written together, urgent ones at once, and none is lost to a full disk."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.contract.observation import SensorKind, Stream
from gateway.observe import Fact, SensorMemory
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.troubles import Troubles

_SENSOR = "a4c138000001"


def fact(kind: SensorKind = SensorKind.MOTION) -> Fact:
    now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    return Fact(_SENSOR, "hallway", kind, 1.0, now, True, None)  # noqa: FBT003 - a dataclass in order


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path, Troubles()) as outbox:
        yield outbox


async def test_a_fact_is_written_soon_and_whoever_waits_is_told(outbox: Outbox) -> None:
    recorder = Recorder(outbox, Troubles())
    written = asyncio.Event()
    recorder.on_written = written.set

    recorder.record(_SENSOR, (fact(),), SensorMemory(counter=1))
    assert outbox.waiting(Stream.ROUTINE) == 0

    async with asyncio.timeout(5):
        await written.wait()
    assert outbox.waiting(Stream.ROUTINE) == 1


async def test_an_urgent_fact_is_written_in_the_same_turn_with_everything_before_it(outbox: Outbox) -> None:
    recorder = Recorder(outbox, Troubles())

    recorder.record(_SENSOR, (fact(),), SensorMemory(counter=1))
    recorder.record(_SENSOR, (fact(SensorKind.BUTTON),), SensorMemory(counter=2))
    await asyncio.sleep(0)  # one turn of the loop

    assert (outbox.waiting(Stream.URGENT), outbox.waiting(Stream.ROUTINE)) == (1, 1)


async def test_the_urgent_facts_of_one_read_of_the_radio_share_one_commit(outbox: Outbox) -> None:
    recorder = Recorder(outbox, Troubles())
    commits = list[int]()
    recorder.on_written = lambda: commits.append(outbox.waiting(Stream.URGENT))

    for counter in range(49):
        recorder.record(_SENSOR, (fact(SensorKind.BUTTON),), SensorMemory(counter=counter))
    await asyncio.sleep(0)

    assert commits == [49]


async def test_fifty_facts_are_written_without_waiting(outbox: Outbox) -> None:
    recorder = Recorder(outbox, Troubles())

    for counter in range(50):
        recorder.record(_SENSOR, (fact(),), SensorMemory(counter=counter))

    assert outbox.waiting(Stream.ROUTINE) == 50


async def test_what_is_remembered_counts_before_it_is_written(outbox: Outbox) -> None:
    recorder = Recorder(outbox, Troubles())

    recorder.record(_SENSOR, (), SensorMemory(counter=7))

    assert recorder.memory(_SENSOR).counter == 7
    recorder.flush()
    assert outbox.memory(_SENSOR).counter == 7


async def test_a_full_disk_loses_nothing_and_keeps_the_order(outbox: Outbox) -> None:
    recorder = Recorder(outbox, Troubles())
    written = asyncio.Event()
    recorder.on_written = written.set
    (pages,) = outbox._connection.execute("PRAGMA page_count").fetchone()
    outbox._connection.execute(f"PRAGMA max_page_count={pages}")  # SQLite says "full" beyond it, as on a full disk

    for counter in range(60):
        recorder.record(_SENSOR, (fact(), fact(SensorKind.DOOR)), SensorMemory(counter=counter))
    assert not written.is_set()
    assert outbox.waiting(Stream.ROUTINE) == 0

    outbox._connection.execute("PRAGMA max_page_count=100000")
    async with asyncio.timeout(5):
        await written.wait()
    kinds = [one.kind for one in outbox.oldest(Stream.ROUTINE, 0, 200)]
    assert kinds == [SensorKind.MOTION, SensorKind.DOOR] * 60
