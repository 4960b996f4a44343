"""Queues messages to people, hands them to their channels, and records what became of them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from server.access.tables import Person
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.db.session import Database
from server.notifications.channel import Channel, ChannelError, Message
from server.notifications.rules import ACROSS, may_reach
from server.notifications.tables import NotificationRow
from server.residents.tables import Home, Resident

_LOG = logging.getLogger(__name__)

# A worker that dies while sending gives the message up after this long, and another one takes it.
_LEASE = timedelta(seconds=30)
_FIRST_RETRY = timedelta(seconds=2)
_LONGEST_RETRY = timedelta(minutes=5)
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Queued:
    """A message to queue. `round_` tells one telling of an alert from the next, so that each is sent once."""

    alert_id: int
    round_: int
    person_id: int
    channel: str


def queue(db: Session, message: Queued, now: datetime) -> None:
    """Queue a message in the caller's transaction. Queueing it again changes nothing."""
    once = f"{message.alert_id}:{message.round_}:{message.person_id}:{message.channel}"
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "once": once,
        "alert_id": message.alert_id,
        "person_id": message.person_id,
        "channel": message.channel,
        "queued_at": now,
        "due_at": now,
        "attempts": 0,
    }
    db.connection().execute(insert(NotificationRow).values(**row).on_conflict_do_nothing())


def give_up(db: Session, alert_id: int) -> None:
    """Drop what has not been sent about an alert that nobody need be told of any more."""
    unsent = (col(NotificationRow.alert_id) == alert_id) & col(NotificationRow.due_at).is_not(None)
    db.exec(update(NotificationRow).where(unsent).values(due_at=None))


def dispatch_due(database: Database, channels: Mapping[str, Channel], now: datetime) -> list[int]:
    """Send what is due, each message at least once and never by two workers at a time; return the alerts told of.

    A message between a simulated home and a real person, either way, reaches no channel: it is refused and audited.
    """
    sent: list[int] = []
    for row in _claim(database, now):
        try:
            channels[row.channel].send(Message(row.notification_id or 0, row.alert_id, row.person_id))
        except (ChannelError, KeyError) as error:
            _LOG.warning("notification %s by %s failed: %s", row.notification_id, row.channel, type(error).__name__)
            _record(database, row, now, failed=str(error) or type(error).__name__)
        else:
            _record(database, row, now, failed=None)
            sent.append(row.alert_id)
    return sent


def _claim(database: Database, now: datetime) -> list[NotificationRow]:
    with database.transaction() as db:
        wanted = select(NotificationRow).where(col(NotificationRow.due_at) <= now).order_by(col(NotificationRow.due_at))
        rows = list(db.exec(wanted.limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)))
        allowed = [row for row in rows if _may_go(db, row) or _refuse(db, row, now)]
        for row in allowed:
            row.attempts += 1
            row.due_at = now + _LEASE
    return allowed


def _may_go(db: Session, row: NotificationRow) -> bool:
    wanted = (
        select(Home.is_test, Person.is_test)
        .select_from(AlertRow)
        .join(Resident, col(Resident.resident_id) == AlertRow.resident_id)
        .join(Home, col(Home.home_id) == Resident.home_id)
        .join(Person, col(Person.person_id) == row.person_id)
        .where(AlertRow.alert_id == row.alert_id)
    )
    home_is_test, person_is_test = db.exec(wanted).one()
    return may_reach(home_is_test=home_is_test, person_is_test=person_is_test)


def _refuse(db: Session, row: NotificationRow, now: datetime) -> bool:
    """Give a message up for good, in writing; always False: it does not go."""
    _LOG.error("notification %s %s", row.notification_id, ACROSS)
    row.failed, row.due_at = ACROSS, None
    about = f"notification:{row.notification_id}"
    why = f"{ACROSS} (alert {row.alert_id}, person {row.person_id})"
    append(db, at=now, who="service", what="message refused", about=about, why=why)
    return False


def _record(database: Database, claimed: NotificationRow, now: datetime, *, failed: str | None) -> None:
    with database.transaction() as db:
        row = db.get_one(NotificationRow, claimed.notification_id)
        row.failed = failed
        if failed is None:
            row.sent_at, row.due_at = now, None
        else:
            row.due_at = now + min(_LONGEST_RETRY, _FIRST_RETRY * 2 ** min(row.attempts - 1, 10))
