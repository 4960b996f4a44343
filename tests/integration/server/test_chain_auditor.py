"""What stands still is found and moved, whoever broke it, and it is said. Each test breaks the rows by hand."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from builders import HOUR, MINUTE, T0, FakeGateway, alerts, rows_of, send, viewer
from fakes.channel import FakeChannel
from postgres import NewDatabase
from sqlmodel import Session, col, delete, update

from server.access.tables import Person
from server.alerting.rules import AlertKind, AlertStatus
from server.alerting.service import take
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.escalation.auditor import look_over_chain
from server.escalation.service import escalate_due, mark_notified
from server.escalation.stalls import Stall
from server.escalation.tables import ChainCheckRow, EscalationRow
from server.notifications.dispatch import dispatch_due
from server.notifications.tables import NotificationRow

SECOND = timedelta(seconds=1)


def press(database: Database, letter: str = "a") -> None:
    gateway = FakeGateway(letter)
    send(database, gateway.batch([gateway.press(T0)]), T0)


def respond(database: Database, channel: FakeChannel, now: datetime) -> int:
    escalate_due(database, now)
    mark_notified(database, dispatch_due(database, {"app": channel}, now), now)
    return look_over_chain(database, now)


def mended(database: Database) -> list[str]:
    return [row.why for row in rows_of(database, AuditEntry) if row.what == "chain mended"]


def told_of_the_press(database: Database) -> int:
    return sum(row.alert_id == 1 for row in rows_of(database, NotificationRow))


def no_row(db: Session) -> None:
    db.exec(delete(EscalationRow))


def no_time(db: Session) -> None:
    db.exec(update(EscalationRow).values(due_at=None))


def far_away(db: Session) -> None:
    db.exec(update(EscalationRow).values(due_at=T0 + 1000 * HOUR))


def no_messages(db: Session) -> None:
    db.exec(delete(NotificationRow))


@pytest.mark.parametrize(
    ("broken", "stall"),
    [(far_away, Stall.TOO_FAR), (no_messages, Stall.UNTOLD)],
)
def test_an_alert_that_stands_still_is_moved_and_it_is_said(
    database: Database, broken: Callable[[Session], None], stall: Stall, caplog: pytest.LogCaptureFixture
) -> None:
    channel = FakeChannel()
    press(database)
    respond(database, channel, T0)
    with database.transaction() as db:
        broken(db)

    with caplog.at_level(logging.ERROR):
        assert respond(database, channel, T0 + 31 * SECOND) == 1
    before = told_of_the_press(database)
    respond(database, channel, T0 + 32 * SECOND)

    assert mended(database) == [stall]
    assert told_of_the_press(database) > before
    assert [alert.kind for alert in alerts(database)] == [AlertKind.BUTTON, AlertKind.CHAIN_STALLED]
    assert f"stood still ({stall})" in caplog.text
    assert "Inger" not in caplog.text


def test_an_alert_that_nobody_would_look_at_again_is_given_a_time(database: Database) -> None:
    press(database)
    escalate_due(database, T0)
    with database.transaction() as db:
        no_time(db)

    assert look_over_chain(database, T0 + 2 * MINUTE) == 1  # nobody runs the steps
    assert mended(database) == [Stall.NO_TIME]
    escalate_due(database, T0 + 2 * MINUTE)

    assert told_of_the_press(database) == 4


def test_an_alert_whose_way_was_never_begun_is_begun(database: Database) -> None:
    press(database)

    assert look_over_chain(database, T0 + 2 * MINUTE) == 1  # nobody runs the steps
    assert mended(database) == [Stall.NOT_BEGUN]
    escalate_due(database, T0 + 2 * MINUTE)

    assert told_of_the_press(database) == 2


def test_a_step_that_is_due_and_never_runs_is_replaced_by_the_built_in_way(database: Database) -> None:
    press(database)
    escalate_due(database, T0)
    with database.transaction() as db:
        db.exec(update(EscalationRow).values(steps=[{"who": "on_duty", "answer_within_s": 120}] * 9))

    assert look_over_chain(database, T0 + 4 * MINUTE) == 1  # it was due after two, and nobody runs the steps
    assert mended(database) == [Stall.OVERDUE]

    [row] = [row for row in rows_of(database, EscalationRow) if row.alert_id == 1]
    assert [step["who"] for step in row.steps] == ["on_duty", "everyone"]
    assert row.due_at == T0 + 4 * MINUTE


def test_whoever_has_an_alert_is_asked_after_even_when_what_should_ask_does_not(database: Database) -> None:
    channel, maria = FakeChannel(), viewer(database, "maria")
    press(database)
    respond(database, channel, T0)
    with database.transaction() as db:
        take(db, maria, alerts(database)[0].code, 1, T0 + SECOND)
    respond(database, channel, T0 + MINUTE)
    due_at = alerts(database)[0].due_at

    assert look_over_chain(database, due_at + MINUTE) == 0
    assert look_over_chain(database, due_at + 2 * MINUTE) == 1
    assert alerts(database)[0].asked_at == due_at + 2 * MINUTE
    look_over_chain(database, alerts(database)[0].due_at + 2 * MINUTE)

    assert mended(database).count(Stall.FORGOTTEN) == 2  # asked, and then taken back
    assert alerts(database)[0].status is AlertStatus.REPORTED
    assert alerts(database)[0].taken_by is None


def test_a_chain_that_goes_its_way_is_left_alone_all_day(database: Database) -> None:
    channel = FakeChannel()
    press(database)

    moved = [respond(database, channel, T0 + minutes * MINUTE) for minutes in range(0, 24 * 60, 20)]

    assert not any(moved)
    assert mended(database) == []


def test_where_there_is_nobody_to_tell_nothing_stands_still(database: Database) -> None:
    with database.transaction() as db:
        db.exec(update(Person).where(col(Person.username) == "per").values(closed_at=T0))
    press(database, "b")

    moved = [respond(database, FakeChannel(), T0 + minutes * MINUTE) for minutes in range(10)]

    assert not any(moved)


def test_a_clock_that_was_set_back_does_not_stop_the_looking(database: Database) -> None:
    look_over_chain(database, T0 + 1000 * HOUR)

    look_over_chain(database, T0)

    assert [row.looked_at for row in rows_of(database, ChainCheckRow)] == [T0]


def test_two_processes_move_an_alert_once(new_postgres: NewDatabase) -> None:
    database = new_postgres()
    for letter in "abt":
        press(database, letter)
    escalate_due(database, T0)
    with database.transaction() as db:
        no_time(db)

    with ThreadPoolExecutor(3) as workers:
        moved = [
            work.result() for work in [workers.submit(look_over_chain, database, T0 + 2 * MINUTE) for _ in range(3)]
        ]

    assert sum(moved) == 3
    assert mended(database) == [Stall.NO_TIME] * 3
