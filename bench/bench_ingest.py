"""How close the server's ingest comes to what SQLite itself can do: ratios, both sides in one run.

    python bench/bench_ingest.py [batches] [homes]

The floor is the same rows through sqlite3's executemany into the same table, one synced commit for each batch. Small
messages are what homes send on an ordinary day: one to three facts, a heartbeat about seven sensors. They are counted
in processor time, one by one and in groups as a busy server takes them; their floor is one bare insert and commit.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Heartbeat, SensorHealth, StreamHead
from gateway.contract.observation import Observation, ObservationBatch, SensorKind, Stream
from gateway.contract.topics import Upward, upward
from server.db.migrate import upgrade
from server.db.session import Database
from server.detection.service import look_at_due
from server.ingest.service import MOST_TOGETHER, Arrived, receive, receive_together
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


SENSORS = 7
GROUPS = (1, 12, MOST_TOGETHER)


def town(homes: int) -> Provisioning:
    places = tuple(
        HomeIn(
            code=f"home-{number}",
            unit="u",
            address="",
            time_zone="Europe/Oslo",
            test=True,
            resident=ResidentIn(code=f"res-{number}", name="Bench", birth_year=1940),
            gateway_id=f"gw-{number}",
            sensors=tuple(
                SensorIn(sensor_id=f"{number:010x}{place:02x}", room="kitchen", kinds=(SensorKind.MOTION,))
                for place in range(SENSORS)
            ),
        )
        for number in range(homes)
    )
    return Provisioning(units=(UnitIn(code="u", name="U"),), homes=places)


def few_facts(home_number: int, turn: int, now: datetime) -> Arrived:
    name, many = f"gw-{home_number}", 1 + home_number % 3
    first = turn * many + 1
    facts = tuple(
        Observation(
            seq=first + place,
            sensor_id=f"{home_number:010x}{place:02x}",
            room="kitchen",
            kind=SensorKind.MOTION,
            value=1.0,
            observed_at=now,
            clock_synced=True,
        )
        for place in range(many)
    )
    batch = ObservationBatch(
        gateway_id=name, epoch="00000001", stream=Stream.ROUTINE, oldest_seq=first, sent_at=now, observations=facts
    )
    return Arrived(upward(name, Stream.ROUTINE), to_json(batch))


def sign_of_life(home_number: int, turn: int, now: datetime) -> Arrived:
    name = f"gw-{home_number}"
    beat = Heartbeat(
        gateway_id=name,
        boot_id="00000001",
        software="bench",
        started_at=START,
        sent_at=now,
        clock_synced=True,
        config_version=1,
        epoch="00000001",
        heads=(StreamHead(stream=Stream.ROUTINE, last_seq=(turn + 1) * (1 + home_number % 3), waiting=0),),
        sensors=tuple(
            SensorHealth(sensor_id=f"{home_number:010x}{place:02x}", last_heard_at=now, rssi_dbm=-60 - turn)
            for place in range(SENSORS)
        ),
    )
    return Arrived(upward(name, Upward.HEARTBEAT), to_json(beat))


def cpu_ms(work: Callable[[], object], homes: int) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000 / homes


def bare_commits(path: Path, homes: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    for number in range(homes):
        connection.execute("BEGIN IMMEDIATE")
        rows = [(998, number, 1, 1, 1, 1.0, number, number, 1, -70)]
        connection.executemany("INSERT INTO observation VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", rows)
        connection.execute("COMMIT")
    connection.execute("DELETE FROM observation WHERE stream_id = 998")
    connection.close()


def small_messages(homes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "livsrytme.db"
        upgrade(f"sqlite:///{path}")
        database = Database(f"sqlite:///{path}")
        with database.transaction() as db:
            provision(db, town(homes), test_mode=True)
        turns = count()
        one_turn(database, homes, next(turns), 1)  # what is new costs more, once
        for group in GROUPS:
            costs = [one_turn(database, homes, next(turns), group) for _ in range(3)]
            floor = cpu_ms(lambda: bare_commits(path, homes), homes)
            print(f"small messages, {group} together: processor time of each, and its ratio to a bare commit")
            for what in costs[0]:
                cost = statistics.median(cost[what] for cost in costs)
                print(f"  {what:<9} {cost:6.2f} ms  {cost / floor:5.1f}")
        database.close()


def one_turn(database: Database, homes: int, turn: int, group: int) -> dict[str, float]:
    now, patience = START + timedelta(minutes=turn), timedelta(minutes=10)

    def take(messages: list[Arrived]) -> None:
        for first in range(0, len(messages), group):
            receive_together(database, messages[first : first + group], now, patience)

    def look() -> None:
        while look_at_due(database, now, patience, most=group):
            pass

    batches = [few_facts(number, turn, now) for number in range(homes)]
    beats = [sign_of_life(number, turn, now) for number in range(homes)]
    works: dict[str, Callable[[], None]] = {
        "facts": lambda: take(batches), "heartbeat": lambda: take(beats), "look": look, "repeat": lambda: take(batches),
    }  # fmt: skip
    return {what: cpu_ms(work, homes) for what, work in works.items()}


def main(batches: int, homes: int) -> None:
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
    small_messages(homes)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, int(sys.argv[2]) if len(sys.argv) > 2 else 300)
