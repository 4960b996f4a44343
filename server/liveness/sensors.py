"""Notes when sensors are heard, and notices those that no longer are. The gateway must have listened all the while."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, exists, update
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from gateway.contract.heartbeat import Heartbeat, SensorHealth
from gateway.contract.observation import SensorKind
from server.absences.service import own_pause_until
from server.alerting.rules import URGENT_ALERT, AlertKind
from server.alerting.service import Raised, raise_in_home
from server.db.session import Database
from server.detection.due import make_due
from server.detection.facts import homes_with_silent
from server.liveness.faults import keep_true, note_batteries
from server.liveness.reasons import BY_BEHAVIOUR, sensor_reasons
from server.liveness.rules import TOLD_AGAIN_AFTER, battery_low_since, sensor_patience, weak_since
from server.liveness.silences import begin_silences, end_silences, note_batteries_left
from server.observations.rules import reckon
from server.residents.tables import SENSOR, Gateway, Home, Sensor

_MOST_AT_ONCE = 100


OF_SENSORS = (*BY_BEHAVIOUR, AlertKind.BATTERY_LOW)


@dataclass(frozen=True, slots=True)
class HeardSensors:
    """What a heartbeat tells of a home. `fresh_ears`: its gateway has only begun to listen."""

    home_id: int
    beat: Heartbeat
    fresh_ears: bool


def note_sensors(db: Session, heard: Sequence[HeardSensors], now: datetime, patience: timedelta) -> set[int]:
    """Note what heartbeats tell of sensors; who is heard again is no longer silent.

    Where a gateway has only begun to listen, every sensor has its time to speak from now on. Return the homes with a
    sensor that somebody may have to be told of, or no longer: `tell_sensors` is for them.
    """
    home_ids = {one.home_id for one in heard}
    troubled = homes_with_silent(db, home_ids)
    # Whether a sensor is still silent decides what the silence of its room means.
    make_due(db, troubled, now)
    sensors = _sensors_of(db, home_ids)
    every = [sensor for home in sensors.values() for sensor in home]
    before = {sensor.sensor_id: (_OFTEN_OF(sensor), _SELDOM_OF(sensor)) for sensor in every}
    for one in heard:
        told = {health.sensor_id: health for health in one.beat.sensors}
        for sensor in sensors[one.home_id]:
            _note(sensor, told.get(sensor.address), one.beat, now, patience)
            waits_until = now + sensor.patience
            if sensor.silent_since is None and (
                sensor.due_at is None or (one.fresh_ears and sensor.due_at < waits_until)
            ):
                sensor.due_at = waits_until
            if sensor.silent_since is not None or sensor.battery_low_since is not None:
                troubled.add(one.home_id)
    _note_what_changed(db, every, {number: seldom for number, (_, seldom) in before.items()}, now)
    _write(db, _OFTEN, [one for one in every if _OFTEN_OF(one) != before[one.sensor_id][0]])
    _write(db, _SELDOM, [one for one in every if _SELDOM_OF(one) != before[one.sensor_id][1]])
    return troubled


def _note_what_changed(
    db: Session, sensors: Sequence["_Known"], before: Mapping[int, tuple[Any, ...]], now: datetime
) -> None:
    """Keep which sensors are heard again, and which batteries have another charge than before."""
    charge, silent = _SELDOM.index("battery_percent"), _SELDOM.index("silent_since")
    heard = [one.sensor_id for one in sensors if one.silent_since is None and before[one.sensor_id][silent]]
    end_silences(db, now, sensors=heard)
    left = {
        one.sensor_id: one.battery_percent
        for one in sensors
        if one.battery_percent is not None and one.battery_percent != before[one.sensor_id][charge]
    }
    note_batteries_left(db, left, now)


def tell_sensors(db: Session, home_ids: Collection[int], now: datetime) -> None:
    """Let the alerts about these homes' sensors tell what is so."""
    for home_id in sorted(home_ids):
        rows = db.exec(select(Sensor).where(Sensor.home_id == home_id).order_by(col(Sensor.sensor_id))).all()
        for kind in BY_BEHAVIOUR:
            keep_true(db, home_id, kind, sensor_reasons(db, home_id, kind), now)
        note_batteries(db, rows, home_id, now)


@dataclass(slots=True)
class _Known:
    """What is known of a sensor: as its row, without what no heartbeat changes."""

    sensor_id: int
    home_id: int
    address: str
    kinds: list[str]
    expected_interval_s: float | None
    last_heard_at: datetime | None
    due_at: datetime | None
    rssi_dbm: int | None
    battery_percent: float | None
    silent_since: datetime | None
    battery_low_since: datetime | None
    weak_since: datetime | None
    troubles: dict[str, Any]

    @property
    def patience(self) -> timedelta:
        return sensor_patience(self.kinds, self.expected_interval_s)


