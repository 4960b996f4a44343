"""Hands messages to their channels, and records what became of them."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from server.access.tables import Person
from server.alerting.rules import AlertStatus
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.db.session import Database
from server.notifications.channel import Channel, ChannelError, Message, UnreachableError
from server.notifications.health import note_failed, note_proven
from server.notifications.rules import ACROSS, APP, TELLS_WHEN_IT_CAME, Subject, answer_by, may_reach, retry_at
from server.notifications.service import follow
from server.notifications.tables import ContactRow, NotificationRow
from server.residents.tables import Home

_LOG = logging.getLogger(__name__)

# A worker that dies while sending gives the message up after this long, and another one takes it. Longer than any
# provider is waited for.
_LEASE = timedelta(seconds=30)
_PROVIDERS_LEASE = timedelta(seconds=60)
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker alone may send just now."""

    channel: str
    message: Message


def dispatch_due(database: Database, channels: Mapping[str, Channel], now: datetime) -> list[int]:
    """Send what is due by these channels, never by two workers at a time; return the alerts told of.

    A message between a simulated home and a real person, either way, reaches no channel: it is refused and audited.
    """
    told: list[int] = []
    for claimed in claim(database, list(channels), now):
        told += record(database, claimed, attempt(channels[claimed.channel], claimed), now)
    return told


def claim(database: Database, channels: Collection[str], now: datetime, most: int = _MOST_AT_ONCE) -> list[Claimed]:
    """Take messages that are due by these channels, the longest due first; nobody else sends them meanwhile."""
    with database.transaction() as db:
        is_due = (col(NotificationRow.due_at) <= now) & col(NotificationRow.channel).in_(channels)
        wanted = select(NotificationRow).where(is_due).order_by(col(NotificationRow.due_at)).limit(most)
        rows = list(db.exec(wanted.with_for_update(skip_locked=True)))
        wanted_still = [row for row in rows if _is_wanted(db, row)]
        allowed = [row for row in wanted_still if _may_go(db, row) or _refuse(db, row, now)]
        for row in allowed:
            row.attempts += 1
            row.due_at = now + (_LEASE if row.channel == APP else _PROVIDERS_LEASE)
        return [Claimed(row.channel, _message(db, row)) for row in allowed]


def attempt(channel: Channel, claimed: Claimed) -> ChannelError | None:
    """Hand a message to its channel; return why that failed, or None when it was taken."""
    try:
        channel.send(claimed.message)
    except ChannelError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - providers' libraries raise what they like; the message stays due
        failure = ChannelError(type(error).__name__)
    else:
        return None
    number, kind = claimed.message.notification_id, type(failure).__name__
    _LOG.warning("notification %s by %s failed: %s", number, claimed.channel, kind)
    return failure


def record(database: Database, claimed: Claimed, failure: ChannelError | None, now: datetime) -> list[int]:
    """Write down what became of a message. Return the alert it told of, if it did and was about one."""
    with database.transaction() as db:
        row = db.get_one(NotificationRow, claimed.message.notification_id, with_for_update=True)
        if failure is not None:
            _not_taken(db, row, failure, now)
            return []
        row.sent_at, row.due_at, row.failed = now, None, None
        note_proven(db, row.channel, now)
        if row.channel not in TELLS_WHEN_IT_CAME:
            follow(db, row, answer_by(row.subject, now))
        return [int(row.about)] if row.subject is Subject.ALERT else []


def _not_taken(db: Session, row: NotificationRow, failure: ChannelError, now: datetime) -> None:
    row.failed = str(failure)
    if isinstance(failure, UnreachableError):
        row.due_at = None
        follow(db, row, now)
        return
    note_failed(db, row.channel, str(failure), now)
    # Somebody may have answered while the provider thought about it.
    row.due_at = None if row.due_at is None else retry_at(row.subject, row.attempts, now, failure.wait)


def _is_wanted(db: Session, row: NotificationRow) -> bool:
    """Drop what nobody need be told any more: of an alert that somebody has, or what its holder has answered."""
    if row.alert_id is None:
        return True
    alert = db.get_one(AlertRow, row.alert_id)
    asks = row.subject is Subject.STILL_ON_IT
    is_wanted = alert.asked_at is not None if asks else alert.status is AlertStatus.REPORTED
    if not is_wanted:
        row.due_at = None
    return is_wanted


def _may_go(db: Session, row: NotificationRow) -> bool:
    home_id = row.home_id
    if row.alert_id is not None:
        alert = db.get_one(AlertRow, row.alert_id)
        if alert.home_id is None:  # a whole unit's alert says itself whether its homes are simulated
            return may_reach(home_is_test=alert.is_test, person_is_test=db.get_one(Person, row.person_id).is_test)
        home_id = alert.home_id
    home_is_test = None if home_id is None else db.get_one(Home, home_id).is_test
    return may_reach(home_is_test=home_is_test, person_is_test=db.get_one(Person, row.person_id).is_test)


def _refuse(db: Session, row: NotificationRow, now: datetime) -> bool:
    """Give a message up for good, in writing; always False: it does not go."""
    _LOG.error("notification %s %s", row.notification_id, ACROSS)
    row.failed, row.due_at = ACROSS, None
    about = f"notification:{row.notification_id}"
    why = f"{ACROSS} ({row.subject} {row.about}, person {row.person_id})"
    append(db, at=now, who="service", what="message refused", about=about, why=why)
    return False


def _message(db: Session, row: NotificationRow) -> Message:
    person = db.get_one(Person, row.person_id)
    contact = db.get(ContactRow, row.person_id) or ContactRow(person_id=row.person_id)
    return Message(
        notification_id=row.notification_id or 0,
        token=row.token or "",
        person_id=row.person_id,
        subject=row.subject,
        about=row.about,
        severity=row.severity,
        alert=db.get_one(AlertRow, row.alert_id).code if row.alert_id is not None else None,
        language=person.language,
        email=contact.email,
        phone=contact.phone,
    )
