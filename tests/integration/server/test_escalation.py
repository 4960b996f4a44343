"""Who is told of an alert, when the next one is, and that each is told once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from builders import HOUR, MINUTE, T0, FakeGateway, alerts, rows_of, send, viewer
from fakes.channel import FakeChannel
from postgres import NewDatabase
from sqlmodel import col, delete, select, update

from server.access.tables import Person, Role
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome
from server.alerting.service import Ending, Raised, close, raise_alert, take
from server.alerting.tables import AlertLogRow, AlertRow
from server.db.session import Database
from server.escalation.service import escalate_due, mark_notified, restart
from server.escalation.tables import EscalationRow, PolicyRow
from server.live.tables import ChangeRow
from server.notifications.channel import AppChannel
from server.notifications.dispatch import dispatch_due
from server.notifications.tables import NotificationRow
from server.residents.tables import Resident

SECOND = timedelta(seconds=1)


def press(database: Database, letter: str = "a", at: datetime = T0) -> None:
    """The button of a home is pressed, and the alert is raised."""
    gateway = FakeGateway(letter)
    send(database, gateway.batch([gateway.press(at)]), at)


def respond(database: Database, channel: FakeChannel, now: datetime) -> None:
    """Do what the respond role does."""
    escalate_due(database, now)
    mark_notified(database, dispatch_due(database, {"app": channel}, now), now)


def names(database: Database, counts: Counter[int]) -> dict[str, int]:
    """Put people's user names for their numbers."""
    people = {row.person_id: row.username for row in rows_of(database, Person)}
    return {people[number]: count for number, count in counts.items()}


def log(database: Database) -> list[LogEvent]:
    """Return what the alerts' logs say."""
    return [line.event for line in rows_of(database, AlertLogRow)]


def test_a_new_alert_is_told_to_each_nurse_of_the_unit_once(database: Database) -> None:
    channel = FakeChannel()
    press(database)

    for seconds in range(5):
        respond(database, channel, T0 + seconds * SECOND)

    assert names(database, channel.told()) == {"maria": 1, "ola": 1}
    assert [alert.notified_at for alert in alerts(database)] == [T0]
    assert log(database) == [LogEvent.RAISED, LogEvent.NOTIFIED]


def test_when_nobody_answers_everyone_is_told_and_told_again_for_ever(database: Database) -> None:
    channel = FakeChannel()
    press(database)

    rounds = []
    for seconds in range(0, 13 * 60, 30):
        before = channel.told()
        respond(database, channel, T0 + seconds * SECOND)
        if now := names(database, channel.told() - before):
            rounds.append((seconds, sorted(now)))

    everyone = ["arne", "maria", "ola", "siri"]
    assert rounds == [(0, ["maria", "ola"]), (120, everyone), (420, everyone), (720, everyone)]
    assert log(database).count(LogEvent.ESCALATED) == 3


def test_an_alert_somebody_has_taken_escalates_no_further(database: Database) -> None:
    channel, maria = FakeChannel(), viewer(database, "maria")
    press(database)
    respond(database, channel, T0)
    with database.transaction() as db:
        take(db, maria, alerts(database)[0].code, 1, T0 + MINUTE)

    for minutes in range(2, 60):
        respond(database, channel, T0 + minutes * MINUTE)

    assert names(database, channel.told()) == {"maria": 1, "ola": 1}
    assert [row.due_at for row in rows_of(database, EscalationRow)] == [None]


def test_an_alert_closed_before_anybody_was_told_tells_nobody(database: Database) -> None:
    channel, maria = FakeChannel(), viewer(database, "maria")
    press(database)
    with database.transaction() as db:
        close(db, maria, alerts(database)[0].code, 1, Ending(Outcome.FALSE_ALARM), T0)

    respond(database, channel, T0 + HOUR)

    assert channel.taken == []


def test_a_policy_changed_at_night_does_not_strand_an_open_alert(database: Database) -> None:
    channel = FakeChannel()
    press(database)
    respond(database, channel, T0)
    with database.transaction() as db:
        db.merge(PolicyRow(unit_id=1, steps=[{"who": "everyone", "answer_within_s": 86400.0}]))

    respond(database, channel, T0 + 2 * MINUTE)

    assert names(database, channel.told()) == {"maria": 2, "ola": 2, "siri": 1, "arne": 1}


