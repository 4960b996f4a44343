"""Tells relatives of alerts: after the agreed delay, outside quiet hours, and that it was seen to."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.alerting.rules import AlertClass, Outcome, Severity
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.relatives.rules import Happening, Hearer, verdict
from server.relatives.service import relatives_of
from server.relatives.tables import Agreement, AlertTelling
from server.relatives.words import say

_MOST_AT_ONCE: Final = 100
# An alert that was raised longer ago is not news, however long the service was away.
_NEWS_FOR: Final = timedelta(days=1)
_FOLLOWED_FOR: Final = timedelta(days=7)
# After it was closed it may be opened again for some time.
_REOPENED_WITHIN: Final = timedelta(days=1)


def tell_of_alerts(database: Database, now: datetime) -> int:
    """Tell relatives what they are to hear of alerts now; return how many were looked at.

    Safe at any time, any number of times, in any number of processes: a word, its message and the time of the next look
    are one transaction.
    """
    with database.transaction() as db:
        _begin(db, now)
        changed = col(AlertRow.closed_at).is_not(None) != col(AlertTelling.saw_closed)
        rows = db.exec(
            select(AlertTelling, AlertRow)
            .join(AlertRow, col(AlertRow.alert_id) == AlertTelling.alert_id)
            .where(col(AlertTelling.until) > now, (col(AlertTelling.due_at) <= now) | changed)
            .order_by(col(AlertTelling.alert_telling_id))
            .limit(_MOST_AT_ONCE)
            .with_for_update(skip_locked=True, of=AlertTelling)
        ).all()
        for row, alert in rows:
            _look(db, row, alert, now)
    return len(rows)


def _begin(db: Session, now: datetime) -> None:
    is_begun = (
        select(AlertTelling.alert_id)
        .where(AlertTelling.alert_id == AlertRow.alert_id, AlertTelling.person_id == Agreement.person_id)
        .exists()
    )
    new = db.exec(
        select(AlertRow.alert_id, Agreement.person_id)
        .join(Agreement, col(Agreement.resident_id) == AlertRow.resident_id)
        .where(
            col(Agreement.tells_of_alerts),
            AlertRow.alert_class == AlertClass.PERSON,
            AlertRow.raised_at > now - _NEWS_FOR,
            # What came before somebody agreed to hear of it is not theirs to hear.
            AlertRow.raised_at >= Agreement.since,
            ~is_begun,
        )
        .limit(_MOST_AT_ONCE)
    ).all()
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    for alert_id, person_id in new:
        row = {
            "alert_id": alert_id, "person_id": person_id, "due_at": now, "saw_closed": False, "round": 0,
            "until": now + _FOLLOWED_FOR,
        }  # fmt: skip
        # Another process may have begun it between our look and our lock.
        db.connection().execute(insert(AlertTelling).values(**row).on_conflict_do_nothing())


def _look(db: Session, row: AlertTelling, alert: AlertRow, now: datetime) -> None:
    is_open = alert.closed_at is None
    row.saw_closed, row.due_at = not is_open, None
    if not is_open:
        row.until = now + _REOPENED_WITHIN
    is_critical = alert.severity >= Severity.CRITICAL
    what = Happening(alert.raised_at, is_critical, is_open, was_real=alert.outcome is Outcome.REAL_EVENT)
    for person_id, agreed, zone in relatives_of(db, alert.resident_id or 0):
        if person_id != row.person_id:
            continue
        said = verdict(Hearer(agreed, zone, row.told), what, now)
        row.due_at = said.again_at
        if said.word is not None:
            row.told, row.round = said.word, row.round + 1
            say(db, person_id, alert.resident_id or 0, alert.code, row.round, now)
