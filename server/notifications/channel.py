"""Ways to reach a person."""

from dataclasses import dataclass
from typing import Protocol

from server.access.tables import Person
from server.db.session import Database
from server.live.tables import ChangeRow


class ChannelError(Exception):
    """The channel did not take the message; the text is the provider's, without names or message bodies."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. It carries numbers only: a channel that leaves the house never sees health data."""

    notification_id: int
    alert_id: int
    person_id: int


class Channel(Protocol):
    """A way to reach a person."""

    def send(self, message: Message) -> None:
        """Hand the message over; returning means the provider has it. Sending it twice must be harmless.

        Raises:
            ChannelError: it was not taken; it will be tried again.
        """
        ...


class AppChannel:
    """The person's own open pages, by the feed of changes."""

    name = "app"

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, message: Message) -> None:
        """Put the message on the person's feed, where every open page of theirs finds it."""
        with self._database.transaction() as db:
            person = db.get_one(Person, message.person_id)
            name = str(message.notification_id)
            db.add(ChangeRow(unit_id=person.unit_id, person_id=person.person_id, what="notification", name=name))
