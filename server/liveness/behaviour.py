"""Tells of sensors that live and yet see nothing, and of those that fire by themselves, as the detector found them."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from server.alerting.rules import AlertKind
from server.alerting.service import Raised, raise_in_home
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.tables import FindingRow, HomeWatch
from server.liveness.faults import last_alert
from server.liveness.reasons import BY_BEHAVIOUR, is_unheard, sensor_reasons
from server.liveness.rules import TOLD_AGAIN_AFTER

_MOST_AT_ONCE = 100


def raise_for_behaviour(database: Database, now: datetime) -> int:
    """Raise a technical alert for what was found of sensors and nobody was told of; return how many were raised.

    Not while a backlog is worked through: it may hold the end of what began in it. What lasts is told again a day
    after somebody has closed it.
    """
    with database.transaction() as db:
        wanted = (
            select(FindingRow)
            .join(HomeWatch, col(HomeWatch.home_id) == FindingRow.home_id)
            .outerjoin(AlertRow, col(AlertRow.alert_id) == FindingRow.alert_id)
            .where(
                FindingRow.finding_class == "technical",
                col(FindingRow.ended_at).is_(None),
                col(FindingRow.kind).in_(BY_BEHAVIOUR),
                col(HomeWatch.due_at).is_(None),
                or_(col(FindingRow.alert_id).is_(None), col(AlertRow.closed_at) <= now - TOLD_AGAIN_AFTER),
            )
            .order_by(col(FindingRow.home_id), col(FindingRow.finding_id))
        )
        rows = db.exec(wanted.limit(_MOST_AT_ONCE).with_for_update(of=FindingRow, skip_locked=True)).all()
        return sum(_raise(db, row, now) for row in rows)


def _raise(db: Session, row: FindingRow, now: datetime) -> bool:
    """Raise an alert for a finding. A sensor of which nothing at all is heard has one: False, it is not told twice."""
    kind, before = AlertKind(row.kind), row.alert_id
    told = kind is AlertKind.SENSOR_SILENT and is_unheard(db, row)
    if told:
        last = last_alert(db, row.home_id, kind)
        row.alert_id = last.alert_id if last else None
    else:
        raised = Raised(kind, row.noticed_at, None, row.room, sensor_reasons(db, row.home_id, kind))
        row.alert_id = raise_in_home(db, row.home_id, raised, now)[-1].alert_id
    db.add(row)
    return not told and row.alert_id != before
