"""Absences and pauses: who may set and end them, that each ends by itself, and what is remembered of it."""

from datetime import datetime, timedelta

import pytest
from builders import DAY, HOUR, PASSWORD, T0, rows_of, viewer
from sqlmodel import select

from server.absences.rules import AbsenceKind, OwnPause
from server.absences.service import Wanted, absence_at, change_end, end, pause, set_absence
from server.absences.tables import Absence
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import AbsenceOverlapsError, AbsenceTimesError, NotAllowedError, NotFoundError
from server.provisioning import Provisioning, provision
from server.residents.tables import Resident

INGER = {
    "units": [{"code": "nord", "name": "Sone Nord"}],
    "people": [
        {
            "username": "inger", "name": "Inger", "role": "resident", "unit": "nord", "password": PASSWORD,
            "residents": ["res-a"],
        }
    ],
}  # fmt: skip


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
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(INGER), test_mode=False)
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
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(INGER), test_mode=False)
    inger = viewer(database, "inger")

    for hours in (0, 20):
        with database.transaction() as db:
            pause(db, inger, OwnPause.TOMORROW, T0 + hours * HOUR)
    with database.transaction() as db, pytest.raises(AbsenceTimesError):
        pause(db, inger, OwnPause.TOMORROW, T0 + 40 * HOUR)
