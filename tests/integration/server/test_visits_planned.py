"""Visits that are planned, and staff who say they are there: who may, what is next, and how sure it is."""

from datetime import timedelta

import pytest
from builders import DAY, HOUR, MINUTE, T0, FakeGateway, alerts, rows_of, send, viewer
from sqlmodel import select

from server.alerting.rules import Outcome
from server.alerting.service import Ending, arrived, close, take
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import NotAllowedError, NotFoundError, VisitTimesError
from server.residents.tables import Resident
from server.visits.rules import Known
from server.visits.service import arrive, cancel_visit, enter_visit, leave, next_visit, planned, staff_present
from server.visits.tables import PlannedVisit, StaffStay

QUARTER = timedelta(minutes=15)


def resident(database: Database) -> int:
    with database.reading() as db:
        return db.exec(select(Resident.resident_id).where(Resident.code == "res-a")).one() or 0


def plan(database: Database, begins: timedelta, what: str = "Morgenstell", who: str = "maria") -> str:
    person = viewer(database, who)
    with database.transaction() as db:
        return enter_visit(db, person, "res-a", T0 + begins, T0 + begins + QUARTER, what, T0).id


def known_at(database: Database, after: timedelta) -> Known | None:
    with database.reading() as db:
        there = staff_present(db, 1, T0 + after)
        return there and there.known


def test_what_is_planned_is_told_in_order_and_what_is_taken_back_is_not(database: Database) -> None:
    late, first, second = (plan(database, hours * HOUR) for hours in (9, 1, 2))
    maria, number = viewer(database, "maria"), resident(database)
    with database.transaction() as db:
        cancel_visit(db, maria, second, T0)
        cancel_visit(db, maria, second, T0)

    with database.reading() as db:
        assert [one.id for one in planned(db, number, T0, T0 + DAY)] == [first, late]
        assert [one.id for one in planned(db, number, T0 + 2 * HOUR, T0 + 9 * HOUR)] == []
        said = db.exec(select(AuditEntry.what).where(AuditEntry.about == "resident:res-a")).all()
    assert said.count("visit cancelled") == 1


def test_a_visit_that_is_late_is_still_the_next_one_for_a_while(database: Database) -> None:
    first, second = plan(database, HOUR), plan(database, 5 * HOUR)
    number = resident(database)

    with database.reading() as db:
        found = [next_visit(db, number, T0 + HOUR + minutes * MINUTE) for minutes in (-59, 14, 44, 46)]
        assert [one and one.id for one in found] == [first, first, first, second]
        assert next_visit(db, number, T0 + 6 * HOUR) is None


def test_the_same_visit_entered_twice_is_one(database: Database) -> None:
    assert plan(database, HOUR) == plan(database, HOUR)
    assert len(rows_of(database, PlannedVisit)) == 1


@pytest.mark.parametrize("span", [timedelta(0), -HOUR, 25 * HOUR])
def test_a_visit_has_an_end_after_its_begin_and_within_a_day(database: Database, span: timedelta) -> None:
    maria = viewer(database, "maria")

    with database.transaction() as db, pytest.raises(VisitTimesError):
        enter_visit(db, maria, "res-a", T0 + HOUR, T0 + HOUR + span, "Tilsyn", T0)


def test_visits_are_planned_and_taken_back_by_staff_of_the_unit_alone(database: Database) -> None:
    code = plan(database, HOUR)

    for who, error in {"anne": NotAllowedError, "per": NotFoundError}.items():
        person = viewer(database, who)
        with pytest.raises(error):
            plan(database, 2 * HOUR, who=who)
        for attempt in (
            lambda db, person=person: cancel_visit(db, person, code, T0),
            lambda db, person=person: arrive(db, person, "res-a", T0),
        ):
            with database.transaction() as db, pytest.raises(error):
                attempt(db)


def test_whoever_says_they_are_there_is_until_they_leave_or_for_two_hours(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    with database.transaction() as db:
        arrive(db, maria, "res-a", T0)
        arrive(db, maria, "res-a", T0 + MINUTE)
        leave(db, ola, "res-a", T0 + MINUTE)
    assert len(rows_of(database, StaffStay)) == 1
    assert [known_at(database, after) for after in (HOUR, 2 * HOUR)] == [Known.SAID, None]

    with database.transaction() as db:
        leave(db, maria, "res-a", T0 + HOUR / 2)

    assert [known_at(database, after) for after in (QUARTER, HOUR / 2, HOUR)] == [Known.SAID, None, None]


def test_with_the_resident_of_an_alert_counts_as_being_there(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    [alert] = alerts(database)
    with database.transaction() as db:
        take(db, maria, alert.code, 1, T0)
        arrived(db, maria, alert.code, 2, T0 + QUARTER)
    assert [known_at(database, after) for after in (MINUTE, QUARTER, HOUR, 3 * HOUR)] == [
        None, Known.ALERT, Known.ALERT, None,
    ]  # fmt: skip

    with database.transaction() as db:
        close(db, maria, alert.code, 3, Ending(Outcome.REAL_EVENT), T0 + HOUR)

    assert known_at(database, HOUR + MINUTE) is None


def test_a_plan_alone_tells_least(database: Database) -> None:
    plan(database, HOUR)
    maria = viewer(database, "maria")
    assert [known_at(database, HOUR + after) for after in (-16 * MINUTE, -QUARTER, 29 * MINUTE, 30 * MINUTE)] == [
        None, Known.PLANNED, Known.PLANNED, None,
    ]  # fmt: skip

    with database.transaction() as db:
        arrive(db, maria, "res-a", T0 + HOUR)

    assert known_at(database, HOUR) is Known.SAID
