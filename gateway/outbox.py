"""Every fact of the home, on disk until the server says that it has it on its own."""

import fcntl
import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self, TypeVar

from pydantic import ValidationError

from gateway import outbox_rows as rows
from gateway.contract.codec import ContractError
from gateway.contract.heartbeat import StreamHead, Trouble
from gateway.contract.observation import Observation, SensorKind, Stream
from gateway.errors import OutboxInUseError
from gateway.keeping import Hours, most_bytes, rank
from gateway.observe import Fact, SensorMemory
from gateway.outbox_file import Connect, DamagedFileError, connect, is_damage, new_epoch, open_file, set_aside
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)
_FILE: Final = "outbox.db"
_LOCK: Final = "outbox.lock"

_NONE: Final[Mapping[SensorKind, int]] = {}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Room:
    """How much of the disk the outbox may take."""

    limit_bytes: int = 100 * 1000 * 1000
    floor_bytes: int = 200 * 1000 * 1000  # free bytes that are for everybody else on this machine


class Outbox:
    """Two numbered streams of observations, and what is remembered of each sensor, in one SQLite file.

    An observation goes by `forget`, or, where there is no more room, by the policy of `gateway.keeping`, and is then
    counted. A damaged file is set aside and a new one begun, under a new epoch: the trouble is counted, and what the
    program still remembers of its sensors goes into the new file.

    Raises:
        OutboxInUseError: another program holds the folder.
    """

    def __init__(self, folder: Path, troubles: Troubles, room: Room = Room(), connect: Connect = connect) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / _FILE
        self._troubles = troubles
        self._room = room
        self._connect = connect
        # By sensor, when the newest of its facts happened that the server has on disk; since the program started.
        self.proven: dict[str, datetime] = {}
        self._epoch = ""
        self._last_seq: dict[Stream, int] = {}
        self._held: dict[Stream, int] = {}
        self._hours: Hours = {}
        self._memories: dict[str, SensorMemory] = {}
        self._lock = (folder / _LOCK).open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise OutboxInUseError(
                f"Another gateway is already running with the folder {folder}. "
                "Stop it, or give this one a folder of its own."
            ) from None
        self._begin()
        self.starts = self._count_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and the folder."""
        self._connection.close()
        self._lock.close()

    @property
    def epoch(self) -> str:
        """The name of the present file; a new file starts new sequences."""
        return self._epoch

    def memory(self, sensor_id: str) -> SensorMemory:
        """Return what is remembered of a sensor: an empty memory when nothing is."""
        return self._memories.get(sensor_id, _NOTHING)

    def append(
        self, facts: Iterable[Fact], memories: Mapping[str, SensorMemory], dropped: Mapping[SensorKind, int] = _NONE
    ) -> None:
        """Write facts, each with the next number of its stream, and memories, in one transaction.

        What has to make room for them goes in the same transaction. `dropped`: what never came this far.

        Raises:
            sqlite3.OperationalError: the disk is full or does not answer; nothing was written or remembered.
        """
        new = list(facts)
        self._run(lambda: self._write(new, memories, dropped))
        self._memories.update(memories)

    def oldest(self, stream: Stream, after_seq: int, limit: int) -> tuple[Observation, ...]:
        """Return up to `limit` observations with numbers above `after_seq`, oldest first."""
        return self._run(lambda: rows.read(self._connection, stream, after_seq, limit))

    def oldest_seq(self, stream: Stream) -> int | None:
        """Return the lowest number still held, None when nothing is."""
        return self._run(lambda: rows.oldest_seq(self._connection, stream))

    def last_seq(self, stream: Stream) -> int:
        """Return the highest number ever given in this file, 0 when none was."""
        return self._last_seq[stream]

    def waiting(self, stream: Stream) -> int:
        """Return how many observations are held."""
        return self._held[stream]

    def heads(self) -> tuple[StreamHead, ...]:
        """Return how far each stream has come."""
        return tuple(
            StreamHead(stream=stream, last_seq=self._last_seq[stream], waiting=self._held[stream]) for stream in Stream
        )

    def dropped(self) -> Counter[SensorKind]:
        """Return how many of each kind were let go without a receipt since the file was begun."""
        return self._run(lambda: rows.dropped(self._connection))

    def forget(self, stream: Stream, up_to_seq: int) -> None:
        """Drop the observations the server has on disk. A repeat is harmless.

        Raises:
            sqlite3.OperationalError: the disk is full or does not answer; they are still held.
        """
        proven = self._run(lambda: rows.newest(self._connection, stream, up_to_seq))
        forgotten = self._run(lambda: rows.forget(self._connection, stream, up_to_seq))
        self.proven |= {sensor: max(at, self.proven.get(sensor, at)) for sensor, at in proven.items()}
        self._held[stream] -= forgotten

    def start_over(self) -> None:
        """Give every held observation a new number under a new epoch.

        For a file that has lost what it once held (a disk that did not keep its word at a power cut): the server knows
        higher numbers than the file does, so it would take what comes next under them for repeats.
        """
        self._troubles.count(Trouble.OUTBOX_SET_ASIDE)
        _LOGGER.error("the outbox file has gone back in time; its observations are sent anew")
        self._run(self._renumber)

    def _begin(self) -> None:
        try:
            self._connection = open_file(self._path, self._connect)
        except DamagedFileError as damage:
            self._set_aside(str(damage))
            self._connection = open_file(self._path, self._connect)
        try:
            self._load()
        except (sqlite3.DatabaseError, ValidationError, ValueError):
            self._connection.close()
            self._set_aside("its content cannot be read")
            self._connection = open_file(self._path, self._connect)
            self._load()

    def _count_start(self) -> int:
        """Return how often a program has begun on this file, this time included."""
        found = self._connection.execute("SELECT value FROM meta WHERE name='starts'").fetchone()
        starts = int(found[0]) + 1 if found else 1
        with suppress(sqlite3.OperationalError):  # a full disk must not keep the gateway from starting
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('starts', ?)", (str(starts),))
        return starts

    def _load(self) -> None:
        run = self._connection.execute
        self._epoch = str(run("SELECT value FROM meta WHERE name='epoch'").fetchone()[0])
        self._last_seq = {Stream(name): int(last) for name, last in run("SELECT stream, last_seq FROM head")}
        self._held = rows.held(self._connection)
        self._memories = rows.remembered(self._connection) | self._memories

    def _set_aside(self, reason: str) -> None:
        aside = set_aside(self._path)
        self._troubles.count(Trouble.OUTBOX_SET_ASIDE)
        _LOGGER.error("the outbox file is damaged (%s); it is kept as %s and a new one is begun", reason, aside.name)

    def _run(self, work: Callable[[], T]) -> T:
        """Do something with the file; where it proves damaged, do it with a new one."""
        try:
            return work()
        except ContractError as damage:
            self._replace(str(damage))
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._replace(str(error))
        return work()

    def _replace(self, reason: str) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()
        self._set_aside(reason)
        self._begin()
        self._write([], self._memories, _NONE)

    def _write(
        self, facts: list[Fact], memories: Mapping[str, SensorMemory], dropped: Mapping[SensorKind, int]
    ) -> None:
        last = dict(self._last_seq)
        ranks, hours = rank(facts, self._hours)
        new = []
        for fact, its_rank in zip(facts, ranks, strict=True):
            last[fact.stream] += 1
            new.append((its_rank, fact.stream, rows.numbered(fact, last[fact.stream])))
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            taken = rows.file_bytes(self._connection)
            rows.insert(self._connection, new)
            rows.set_heads(self._connection, last)
            rows.remember(self._connection, memories)
            rows.count_dropped(self._connection, dropped)
            gone = self._make_room(taken)
        self._last_seq, self._hours = last, hours
        fresh = rows.count_of(new)
        self._held = {stream: held + fresh[stream] - gone[stream] for stream, held in self._held.items()}
        if gone:
            self._troubles.count(Trouble.OUTBOX_FULL)

    def _make_room(self, taken: int) -> Counter[Stream]:
        """Let go of what the policy gives up first, until the file is small enough; return what went."""
        most = most_bytes(self._room.limit_bytes, taken, self.free_bytes(), self._room.floor_bytes)
        gone: Counter[Stream] = Counter()
        while rows.used_bytes(self._connection) > most and (went := rows.drop_lowest(self._connection)):
            gone += went
        return gone

    def free_bytes(self) -> int:
        """Return how much of the disk is free to us."""
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize

    def _renumber(self) -> None:
        held = {stream: rows.ranked(self._connection, stream) for stream in Stream}
        new = [
            (its_rank, stream, observation.model_copy(update={"seq": seq}))
            for stream, observations in held.items()
            for seq, (its_rank, observation) in enumerate(observations, start=1)
        ]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("UPDATE meta SET value=? WHERE name='epoch'", (new_epoch(),))
            self._connection.execute("DELETE FROM item")
            rows.insert(self._connection, new)
            rows.set_heads(self._connection, {stream: len(kept) for stream, kept in held.items()})
        self._load()


_NOTHING: Final = SensorMemory()
