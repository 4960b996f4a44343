"""Test press and test walk: somebody says that a sensor is being tried, and its next fact proves its way to us.

A press of the tested button wakes nobody, once: the next one, and everything else that calls for help, is a call.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Role
from server.audit.service import append
from server.errors import NotFoundError
from server.live.service import changed
from server.liveness.rules import is_test_press
from server.liveness.tables import SensorTest
from server.observations.service import NewFact
from server.residents.service import gateways_of, renew_config
from server.residents.tables import Home, Sensor

OPERATOR = "operator"
_TESTERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Tended:
    """A sensor that somebody may tend, with its home."""

    sensor: Sensor
    home: Home


def tended(db: Session, viewer: Viewer, address: str) -> Tended:
    """Return a sensor of the viewer's unit.

    Raises:
        NotAllowedError: this role tends no sensors.
        NotFoundError: there is no such sensor in the viewer's unit.
    """
    viewer.may(*_TESTERS)
    found = sensor_at(db, address)
    if found.home.unit_id not in viewer.units:
        raise NotFoundError("sensor")
    return found


def sensor_at(db: Session, address: str) -> Tended:
    """Return a sensor of any unit, for an operator at the server's own console.

    Raises:
        NotFoundError: there is no such sensor.
    """
    wanted = select(Sensor, Home).join(Home, col(Home.home_id) == Sensor.home_id).where(Sensor.address == address)
    found = db.exec(wanted).first()
    if found is None:
        raise NotFoundError("sensor")
    return Tended(*found)


def start_test(db: Session, what: Tended, who: str, lasts: timedelta, now: datetime) -> SensorTest:
    """Take the sensor's next fact within `lasts` for a proof. Starting again begins a new test."""
    test = db.get(SensorTest, what.sensor.sensor_id, with_for_update=True)
    test = test or SensorTest(sensor_id=what.sensor.sensor_id or 0, started_at=now, ends_at=now, started_by=who)
    test.started_at, test.ends_at, test.started_by = now, now + lasts, who
    test.observed_at = test.received_at = None
    db.add(test)
    _note(db, what, who, "sensor test started", now, why=f"until {test.ends_at.isoformat(timespec='minutes')}")
    return test


def end_test(db: Session, what: Tended, who: str, now: datetime) -> None:
    """End a test before its time: from now on every press is a call. Harmless where none is open."""
    test = db.get(SensorTest, what.sensor.sensor_id, with_for_update=True)
    if test is None or test.observed_at is not None or test.ends_at <= now:
        return
    test.ends_at = now
    db.add(test)
    _note(db, what, who, "sensor test ended", now)


def renew_count(db: Session, what: Tended, who: str, now: datetime) -> None:
    """Let the sensor's encryption counter begin anew with its next packet: its battery was changed."""
    # Gateways first: heartbeats lock gateway and sensor in this order.
    for gateway in gateways_of(db, what.sensor.home_id):
        renew_config(gateway)
        db.add(gateway)
        changed(db, what.home.unit_id, "config", gateway.code)
    what.sensor.count_renewed += 1
    db.add(what.sensor)
    _note(db, what, who, "sensor has a new battery", now)


def under_test(db: Session, sensor_ids: Collection[int]) -> set[int]:
    """Return which of these sensors wait for a fact that proves them."""
    wanted = select(SensorTest.sensor_id).where(
        col(SensorTest.sensor_id).in_(sensor_ids), col(SensorTest.observed_at).is_(None)
    )
    return set(db.exec(wanted))


@dataclass(frozen=True, slots=True)
class Proofs:
    """What some facts proved. `quiet`: the numbers of those that must wake nobody."""

    quiet: frozenset[int] = frozenset()
    tests: tuple[SensorTest, ...] = ()


def take_proofs(db: Session, facts: Sequence[NewFact], now: datetime) -> Proofs:
    """Let facts just stored prove the sensors under test; `tell_proofs` is to follow, once alerts are raised.

    What was heard before the test, or after its end, proves nothing and is what it always is.
    """
    if not facts:
        return Proofs()
    sensors = {fact.sensor_id for fact in facts}
    wanted = select(SensorTest).where(col(SensorTest.sensor_id).in_(sensors), col(SensorTest.observed_at).is_(None))
    quiet: set[int] = set()
    proven: list[SensorTest] = []
    for test in db.exec(wanted.order_by(col(SensorTest.sensor_id)).with_for_update()).all():
        timely = [
            fact
            for fact in facts
            if fact.sensor_id == test.sensor_id and test.started_at <= fact.observed_at < test.ends_at
        ]
        if not timely:
            continue
        first = min(timely, key=lambda fact: (fact.observed_at, fact.told.seq))
        test.observed_at, test.received_at = first.observed_at, now
        db.add(test)
        proven.append(test)
        if is_test_press(first.told):
            quiet.add(first.told.seq)
    return Proofs(frozenset(quiet), tuple(proven))


def tell_proofs(db: Session, proofs: Proofs, now: datetime) -> None:
    """Tell open pages and the audit. Last in a transaction: alerts and the audit are locked in this order."""
    for test in proofs.tests:
        sensor = db.get_one(Sensor, test.sensor_id)
        what = Tended(sensor, db.get_one(Home, sensor.home_id))
        _note(db, what, test.started_by, "sensor test received", now)


def _note(db: Session, what: Tended, who: str, deed: str, now: datetime, why: str = "") -> None:
    append(db, at=now, who=who, what=deed, about=f"sensor:{what.sensor.address}", why=why)
    changed(db, what.home.unit_id, "sensor", what.sensor.address)
