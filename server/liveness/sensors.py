"""Notes when sensors are heard, and notices those that no longer are. The gateway must have listened all the while."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.contract.heartbeat import Heartbeat, SensorHealth
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, raise_alert
from server.db.session import Database
from server.detection.activities import sight_of
from server.detection.tables import HomeWatch
from server.liveness.faults import keep_true, note_batteries
from server.liveness.rules import TOLD_AGAIN_AFTER, battery_low_since, sensor_patience, weak_since
from server.observations.rules import reckon
from server.residents.service import residents_of
from server.residents.tables import Gateway, Home, Sensor

_MOST_AT_ONCE = 100


def note_sensors(
    db: Session, gateway: Gateway, beat: Heartbeat, now: datetime, patience: timedelta, *, fresh_ears: bool
) -> None:
    """Note what a heartbeat tells of its sensors; who is heard again is no longer silent.

    `fresh_ears`: the gateway has only begun to listen, so every sensor has its time to speak from now on.
    """
    told = {health.sensor_id: health for health in beat.sensors}
    rows = db.exec(select(Sensor).where(Sensor.home_id == gateway.home_id).order_by(col(Sensor.sensor_id))).all()
    if any(row.silent_since is not None for row in rows):
        _look_at_home(db, gateway.home_id, now)
    for row in rows:
        _note(row, told, beat, now, patience)
        waits_until = now + _patience(row)
        if row.silent_since is None and (row.due_at is None or (fresh_ears and row.due_at < waits_until)):
            row.due_at = waits_until
        db.add(row)
    db.flush()
    keep_true(db, gateway.home_id, AlertKind.SENSOR_SILENT, _reasons(db, gateway.home_id), now)
    note_batteries(db, rows, gateway.home_id, now)


def _look_at_home(db: Session, home_id: int, now: datetime) -> None:
    """Let the detector look: whether a sensor is still silent decides what the silence of its room means."""
    watch = db.get(HomeWatch, home_id, with_for_update=True)
    if watch is not None and watch.due_at is None:
        watch.due_at = now


def raise_for_silent_sensors(database: Database, now: datetime) -> int:
    """Raise a technical alert for every home with a sensor that should have been heard by now; return how many homes.

    Where no gateway listens the sensor is not to blame: it gets its time anew when one does.
    """
    with database.transaction() as db:
        wanted = select(Sensor).where(col(Sensor.due_at) <= now).order_by(col(Sensor.sensor_id)).limit(_MOST_AT_ONCE)
        homes = set()
        for sensor in db.exec(wanted.with_for_update(skip_locked=True)).all():
            if not _is_watched(db, sensor):
                sensor.due_at = None
            elif not _is_listened_to(db, sensor.home_id):
                sensor.due_at = now + _patience(sensor)
            else:
                sensor.silent_since = sensor.silent_since or sensor.last_heard_at or now
                sensor.due_at = now + TOLD_AGAIN_AFTER
                homes.add(sensor.home_id)
            db.add(sensor)
        db.flush()
        for home_id in sorted(homes):
            for resident in residents_of(db, home_id):
                reasons = _reasons(db, home_id)
                raise_alert(db, resident, Raised(AlertKind.SENSOR_SILENT, now, None, reasons=reasons), now)
    return len(homes)


def _note(row: Sensor, told: Mapping[str, SensorHealth], beat: Heartbeat, now: datetime, patience: timedelta) -> None:
    health = told.get(row.address)
    row.troubles = {} if health is None else {str(trouble): count for trouble, count in health.troubles.items()}
    if health is None or health.last_heard_at is None:
        return
    moment = reckon(
        health.last_heard_at, synced=beat.clock_synced, ahead=beat.sent_at - now, now=now, patience=patience
    )
    heard_at = now if moment is None else min(moment.at, now)
    row.rssi_dbm, row.battery_percent = health.rssi_dbm, health.battery_percent
    row.battery_low_since = battery_low_since(row.battery_low_since, health.battery_percent, now)
    row.weak_since = weak_since(row.weak_since, health.rssi_dbm, now)
    if row.last_heard_at is None or heard_at > row.last_heard_at:
        row.last_heard_at = heard_at
        row.silent_since = None
        row.due_at = heard_at + _patience(row)


def _reasons(db: Session, home_id: int) -> tuple[Reason, ...]:
    """Return which sensors are silent; before them that nobody can be seen, where that is so."""
    unseen = (Reason("home_unseen", {}),) if sight_of(db, home_id).is_blind else ()
    return (*unseen, *_silent(db, home_id))


def _silent(db: Session, home_id: int) -> tuple[Reason, ...]:
    wanted = select(Sensor).where(Sensor.home_id == home_id, col(Sensor.silent_since).is_not(None))
    return tuple(
        Reason(
            "sensor_silent",
            {
                "sensor": sensor.address,
                "room": sensor.room,
                "kinds": sensor.kinds,
                "since": sensor.silent_since.isoformat() if sensor.silent_since else None,
            },
        )
        for sensor in db.exec(wanted.order_by(col(Sensor.sensor_id)))
    )


def _patience(sensor: Sensor) -> timedelta:
    return sensor_patience(sensor.kinds, sensor.expected_interval_s)


def _is_watched(db: Session, sensor: Sensor) -> bool:
    """Tell whether a sensor's silence means anything: a simulated one speaks only when its interval is stated."""
    return sensor.expected_interval_s is not None or not db.get_one(Home, sensor.home_id).is_test


def _is_listened_to(db: Session, home_id: int) -> bool:
    listening = select(Gateway.gateway_id).where(
        Gateway.home_id == home_id, col(Gateway.due_at).is_not(None), col(Gateway.deaf_since).is_(None)
    )
    return db.exec(listening).first() is not None
