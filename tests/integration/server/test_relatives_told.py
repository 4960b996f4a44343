"""Relatives hear of alerts as agreed, answer when they are asked to go there, and write with the team."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pytest
from builders import DAY, HOUR, MINUTE, T0, rows_of, viewer
from sqlmodel import select

from server.alerting.rules import AlertKind, LogEvent, Outcome
from server.alerting.service import Ending, Raised, close, raise_alert, take
from server.alerting.tables import AlertLogRow, AlertRow
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import AlertNotOpenError, NotAllowedError, NotFoundError, UnfitError
from server.notifications.tables import NotificationRow
from server.relatives.company import company_of, keep_company, leave
from server.relatives.rules import Basis, Category, Wanted, Wishes
from server.relatives.service import agree, wish, withdraw
from server.relatives.steps import answer, ask, asked_of
from server.relatives.tasks import TaskWanted, add_task, do_task, tasks_of
from server.relatives.telling import tell_of_alerts
from server.relatives.thread import in_thread, read_thread, unread_by_resident, write
from server.relatives.words import tell_words_due
from server.residents.tables import Resident

WANTED = Wanted(frozenset(Category), Basis.CONSENT, date(2025, 12, 31), 20, asked_to_step=True)


@pytest.fixture
def town(database: Database) -> Database:
    """The town after siri noted that everything is shared with anne, twenty minutes later."""
    _agree(database, WANTED)
    return database


def _agree(database: Database, wanted: Wanted) -> None:
    siri, anne = viewer(database, "siri"), viewer(database, "anne")
    with database.transaction() as db:
        agree(db, siri, "res-a", anne.person_id, wanted, T0 - DAY)


def _raise(database: Database, at: datetime, kind: AlertKind = AlertKind.FALL) -> str:
    with database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-a")).one()
        return raise_alert(db, resident, Raised(kind, at, at), at).code


def _close(database: Database, alert_id: str, at: datetime, outcome: Outcome = Outcome.REAL_EVENT) -> None:
    maria = viewer(database, "maria")
    with database.transaction() as db:
        row = db.exec(select(AlertRow).where(AlertRow.code == alert_id)).one()
        close(db, maria, alert_id, row.version, Ending(outcome), at)


def _heard(database: Database, *moments: datetime) -> list[datetime]:
    """Let the service look at these moments; return when messages to anne were queued."""
    for now in moments:
        while tell_of_alerts(database, now) + tell_words_due(database, now):
            pass
    return _told(database, "anne")


def _told(database: Database, username: str) -> list[datetime]:
    number = viewer(database, username).person_id
    rows: Sequence[NotificationRow] = rows_of(database, NotificationRow)
    return [row.queued_at for row in rows if row.person_id == number]


def test_a_critical_alert_is_told_after_the_delay_and_again_when_it_was_seen_to(town: Database) -> None:
    alert_id = _raise(town, T0)

    assert _heard(town, T0, T0 + 19 * MINUTE) == []
    assert _heard(town, T0 + 20 * MINUTE, T0 + 21 * MINUTE, T0 + HOUR) == [T0 + 20 * MINUTE]
    _close(town, alert_id, T0 + HOUR, Outcome.FALSE_ALARM)
    assert _heard(town, T0 + HOUR, T0 + 2 * HOUR) == [T0 + 20 * MINUTE, T0 + HOUR]


def test_what_was_seen_to_before_the_delay_ran_out_is_one_word_or_none(town: Database) -> None:
    real, false = _raise(town, T0), _raise(town, T0, AlertKind.BUTTON)
    _heard(town, T0)
    _close(town, real, T0 + 5 * MINUTE)
    _close(town, false, T0 + 5 * MINUTE, Outcome.FALSE_ALARM)

    assert _heard(town, T0 + 5 * MINUTE) == []
    assert _heard(town, T0 + 20 * MINUTE, T0 + DAY) == [T0 + 20 * MINUTE]


def test_what_concerns_no_person_and_what_came_before_is_not_told(town: Database) -> None:
    _raise(town, T0, AlertKind.GATEWAY_SILENT)
    _raise(town, T0 - 2 * DAY)

    assert _heard(town, T0, T0 + DAY) == []


def test_an_agreement_that_is_withdrawn_meanwhile_is_heeded(town: Database) -> None:
    _raise(town, T0)
    _heard(town, T0)
    siri, anne = viewer(town, "siri"), viewer(town, "anne")
    with town.transaction() as db:
        withdraw(db, siri, "res-a", anne.person_id, T0 + MINUTE)

    assert _heard(town, T0 + HOUR) == []


def test_an_alert_at_night_is_told_when_the_quiet_hours_are_over(town: Database) -> None:
    _agree(town, replace(WANTED, quiet_from=22 * 60, quiet_until=7 * 60))
    night, morning = T0.replace(hour=23), T0.replace(day=16, hour=6)
    _raise(town, night)

    assert _heard(town, night, night + HOUR, morning - MINUTE) == []
    assert _heard(town, morning) == [morning]


def test_many_workers_tell_each_relative_once(town: Database) -> None:
    _raise(town, T0)
    _heard(town, T0)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: tell_of_alerts(town, T0 + 20 * MINUTE), range(12)))

    assert _told(town, "anne") == [T0 + 20 * MINUTE]


def _ask(database: Database, alert_id: str, round_: int = 1) -> list[int]:
    with database.transaction() as db:
        alert = db.exec(select(AlertRow).where(AlertRow.code == alert_id)).one()
        return ask(db, alert, round_, T0)


def test_a_relative_who_goes_is_in_the_log_and_the_alert_stays_the_team_s(town: Database) -> None:
    anne = viewer(town, "anne")
    with town.transaction() as db:
        wish(db, anne, "res-a", Wishes(agrees_to_step=True), T0)
    alert_id = _raise(town, T0)

    assert _ask(town, alert_id) == [anne.person_id]
    assert _ask(town, alert_id) == [anne.person_id]
    with town.transaction() as db:
        answer(db, anne, alert_id, goes=True, now=T0 + MINUTE)
        answer(db, anne, alert_id, goes=True, now=T0 + 2 * MINUTE)
        (asked,) = asked_of(db, anne, T0)
    assert _ask(town, alert_id, 2) == []

    (alert,) = rows_of(town, AlertRow)
    events = [(row.event, row.by) for row in rows_of(town, AlertLogRow)]
    assert asked.goes is True
    assert alert.closed_at is None
    assert alert.taken_by is None
    assert events.count((LogEvent.RELATIVE_ASKED, "Anne")) == 1
    assert events.count((LogEvent.RELATIVE_GOES, "Anne")) == 1
    assert _told(town, "anne") == [T0]


def test_a_relative_who_did_not_agree_is_never_asked(town: Database) -> None:
    assert _ask(town, _raise(town, T0)) == []


def test_an_answer_to_what_was_closed_or_never_asked_is_refused(town: Database) -> None:
    anne = viewer(town, "anne")
    with town.transaction() as db:
        wish(db, anne, "res-a", Wishes(agrees_to_step=True), T0)
    asked, other = _raise(town, T0), _raise(town, T0, AlertKind.BUTTON)
    _ask(town, asked)
    _close(town, asked, T0)

    for alert_id, error in ((asked, AlertNotOpenError), (other, NotFoundError)):
        with town.transaction() as db, pytest.raises(error):
            answer(db, anne, alert_id, goes=True, now=T0)


def test_a_message_of_the_team_reaches_the_relative_and_is_new_until_it_is_read(town: Database) -> None:
    maria, anne = viewer(town, "maria"), viewer(town, "anne")
    with town.transaction() as db:
        write(db, maria, "res-a", "Inger var ute i sola i dag.", T0)
    assert _heard(town, T0) == [T0]

    with town.transaction() as db:
        assert unread_by_resident(db, anne, T0) == {"res-a": 1}
        assert [(one.text, one.is_new, one.of_team) for one in read_thread(db, anne, "res-a", T0)] == [
            ("Inger var ute i sola i dag.", True, True)
        ]
        assert unread_by_resident(db, anne, T0) == {}
        assert not read_thread(db, anne, "res-a", T0)[0].is_new


def test_a_message_of_a_relative_is_new_for_the_whole_team_until_one_reads_it(town: Database) -> None:
    maria, ola, anne = (viewer(town, name) for name in ("maria", "ola", "anne"))
    with town.transaction() as db:
        code = write(db, anne, "res-a", "Kommer på lørdag.", T0, "00000000000000aa")
        assert write(db, anne, "res-a", "Kommer på lørdag.", T0, "00000000000000aa") == code
        assert unread_by_resident(db, maria, T0) == unread_by_resident(db, ola, T0) == {"res-a": 1}
        read_thread(db, maria, "res-a", T0)
        assert unread_by_resident(db, ola, T0) == {}
    assert _heard(town, T0) == []


def test_kept_words_are_never_in_the_audit(town: Database) -> None:
    anne = viewer(town, "anne")
    with town.transaction() as db:
        write(db, anne, "res-a", "Mor var svimmel", T0)
        add_task(db, anne, "res-a", TaskWanted("Bytte lyspære", T0.date()), T0)

    entries: list[AuditEntry] = rows_of(town, AuditEntry)
    assert {"message written", "task made"} <= {entry.what for entry in entries}
    assert "svimmel" not in repr(entries)
    assert "lyspære" not in repr(entries)


def test_messages_that_were_not_agreed_or_are_empty_are_refused(database: Database) -> None:
    anne, per, maria = (viewer(database, name) for name in ("anne", "per", "maria"))

    with database.transaction() as db:
        with pytest.raises(NotAllowedError):
            read_thread(db, anne, "res-a", T0)
        with pytest.raises(NotFoundError):
            write(db, per, "res-a", "Hei", T0)
        with pytest.raises(UnfitError):
            write(db, maria, "res-a", "  ", T0)
        assert unread_by_resident(db, anne, T0) == {}


def test_a_relative_sees_nothing_that_was_written_before_the_agreement(database: Database) -> None:
    maria = viewer(database, "maria")
    with database.transaction() as db:
        write(db, maria, "res-a", "Til en annen pårørende.", T0 - 2 * DAY)
    _agree(database, WANTED)

    anne = viewer(database, "anne")
    with database.transaction() as db:
        assert read_thread(db, anne, "res-a", T0) == []


def test_a_task_is_done_once_by_whoever_did_it_first(town: Database) -> None:
    maria, anne = viewer(town, "maria"), viewer(town, "anne")
    with town.transaction() as db:
        task = TaskWanted("Kjøpe nye ullsokker", T0.date(), anne.person_id)
        code = add_task(db, maria, "res-a", task, T0)
        do_task(db, anne, "res-a", code, T0 + HOUR, is_done=True)
        do_task(db, maria, "res-a", code, T0 + 2 * HOUR, is_done=True)
        (done,) = tasks_of(db, anne, in_thread(db, anne, "res-a", T0), T0)
    assert (done.who, done.is_mine, done.made_by, done.done_by, done.done_at) == (
        "Anne", True, "Maria", "Anne", T0 + HOUR,
    )  # fmt: skip
    assert _heard(town, T0) == [T0]


@pytest.mark.parametrize(
    ("task", "faults"),
    [
        (TaskWanted(" ", None), {"title": "empty", "until": "no_day"}),
        (TaskWanted("x" * 121, date(2025, 1, 14)), {"title": "too_long", "until": "not_ahead"}),
        (TaskWanted("Vanne blomster", T0.date(), 1), {"who": "not_in_thread"}),
    ],
)
def test_a_task_that_cannot_be_is_refused_by_field(town: Database, task: TaskWanted, faults: dict[str, str]) -> None:
    maria = viewer(town, "maria")
    with town.transaction() as db, pytest.raises(UnfitError) as refused:
        add_task(db, maria, "res-a", task, T0)

    assert refused.value.faults == faults


def test_a_relative_who_is_there_is_shown_until_they_leave(town: Database) -> None:
    anne, maria = viewer(town, "anne"), viewer(town, "maria")
    with town.transaction() as db:
        code = keep_company(db, anne, "res-a", T0, T0 + 6 * HOUR, T0)
        assert keep_company(db, anne, "res-a", T0, T0 + 6 * HOUR, T0) == code
        resident = in_thread(db, maria, "res-a", T0).resident_id or 0
        assert [(one.name, one.resident_id) for one in company_of(db, [resident], T0, maria)] == [("Anne", "res-a")]
        leave(db, anne, code, T0 + HOUR)
        leave(db, anne, code, T0 + 2 * HOUR)
        assert company_of(db, [resident], T0 + HOUR, maria) == []
        with pytest.raises(UnfitError):
            keep_company(db, anne, "res-a", T0, T0, T0)
        with pytest.raises(NotFoundError):
            leave(db, maria, code, T0)


def test_taking_an_alert_does_not_end_what_a_relative_is_told(town: Database) -> None:
    alert_id, maria = _raise(town, T0), viewer(town, "maria")
    with town.transaction() as db:
        take(db, maria, alert_id, 1, T0)

    assert _heard(town, T0, T0 + 20 * MINUTE) == [T0 + 20 * MINUTE]
