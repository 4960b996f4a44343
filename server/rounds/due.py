"""What is due of digital supervision: the next round, one that nobody signed, a visit that nobody made."""

from datetime import datetime

from sqlmodel import Session, col, select

from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, raise_alert, raise_for_unit
from server.db.session import Database
from server.residents.tables import Resident
from server.rounds import rules
from server.rounds.plans import arrange_next
from server.rounds.tables import LookRow, RoundRow

_AT_ONCE = 20


def see_to_rounds(database: Database, now: datetime) -> int:
    """Do what is due; return how many rounds and visits that was. Harmless twice, and in several processes."""
    with database.transaction() as db:
        rounds = db.exec(
            select(RoundRow)
            .where(col(RoundRow.due_at) <= now)
            .order_by(col(RoundRow.due_at), col(RoundRow.round_id))
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rounds:
            _see_to_round(db, row, now)
        looks = db.exec(
            select(LookRow)
            .where(col(LookRow.due_at) <= now)
            .order_by(col(LookRow.look_id))
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for look in looks:
            _miss_visit(db, look, now)
    return len(rounds) + len(looks)


def _see_to_round(db: Session, row: RoundRow, now: datetime) -> None:
    signed_by = row.at + rules.SIGNED_WITHIN
    if row.due_at is not None and row.due_at < signed_by:
        arrange_next(db, row.unit_id, row.at)
    if row.signed_at is None and now < signed_by:
        row.due_at = signed_by
    else:
        row.due_at = None
        if row.signed_at is None:
            reason = Reason("round_not_signed", {"at": row.at.isoformat()})
            raised = Raised(AlertKind.ROUND_OVERDUE, signed_by, None, reasons=(reason,))
            row.alert_id = raise_for_unit(db, row.unit_id, raised, now).alert_id
    db.add(row)


def _miss_visit(db: Session, look: LookRow, now: datetime) -> None:
    """Alert people to a visit that was said to be needed and is not made."""
    resident = db.get_one(Resident, look.resident_id)
    minutes = int((now - look.marked_at).total_seconds() // 60)
    reason = Reason("visit_not_made", {"minutes": minutes})
    raise_alert(db, resident, Raised(AlertKind.VISIT_OVERDUE, look.marked_at, None, reasons=(reason,)), now)
    look.due_at = None
    db.add(look)
