"""Absences and pauses: who may set and end them, that each ends by itself, and what is remembered of it."""

from datetime import datetime, timedelta

import pytest
from builders import DAY, HOUR, T0, give_account, rows_of, viewer
from sqlmodel import col, select

from server.absences.reminders import remind_due
from server.absences.rules import AbsenceKind, OwnPause
from server.absences.service import Wanted, absence_at, change_end, end, pause, seen_at_home, set_absence
from server.absences.tables import Absence
from server.access.tables import Person
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.duty.service import on_duty
from server.errors import AbsenceOverlapsError, AbsenceTimesError, NotAllowedError, NotFoundError
from server.notifications.rules import Subject
from server.notifications.tables import NotificationRow
from server.residents.tables import Resident


def number(database: Database, code: str = "res-a") -> int:
    with database.reading() as db:
        return db.exec(select(Resident.resident_id).where(Resident.code == code)).one() or 0


def kind_at(database: Database, at: datetime) -> str | None:
    resident = number(database)
    with database.reading() as db:
        found = absence_at(db, resident, at)
        return found.kind if found else None


def set_one(database: Database, kind: AbsenceKind, begins_at: datetime, ends_at: datetime, who: str = "maria") -> str:
    person = viewer(database, who)
    with database.transaction() as db:
        return set_absence(db, person, "res-a", Wanted(kind, begins_at, ends_at, "kjent grunn"), T0).code


def test_an_absence_holds_from_its_begin_up_to_its_end_and_no_longer(database: Database) -> None:
    set_one(database, AbsenceKind.HOSPITAL, T0 + HOUR, T0 + DAY)

    moments = [T0, T0 + HOUR, T0 + DAY - timedelta(seconds=1), T0 + DAY]
    assert [kind_at(database, at) for at in moments] == [None, "hospital", "hospital", None]


def test_of_those_that_hold_at_once_the_one_that_tells_most_is_told(database: Database) -> None:
    set_one(database, AbsenceKind.PAUSE, T0, T0 + 2 * DAY)
    set_one(database, AbsenceKind.HOSPITAL, T0, T0 + DAY)

    assert [kind_at(database, T0 + hours * HOUR) for hours in (1, 25)] == ["hospital", "pause"]


def test_the_same_again_changes_nothing_and_another_of_its_kind_in_that_time_is_refused(database: Database) -> None:
    codes = {set_one(database, AbsenceKind.AWAY, T0, T0 + DAY) for _ in range(2)}

    with pytest.raises(AbsenceOverlapsError):
        set_one(database, AbsenceKind.AWAY, T0 + HOUR, T0 + 3 * DAY)

    assert len(codes) == len(rows_of(database, Absence)) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [(HOUR, HOUR, "end before begin"), (-2 * HOUR, -HOUR, "over already"), (HOUR, 15 * DAY, "too long"),
     (400 * DAY, 401 * DAY, "too far ahead")],
)  # fmt: skip
def test_an_absence_without_a_sensible_end_is_refused(
    database: Database, begins: timedelta, ends: timedelta, why: str
) -> None:
    with pytest.raises(AbsenceTimesError) as error:
        set_one(database, AbsenceKind.PAUSE, T0 + begins, T0 + ends)

    assert error.value.why == why
    assert rows_of(database, Absence) == []


def test_an_absence_is_set_by_carers_of_the_unit_alone(database: Database) -> None:
    for who, error in {"anne": NotAllowedError, "per": NotFoundError}.items():
        with pytest.raises(error):
            set_one(database, AbsenceKind.AWAY, T0, T0 + DAY, who)
    code = set_one(database, AbsenceKind.AWAY, T0, T0 + DAY)
    for who, error in {"anne": NotAllowedError, "per": NotFoundError}.items():
        person = viewer(database, who)
        with database.transaction() as db, pytest.raises(error):
            end(db, person, code, T0)


def test_an_absence_that_is_ended_is_over_at_once_and_ending_it_again_changes_nothing(database: Database) -> None:
    code = set_one(database, AbsenceKind.AWAY, T0, T0 + DAY)
    maria = viewer(database, "maria")

    for at in (T0 + HOUR, T0 + 2 * HOUR):
        with database.transaction() as db:
            end(db, maria, code, at)

    [row] = rows_of(database, Absence)
    assert (row.ends_at, row.ended_by, row.remind_at) == (T0 + HOUR, maria.person_id, None)
    with database.reading() as db:
        said = db.exec(select(AuditEntry.what).where(AuditEntry.about == "resident:res-a")).all()
    assert said == ["absence set", "absence ended"]