def test_a_units_own_policy_is_followed(database: Database) -> None:
    channel = FakeChannel()
    with database.transaction() as db:
        db.merge(PolicyRow(unit_id=1, steps=[{"who": "everyone", "answer_within_s": 30.0}]))
    press(database)

    respond(database, channel, T0)
    respond(database, channel, T0 + 29 * SECOND)
    assert len(channel.taken) == 4
    respond(database, channel, T0 + 30 * SECOND)

    assert len(channel.taken) == 8


def test_a_test_home_reaches_only_test_people(database: Database) -> None:
    channel = FakeChannel()
    press(database, "t")

    for minutes in range(5):
        respond(database, channel, T0 + minutes * MINUTE)

    assert names(database, channel.told()) == {"nina": 2, "tess": 1}


def test_another_units_people_are_not_told(database: Database) -> None:
    channel = FakeChannel()
    press(database, "b")

    respond(database, channel, T0)

    assert names(database, channel.told()) == {"per": 1}


def test_that_there_is_nobody_to_tell_is_written_down(database: Database) -> None:
    with database.transaction() as db:
        db.exec(delete(Person).where(col(Person.username) == "per"))
    press(database, "b")

    respond(database, FakeChannel(), T0)

    assert log(database) == [LogEvent.RAISED, *[LogEvent.NOBODY_TO_NOTIFY] * 2]  # one for each step
    assert [row.due_at for row in rows_of(database, EscalationRow)] == [T0 + MINUTE]


def test_a_step_that_finds_nobody_is_not_waited_for(database: Database) -> None:
    channel = FakeChannel()
    with database.transaction() as db:
        db.exec(update(Person).where(col(Person.role) == Role.NURSE, ~col(Person.is_test)).values(role=Role.STAFF))
    press(database)

    respond(database, channel, T0)

    assert names(database, channel.told()) == {"maria": 1, "ola": 1, "siri": 1, "arne": 1}
    assert [row.due_at for row in rows_of(database, EscalationRow)] == [T0 + 5 * MINUTE]


def test_whoever_comes_on_duty_is_told_within_a_minute_where_nobody_was(database: Database) -> None:
    channel = FakeChannel()
    with database.transaction() as db:
        db.exec(update(Person).where(col(Person.username) == "per").values(closed_at=T0))
    press(database, "b")
    for seconds in range(0, 180, 30):
        respond(database, channel, T0 + seconds * SECOND)
    with database.transaction() as db:
        db.exec(update(Person).where(col(Person.username) == "per").values(closed_at=None))

    respond(database, channel, T0 + 3 * MINUTE)

    assert names(database, channel.told()) == {"per": 1}
    assert log(database).count(LogEvent.NOBODY_TO_NOTIFY) == 2  # not one each minute


def test_an_alert_whose_policy_cannot_be_read_is_told_all_the_same_and_holds_nobody_up(database: Database) -> None:
    channel = FakeChannel()
    press(database)
    press(database, "b")
    escalate_due(database, T0 - SECOND)
    with database.transaction() as db:
        db.exec(update(EscalationRow).values(steps=[{"who": "the mayor"}], due_at=T0, last_step=None))

    respond(database, channel, T0)

    assert set(names(database, channel.told())) == {"maria", "ola", "per"}


def test_an_alert_that_nobody_has_any_longer_goes_from_the_first_step_again(database: Database) -> None:
    channel, maria = FakeChannel(), viewer(database, "maria")
    press(database)
    respond(database, channel, T0)
    with database.transaction() as db:
        take(db, maria, alerts(database)[0].code, 1, T0 + SECOND)
    respond(database, channel, T0 + 2 * MINUTE)
    with database.transaction() as db:
        db.exec(update(AlertRow).values(status=AlertStatus.REPORTED, taken_by=None, taken_at=None))
        for _ in range(2):
            restart(db, 1, T0 + HOUR)

    for seconds in (0, 1, 119):
        respond(database, channel, T0 + HOUR + seconds * SECOND)
    assert names(database, channel.told()) == {"maria": 2, "ola": 2}
    respond(database, channel, T0 + HOUR + 2 * MINUTE)

    assert names(database, channel.told()) == {"maria": 3, "ola": 3, "siri": 1, "arne": 1}


