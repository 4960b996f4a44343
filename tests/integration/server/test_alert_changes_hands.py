"""Whoever has an alert, it always has a next step and a time for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random
from threading import Barrier

import pytest
from builders import HOUR, MINUTE, T0, alerts, rows_of, viewer
from fakes.channel import FakeChannel
from handed import FALSE, do, notice, press
from hypothesis import given
from hypothesis import strategies as st
from postgres import NewDatabase
from sqlmodel import select

from server.access.service import Viewer
from server.access.tables import Person
from server.alerting import handing
from server.alerting.life import Cause, Measure
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome
from server.alerting.service import Ending, arrived, close, on_the_way, take
from server.alerting.standing import note_delivered
from server.alerting.tables import AlertLogRow, AlertRow
from server.db.session import Database
from server.errors import (
    AlertNotOpenError,
    AlertTakenError,
    NoColleagueError,
    NotAllowedError,
    ReopenError,
    SamePersonError,
    ServerError,
)
from server.escalation.service import ask_holders, escalate_due
from server.notifications.dispatch import dispatch_due
from server.notifications.health import set_up
from server.notifications.reach import Addresses, set_addresses
from server.notifications.rules import Subject
from server.notifications.tables import NotificationRow


def log(database: Database) -> list[LogEvent]:
    return [line.event for line in rows_of(database, AlertLogRow)]


def told_at(database: Database, at: datetime) -> set[str]:
    """Who was to be told at a moment."""
    with database.reading() as db:
        wanted = select(Person.username).join(NotificationRow, NotificationRow.person_id == Person.person_id)  # type: ignore[arg-type]
        return set(db.exec(wanted.where(NotificationRow.queued_at == at)))


def test_what_was_taken_and_forgotten_is_asked_after_and_then_goes_back_to_the_queue(database: Database) -> None:
    maria = viewer(database, "maria")
    code = press(database).code
    escalate_due(database, T0)
    do(database, take, maria, code, 1, T0)

    assert ask_holders(database, T0 + 9 * MINUTE) == 0
    assert ask_holders(database, T0 + 10 * MINUTE) == 1
    assert told_at(database, T0 + 10 * MINUTE) == {"maria"}
    assert ask_holders(database, T0 + 14 * MINUTE) == 0
    assert ask_holders(database, T0 + 15 * MINUTE) == 1
    escalate_due(database, T0 + 15 * MINUTE)

    [alert] = alerts(database)
    assert (alert.status, alert.taken_by, alert.due_at) == (AlertStatus.REPORTED, None, None)
    assert alert.waiting_since == T0 + 15 * MINUTE
    assert told_at(database, T0 + 15 * MINUTE) == {"maria", "ola"}
    assert log(database)[-2:] == [LogEvent.ASKED, LogEvent.RETURNED]


def test_who_says_that_they_are_still_on_it_is_left_in_peace_for_a_while(database: Database) -> None:
    maria = viewer(database, "maria")
    code = press(database).code
    do(database, take, maria, code, 1, T0)
    ask_holders(database, T0 + 10 * MINUTE)

    alert = do(database, handing.still_on_it, maria, code, 2, T0 + 12 * MINUTE)

    assert (alert.asked_at, alert.due_at) == (None, T0 + 22 * MINUTE)
    assert ask_holders(database, T0 + 21 * MINUTE) == 0
    assert log(database)[-1] is LogEvent.STILL_ON_IT


@pytest.mark.parametrize("answered", [False, True])
def test_the_question_says_that_it_is_one_and_no_channel_asks_any_more_when_it_is_answered(
    database: Database, *, answered: bool
) -> None:
    maria, sms, app = viewer(database, "maria"), FakeChannel(), FakeChannel()
    with database.transaction() as db:
        set_up(db, ["sms"])
        set_addresses(db, maria, Addresses(phone="+4791234567"), T0)
    code = press(database).code
    escalate_due(database, T0)
    do(database, take, maria, code, 1, T0)
    escalate_due(database, T0)
    ask_holders(database, T0 + 10 * MINUTE)
    dispatch_due(database, {"app": app}, T0 + 10 * MINUTE)
    if answered:
        do(database, handing.still_on_it, maria, code, 2, T0 + 10 * MINUTE)

    dispatch_due(database, {"sms": sms}, T0 + 12 * MINUTE)

    assert [message.subject for message in app.taken] == [Subject.STILL_ON_IT]
    assert [message.alert for message in sms.taken] == ([] if answered else [code])
    waiting = [row.channel for row in rows_of(database, NotificationRow) if row.due_at is not None]
    assert waiting == []


def test_what_one_gives_back_is_anybodys_at_once(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    code = press(database).code
    escalate_due(database, T0)
    do(database, take, maria, code, 1, T0)

    do(database, handing.leave, maria, code, 2, T0 + MINUTE)
    escalate_due(database, T0 + MINUTE)

    assert told_at(database, T0 + MINUTE) == {"maria", "ola"}
    assert do(database, take, ola, code, 3, T0 + 2 * MINUTE).taken_by == ola.person_id
    with pytest.raises(AlertTakenError):
        do(database, handing.leave, maria, code, 4, T0 + 2 * MINUTE)


def test_a_named_colleague_is_told_first_and_then_everybody_in_turn(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    code = press(database).code
    escalate_due(database, T0)
    do(database, take, maria, code, 1, T0)

    alert = do(database, handing.forward, maria, code, 2, ola.person_id, T0 + MINUTE)
    escalate_due(database, T0 + MINUTE)
    assert (alert.status, alert.offered_to) == (AlertStatus.REPORTED, ola.person_id)
    assert told_at(database, T0 + MINUTE) == {"ola"}
    escalate_due(database, T0 + 2 * MINUTE)
    assert told_at(database, T0 + 2 * MINUTE) == set()
    escalate_due(database, T0 + 3 * MINUTE)

    assert told_at(database, T0 + 3 * MINUTE) == {"maria", "ola"}


def test_a_forwarded_alert_can_go_only_to_whoever_can_open_it(database: Database) -> None:
    maria = viewer(database, "maria")
    code = press(database).code
    others = {name: viewer(database, name).person_id for name in ("per", "nina", "siri", "anne")}
    with database.reading() as db:
        assert [one.name for one in handing.colleagues_of(db, maria, code)] == ["Arne", "Ola"]
    for number in (*others.values(), 4711):
        with pytest.raises(NoColleagueError):
            do(database, handing.forward, maria, code, 1, number, T0)
    with pytest.raises(SamePersonError):
        do(database, handing.forward, maria, code, 1, maria.person_id, T0)

    assert alerts(database)[0].offered_to is None


def test_a_close_is_undone_for_half_an_hour_and_the_alert_is_whoses_undid_it(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    code = press(database).code
    do(database, take, maria, code, 1, T0)
    ended = Ending(Outcome.REAL_EVENT, "Falt i gangen", Cause.FALL, Measure.HELPED_THERE)
    closed = do(database, close, maria, code, 2, ended, T0 + MINUTE)
    assert (closed.cause, closed.measure, closed.due_at) == (Cause.FALL, Measure.HELPED_THERE, None)

    alert = do(database, handing.reopen, ola, code, T0 + 20 * MINUTE)

    assert (alert.status, alert.taken_by, alert.outcome) == (AlertStatus.TAKEN, ola.person_id, None)
    assert alert.note == "Falt i gangen"
    assert alert.due_at == T0 + 30 * MINUTE
    do(database, close, ola, code, alert.version, FALSE, T0 + 21 * MINUTE)
    with pytest.raises(ReopenError):
        do(database, handing.reopen, ola, code, T0 + 52 * MINUTE)


def test_a_close_is_not_undone_where_a_newer_alert_of_its_kind_is_open(database: Database) -> None:
    maria = viewer(database, "maria")
    code = press(database).code
    do(database, close, maria, code, 1, FALSE, T0)
    press(database, T0 + MINUTE)

    with pytest.raises(ReopenError):
        do(database, handing.reopen, maria, code, T0 + 2 * MINUTE)

    assert [alert.closed_at is None for alert in alerts(database)] == [False, True]


def test_a_closed_alert_is_left_as_it_is(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    code = press(database).code
    before = do(database, close, maria, code, 1, FALSE, T0)

    for act, *args in (
        (take, 2), (on_the_way, 2), (close, 2, FALSE), (handing.leave, 2), (handing.still_on_it, 2),
        (handing.forward, 2, ola.person_id), (handing.confirm_no_visit, 2),
    ):  # fmt: skip
        with pytest.raises(AlertNotOpenError):
            do(database, act, maria, code, *args, T0)

    assert alerts(database)[0].model_dump() == before.model_dump()


def test_alerts_of_one_happening_are_taken_and_moved_on_together(database: Database) -> None:
    maria = viewer(database, "maria")
    notice(database, AlertKind.LONG_IN_BATHROOM, T0)
    notice(database, AlertKind.INACTIVITY, T0 + HOUR)
    code = press(database, T0 + 2 * HOUR).code
    notice(database, AlertKind.COLD_HOME, T0 + 2 * HOUR)
    notice(database, AlertKind.SENSOR_SILENT, T0 + 2 * HOUR)

    do(database, take, maria, code, 1, T0 + 2 * HOUR)
    do(database, on_the_way, maria, code, 2, T0 + 2 * HOUR)

    together = [alert for alert in alerts(database) if alert.status is AlertStatus.ON_THE_WAY]
    assert {alert.kind for alert in together} == {AlertKind.LONG_IN_BATHROOM, AlertKind.INACTIVITY, AlertKind.BUTTON}
    assert len({alert.happening for alert in together}) == 1
    assert all(alert.due_at is not None for alert in together)
    assert [alert.status for alert in alerts(database)][-2:] == [AlertStatus.REPORTED] * 2

    also = tuple((one.code, one.version) for one in together if one.code != code)
    do(database, close, maria, code, 3, Ending(Outcome.REAL_EVENT, also=also), T0 + 3 * HOUR)

    assert [alert.closed_at is None for alert in alerts(database)] == [False, False, False, True, True]


def test_of_two_who_take_at_the_same_instant_one_wins_and_the_other_is_told_who(new_postgres: NewDatabase) -> None:
    database = new_postgres()
    nurses = [viewer(database, name) for name in ("maria", "ola")]
    codes = [notice(database, AlertKind.INACTIVITY, T0).code, press(database, T0 + MINUTE).code]

    for turn in range(10):
        ready = Barrier(2)

        def race(nurse: Viewer, code: str, ready: Barrier = ready, turn: int = turn) -> str | None:
            version = next(alert.version for alert in alerts(database) if alert.code == code)
            ready.wait(30)
            try:
                with database.transaction() as db:
                    take(db, nurse, code, version, T0 + turn * MINUTE)
            except AlertTakenError as lost:
                return lost.by
            return None

        # Each begins at another end of the same happening.
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(race, nurses, codes if turn % 2 else reversed(codes)))
        holders = {alert.taken_by for alert in alerts(database)}
        assert len(holders) == 1
        winner = next(nurse for nurse in nurses if nurse.person_id in holders)
        assert sorted(map(str, answers)) == sorted([winner.name, "None"])
        for alert in alerts(database):
            do(database, handing.leave, winner, alert.code, alert.version, T0 + turn * MINUTE)


def test_only_the_first_delivery_counts(database: Database) -> None:
    alert = press(database)
    for minutes in (1, 2):
        do(database, note_delivered, alert.alert_id, T0 + minutes * MINUTE)

    assert alerts(database)[0].delivered_at == T0 + MINUTE


def test_whoever_only_follows_alerts_may_not_move_them(database: Database) -> None:
    code, siri = press(database).code, viewer(database, "siri")
    for act, *args in ((handing.leave, 1), (handing.forward, 1, 1), (handing.still_on_it, 1), (handing.reopen,)):
        with pytest.raises(NotAllowedError):
            do(database, act, siri, code, *args, T0)


@given(seed=st.integers(0, 2**32))
def test_no_alert_is_ever_without_a_next_step_and_a_time(new_sqlite: NewDatabase, seed: int) -> None:
    """Whatever three people do in whichever order, while time passes and calls come."""
    chance, database, now = Random(seed), new_sqlite(), T0  # noqa: S311 - a game of chance
    people = [viewer(database, name) for name in ("maria", "ola", "arne")]
    acts = (
        lambda db, who, row: take(db, who, row.code, row.version, now),
        lambda db, who, row: on_the_way(db, who, row.code, row.version, now),
        lambda db, who, row: arrived(db, who, row.code, row.version, now),
        lambda db, who, row: close(db, who, row.code, row.version, FALSE, now),
        lambda db, who, row: handing.leave(db, who, row.code, row.version, now),
        lambda db, who, row: handing.forward(db, who, row.code, row.version, chance.choice(people).person_id, now),
        lambda db, who, row: handing.still_on_it(db, who, row.code, row.version, now),
        lambda db, who, row: handing.reopen(db, who, row.code, now),
        lambda db, who, row: handing.confirm_no_visit(db, who, row.code, row.version, now),
    )
    for _ in range(25):
        now += chance.choice([1, 3, 12]) * MINUTE
        if chance.random() < 0.3:
            notice(database, chance.choice([AlertKind.INACTIVITY, AlertKind.BATTERY_LOW, AlertKind.BUTTON]), now)
        for row in chance.sample(alerts(database), k=min(1, len(alerts(database)))):
            try:
                with database.transaction() as db:
                    chance.choice(acts)(db, chance.choice(people), row)
            except ServerError:
                pass
        if chance.random() < 0.5:
            ask_holders(database, now)
            escalate_due(database, now)
        _all_have_a_next_step(alerts(database))


def _all_have_a_next_step(found: list[AlertRow]) -> None:
    for one in found:
        has_it = one.status in {AlertStatus.TAKEN, AlertStatus.ON_THE_WAY, AlertStatus.WITH_RESIDENT}
        assert (one.due_at is not None) == has_it == (one.taken_by is not None and one.closed_at is None)
        assert (one.waiting_since is not None) == (one.status is AlertStatus.REPORTED)
        assert (one.closed_at is not None) == (one.status is AlertStatus.CLOSED)