def test_an_end_can_be_moved_while_it_lasts_and_the_reminder_moves_with_it(database: Database) -> None:
    code = set_one(database, AbsenceKind.HOSPITAL, T0, T0 + 10 * DAY)
    maria = viewer(database, "maria")

    with database.transaction() as db:
        change_end(db, maria, code, T0 + 20 * DAY, T0 + DAY)
    with database.transaction() as db, pytest.raises(AbsenceTimesError):
        change_end(db, maria, code, T0 + 30 * DAY, T0 + 21 * DAY)

    [row] = rows_of(database, Absence)
    assert (row.ends_at, row.remind_at) == (T0 + 20 * DAY, T0 + 19 * DAY)


def test_a_resident_pauses_and_ends_their_own_and_nobody_elses(database: Database) -> None:
    give_account(database)
    inger, maria = viewer(database, "inger"), viewer(database, "maria")

    with database.transaction() as db:
        first = pause(db, inger, OwnPause.HOUR, T0).code
    with database.transaction() as db:
        second = pause(db, inger, OwnPause.FOUR_HOURS, T0 + HOUR / 2)
        assert (second.code, second.begins_at, second.ends_at, second.is_own) == (first, T0, T0 + 4.5 * HOUR, True)
    with database.transaction() as db, pytest.raises(NotAllowedError):
        pause(db, maria, OwnPause.HOUR, T0)
    with database.transaction() as db, pytest.raises(NotAllowedError):
        set_absence(db, inger, "res-a", Wanted(AbsenceKind.AWAY, T0, T0 + DAY), T0)
    with database.transaction() as db:
        end(db, inger, first, T0 + HOUR)

    assert kind_at(database, T0 + HOUR) is None


def test_a_resident_alone_cannot_pause_for_longer_than_two_days(database: Database) -> None:
    give_account(database)
    inger = viewer(database, "inger")

    for hours in (0, 20):
        with database.transaction() as db:
            pause(db, inger, OwnPause.TOMORROW, T0 + hours * HOUR)
    with database.transaction() as db, pytest.raises(AbsenceTimesError):
        pause(db, inger, OwnPause.TOMORROW, T0 + 40 * HOUR)


def reminded(database: Database) -> list[str]:
    with database.reading() as db:
        rows = db.exec(
            select(Person.username)
            .join(NotificationRow, col(NotificationRow.person_id) == Person.person_id)
            .where(
                NotificationRow.subject == Subject.REMINDER,
                NotificationRow.channel == "app",
                col(Person.is_test).is_(False),
            )
            .order_by(Person.username)
        )
        return list(rows)


def test_whoever_is_on_duty_is_reminded_once_before_an_absence_ends(database: Database) -> None:
    set_one(database, AbsenceKind.HOSPITAL, T0, T0 + 10 * DAY, "siri")

    assert remind_due(database, on_duty, T0 + 9 * DAY - HOUR) == 0
    assert [remind_due(database, on_duty, T0 + 9 * DAY) for _ in range(2)] == [1, 0]

    assert reminded(database) == ["maria", "ola", "siri"]


def test_of_their_own_pause_the_resident_alone_is_reminded(database: Database) -> None:
    give_account(database)
    inger = viewer(database, "inger")
    with database.transaction() as db:
        pause(db, inger, OwnPause.FOUR_HOURS, T0)

    assert remind_due(database, on_duty, T0 + 3.5 * HOUR) == 1

    assert reminded(database) == ["inger"]


def test_nobody_is_reminded_of_an_absence_that_was_ended_or_is_over(database: Database) -> None:
    code = set_one(database, AbsenceKind.AWAY, T0, T0 + DAY)
    set_one(database, AbsenceKind.PAUSE, T0, T0 + HOUR)
    maria = viewer(database, "maria")
    with database.transaction() as db:
        end(db, maria, code, T0 + HOUR)

    assert remind_due(database, on_duty, T0 + 2 * HOUR) == 0


def test_when_somebody_seems_to_be_home_again_people_are_asked_at_once(database: Database) -> None:
    set_one(database, AbsenceKind.HOSPITAL, T0, T0 + 10 * DAY)
    with database.transaction() as db:
        for at in (T0 + DAY, T0 + 2 * DAY):
            seen_at_home(db, db.exec(select(Absence)).one(), at, at)

    assert remind_due(database, on_duty, T0 + DAY) == 1

    assert rows_of(database, Absence)[0].back_at == T0 + DAY
    assert reminded(database) == ["maria", "ola"]
