"""How close the server's ingest comes to what SQLite itself can do: one ratio, both sides in one run.

    python bench/bench_ingest.py [batches]

The floor is the same rows through sqlite3's executemany into the same table, one synced commit for each batch.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.contract.codec import to_json
from gateway.contract.observation import Observation, ObservationBatch, SensorKind, Stream
from gateway.contract.topics import upward
from server.db.migrate import upgrade
from server.db.session import Database
from server.ingest.service import receive
from server.provisioning import HomeIn, Provisioning, ResidentIn, SensorIn, UnitIn, provision

GATEWAY = "gw-bench"
SENSOR = "a4c138000001"
START = datetime(2026, 1, 5, tzinfo=UTC)
ROWS_A_BATCH = 200
ROUNDS = 5


def home() -> Provisioning:
    sensor = SensorIn(sensor_id=SENSOR, room="kitchen", kinds=(SensorKind.MOTION,))
    resident = ResidentIn(code="res-bench", name="Bench", birth_year=1940)
    place = HomeIn(
        code="bench",
        unit="u",
        address="",
        time_zone="Europe/Oslo",
        resident=resident,
        gateway_id=GATEWAY,
        sensors=(sensor,),
    )
    return Provisioning(units=(UnitIn(code="u", name="U"),), homes=(place,))


def batch(first: int) -> bytes:
    facts = tuple(
        Observation(
            seq=seq,
            sensor_id=SENSOR,
            room="kitchen",
            kind=SensorKind.MOTION,
            value=1.0,
            observed_at=START + timedelta(seconds=60 * seq),
            clock_synced=True,
            rssi_dbm=-70,
        )
        for seq in range(first, first + ROWS_A_BATCH)
    )
    return to_json(
        ObservationBatch(
            gateway_id=GATEWAY, epoch="00000000", stream=Stream.ROUTINE, oldest_seq=1, sent_at=START, observations=facts
        )
    )


def through_ingest(database: Database, messages: list[bytes], now: datetime) -> float:
    began = time.perf_counter()
    for message in messages:
        receive(database, upward(GATEWAY, Stream.ROUTINE), message, now, timedelta(minutes=10))
    return time.perf_counter() - began


def through_sqlite(path: Path, batches: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    began = time.perf_counter()
    for number in range(batches):
        rows = [
            (999, number * ROWS_A_BATCH + row, 1, 1, 1, 1.0, row * 60_000, row, 1, -70)
            for row in range(1, ROWS_A_BATCH + 1)
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO observation VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", rows)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.execute("DELETE FROM observation WHERE stream_id = 999")
    connection.close()
    return took


def main(batches: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "livsrytme.db"
        url = f"sqlite:///{path}"
        upgrade(url)
        database = Database(url)
        with database.transaction() as db:
            provision(db, home(), test_mode=True)
        ratios, rates = [], []
        for number in range(ROUNDS):
            first = number * batches * ROWS_A_BATCH + 1
            messages = [batch(first + place * ROWS_A_BATCH) for place in range(batches)]
            ours = through_ingest(database, messages, START + timedelta(days=365))
            floor = through_sqlite(path, batches)
            ratios.append(ours / floor)
            rates.append(batches * ROWS_A_BATCH / ours)
        database.close()
    print(f"ingest: {statistics.median(rates):,.0f} observations a second in batches of {ROWS_A_BATCH}")
    print(
        f"ratio to bare SQLite: median {statistics.median(ratios):.1f} (min {min(ratios):.1f}, max {max(ratios):.1f})"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
