"""What is agreed with relatives: written down, heeded, ended."""

from datetime import date

import pytest
from builders import DAY, T0, rows_of, viewer
from sqlmodel import select

from server.access.tables import Person
from server.audit.checking import first_broken
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import NotAllowedError, NotFoundError, UnfitError
from server.relatives.rules import Basis, Category, Wanted, Wishes
from server.relatives.service import (
    agree,
    agreements_of,
    shared_with,
    who_may_be_told,
    who_take_a_step,
    wish,
    withdraw,
)
from server.residents.tables import Resident

ENDS = date(2025, 12, 31)
WANTED = Wanted(frozenset({Category.STATUS, Category.CRITICAL}), Basis.CONSENT, ENDS, 30, asked_to_step=True)


def _number(database: Database, username: str) -> int:
    with database.reading() as db:
        return db.exec(select(Person.person_id).where(Person.username == username)).one() or 0


def _inger(database: Database) -> int:
    with database.reading() as db:
        return db.exec(select(Resident.resident_id).where(Resident.code == "res-a")).one() or 0


def _agree(database: Database, wanted: Wanted = WANTED, who: str = "siri") -> None:
    by, anne = viewer(database, who), _number(database, "anne")
    with database.transaction() as db:
        agree(db, by, "res-a", anne, wanted, T0)


def _told(database: Database, category: Category) -> list[int]:
    with database.reading() as db:
        return who_may_be_told(db, _inger(database), category, T0)


def test_a_relative_who_was_let_in_before_agreements_came_sees_the_status_as_before(database: Database) -> None:
    assert _told(database, Category.STATUS) == [_number(database, "anne")]
    assert _told(database, Category.CRITICAL) == []


def test_what_is_agreed_is_shared_and_nothing_else(database: Database) -> None:
    _agree(database)

    anne = _number(database, "anne")
    assert _told(database, Category.CRITICAL) == [anne]
    assert _told(database, Category.MESSAGES) == []
    who = viewer(database, "anne")
    with database.reading() as db:
        assert shared_with(db, who, Category.STATUS, T0) == {_inger(database)}
        assert shared_with(db, who, Category.STATUS, T0 + 400 * DAY) == frozenset()
        (view,) = agreements_of(db, _inger(database))
    assert (view.name, view.basis, view.noted_by, view.noted_at) == ("Anne", Basis.CONSENT, "Siri", T0)


def test_a_relative_is_asked_to_go_there_only_if_both_agreed(database: Database) -> None:
    _agree(database)
    anne = viewer(database, "anne")
    with database.transaction() as db:
        assert who_take_a_step(db, _inger(database), T0) == []
        wish(db, anne, "res-a", Wishes(agrees_to_step=True), T0)
        assert who_take_a_step(db, _inger(database), T0) == [anne.person_id]
        wish(db, anne, "res-a", Wishes(0, 9 * 60, 11 * 60, agrees_to_step=True), T0)  # it is 10:00
        assert who_take_a_step(db, _inger(database), T0) == []


def test_a_relative_can_wait_longer_than_agreed_but_never_hear_sooner(database: Database) -> None:
    _agree(database)
    anne = viewer(database, "anne")
    with database.transaction() as db:
        wish(db, anne, "res-a", Wishes(delay=5), T0)
        assert agreements_of(db, _inger(database))[0].agreed.delay.total_seconds() == 30 * 60
        wish(db, anne, "res-a", Wishes(delay=60), T0)
        assert agreements_of(db, _inger(database))[0].agreed.delay.total_seconds() == 60 * 60


def test_each_change_is_audited_by_number_and_a_repeat_is_none(database: Database) -> None:
    _agree(database)
    _agree(database)
    siri, anne = viewer(database, "siri"), _number(database, "anne")
    with database.transaction() as db:
        withdraw(db, siri, "res-a", anne, T0)
        withdraw(db, siri, "res-a", anne, T0)

    entries: list[AuditEntry] = rows_of(database, AuditEntry)
    assert [entry.what for entry in entries] == ["agreement noted", "agreement withdrawn"]
    assert all(entry.about == "resident:res-a" and f"person:{anne} " in entry.why for entry in entries)
    assert "Anne" not in repr(entries)
    with database.reading() as db:
        assert first_broken(db) is None
    assert _told(database, Category.STATUS) == []


@pytest.mark.parametrize(("who", "error"), [("anne", NotAllowedError), ("per", NotFoundError)])
def test_only_staff_of_the_unit_write_agreements(database: Database, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _agree(database, who=who)


def test_an_agreement_without_an_end_is_refused_by_field(database: Database) -> None:
    with pytest.raises(UnfitError) as refused:
        _agree(database, Wanted(frozenset({Category.STATUS}), None, None))

    assert refused.value.faults == {"basis": "no_basis", "ends_on": "no_end"}
    assert _told(database, Category.STATUS) == [_number(database, "anne")]


def test_nobody_agrees_with_somebody_who_is_no_relative_there(database: Database) -> None:
    siri, maria = viewer(database, "siri"), _number(database, "maria")

    with database.transaction() as db, pytest.raises(NotFoundError):
        agree(db, siri, "res-a", maria, WANTED, T0)


def test_wishes_about_nothing_agreed_are_refused(database: Database) -> None:
    anne = viewer(database, "anne")

    with database.transaction() as db, pytest.raises(NotFoundError):
        wish(db, anne, "res-a", Wishes(), T0)
