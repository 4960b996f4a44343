"""The outbox keeps every fact, in order, through crashes and damage, until it is told to forget."""

import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import SensorKind, Stream
from gateway.errors import OutboxInUseError
from gateway.observe import Fact, SensorMemory
from gateway.outbox import Outbox
from gateway.troubles import Troubles

_NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
_SENSOR = "a4c138000001"
_KIND = {Stream.URGENT: SensorKind.BUTTON, Stream.ROUTINE: SensorKind.TEMPERATURE}


def fact(value: float = 1.0, stream: Stream = Stream.ROUTINE) -> Fact:
    return Fact(_SENSOR, "hallway", _KIND[stream], value, _NOW, True, None)  # noqa: FBT003 - a dataclass in order


def opened(folder: Path) -> Outbox:
    return Outbox(folder, Troubles())


def test_facts_get_rising_numbers_in_their_own_stream(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append([fact(1), fact(2, Stream.URGENT), fact(3)], {})

        assert [(one.seq, one.value) for one in outbox.oldest(Stream.ROUTINE, 0, 10)] == [(1, 1.0), (2, 3.0)]
        assert [(one.seq, one.value) for one in outbox.oldest(Stream.URGENT, 0, 10)] == [(1, 2.0)]


def test_forgetting_one_stream_leaves_the_other(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append([fact(), fact(stream=Stream.URGENT)], {})

        outbox.forget(Stream.URGENT, 1)

        assert (outbox.waiting(Stream.URGENT), outbox.waiting(Stream.ROUTINE)) == (0, 1)


def test_a_number_is_never_used_again(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append([fact(), fact()], {})
        outbox.forget(Stream.ROUTINE, 2)
    with opened(tmp_path) as outbox:
        outbox.append([fact()], {})

        assert [one.seq for one in outbox.oldest(Stream.ROUTINE, 0, 10)] == [3]


def test_a_restart_keeps_the_epoch_and_what_is_remembered_of_sensors(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        epoch = outbox.epoch
        outbox.append([fact()], {_SENSOR: SensorMemory(counter=41)})

    with opened(tmp_path) as outbox:
        assert (outbox.epoch, outbox.memory(_SENSOR).counter) == (epoch, 41)
        assert outbox.memory("a4c1380000ff") == SensorMemory()


def test_a_second_program_in_the_folder_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(OutboxInUseError, match="Stop it, or give this one a folder of its own"):
        opened(tmp_path)


def test_the_folder_is_free_again_after_closing(tmp_path: Path) -> None:
    opened(tmp_path).close()

    opened(tmp_path).close()


def filled(folder: Path) -> tuple[Path, str]:
    with opened(folder) as outbox:
        outbox.append([fact(number) for number in range(500)], {_SENSOR: SensorMemory(counter=41)})
        return folder / "outbox.db", outbox.epoch


def _cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _cut_within_the_header(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:50])


def _cut_the_last_page(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _scribble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:12288] = b"\xaa" * 8192
    file.write_bytes(content)


def _drop_a_table(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE sensor_memory")
    connection.close()


@pytest.mark.parametrize(
    "damage", [_cut_in_half, _cut_within_the_header, _cut_the_last_page, _empty, _scribble, _drop_a_table]
)
def test_a_damaged_file_is_kept_beside_and_a_new_one_begun(tmp_path: Path, damage: object) -> None:
    file, epoch = filled(tmp_path)
    assert callable(damage)
    damage(file)
    broken = file.read_bytes()
    troubles = Troubles()

    with Outbox(tmp_path, troubles) as outbox:
        outbox.append([fact()], {})

        assert outbox.epoch != epoch
        assert [one.seq for one in outbox.oldest(Stream.ROUTINE, 0, 10)] == [1]
    assert troubles.so_far() == {Trouble.OUTBOX_SET_ASIDE: 1}
    assert (tmp_path / "outbox.db.damaged-1").stat().st_size >= len(broken)


def test_every_damaged_file_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        _cut_in_half(filled(tmp_path)[0])
        opened(tmp_path).close()

    assert sorted(found.name for found in tmp_path.glob("outbox.db.damaged-?")) == [
        "outbox.db.damaged-1",
        "outbox.db.damaged-2",
    ]


def test_damage_that_shows_while_running_costs_neither_new_facts_nor_the_memory_of_sensors(tmp_path: Path) -> None:
    file, epoch = filled(tmp_path)
    troubles = Troubles()
    with Outbox(tmp_path, troubles) as outbox:
        intruder = sqlite3.connect(file)
        intruder.execute("UPDATE item SET body=x'00' WHERE seq=1")
        intruder.commit()
        intruder.close()

        assert outbox.oldest(Stream.ROUTINE, 0, 10) == ()
        outbox.append([fact()], {})

        assert outbox.epoch != epoch
        assert outbox.memory(_SENSOR).counter == 41
        assert outbox.waiting(Stream.ROUTINE) == 1
    assert troubles.so_far() == {Trouble.OUTBOX_SET_ASIDE: 1}


def test_starting_over_gives_what_is_held_new_numbers_under_a_new_epoch(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append([fact(number) for number in range(4)], {_SENSOR: SensorMemory(counter=41)})
        outbox.forget(Stream.ROUTINE, 2)
        epoch = outbox.epoch

        outbox.start_over()

        assert outbox.epoch != epoch
        assert [(one.seq, one.value) for one in outbox.oldest(Stream.ROUTINE, 0, 10)] == [(1, 2.0), (2, 3.0)]
        assert (outbox.last_seq(Stream.ROUTINE), outbox.memory(_SENSOR).counter) == (2, 41)


class OutboxAgainstAList(RuleBasedStateMachine):
    """Append, forget, crash and stop in any order: the outbox holds what a list would hold."""

    def __init__(self) -> None:
        super().__init__()
        self._room = Path(tempfile.mkdtemp())
        self._lives = 0
        self._folder = self._room / "0"
        self._outbox = opened(self._folder)
        self._held: dict[Stream, list[tuple[int, float]]] = {stream: [] for stream in Stream}
        self._last = dict.fromkeys(Stream, 0)

    @rule(stream=st.sampled_from(Stream), values=st.lists(st.floats(1, 100), max_size=5))
    def append(self, stream: Stream, values: list[float]) -> None:
        self._outbox.append([fact(value, stream) for value in values], {_SENSOR: SensorMemory(counter=len(values))})
        for value in values:
            self._last[stream] += 1
            self._held[stream].append((self._last[stream], value))

    @rule(stream=st.sampled_from(Stream), up_to_seq=st.integers(0, 20))
    def forget(self, stream: Stream, up_to_seq: int) -> None:
        self._outbox.forget(stream, up_to_seq)
        self._held[stream] = [(seq, value) for seq, value in self._held[stream] if seq > up_to_seq]

    @rule()
    def stop_and_start(self) -> None:
        self._outbox.close()
        self._outbox = opened(self._folder)

    @rule()
    def crash(self) -> None:
        """Go on from what lies on disk at this moment, as a killed program leaves it."""
        self._lives += 1
        left = self._room / str(self._lives)
        shutil.copytree(self._folder, left)
        self._outbox.close()
        self._folder = left
        self._outbox = opened(self._folder)

    @invariant()
    def it_holds_what_the_list_holds(self) -> None:
        for stream in Stream:
            held = [(one.seq, one.value) for one in self._outbox.oldest(stream, 0, 1000)]
            assert held == self._held[stream]
            assert self._outbox.waiting(stream) == len(held)
            assert self._outbox.last_seq(stream) == self._last[stream]

    def teardown(self) -> None:
        self._outbox.close()
        shutil.rmtree(self._room)


OutboxAgainstAList.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestOutboxAgainstAList = OutboxAgainstAList.TestCase
