"""A simulated home never reaches a real person, nor a real home a test person, whoever queues the message."""

import pytest
from builders import MINUTE, T0, FakeGateway, alerts, rows_of, send
from fakes.channel import FakeChannel
from sqlmodel import col, select

from server.access.tables import Person
from server.audit.checking import first_broken
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.notifications.dispatch import dispatch_due
from server.notifications.rules import ACROSS, Subject
from server.notifications.service import Telling, tell
from server.notifications.tables import NotificationRow


def _queue(database: Database, letter: str, username: str) -> None:
    """The button of a home is pressed, and a message about it queued for a person past every other guard."""
    gateway = FakeGateway(letter)
    send(database, gateway.batch([gateway.press(T0)]), T0)
    with database.transaction() as db:
        person = db.exec(select(Person).where(col(Person.username) == username)).one()
        tell(db, Telling(person.person_id or 0, Subject.ALERT, str(alerts(database)[0].alert_id), 1, 40), T0)


@pytest.mark.parametrize(("letter", "username"), [("t", "maria"), ("a", "nina"), ("a", "tess")])
def test_a_message_across_is_refused_for_good_and_written_down(database: Database, letter: str, username: str) -> None:
    channel = FakeChannel()
    _queue(database, letter, username)

    told = [dispatch_due(database, {"app": channel}, T0 + minutes * MINUTE) for minutes in range(10)]

    assert channel.attempts == 0
    assert told == [[]] * 10
    [message] = rows_of(database, NotificationRow)
    assert (message.failed, message.due_at, message.sent_at, message.attempts) == (ACROSS, None, None, 0)
    refused = [entry for entry in rows_of(database, AuditEntry) if entry.what == "message refused"]
    assert [(entry.about, entry.who) for entry in refused] == [("notification:1", "service")]
    assert ACROSS in refused[0].why
    with database.reading() as db:
        assert first_broken(db) is None


@pytest.mark.parametrize(("letter", "username"), [("t", "nina"), ("a", "maria")])
def test_a_message_on_its_own_side_goes(database: Database, letter: str, username: str) -> None:
    channel = FakeChannel()
    _queue(database, letter, username)

    dispatch_due(database, {"app": channel}, T0)

    assert len(channel.taken) == 1


def test_a_refused_message_does_not_keep_the_others_back(database: Database) -> None:
    channel = FakeChannel()
    _queue(database, "t", "maria")
    with database.transaction() as db:
        nina = db.exec(select(Person).where(col(Person.username) == "nina")).one()
        tell(db, Telling(nina.person_id or 0, Subject.ALERT, str(alerts(database)[0].alert_id), 1, 40), T0)

    dispatch_due(database, {"app": channel}, T0)

    assert [message.person_id for message in channel.taken] == [nina.person_id]


def test_who_turns_into_a_test_person_after_the_message_was_queued_is_not_told(database: Database) -> None:
    channel = FakeChannel()
    _queue(database, "a", "maria")
    with database.transaction() as db:
        db.exec(select(Person).where(col(Person.username) == "maria")).one().is_test = True

    dispatch_due(database, {"app": channel}, T0)

    assert channel.attempts == 0
