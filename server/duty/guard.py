"""Sees to it that planned hours are never without somebody unnoticed."""

from datetime import datetime

from sqlmodel import Session, col, select

from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease_alert, raise_for_unit
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.duty.rules import Cover, cover
from server.duty.service import begun_in, planned_in
from server.duty.tables import DutyWatch

_MOST_AT_ONCE = 100


def guard_due(database: Database, now: datetime) -> int:
    """Look at every unit whose time has come; return how many alerts that brought or ended.

    Safe at any time, any number of times, in any number of processes: an alert and the time of the next look are one
    transaction.
    """
    with database.transaction() as db:
        due = select(DutyWatch).where(col(DutyWatch.due_at) <= now).order_by(col(DutyWatch.due_at))
        rows = db.exec(due.limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
        return sum(_guard(db, row, now) for row in rows)


def _guard(db: Session, row: DutyWatch, now: datetime) -> int:
    worlds = {is_test: _cover(db, row, now, is_test=is_test) for is_test in (False, True)}
    row.bare_since = min((one.bare_since for one in worlds.values() if one.bare_since), default=None)
    row.due_at = min((one.look_at for one in worlds.values() if one.look_at), default=None)
    db.add(row)
    db.flush()
    return sum(_tell(db, row.unit_id, found, now, is_test=is_test) for is_test, found in worlds.items())


def _cover(db: Session, row: DutyWatch, now: datetime, *, is_test: bool) -> Cover:
    """Return how the hours planned for a unit's real or test people stand: the one cannot do the other's work."""
    shifts = planned_in(db, row.unit_id, after=now, is_test=is_test)
    anybody = bool(begun_in(db, row.unit_id, now, is_test=is_test))
    return cover(shifts, now, anybody=anybody, bare_since=row.bare_since)


def _tell(db: Session, unit_id: int, found: Cover, now: datetime, *, is_test: bool) -> int:
    wanted = select(AlertRow).where(
        AlertRow.unit_id == unit_id,
        AlertRow.kind == AlertKind.NOBODY_ON_DUTY,
        AlertRow.is_test == is_test,
        col(AlertRow.closed_at).is_(None),
    )
    alert = db.exec(wanted).first()
    if found.is_alarming(now) and found.bare_since is not None:
        if alert is not None:
            return 0
        why = Reason("nobody_on_duty", {"since": found.bare_since.isoformat()})
        raised = Raised(AlertKind.NOBODY_ON_DUTY, observed_at=found.bare_since, received_at=None, reasons=(why,))
        raise_for_unit(db, unit_id, raised, now, is_test=is_test)
        return 1
    if alert is None:
        return 0
    cease_alert(db, alert.alert_id or 0, now, closes=True)
    return 1
