"""Ways to reach a person."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlmodel import Session, select

from server.access.tables import Person
from server.db.session import Database
from server.live.tables import ChangeRow
from server.notifications.rules import APP, Subject
from server.notifications.tables import NotificationRow


class ChannelError(Exception):
    """The channel did not take the message; the text is the provider's, without names, addresses or message bodies.

    `wait`: how long the provider wants to be left alone; None when it did not say.
    """

    def __init__(self, text: str, wait: timedelta | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class UnreachableError(ChannelError):
    """This person cannot be reached by this channel, and trying again will not help."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. A channel that leaves the house says what sort of thing came, never of whom.

    `alert`: the alert's opaque name; None for other subjects. `language`: nb, nn or en.
    """

    notification_id: int
    token: str
    person_id: int
    subject: Subject
    about: str
    severity: int
    alert: str | None = None
    language: str = "nb"
    email: str = ""
    phone: str = ""


class Channel(Protocol):
    """A way to reach a person."""

    def send(self, message: Message) -> None:
        """Hand the message over; returning means the provider has it. Sending it twice must be harmless.

        Raises:
            ChannelError: it was not taken; it will be tried again.
            UnreachableError: it never will be.
        """
        ...


class AppChannel:
    """The person's own open pages, by the feed of changes."""

    name = APP

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, message: Message) -> None:
        """Put the message on the person's feed, where every open page of theirs finds it and says so."""
        with self._database.transaction() as db:
            if _was_put(db, message):
                return
            person = db.get_one(Person, message.person_id)
            db.add(
                ChangeRow(unit_id=person.unit_id, person_id=person.person_id, what="notification", name=message.token)
            )


def _was_put(db: Session, message: Message) -> bool:
    """Return whether another worker, which died before it could say so or is slower than its lease, has put it there.

    The message is locked until it stands on the feed: of two who look at the same moment the second one finds it.
    """
    row = db.get(NotificationRow, message.notification_id, with_for_update=True)
    if row is None or row.attempts <= 1:
        return False  # nobody tried before, which is nearly always so
    wanted = select(ChangeRow).where(ChangeRow.what == "notification", ChangeRow.name == message.token)
    return db.exec(wanted).first() is not None
