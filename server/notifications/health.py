"""Whether each channel works: when its provider last took a message, and since when it has not."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, delete, func, select, update

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
