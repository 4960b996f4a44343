"""A sensor that is silent is never taken for a person who does not move."""

from datetime import datetime

import pytest
from builders import DOOR, HOUR, MINUTE, MOTION, T0, FakeGateway, alerts, findings, sensor
from postgres import NewDatabase
from sqlmodel import select
from watching import hear, look, status, tell

from gateway.contract.heartbeat import SensorHealth
from server.db.session import Database
from server.liveness.sensors import raise_for_silent_sensors
from server.overview.rules import Status
from server.residents.tables import Sensor


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    """SQLite alone: hours of heartbeats take long, and nothing here differs on the other."""
    return new_sqlite()


def speaks_every_ten_minutes(database: Database, *places: str) -> None:
    with database.transaction() as db:
        for place in places:
            row = db.exec(select(Sensor).where(Sensor.address == sensor("a", place))).one()
            row.expected_interval_s = 600
            db.add(row)


def minutes_pass(database: Database, gateway: FakeGateway, since: datetime, hours: int, *heard: str) -> datetime:
    """Let a gateway beat every five minutes and hear these sensors; return the time it then is."""
    now = since
    for number in range(1, hours * 12 + 1):
        now = since + number * 5 * MINUTE
        sensors = tuple(SensorHealth(sensor_id=sensor("a", place), last_heard_at=now) for place in heard)
        hear(database, gateway, now, sensors=sensors)
        raise_for_silent_sensors(database, now)
        look(database, now)
    return now


def kinds(database: Database) -> list[str]:
    return [str(alert.kind) for alert in alerts(database)]


def test_a_home_whose_only_eye_is_silent_is_unknown_and_never_inactive(database: Database) -> None:
    gateway = FakeGateway()
    speaks_every_ten_minutes(database, MOTION)
    tell(database, gateway, [gateway.motion(T0)], T0)

    now = minutes_pass(database, gateway, T0, 18, DOOR)

    assert "inactivity" not in kinds(database)
    silent = next(alert for alert in alerts(database) if alert.kind == "sensor_silent")
    assert silent.reasons[0] == {"key": "home_unseen"}
    assert status(database, now) is Status.TECHNICAL


def test_when_it_sees_again_the_silence_counts_from_then(database: Database) -> None:
    gateway = FakeGateway()
    speaks_every_ten_minutes(database, MOTION)
    tell(database, gateway, [gateway.motion(T0)], T0)
    now = minutes_pass(database, gateway, T0, 18)

    now = minutes_pass(database, gateway, now, 2, MOTION)
    assert "inactivity" not in kinds(database)

    minutes_pass(database, gateway, now, 16, MOTION)
    assert "inactivity" in kinds(database)
    [(_, started_at, *_)] = findings(database)
    assert T0 + 18 * HOUR - 5 * MINUTE <= started_at <= T0 + 18 * HOUR + 5 * MINUTE


def test_a_home_that_is_seen_and_quiet_is_inactive_after_the_same_time(database: Database) -> None:
    gateway = FakeGateway()
    speaks_every_ten_minutes(database, MOTION)
    tell(database, gateway, [gateway.motion(T0)], T0)

    minutes_pass(database, gateway, T0, 18, MOTION)

    assert "inactivity" in kinds(database)


def test_closing_the_fault_does_not_make_a_blind_home_a_known_one(database: Database) -> None:
    gateway = FakeGateway()
    speaks_every_ten_minutes(database, MOTION)
    tell(database, gateway, [gateway.motion(T0)], T0)
    now = minutes_pass(database, gateway, T0, 2)
    with database.transaction() as db:
        for alert in alerts(database):
            alert.closed_at = now
            db.merge(alert)

    assert status(database, now) is Status.UNKNOWN
    assert now - T0 == 2 * HOUR