_KNOWN = tuple(field.name for field in fields(_Known))
# What nearly every heartbeat changes, and what few do.
_OFTEN, _SELDOM = _KNOWN[5:8], _KNOWN[8:]
_OFTEN_OF, _SELDOM_OF = attrgetter(*_OFTEN), attrgetter(*_SELDOM)
_OF_HOMES = (
    select_rows(*(SENSOR.c[name] for name in _KNOWN))
    .where(SENSOR.c.home_id.in_(bindparam("home_ids", expanding=True)), SENSOR.c.removed_at.is_(None))
    .order_by(SENSOR.c.sensor_id)
    .with_for_update()
)
_WRITES = {
    names: update(SENSOR)
    .where(SENSOR.c.sensor_id == bindparam("number"))
    .values({name: bindparam(f"new_{name}", type_=SENSOR.c[name].type) for name in names})
    for names in (_OFTEN, _SELDOM)
}


def _sensors_of(db: Session, home_ids: Collection[int]) -> dict[int, list[_Known]]:
    """Return these homes' sensors, locked in one order for all."""
    sensors: dict[int, list[_Known]] = {home_id: [] for home_id in home_ids}
    for row in db.connection().execute(_OF_HOMES, {"home_ids": list(home_ids)}):
        sensors[row.home_id].append(_Known(*row))
    return sensors


def _write(db: Session, names: tuple[str, ...], sensors: Iterable[_Known]) -> None:
    rows = [
        {"number": sensor.sensor_id, **{f"new_{name}": getattr(sensor, name) for name in names}} for sensor in sensors
    ]
    if rows:
        db.connection().execute(_WRITES[names], rows)


def raise_for_silent_sensors(database: Database, now: datetime) -> int:
    """Raise a technical alert for every home with a sensor that should have been heard by now; return how many homes.

    Where no gateway listens the sensor is not to blame: it gets its time anew when one does. Nor is it while the
    resident has paused the service. And a silence is judged only up to when the home is known: what a gateway heard
    later may still be on its way.
    """
    with database.transaction() as db:
        is_known = exists().where(
            col(Gateway.home_id) == Sensor.home_id, col(Gateway.knows_until) >= col(Sensor.due_at)
        )
        due = select(Sensor).where(col(Sensor.due_at) <= now, is_known)
        wanted = due.order_by(col(Sensor.sensor_id)).limit(_MOST_AT_ONCE)
        homes, silent = set(), []
        for sensor in db.exec(wanted.with_for_update(skip_locked=True)).all():
            if not _is_watched(db, sensor):
                sensor.due_at = None
            elif not _is_listened_to(db, sensor.home_id):
                sensor.due_at = now + _patience(sensor)
            elif (paused_until := _paused_until(db, sensor, now)) is not None:
                sensor.due_at = paused_until + _patience(sensor)
            else:
                sensor.silent_since = sensor.silent_since or sensor.last_heard_at or now
                sensor.due_at = now + TOLD_AGAIN_AFTER
                homes.add(sensor.home_id)
                silent.append(sensor)
            db.add(sensor)
        begin_silences(db, sensors=silent)
        db.flush()
        for home_id in sorted(homes):
            reasons = sensor_reasons(db, home_id, AlertKind.SENSOR_SILENT)
            raise_in_home(db, home_id, Raised(AlertKind.SENSOR_SILENT, now, None, reasons=reasons), now)
    return len(homes)


def _note(sensor: _Known, health: SensorHealth | None, beat: Heartbeat, now: datetime, patience: timedelta) -> None:
    sensor.troubles = {} if health is None else {str(trouble): count for trouble, count in health.troubles.items()}
    if health is None or health.last_heard_at is None:
        return
    moment = reckon(
        health.last_heard_at, synced=beat.clock_synced, ahead=beat.sent_at - now, now=now, patience=patience
    )
    heard_at = now if moment is None else min(moment.at, now)
    sensor.rssi_dbm, sensor.battery_percent = health.rssi_dbm, health.battery_percent
    sensor.battery_low_since = battery_low_since(sensor.battery_low_since, health.battery_percent, now)
    sensor.weak_since = weak_since(sensor.weak_since, health.rssi_dbm, now)
    if sensor.last_heard_at is None or heard_at > sensor.last_heard_at:
        sensor.last_heard_at = heard_at
        sensor.silent_since = None
        sensor.due_at = heard_at + sensor.patience


def _patience(sensor: Sensor) -> timedelta:
    return sensor_patience(sensor.kinds, sensor.expected_interval_s)


def _is_watched(db: Session, sensor: Sensor) -> bool:
    """Tell whether a sensor's silence means anything: a simulated one speaks only when its interval is stated."""
    return sensor.expected_interval_s is not None or not db.get_one(Home, sensor.home_id).is_test


def _paused_until(db: Session, sensor: Sensor, now: datetime) -> datetime | None:
    """Return until when a sensor's silence may be the resident's own wish: they put it away; None: it cannot be.

    What calls for help must always work: its silence is told in a pause, too, and so is a gateway's.
    """
    if any(SensorKind(kind) in URGENT_ALERT for kind in sensor.kinds if kind in set(SensorKind)):
        return None
    return own_pause_until(db, sensor.home_id, now)


def _is_listened_to(db: Session, home_id: int) -> bool:
    listening = select(Gateway.gateway_id).where(
        Gateway.home_id == home_id, col(Gateway.due_at).is_not(None), col(Gateway.deaf_since).is_(None)
    )
    return db.exec(listening).first() is not None
