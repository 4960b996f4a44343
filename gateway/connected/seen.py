"""Which measurements have been taken already: a device sends what it has stored again at every connection."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

_FILE: Final = "measurements.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS seen (
    number INTEGER PRIMARY KEY, sensor_id TEXT NOT NULL, measurement BLOB NOT NULL, sequence INTEGER,
    UNIQUE (sensor_id, measurement)
);
"""
_KEPT: Final = 2000  # of each device; meters store up to a thousand


class SeenMeasurements:
    """A file of its own. One that is damaged is begun anew: then a few measurements are told twice, none is lost."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _FILE
        try:
            self._connection = _opened(path)
        except sqlite3.DatabaseError:
            for part in folder.glob(f"{_FILE}*"):
                part.unlink()
            self._connection = _opened(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def has(self, sensor_id: str, measurement: bytes) -> bool:
        """Tell whether these bytes of this device have been taken."""
        query = "SELECT 1 FROM seen WHERE sensor_id=? AND measurement=?"
        return self._connection.execute(query, (sensor_id, measurement)).fetchone() is not None

    def last_sequence(self, sensor_id: str) -> int | None:
        """Return the number of the record taken last; None where none has been, or the device has no numbers."""
        query = "SELECT sequence FROM seen WHERE sensor_id=? AND sequence IS NOT NULL ORDER BY number DESC LIMIT 1"
        found = self._connection.execute(query, (sensor_id,)).fetchone()
        return None if found is None else int(found[0])

    def add(self, sensor_id: str, taken: Iterable[tuple[bytes, int | None]]) -> None:
        """Remember measurements, each with its number; they are on disk when this returns. A repeat is harmless."""
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT OR IGNORE INTO seen (sensor_id, measurement, sequence) VALUES (?, ?, ?)",
                [(sensor_id, measurement, sequence) for measurement, sequence in taken],
            )
            self._connection.execute(
                "DELETE FROM seen WHERE sensor_id=:id AND number NOT IN"
                " (SELECT number FROM seen WHERE sensor_id=:id ORDER BY number DESC LIMIT :kept)",
                {"id": sensor_id, "kept": _KEPT},
            )


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_SCHEMA)
        connection.execute("SELECT count(*) FROM seen").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
