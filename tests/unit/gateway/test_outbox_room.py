"""The outbox keeps to its room: what goes is chosen, counted, and told."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import SensorKind, Stream
from gateway.observe import Fact, SensorMemory
from gateway.outbox import Outbox, Room
from gateway.troubles import Troubles

_START = datetime(2026, 3, 1, tzinfo=UTC)
_DAY = 5_000  # observations of an ordinary home
_MB = 1_000_000


def fact(kind: SensorKind, number: int) -> Fact:
    at = _START + timedelta(seconds=number * 86_400 / _DAY, milliseconds=417)
    return Fact(f"a4c138{number % 20:06x}", "living_room", kind, 21.37, at, True, -67)  # noqa: FBT003 - a dataclass in order


def ordinary(days: int) -> Iterator[list[Fact]]:
    """Yield what an ordinary home tells, in the portions in which it is written."""
    kinds = [SensorKind.MOTION, SensorKind.TEMPERATURE, SensorKind.MOTION, SensorKind.DOOR, SensorKind.HUMIDITY]
    for start in range(0, days * _DAY, 50):
        yield [fact(kinds[number % len(kinds)], number) for number in range(start, start + 50)]


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("outbox.db*"))


def held(outbox: Outbox) -> Counter[SensorKind]:
    return Counter(one.kind for stream in Stream for one in outbox.oldest(stream, 0, -1))


def test_seven_days_of_five_thousand_observations_fit_in_less_than_100_mb(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles(), Room(floor_bytes=0)) as outbox:
        for portion in ordinary(days=7):
            outbox.append(portion, {})

        assert outbox.waiting(Stream.ROUTINE) == 7 * _DAY
        assert not outbox.dropped()
        assert on_disk(tmp_path) < 100 * _MB


def test_beyond_its_limit_the_file_grows_no_more_and_every_drop_is_counted(tmp_path: Path) -> None:
    troubles = Troubles()
    with Outbox(tmp_path, troubles, Room(limit_bytes=8 * _MB, floor_bytes=0)) as outbox:
        told: Counter[SensorKind] = Counter()
        for portion in ordinary(days=7):
            outbox.append(portion, {})
            told.update(one.kind for one in portion)
            assert on_disk(tmp_path) < 12 * _MB  # the log beside the file may take 4 MB

        assert held(outbox) + outbox.dropped() == told
        assert held(outbox).total() == outbox.waiting(Stream.ROUTINE) < told.total()
        dropped = outbox.dropped()
    assert troubles.so_far()[Trouble.OUTBOX_FULL] > 0
    with Outbox(tmp_path, Troubles()) as outbox:
        assert outbox.dropped() == dropped


def test_slow_measures_are_thinned_first_and_calls_and_doors_go_last(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles(), Room(limit_bytes=1, floor_bytes=0)) as outbox:  # a megabyte is always kept
        outbox.append([fact(SensorKind.BUTTON, 0), fact(SensorKind.DOOR, 0)], {})
        doors = motions = 1
        while SensorKind.TEMPERATURE not in outbox.dropped():
            outbox.append([fact(SensorKind.TEMPERATURE, number) for number in range(100)], {})
        assert held(outbox)[SensorKind.TEMPERATURE] > 0
        while SensorKind.MOTION not in outbox.dropped():
            outbox.append([fact(SensorKind.MOTION, number) for number in range(100)], {})
            motions += 100
        assert held(outbox)[SensorKind.TEMPERATURE] == 0
        assert set(outbox.dropped()) == {SensorKind.TEMPERATURE, SensorKind.MOTION}
        while SensorKind.DOOR not in outbox.dropped():
            outbox.append([fact(SensorKind.DOOR, number) for number in range(100)], {})
            doors += 100

        assert held(outbox)[SensorKind.MOTION] == 0
        assert held(outbox)[SensorKind.BUTTON] == 1
        assert outbox.waiting(Stream.URGENT) == 1


def test_a_disk_below_its_floor_is_not_filled_further(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles(), Room(floor_bytes=10**18)) as outbox:
        for portion in ordinary(days=2):
            outbox.append(portion, {})

        assert outbox.dropped()
        assert on_disk(tmp_path) < 6 * _MB


def test_what_could_not_be_written_is_not_remembered_as_heard(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles()) as outbox:
        intruder = sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)
        intruder.execute("BEGIN IMMEDIATE")

        with pytest.raises(sqlite3.OperationalError):
            outbox.append([fact(SensorKind.MOTION, 1)], {"a4c138000001": SensorMemory(counter=7)})
        intruder.close()

        assert outbox.memory("a4c138000001") == SensorMemory()
        assert outbox.last_seq(Stream.ROUTINE) == 0


def test_a_file_of_an_earlier_gateway_is_taken_over_with_everything_in_it(tmp_path: Path) -> None:
    with Outbox(tmp_path, Troubles()) as outbox:
        outbox.append([fact(SensorKind.MOTION, 1), fact(SensorKind.BUTTON, 2)], {})
        epoch, before = outbox.epoch, [outbox.oldest(stream, 0, 10) for stream in Stream]
    old = sqlite3.connect(tmp_path / "outbox.db")
    old.executescript(
        "CREATE TABLE plain (stream TEXT, seq INTEGER, body BLOB NOT NULL, PRIMARY KEY (stream, seq)) WITHOUT ROWID;"
        "INSERT INTO plain SELECT stream, seq, body FROM item; DROP TABLE item; ALTER TABLE plain RENAME TO item;"
        "DROP TABLE dropped; DELETE FROM meta WHERE name='starts';"
    )
    old.close()
    troubles = Troubles()

    with Outbox(tmp_path, troubles) as outbox:
        assert [outbox.oldest(stream, 0, 10) for stream in Stream] == before
        assert (outbox.epoch, outbox.last_seq(Stream.ROUTINE), outbox.waiting(Stream.URGENT)) == (epoch, 1, 1)
        outbox.append([fact(SensorKind.MOTION, 3)], {})
    assert troubles.so_far() == {}


def test_every_start_on_the_same_file_is_counted(tmp_path: Path) -> None:
    starts = []
    for _ in range(3):
        with Outbox(tmp_path, Troubles()) as outbox:
            starts.append(outbox.starts)

    assert starts == [1, 2, 3]
