"""Asks after the sensors of each home: those that live and see nothing, and those that fire by themselves.

A look at a home's weeks finds them, and costs as much as a night's learning. So it is taken with that, and in between
only where an hourly count of what was heard says that a sensor is unlike itself.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from time import perf_counter
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from gateway.contract.observation import SensorKind
from models.finding import FACTS, FindingKind
from models.learning import PAST_DAYS
from models.technical.findings import Faults, Technical
from models.technical.home_faults import home_faults
from models.technical.usual import Usual, usual_of
from models.trace import Channel, Trace
from server.db.session import Database
from server.detection.facts import trace_of
from server.detection.tables import BABBLES, DOUBTED, SILENT, Equipment, FindingRow, HomeWatch
from server.observations.service import counts_between
from server.residents.service import home_of, rooms_of

_LOG = logging.getLogger(__name__)
_EVERY = timedelta(hours=1)
_SENSOR_FAULTS = (FindingKind.SENSOR_SILENT, FindingKind.SENSOR_FLAPPING)


def ask_due(database: Database, rest: Callable[[float], None] = lambda _: None) -> int:
    """Ask after the sensors of every home whose hour has come; return how many. Repeating it changes nothing.

    `rest` is told after each home how many seconds that took. A home is asked after once its first night was learned.
    """
    with database.reading() as db:
        known = select(Equipment.home_id).join(HomeWatch, col(HomeWatch.home_id) == Equipment.home_id)
        due = db.exec(known.where(col(Equipment.ask_at) <= HomeWatch.seen_until)).all()
    for home_id in due:
        began = perf_counter()
        try:
            with database.transaction() as db:
                _ask(db, home_id)
        except Exception:  # noqa: BLE001 - one home's trouble must not keep the others from being asked after
            _LOG.exception("the sensors of home %s could not be asked after; it is tried again", home_id)
        rest(perf_counter() - began)
    return len(due)


def look_at_equipment(db: Session, home_id: int, past: Trace, until: datetime, zone: tzinfo) -> Faults:
    """Keep and return what is wrong with a home's sensors by its last weeks. Again at the same time changes nothing."""
    now_s = int(until.timestamp())
    faults = home_faults(past, zone, now_s)
    row = db.get(Equipment, home_id)
    _keep(db, home_id, past, faults, row.looked_until if row else until, until)
    row = row or Equipment(home_id=home_id, ask_at=until, counted_until=until, looked_until=until)
    row.ask_at, row.counted_until, row.looked_until = until + _EVERY, until, until
    row.usual = [
        [one.kind, one.room, usual.heard_s, usual.silence_s, usual.an_hour]
        for one, usual in usual_of(past, now_s).items()
    ]
    row.suspected = [
        [
            past.channels[one.channel].kind,
            past.channels[one.channel].room,
            one.known_at,
            BABBLES if one.babbles else SILENT if one.is_fault else DOUBTED,
        ]
        for one in faults.unseen
        if one.channel is not None and one.until is None and not one.is_doubt_of_babble
    ]
    db.add(row)
    return faults


def _ask(db: Session, home_id: int) -> None:
    watch, row = db.get_one(HomeWatch, home_id), db.get_one(Equipment, home_id)
    until = watch.seen_until
    if until is None:
        return
    if not _is_odd(db, row, until):
        row.ask_at, row.counted_until = until + _EVERY, until
        db.add(row)
        return
    before = row.suspected
    past = trace_of(db, home_id, until - timedelta(days=PAST_DAYS), until)
    look_at_equipment(db, home_id, past, until, ZoneInfo(home_of(db, home_id).time_zone))
    if row.suspected != before:  # what silence means there is another thing now
        watch.due_at = watch.due_at or until
        db.add(watch)


def _is_odd(db: Session, row: Equipment, until: datetime) -> bool:
    """Return whether a sensor is unlike itself since the last count, which this takes up."""
    counted = counts_between(db, row.home_id, row.counted_until, until)
    rooms = rooms_of(db, {sensor_id for sensor_id, _ in counted}) if counted else {}
    heard: dict[Channel, tuple[int, int]] = {}
    for (sensor_id, kind), (times, last_at) in counted.items():
        channel = Channel(kind, rooms[sensor_id])
        before = heard.get(channel, (0, 0))
        heard[channel] = before[0] + times, max(before[1], int(last_at.timestamp()))
    hours = max(1.0, (until - row.counted_until) / _EVERY)
    known = {Channel(SensorKind(kind), room): state for kind, room, _, state in row.suspected}
    odd = any(state != SILENT or one in heard for one, state in known.items())
    usual = []
    for kind, room, heard_s, silence_s, an_hour in row.usual:
        one = Channel(SensorKind(kind), room)
        times, last_s = heard.get(one, (0, heard_s))
        last_s = max(heard_s, last_s)
        is_left = Usual(heard_s, silence_s, an_hour).is_left(last_s, times / hours, int(until.timestamp()))
        odd = odd or (one not in known and is_left)
        usual.append([kind, room, last_s, silence_s, an_hour])
    row.usual = usual
    return odd


def _keep(db: Session, home_id: int, past: Trace, faults: Faults, looked: datetime, until: datetime) -> None:
    """Keep what stands and what came and went since the last look; what stands no longer has ended."""
    lasting = select(FindingRow).where(
        FindingRow.home_id == home_id, col(FindingRow.kind).in_(_SENSOR_FAULTS), col(FindingRow.ended_at).is_(None)
    )
    known = {(row.kind, row.subject): row for row in db.exec(lasting)}
    ends: dict[tuple[str, str], datetime | None] = dict.fromkeys(known, until)
    for fault, channel in ((one, past.channels[one.channel]) for one in faults.technical if one.channel is not None):
        row = _row(home_id, channel, fault)
        key = row.kind, row.subject
        if row.ended_at is None or (key in known and known[key].started_at == row.started_at):
            ends[key] = row.ended_at
        if key not in known and (row.ended_at is None or row.noticed_at > looked):
            db.add(row)
    for key, finding in known.items():
        finding.ended_at = ends[key]
        db.add(finding)


def _row(home_id: int, channel: Channel, fault: Technical) -> FindingRow:
    kind = FindingKind(fault.fault.value)
    return FindingRow(
        home_id=home_id, kind=kind, finding_class=FACTS[kind].cls, subject=f"{channel.kind} {channel.room}",
        room=channel.room, started_at=_moment(fault.started_at), noticed_at=_moment(fault.raised_at),
        ended_at=None if fault.ended_at is None else _moment(fault.ended_at),
        reasons=[{"key": kind.value, "kind": channel.kind, "room": channel.room, **fault.figures}],
    )  # fmt: skip


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