def test_a_mild_fault_at_night_is_told_in_the_morning_and_says_that_it_waits(database: Database) -> None:
    channel, night = FakeChannel(), T0.replace(hour=1)
    with database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-a")).one()
        raise_alert(db, resident, Raised(AlertKind.BATTERY_LOW, night, None), night)

    for hours in range(5):
        respond(database, channel, night + hours * HOUR)

    assert channel.taken == []
    assert log(database) == [LogEvent.RAISED, LogEvent.HELD_BACK]
    assert [row.due_at for row in rows_of(database, EscalationRow)] == [T0.replace(hour=6)]  # seven in Oslo
    respond(database, channel, T0.replace(hour=6))
    assert names(database, channel.told()) == {"maria": 1, "ola": 1}


def test_a_channel_that_fails_is_tried_again_with_growing_patience(database: Database) -> None:
    channel = FakeChannel(broken=True)
    press(database, "b")

    tries = []
    for seconds in range(120):
        before = channel.attempts
        respond(database, channel, T0 + seconds * SECOND)
        tries += [seconds] * (channel.attempts - before)
    [message] = rows_of(database, NotificationRow)
    assert tries == [0, 2, 6, 14, 30, 62]
    assert (message.attempts, message.failed, message.sent_at) == (6, "the provider is down", None)
    channel.broken = False
    dispatch_due(database, {"app": channel}, T0 + 126 * SECOND)

    assert len(channel.taken) == 1
    assert [(row.failed, row.due_at) for row in rows_of(database, NotificationRow)] == [(None, None)]


def test_a_message_that_could_not_be_sent_is_given_up_once_somebody_has_the_alert(database: Database) -> None:
    channel = FakeChannel(broken=True)
    press(database, "b")
    respond(database, channel, T0)
    with database.transaction() as db:
        db.exec(update(AlertRow).values(status=AlertStatus.TAKEN))

    respond(database, channel, T0 + 2 * MINUTE)
    tried = channel.attempts
    respond(database, channel, T0 + 30 * MINUTE)

    assert channel.attempts == tried
    assert [row.due_at for row in rows_of(database, NotificationRow)] == [None]


def test_a_worker_that_dies_while_sending_leaves_its_message_to_another(database: Database) -> None:
    class DyingChannel:
        def send(self, _message: object) -> None:
            raise KeyboardInterrupt

    press(database, "b")
    escalate_due(database, T0)
    with pytest.raises(KeyboardInterrupt):
        dispatch_due(database, {"app": DyingChannel()}, T0)

    channel = FakeChannel()
    assert dispatch_due(database, {"app": channel}, T0 + 29 * SECOND) == []
    assert len(dispatch_due(database, {"app": channel}, T0 + 30 * SECOND)) == 1


def test_a_message_by_a_channel_another_process_serves_is_left_to_it(database: Database) -> None:
    press(database, "b")
    escalate_due(database, T0)

    assert dispatch_due(database, {}, T0) == []

    assert [row.due_at for row in rows_of(database, NotificationRow)] == [T0]


def test_the_app_channel_reaches_that_persons_pages_and_no_others(database: Database) -> None:
    press(database, "b")
    escalate_due(database, T0)

    dispatch_due(database, {"app": AppChannel(database)}, T0)

    told = [row for row in rows_of(database, ChangeRow) if row.what == "notification"]
    per = next(row for row in rows_of(database, Person) if row.username == "per")
    assert [(row.unit_id, row.person_id, row.name) for row in told] == [
        (per.unit_id, per.person_id, rows_of(database, NotificationRow)[0].token)
    ]


def test_two_workers_tell_each_person_exactly_once_a_step(new_postgres: NewDatabase) -> None:
    database, channel = new_postgres(), FakeChannel()
    for kind in range(6):  # as many alerts as there are homes and kinds to press
        gateway = FakeGateway("abt"[kind % 3])
        fact = gateway.press(T0) if kind < 3 else gateway.fact("04", T0)
        send(database, gateway.batch([fact], oldest_seq=1, epoch=f"0000000{kind}"), T0)

    def work(now: datetime) -> None:
        for _ in range(4):
            respond(database, channel, now)

    with ThreadPoolExecutor(3) as workers:
        # All live in the same minute: to a worker two minutes ahead the others' messages would look abandoned.
        for now in (T0, T0 + 2 * MINUTE):
            for running in [workers.submit(work, now) for _ in range(3)]:
                running.result()

    # Each alert: the nurses, then everyone; two alerts in each of three homes.
    assert names(database, channel.told()) == {
        "maria": 4, "ola": 4, "siri": 2, "arne": 2, "per": 4, "nina": 4, "tess": 2,
    }  # fmt: skip
    assert len({row.once for row in rows_of(database, NotificationRow)}) == len(channel.taken)
