"""Tells people things: chooses the channels, queues the messages, and hears which came."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from server.alerting.rules import AlertClass, AlertStatus
from server.alerting.standing import note_delivered
from server.alerting.tables import AlertRow
from server.errors import NotFoundError
from server.notifications.reach import reach_of
from server.notifications.rules import OF_ALERTS, RECEIPT_WITHIN, Level, Subject, answer_by, level_of, order_of, plan
from server.notifications.tables import NotificationRow


@dataclass(frozen=True, slots=True)
class Telling:
    """Something to tell a person.

    `about`: an opaque name, of an alert its number. `round_` tells one telling of it from the next. `severity`: 10 to
    40. `home_id`: the home it concerns where no alert says so, so that a test home reaches test people only.
    `channels`: these instead of the person's own; the app is always told.
    """

    person_id: int
    subject: Subject
    about: str
    round_: int
    severity: int
    home_id: int | None = None
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one message has come. Times are None until it has; `failed`: what the channel last said."""

    channel: str
    queued_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    is_waiting: bool
    failed: str | None


def tell(db: Session, telling: Telling, now: datetime) -> None:
    """Queue messages to a person in the caller's transaction. Telling the same again changes nothing."""
    reach = reach_of(db, telling.person_id)
    if telling.channels is None:
        order = order_of(reach, level_of(telling.severity))
    else:
        order = tuple(name for name in telling.channels if name in reach.works)
    of_all = {
        "subject": telling.subject,
        "about": telling.about,
        "round_": telling.round_,
        "severity": telling.severity,
        "alert_id": int(telling.about) if telling.subject in OF_ALERTS else None,
        "home_id": telling.home_id,
        "person_id": telling.person_id,
        "queued_at": now,
        "attempts": 0,
    }
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    prefix = f"{telling.subject}:{telling.about}:{telling.round_}:{telling.person_id}"
    for planned in plan(order, now):
        row = {
            **of_all,
            "once": f"{prefix}:{planned.channel}",
            "channel": planned.channel,
            "place": planned.place,
            "due_at": planned.due_at,
            "token": secrets.token_urlsafe(16),
        }
        db.connection().execute(insert(NotificationRow).values(**row).on_conflict_do_nothing())


def give_up(db: Session, subject: Subject, about: str) -> None:
    """Drop what has not been sent about something that nobody need be told of any more."""
    unsent = (
        (col(NotificationRow.about) == about)
        & (col(NotificationRow.subject) == subject)
        & col(NotificationRow.due_at).is_not(None)
    )
    db.exec(update(NotificationRow).where(unsent).values(due_at=None))


def received(db: Session, token: str, now: datetime) -> NotificationRow:
    """Note that a device has a message; only the first time counts. Return the message.

    Raises:
        NotFoundError: no message bears this token.
    """
    wanted = select(NotificationRow).where(NotificationRow.token == token)
    row = db.exec(wanted.with_for_update()).first()
    if row is None:
        raise NotFoundError("notification")
    if row.received_at is None:
        row.received_at = now
        if row.alert_id is not None and row.subject is Subject.ALERT:
            note_delivered(db, row.alert_id, now)
        if row.place:
            follow(db, row, answer_by(row.subject, now))
    return row


def follow(db: Session, row: NotificationRow, at: datetime | None) -> None:
    """Let the person's next untried channel follow at `at`, and the rest one after another; None: none need follow."""
    wanted = select(NotificationRow).where(
        NotificationRow.about == row.about,
        NotificationRow.subject == row.subject,
        NotificationRow.round_ == row.round_,
        NotificationRow.person_id == row.person_id,
        NotificationRow.place > row.place,
        NotificationRow.attempts == 0,
        col(NotificationRow.due_at).is_not(None),
    )
    untried = db.exec(wanted.order_by(col(NotificationRow.place)).with_for_update()).all()
    for number, other in enumerate(untried):
        other.due_at = None if at is None else at + number * RECEIPT_WITHIN


def deliveries(db: Session, person_id: int, subject: Subject, about: str) -> Sequence[Delivery]:
    """Return how far the messages about something have come to a person, in the order they were to be tried."""
    wanted = select(NotificationRow).where(
        NotificationRow.person_id == person_id, NotificationRow.subject == subject, NotificationRow.about == about
    )
    rows = db.exec(wanted.order_by(col(NotificationRow.round_), col(NotificationRow.place)))
    return [
        Delivery(row.channel, row.queued_at, row.sent_at, row.received_at, row.due_at is not None, row.failed)
        for row in rows
    ]


def rings_for(db: Session, person_id: int) -> bool:
    """Return whether a critical alert this person was told of is in nobody's hands. Faults of things never ring."""
    wanted = (
        select(AlertRow.alert_id)
        .join(NotificationRow, col(NotificationRow.alert_id) == AlertRow.alert_id)
        .where(
            NotificationRow.person_id == person_id,
            AlertRow.status == AlertStatus.REPORTED,
            AlertRow.severity >= Level.CRITICAL,
            AlertRow.alert_class == AlertClass.PERSON,
        )
    )
    return db.exec(wanted.limit(1)).first() is not None
