"""The outbox's rows: written, read, let go of, and counted. Every transaction is the caller's."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from gateway.contract.codec import from_json, to_json
from gateway.contract.observation import Observation, SensorKind, Stream
from gateway.keeping import Rank
from gateway.observe import Fact, SensorMemory

# Dropped in one go: enough to be seldom about it, and too few to keep a packet waiting.
_DROPPED_AT_ONCE: Final = 200

_MEMORY: Final = TypeAdapter(SensorMemory)


def numbered(fact: Fact, seq: int) -> Observation:
    """Return a fact as an observation with its number."""
    return Observation(
        seq=seq,
        sensor_id=fact.sensor_id,
        room=fact.room,
        kind=fact.kind,
        value=fact.value,
        observed_at=fact.observed_at,
        clock_synced=fact.clock_synced,
        rssi_dbm=fact.rssi_dbm,
        vital=fact.vital,
    )


def insert(db: sqlite3.Connection, rows: Iterable[tuple[Rank, Stream, Observation]]) -> None:
    """Add observations under their numbers."""
    db.executemany(
        "INSERT INTO item VALUES (?, ?, ?, ?)",
        [(int(rank), stream.value, one.seq, to_json(one)) for rank, stream, one in rows],
    )


def set_heads(db: sqlite3.Connection, last: Mapping[Stream, int]) -> None:
    """Note the highest number given in each stream."""
    db.executemany("UPDATE head SET last_seq=? WHERE stream=?", [(seq, stream.value) for stream, seq in last.items()])


def memory_to_json(memory: SensorMemory) -> bytes:
    """Write a memory as it is kept."""
    return _MEMORY.dump_json(memory, exclude_none=True)


def memory_from_json(kept: bytes) -> SensorMemory:
    """Read a memory.

    Raises:
        ValidationError: it is not what was written.
    """
    return _MEMORY.validate_json(kept)


def remember(db: sqlite3.Connection, memories: Mapping[str, SensorMemory]) -> None:
    """Keep what is remembered of sensors."""
    db.executemany(
        "INSERT OR REPLACE INTO sensor_memory VALUES (?, ?)",
        [(sensor_id, memory_to_json(memory)) for sensor_id, memory in memories.items()],
    )


def remembered(db: sqlite3.Connection) -> dict[str, SensorMemory]:
    """Return what is remembered of sensors.

    Raises:
        ValidationError: a row is not what was written.
    """
    kept = db.execute("SELECT sensor_id, memory FROM sensor_memory")
    return {sensor_id: memory_from_json(memory) for sensor_id, memory in kept}


def read(db: sqlite3.Connection, stream: Stream, after_seq: int, limit: int) -> tuple[Observation, ...]:
    """Return up to `limit` observations (-1: all) above `after_seq`, oldest first.

    Raises:
        ContractError: a row is not what was written.
    """
    wanted = "SELECT body FROM item WHERE stream=? AND seq>? ORDER BY seq LIMIT ?"
    return tuple(from_json(Observation, body) for (body,) in db.execute(wanted, (stream.value, after_seq, limit)))


def ranked(db: sqlite3.Connection, stream: Stream) -> list[tuple[Rank, Observation]]:
    """Return everything a stream holds with its rank, oldest first.

    Raises:
        ContractError: a row is not what was written.
    """
    wanted = "SELECT rank, body FROM item WHERE stream=? ORDER BY seq"
    return [(Rank(rank), from_json(Observation, body)) for rank, body in db.execute(wanted, (stream.value,))]


def oldest_seq(db: sqlite3.Connection, stream: Stream) -> int | None:
    """Return the lowest number held, None when nothing is."""
    found: int | None = db.execute("SELECT min(seq) FROM item WHERE stream=?", (stream.value,)).fetchone()[0]
    return found


def newest(db: sqlite3.Connection, stream: Stream, up_to_seq: int) -> dict[str, datetime]:
    """Return when each sensor last said something, of what is held up to a number. A damaged row says nothing."""
    wanted = """
        SELECT json_extract(told, '$.sensor_id'), max(json_extract(told, '$.observed_at'))
        FROM (SELECT CAST(body AS TEXT) AS told FROM item WHERE stream=? AND seq<=?)
        WHERE json_valid(told) GROUP BY 1"""
    return {sensor: datetime.fromisoformat(at) for sensor, at in db.execute(wanted, (stream.value, up_to_seq)) if at}


def forget(db: sqlite3.Connection, stream: Stream, up_to_seq: int) -> int:
    """Take out what the server has; return how many that were."""
    return db.execute("DELETE FROM item WHERE stream=? AND seq<=?", (stream.value, up_to_seq)).rowcount


def drop_lowest(db: sqlite3.Connection) -> Counter[Stream]:
    """Let go of the oldest of the lowest rank and count it in the file; return how many of each stream went.

    Raises:
        ContractError: a row is not what was written.
    """
    wanted = "SELECT rank, stream, seq, body FROM item ORDER BY rank, stream, seq LIMIT ?"
    going = db.execute(wanted, (_DROPPED_AT_ONCE,)).fetchall()
    count_dropped(db, Counter(from_json(Observation, body).kind for *_, body in going))
    db.executemany("DELETE FROM item WHERE rank=? AND stream=? AND seq=?", [row[:3] for row in going])
    return Counter(Stream(stream) for _, stream, *_ in going)


def count_dropped(db: sqlite3.Connection, kinds: Mapping[SensorKind, int]) -> None:
    """Add to the counts of what was let go."""
    db.executemany(
        "INSERT INTO dropped VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET count=count+excluded.count",
        [(kind.value, count) for kind, count in kinds.items()],
    )


def dropped(db: sqlite3.Connection) -> Counter[SensorKind]:
    """Return how many of each kind were ever let go from this file."""
    return Counter({SensorKind(kind): count for kind, count in db.execute("SELECT kind, count FROM dropped")})


def file_bytes(db: sqlite3.Connection) -> int:
    """Return the size of the file, freed pages included."""
    return _number(db, "page_count") * _number(db, "page_size")


def used_bytes(db: sqlite3.Connection) -> int:
    """Return how much of the file is in use; freed pages are not, they are filled again."""
    return file_bytes(db) - _number(db, "freelist_count") * _number(db, "page_size")


def held(db: sqlite3.Connection) -> dict[Stream, int]:
    """Return how many observations each stream holds."""
    counts = dict(db.execute("SELECT stream, count(*) FROM item GROUP BY stream").fetchall())
    return {stream: int(counts.get(stream.value, 0)) for stream in Stream}


def count_of(rows: Sequence[tuple[Rank, Stream, Observation]]) -> Counter[Stream]:
    """Return how many rows are of each stream."""
    return Counter(stream for _, stream, _ in rows)


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])
