"""Notices a gateway that lives and hears nothing: its home is watched over by nobody, and nothing else would tell."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.contract.heartbeat import Heartbeat
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease_in_home, raise_in_home
from server.alerting.tables import AlertRow
from server.liveness.rules import is_told_again
from server.residents.tables import Gateway


def note_hearing(db: Session, gateway: Gateway, beat: Heartbeat, now: datetime, patience: timedelta) -> None:
    """Raise a technical alert for a gateway that has been deaf for longer than `patience`; close it when it hears."""
    if beat.deaf_since is None:
        cease_in_home(db, gateway.home_id, AlertKind.GATEWAY_DEAF, now, closes=True)
        return
    # Both by the gateway's own clock, so that a wrong one does no harm.
    deaf_for = beat.sent_at - beat.deaf_since
    if deaf_for <= patience:
        return
    minutes = int(deaf_for.total_seconds() // 60)
    reason = Reason("gateway_deaf", {"since": (now - deaf_for).isoformat(), "minutes": minutes})
    if not _is_told(db, gateway.home_id, now - deaf_for, now):
        raise_in_home(db, gateway.home_id, Raised(AlertKind.GATEWAY_DEAF, now, now, reasons=(reason,)), now)


def _is_told(db: Session, home_id: int, since: datetime, now: datetime) -> bool:
    wanted = select(AlertRow).where(
        AlertRow.home_id == home_id,
        AlertRow.kind == AlertKind.GATEWAY_DEAF,
        AlertRow.raised_at >= since,
    )
    last = db.exec(wanted.order_by(col(AlertRow.alert_id).desc()).limit(1)).first()
    return last is not None and not is_told_again(last.closed_at, now)
