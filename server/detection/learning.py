"""Learns each home's routine anew every night, by the home's own time."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from models.learning import learn
from models.store import to_bytes
from server.db.session import Database
from server.detection.activities import activities_of
from server.detection.tables import FindingRow, HomeWatch, RoutineRow
from server.observations.service import facts_since
from server.residents.service import home_of

_LOG = logging.getLogger(__name__)

# How far back a routine reaches: long enough for four of each weekday, short enough to follow a changing life.
_PAST = timedelta(days=28)
# At this local hour most homes are at their quietest, and a new line disturbs nobody's evening.
_FIT_HOUR = 4


def fit_due(database: Database) -> int:
    """Learn the routine of every home whose night has come; return how many. Repeating it changes nothing."""
    with database.reading() as db:
        due = db.exec(select(HomeWatch.home_id).outerjoin(RoutineRow, _same_home()).where(_is_due())).all()
    return sum(_learned(database, home_id) for home_id in due)


def _learned(database: Database, home_id: int) -> bool:
    try:
        with database.transaction() as db:
            _fit(db, home_id)
    except Exception:  # noqa: BLE001 - one home's trouble must not keep the others from being learned
        _LOG.exception("the routine of home %s could not be learned; it is tried again at the next look", home_id)
        return False
    return True


def _same_home() -> ColumnElement[bool]:
    return col(RoutineRow.home_id) == col(HomeWatch.home_id)


def _is_due() -> ColumnElement[bool]:
    known = col(HomeWatch.seen_until)
    return known.is_not(None) & or_(col(RoutineRow.home_id).is_(None), col(RoutineRow.next_fit_at) <= known)


def _fit(db: Session, home_id: int) -> None:
    watch = db.get_one(HomeWatch, home_id)
    until = watch.seen_until
    if until is None:
        return
    zone = ZoneInfo(home_of(db, home_id).time_zone)
    past = activities_of(db, facts_since(db, home_id, until - _PAST, until))
    routine = learn(past, zone, _strange_spans(db, home_id, until))
    row = db.get(RoutineRow, home_id) or RoutineRow(
        home_id=home_id, fitted_at=until, next_fit_at=until, days=0, parameters=b""
    )
    row.fitted_at, row.next_fit_at = until, _next_night(until, zone)
    row.days, row.parameters = routine.days, to_bytes(routine)
    db.add(row)
    # The line has moved, so the moment at which silence becomes a finding may have, too.
    watch.due_at = watch.due_at or watch.seen_until
    db.add(watch)


def _strange_spans(db: Session, home_id: int, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return the silences that somebody was alerted to: what was strange must not become ordinary by being learned."""
    rows = db.exec(
        select(FindingRow).where(
            FindingRow.home_id == home_id, col(FindingRow.alert_id).is_not(None), FindingRow.started_at >= until - _PAST
        )
    )
    return [(row.started_at, row.ended_at or until) for row in rows]


def _next_night(until: datetime, zone: ZoneInfo) -> datetime:
    local = until.astimezone(zone)
    tonight = local.replace(hour=_FIT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if local < tonight else tonight + timedelta(days=1)
