"""The file behind the outbox: made whole or not at all, checked before it is trusted, set aside when it is damaged."""

import os
import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.contract.observation import Stream

Connect = Callable[[Path], sqlite3.Connection]

_TABLES: Final = frozenset({"meta", "head", "item", "sensor_memory", "dropped"})
# Rows lie by rank, so that what is let go first lies together: dropping it frees whole pages of the file.
_ITEM: Final = """
CREATE TABLE item (
    rank INTEGER, stream TEXT, seq INTEGER, body BLOB NOT NULL, PRIMARY KEY (rank, stream, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX item_by_number ON item (stream, seq);
"""
_DROPPED: Final = "CREATE TABLE dropped (kind TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;"
_SCHEMA: Final = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE head (stream TEXT PRIMARY KEY, last_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sensor_memory (sensor_id TEXT PRIMARY KEY, memory BLOB NOT NULL) WITHOUT ROWID;
{_ITEM}{_DROPPED}
"""
# A file of an earlier gateway had no ranks (gateway.keeping.Rank): what it holds is kept long, for nobody knows better.
_ADD_RANKS: Final = (
    "ALTER TABLE item RENAME TO unranked",
    *filter(str.strip, (_ITEM + _DROPPED).split(";")),
    "INSERT INTO item SELECT CASE stream WHEN 'urgent' THEN 4 ELSE 3 END, stream, seq, body FROM unranked",
    "DROP TABLE unranked",
)
_BESIDE: Final = ("", "-wal", "-shm")  # SQLite keeps one database in up to three files


class DamagedFileError(Exception):
    """The file is not what was written."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a file as SQLite does; transactions begin and end where we say."""
    # Nobody else writes in it, so waiting for somebody would only keep packets waiting.
    return sqlite3.connect(path, timeout=0.1, isolation_level=None)


def open_file(path: Path, connect: Connect = connect) -> sqlite3.Connection:
    """Open the outbox file, made new where there is none.

    Raises:
        DamagedFileError: there is one, and it cannot be trusted.
    """
    if not path.exists():
        _make(path, connect)
    connection = connect(path)
    try:
        _prepare(connection)
        _check(connection, path)
        _bring_up_to_date(connection)
    except (sqlite3.DatabaseError, DamagedFileError) as fault:
        connection.close()
        if _is_passing(fault):
            raise
        raise DamagedFileError(str(fault)) from fault
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that the file is broken, rather than that the disk is full or busy."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def new_epoch() -> str:
    """Return a name for a file: numbers of one are never mistaken for numbers of another."""
    return secrets.token_hex(4)


def set_aside(path: Path) -> Path:
    """Move a damaged file, with what belongs to it, out of the way and keep it. Return where it is now."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in _BESIDE:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _make(path: Path, connect: Connect) -> None:
    """Make an empty outbox under another name and move it into place: a crash leaves no half-made file behind."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    for suffix in _BESIDE[1:]:  # left by a file that is gone; SQLite would mix them into the new one
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = connect(unfinished)
    try:
        connection.executescript("PRAGMA synchronous=FULL;" + _SCHEMA)
        connection.execute("INSERT INTO meta VALUES ('epoch', ?)", (new_epoch(),))
        connection.executemany("INSERT INTO head VALUES (?, 0)", [(stream.value,) for stream in Stream])
    finally:
        connection.close()
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # a commit is on disk when it returns, power cut or not
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what a crash left in the log is moved into the file first


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (pages,), (page_size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if path.stat().st_size < pages * page_size:
        raise DamagedFileError("the file is shorter than it says it is")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DamagedFileError("the file's own check fails")
    if not _tables(connection) >= _TABLES - {"dropped"}:
        raise DamagedFileError("tables are missing")
    if connection.execute("SELECT count(*) FROM head").fetchone() != (len(Stream),):
        raise DamagedFileError("the numbers of the streams are missing")
    if connection.execute("SELECT count(*) FROM meta WHERE name='epoch'").fetchone() != (1,):
        raise DamagedFileError("the file has no name of its own")


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    if "dropped" not in _tables(connection):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _ADD_RANKS:
                connection.execute(statement)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}


def _is_passing(fault: Exception) -> bool:
    return isinstance(fault, sqlite3.OperationalError) and not is_damage(fault)
