# ruff: noqa: ANN401, N802 - SQLite's own signatures
"""Whatever instant the power goes, what was written is there, and the file can be trusted."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self, cast

import pytest

from gateway.contract.observation import SensorKind, Stream
from gateway.observe import Fact, SensorMemory
from gateway.outbox import Outbox, Room
from gateway.troubles import Troubles

apsw = pytest.importorskip("apsw", reason="install apsw (group dev) to cut the power of a simulated disk")

_NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
_SENSOR = "a4c138000001"
_SECTOR = 512


class PowerCutError(Exception):
    """The light goes out."""


class Disk:
    """A disk that keeps its word only about what was synced: at a power cut each other write is there, torn, or not.

    The files' present content lies in real files, so that the outbox can look at them; beside each lies what would be
    left of it.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._safe: dict[str, bytearray] = {}
        self._unsafe: dict[str, list[tuple[int, bytes | None]]] = {}
        self.writes_left: int | None = None

    def wrote(self, name: str, offset: int, data: bytes | None) -> None:
        """Note a write, or with None that the file was cut off at `offset`."""
        self.tick()
        self._unsafe.setdefault(name, []).append((offset, data))

    def synced(self, name: str) -> None:
        """Note that a file is safe as it is."""
        self.tick()
        for offset, data in self._unsafe.pop(name, []):
            _apply(self._safe.setdefault(name, bytearray()), offset, data)

    def gone(self, name: str) -> None:
        """Note that a file was deleted."""
        self.tick()
        self._safe.pop(name, None)
        self._unsafe.pop(name, None)

    def tick(self) -> None:
        """Cut the power when its time has come, and at everything after."""
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left <= 0:
                raise PowerCutError

    def begin_life(self, folder: Path) -> None:
        """Take the files as they lie for safe."""
        self._safe = {str(path): bytearray(path.read_bytes()) for path in folder.glob("outbox.db*")}
        self._unsafe = {}

    def leave_after_cut(self, folder: Path) -> None:
        """Write down what is left."""
        for path in folder.glob("outbox.db*"):
            if str(path) not in self._safe and str(path) not in self._unsafe:
                path.unlink()
        for name in {*self._safe, *self._unsafe}:
            left = self._safe.get(name, bytearray())
            for offset, data in self._unsafe.get(name, []):
                if self._random.random() < 0.5:
                    _apply(left, offset, self._perhaps_torn(data))
            Path(name).write_bytes(left)

    def _perhaps_torn(self, data: bytes | None) -> bytes | None:
        if data is None or self._random.random() < 0.7:
            return data
        return data[: self._random.randrange(0, len(data) + _SECTOR) // _SECTOR * _SECTOR]


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class _File(apsw.VFSFile):  # type: ignore[misc]
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._name = name.filename() if hasattr(name, "filename") else str(name)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.wrote(self._name, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self._disk.wrote(self._name, size, None)
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        del flags  # the real disk need not be troubled
        self._disk.synced(self._name)


class _FileSystem(apsw.VFS):  # type: ignore[misc]
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__("powercut", "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:
        return _File(self._disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: FBT001 - SQLite's own signature
        self._disk.gone(name)
        super().xDelete(name, sync)


class _Connection:
    """As much of a connection of the standard library as the outbox uses, over a disk that loses its power."""

    def __init__(self, path: Path) -> None:
        self._db = apsw.Connection(str(path), vfs="powercut")
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")  # the log's index then needs no memory shared with others
        self.rowcount = 0

    def execute(self, statement: str, values: Sequence[object] = ()) -> "_Rows":
        rows = list(self._db.execute(statement, tuple(values)))
        return _Rows(rows, self._db.changes())

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        self._db.executemany(statement, [tuple(row) for row in rows])

    def executescript(self, statements: str) -> None:
        self._db.execute(statements)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


class _Rows:
    def __init__(self, rows: list[Any], changed: int) -> None:
        self._rows = rows
        self.rowcount = changed

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None

    def fetchall(self) -> list[Any]:
        return self._rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)


def _connect(path: Path) -> sqlite3.Connection:
    return cast("sqlite3.Connection", _Connection(path))


def fact(number: int) -> Fact:
    kind = SensorKind.BUTTON if number % 5 == 0 else SensorKind.TEMPERATURE
    return Fact(_SENSOR, "hallway", kind, float(number), _NOW, True, None)  # noqa: FBT003 - a dataclass in order


def live(outbox: Outbox, random: Random, committed: dict[str, int]) -> None:
    """Hear, and now and then forget, until the power goes; note what was promised."""
    while True:
        number = committed["heard"] + 1
        outbox.append([fact(number)], {_SENSOR: SensorMemory(counter=number)})
        committed["heard"] = number
        if random.random() < 0.1:
            up_to = outbox.last_seq(Stream.ROUTINE) - random.randrange(1, 20)
            outbox.forget(Stream.ROUTINE, up_to)


@pytest.mark.parametrize("seed", range(60))
def test_a_power_cut_loses_nothing_that_was_written_and_leaves_a_sound_file(tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    Outbox(tmp_path, Troubles()).close()
    disk = Disk(random)
    disk.begin_life(tmp_path)
    file_system = _FileSystem(disk)
    committed = {"heard": 0}

    outbox = Outbox(tmp_path, Troubles(), Room(floor_bytes=0), _connect)
    disk.writes_left = random.randrange(20, 600)
    with pytest.raises((PowerCutError, apsw.Error)):
        live(outbox, random, committed)
    left = tmp_path / "left"
    left.mkdir()
    disk.leave_after_cut(tmp_path)
    for path in tmp_path.glob("outbox.db*"):
        path.rename(left / path.name)
    with suppress(PowerCutError, apsw.Error):
        outbox.close()
    del outbox, file_system

    troubles = Troubles()
    with Outbox(left, troubles) as after:
        counter = after.memory(_SENSOR).counter or 0
        numbers = [int(one.value) for stream in Stream for one in after.oldest(stream, 0, -1)]
        heard = sum(after.last_seq(stream) for stream in Stream)

    assert troubles.so_far() == {}
    assert counter == heard >= committed["heard"]  # a fact and the memory that belongs to it, or neither
    assert set(range(max(1, committed["heard"] - 1), committed["heard"] + 1)) <= set(numbers)
