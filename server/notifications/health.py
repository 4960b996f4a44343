"""Whether each channel works: when its provider last took a message, and since when it has not."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, delete, func, select, update

from server.access.tables import Unit
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease_alert, raise_for_unit
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.live.service import changed
from server.notifications.rules import is_down
from server.notifications.tables import ChannelRow, NotificationRow

NOT_SET_UP = "this channel is not set up any more"


def set_up(db: Session, names: Collection[str]) -> None:
    """Note which channels this installation has; what waits for one it no longer has is given up. Harmless twice.

    Servers of one installation must be set up alike: the last one started decides.
    """
    known = set(db.exec(select(ChannelRow.name)))
    db.add_all(ChannelRow(name=name) for name in set(names) - known)
    gone = known - set(names)
    db.exec(delete(ChannelRow).where(col(ChannelRow.name).in_(gone)))
    waits = col(NotificationRow.channel).in_(gone) & col(NotificationRow.due_at).is_not(None)
    db.exec(update(NotificationRow).where(waits).values(due_at=None, failed=NOT_SET_UP))


def see_to_channels(database: Database, now: datetime) -> bool:
    """Raise a technical alert while a channel reaches nobody, and end it when one is reached again; True: one changed.

    One alert for each unit at the top of the tree, whose people all others look to. Repeating is harmless.
    """
    with database.reading() as db:
        down = _down(db, now)
        told = {alert.unit_id: {reason["channel"] for reason in alert.reasons} for alert in _open(db)}
        if told == {unit_id: down for unit_id in _top(db) if down}:
            return False
    with database.transaction() as db:
        down = _down(db, now)
        open_ = {alert.unit_id: alert for alert in _open(db)}
        for unit_id in _top(db):
            _see_to(db, unit_id, open_.get(unit_id), down, now)
    return True


def _top(db: Session) -> list[int]:
    wanted = select(Unit).where(col(Unit.parent_id).is_(None)).order_by(col(Unit.unit_id))
    return [unit.unit_id or 0 for unit in db.exec(wanted)]


def _down(db: Session, now: datetime) -> set[str]:
    rows = db.exec(select(ChannelRow).where(col(ChannelRow.failing_since).is_not(None)))
    return {row.name for row in rows if is_down(row.failing_since, row.failures, now)}


def _open(db: Session) -> list[AlertRow]:
    wanted = select(AlertRow).where(AlertRow.kind == AlertKind.CHANNEL_DOWN, col(AlertRow.closed_at).is_(None))
    return list(db.exec(wanted.order_by(col(AlertRow.alert_id))))


def _see_to(db: Session, unit_id: int, alert: AlertRow | None, down: Collection[str], now: datetime) -> None:
    if not down:
        if alert is not None:
            cease_alert(db, alert.alert_id or 0, now, closes=True)
        return
    rows = db.exec(select(ChannelRow).where(col(ChannelRow.name).in_(down)).order_by(col(ChannelRow.name))).all()
    reasons = tuple(
        Reason("channel_down", {"channel": row.name, "since": (row.failing_since or now).isoformat()}) for row in rows
    )
    if alert is None:
        since = min(row.failing_since or now for row in rows)
        raise_for_unit(db, unit_id, Raised(AlertKind.CHANNEL_DOWN, since, None, reasons=reasons), now, is_test=False)
        return
    alert.reasons = [reason.as_json() for reason in reasons]
    db.add(alert)
    changed(db, unit_id, "alert", alert.code)


def note_proven(db: Session, channel: str, now: datetime) -> None:
    """Note that a channel's provider took a message."""
    proven = {"last_proven_at": now, "failing_since": None, "failures": 0, "failed": None}
    db.exec(update(ChannelRow).where(col(ChannelRow.name) == channel).values(**proven))


def note_failed(db: Session, channel: str, why: str, now: datetime) -> None:
    """Note that a channel's provider took nothing, for whomever it was."""
    failed = {
        "failing_since": func.coalesce(ChannelRow.failing_since, now),
        "failures": ChannelRow.failures + 1,
        "failed": why,
    }
    db.exec(update(ChannelRow).where(col(ChannelRow.name) == channel).values(**failed))
