"""Notices a gateway that lives and hears nothing: its home is watched over by nobody, and nothing else would tell."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.contract.heartbeat import Heartbeat
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease, raise_alert
from server.alerting.tables import AlertRow
from server.liveness.rules import is_told_again
from server.residents.service import residents_of
from server.residents.tables import Gateway, Resident


def note_hearing(db: Session, gateway: Gateway, beat: Heartbeat, now: datetime, patience: timedelta) -> None:
    """Raise a technical alert for a gateway that has been deaf for longer than `patience`; close it when it hears."""
    if beat.deaf_since is None:
        for resident in residents_of(db, gateway.home_id):
            cease(db, resident, AlertKind.GATEWAY_DEAF, now, closes=True)
        return
    # Both by the gateway's own clock, so that a wrong one does no harm.
    deaf_for = beat.sent_at - beat.deaf_since
    if deaf_for <= patience:
        return
    minutes = int(deaf_for.total_seconds() // 60)
    reason = Reason("gateway_deaf", {"since": (now - deaf_for).isoformat(), "minutes": minutes})
    for resident in residents_of(db, gateway.home_id):
        if not _is_told(db, resident, now - deaf_for, now):
            raise_alert(db, resident, Raised(AlertKind.GATEWAY_DEAF, now, now, reasons=(reason,)), now)


def _is_told(db: Session, resident: Resident, since: datetime, now: datetime) -> bool:
    wanted = select(AlertRow).where(
        AlertRow.resident_id == resident.resident_id,
        AlertRow.kind == AlertKind.GATEWAY_DEAF,
        AlertRow.raised_at >= since,
    )
    last = db.exec(wanted.order_by(col(AlertRow.alert_id).desc()).limit(1)).first()
    return last is not None and not is_told_again(last.closed_at, now)
