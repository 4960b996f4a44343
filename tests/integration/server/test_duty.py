"""Who is on duty: whoever began, for their unit and those below; and the last one does not simply go."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from builders import HOUR, MINUTE, T0, alerts, rows_of, viewer
from postgres import NewDatabase
from sqlmodel import select

from server.access.tables import Person, Unit, UnitKind
from server.alerting.rules import AlertKind
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.duty.guard import guard_due
from server.duty.rota import Wanted, plan_shift
from server.duty.rules import GRACE
from server.duty.service import begin, close_duty, leave, on_duty, period_of
from server.duty.tables import DutyPeriod, Shift
from server.errors import LastOnDutyError, NotAllowedError, NotFoundError
from server.escalation.service import escalate_due
from server.notifications.tables import NotificationRow

SECOND = timedelta(seconds=1)


def unit(database: Database, code: str) -> int:
    with database.reading() as db:
        return db.exec(select(Unit.unit_id).where(Unit.code == code)).one() or 0


def names(database: Database, code: str, at: datetime = T0) -> set[str]:
    """Return the user names of who counts as on duty."""
    with database.reading() as db:
        numbers = on_duty(db, unit(database, code), at)
        return {db.get_one(Person, number).username for number in numbers}


def start(database: Database, username: str, code: str, at: datetime = T0) -> None:
    who = viewer(database, username)
    with database.transaction() as db:
        begin(db, who, code, at)


def end(database: Database, username: str, at: datetime, successor: str | None = None) -> None:
    who = viewer(database, username)
    with database.transaction() as db:
        leave(db, who, at, successor)


def plan(database: Database, username: str, code: str, from_at: datetime, hours: int) -> None:
    who = viewer(database, username)
    with database.transaction() as db:
        db.add(
            Shift(
                unit_id=unit(database, code),
                person_id=who.person_id,
                from_at=from_at,
                to_at=from_at + hours * HOUR,
            )
        )


def put_above(database: Database, upper: str, *lower: str) -> None:
    """Make a unit that stands above others, with a nurse of its own: nils."""
    with database.transaction() as db:
        above = Unit(code=upper, name=upper, kind=UnitKind.MUNICIPALITY)
        db.add(above)
        db.flush()
        for code in lower:
            db.exec(select(Unit).where(Unit.code == code)).one().parent_id = above.unit_id
        maria = db.exec(select(Person).where(Person.username == "maria")).one()
        db.add(
            Person(
                username="nils",
                name="Nils",
                role=maria.role,
                unit_id=above.unit_id or 0,
                password_hash=maria.password_hash,
            )
        )


def test_a_unit_that_keeps_no_lists_counts_all_its_nurses(database: Database) -> None:
    assert names(database, "nord") == {"maria", "ola", "nina"}
    assert names(database, "sor") == {"per"}


def test_once_somebody_began_only_those_who_began_count_and_test_people_are_counted_by_themselves(
    database: Database,
) -> None:
    start(database, "maria", "nord")

    assert names(database, "nord") == {"maria", "nina"}
    end(database, "maria", T0 + HOUR, "ola")
    assert names(database, "nord", T0 + HOUR) == {"maria", "nina"}
    start(database, "ola", "nord", T0 + 2 * HOUR)
    assert names(database, "nord", T0 + 2 * HOUR) == {"ola", "nina"}
    assert names(database, "nord", T0 + HOUR) == {"maria", "nina"}


def test_one_night_shift_above_covers_several_teams_and_only_while_it_lasts(database: Database) -> None:
    put_above(database, "marker", "nord", "sor")
    start(database, "nils", "marker")

    assert names(database, "nord") == {"nils", "nina"}
    assert names(database, "sor") == {"nils"}
    assert names(database, "marker") == {"nils"}


def test_beginning_twice_is_harmless_and_beginning_elsewhere_ends_the_first(database: Database) -> None:
    put_above(database, "marker", "nord", "sor")
    start(database, "nils", "nord")
    start(database, "nils", "nord", T0 + MINUTE)
    assert len(rows_of(database, DutyPeriod)) == 1

    start(database, "nils", "sor", T0 + HOUR)

    assert [row.to_at for row in rows_of(database, DutyPeriod)] == [T0 + HOUR, None]


def test_two_phones_that_begin_at_once_begin_once(new_postgres: NewDatabase) -> None:
    database = new_postgres()
    viewer(database, "maria")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: start(database, "maria", "nord"), range(8)))

    assert len(rows_of(database, DutyPeriod)) == 1


def test_the_last_one_stays_on_duty_until_the_named_successor_has_begun(database: Database) -> None:
    start(database, "maria", "nord")

    with pytest.raises(LastOnDutyError):
        end(database, "maria", T0 + HOUR)
    with pytest.raises(NotFoundError):
        end(database, "maria", T0 + HOUR, "per")
    end(database, "maria", T0 + HOUR, "ola")
    assert names(database, "nord", T0 + 2 * HOUR) == {"maria", "nina"}

    start(database, "ola", "nord", T0 + 3 * HOUR)

    assert names(database, "nord", T0 + 3 * HOUR) == {"ola", "nina"}
    assert "taken over" in [entry.why for entry in rows_of(database, AuditEntry) if entry.what == "duty ended"]


def test_two_who_leave_at_once_do_not_leave_nobody(new_postgres: NewDatabase) -> None:
    database = new_postgres()
    start(database, "maria", "nord")
    start(database, "ola", "nord")

    def go(username: str) -> bool:
        try:
            end(database, username, T0 + HOUR)
        except LastOnDutyError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(go, ["maria", "ola"]))

    assert sorted(left) == [False, True]


def test_outside_planned_hours_the_last_one_may_go(database: Database) -> None:
    plan(database, "maria", "nord", T0, 8)
    plan(database, "ola", "nord", T0 + 22 * HOUR, 8)
    start(database, "maria", "nord")

    with pytest.raises(LastOnDutyError):
        end(database, "maria", T0 + 7 * HOUR)
    end(database, "maria", T0 + 8 * HOUR)

    assert names(database, "nord", T0 + 8 * HOUR) == {"nina"}


def test_who_answers_no_alerts_keeps_no_duty_and_nobody_keeps_it_elsewhere(database: Database) -> None:
    with pytest.raises(NotAllowedError):
        start(database, "siri", "nord")
    with pytest.raises(NotAllowedError):
        start(database, "anne", "nord")
    with pytest.raises(NotFoundError):
        start(database, "maria", "sor")


def test_a_closed_account_counts_no_longer(database: Database) -> None:
    start(database, "maria", "nord")
    maria = viewer(database, "maria").person_id
    with database.transaction() as db:
        close_duty(db, maria, "person:1:admin", T0 + HOUR)
        db.get_one(Person, maria).closed_at = T0 + HOUR

    assert names(database, "nord", T0 + HOUR) == {"nina"}
    with database.reading() as db:
        assert period_of(db, maria) is None


def guarded(database: Database, now: datetime) -> list[tuple[datetime, datetime | None, bool]]:
    """Let the guard look; return (since, closed, test) of its alerts."""
    guard_due(database, now)
    rows = [row for row in alerts(database) if row.kind is AlertKind.NOBODY_ON_DUTY]
    return [(row.observed_at, row.closed_at, row.is_test) for row in rows]


def rota(database: Database, username: str, from_at: datetime, hours: int) -> None:
    arne = viewer(database, "arne")
    with database.transaction() as db:
        plan_shift(db, arne, Wanted(username, "nord", from_at, from_at + hours * HOUR), T0 - HOUR)


def test_a_planned_hour_with_nobody_becomes_an_alert_of_the_unit_and_ends_when_somebody_starts(
    database: Database,
) -> None:
    rota(database, "maria", T0, 8)

    assert guarded(database, T0 - MINUTE) == []
    assert guarded(database, T0) == []
    assert guarded(database, T0 + GRACE - SECOND) == []
    assert guarded(database, T0 + GRACE) == [(T0, None, False)]
    assert guarded(database, T0 + HOUR) == [(T0, None, False)], "one alert, however often the guard looks"

    start(database, "ola", "nord", T0 + HOUR)
    assert guarded(database, T0 + HOUR) == [(T0, T0 + HOUR, False)]


def test_somebody_above_covers_planned_hours_and_when_they_leave_the_guard_looks_at_once(database: Database) -> None:
    put_above(database, "marker", "nord", "sor")
    start(database, "nils", "marker")
    rota(database, "maria", T0, 8)
    assert guarded(database, T0 + GRACE) == []

    nils = viewer(database, "nils").person_id
    with database.transaction() as db:
        close_duty(db, nils, "person:1:admin", T0 + HOUR)

    assert guarded(database, T0 + HOUR) == []
    assert guarded(database, T0 + HOUR + GRACE) == [(T0 + HOUR, None, False)]


def test_a_test_person_on_duty_does_not_stand_in_for_a_real_one(database: Database) -> None:
    rota(database, "maria", T0, 8)
    start(database, "nina", "nord", T0)

    guarded(database, T0)

    assert guarded(database, T0 + GRACE) == [(T0, None, False)]


def test_an_alert_of_nobody_on_duty_is_told_at_once_to_everybody_in_the_unit_and_above(database: Database) -> None:
    put_above(database, "marker", "nord", "sor")
    rota(database, "maria", T0, 8)
    guarded(database, T0)
    guarded(database, T0 + GRACE)

    escalate_due(database, T0 + GRACE)
    escalate_due(database, T0 + GRACE + SECOND)

    people = {row.person_id: row.username for row in rows_of(database, Person)}
    told = {people[row.person_id] for row in rows_of(database, NotificationRow)}
    assert told == {"maria", "ola", "siri", "arne", "nils"}


def test_when_the_plan_ends_the_alert_ends_with_it(database: Database) -> None:
    rota(database, "maria", T0, 8)
    guarded(database, T0)
    guarded(database, T0 + GRACE)

    assert guarded(database, T0 + 8 * HOUR) == [(T0, T0 + 8 * HOUR, False)]


def test_two_guards_at_once_raise_one_alert(new_postgres: NewDatabase) -> None:
    database = new_postgres()
    rota(database, "maria", T0, 8)
    guarded(database, T0)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: guard_due(database, T0 + GRACE), range(4)))

    assert sum(found) == 1
    assert len(alerts(database)) == 1
