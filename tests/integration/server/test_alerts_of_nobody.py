"""A corridor belongs to nobody and a unit is no person: what happens there is told all the same."""

import pytest
from builders import MINUTE, T0, UNITS, FakeGateway, alerts, home, send, viewer
from postgres import NewDatabase
from sqlmodel import select

from server.access.tables import Unit
from server.alerting.rules import AlertKind, AlertStatus
from server.alerting.service import Raised, Reason, cease_alert, raise_for_unit, take
from server.alerting.views import get_alert
from server.db.session import Database
from server.escalation.service import escalate_due
from server.liveness.service import raise_for_silent
from server.notifications.tables import NotificationRow
from server.provisioning import Provisioning, provision

CORRIDOR = FakeGateway("k")


def corridor(database: Database, *, test: bool = False) -> None:
    """A corridor with a button, in Nord."""
    place = {**home("k", "nord", test=test), "address": "Korridor 2. etasje", "resident": None}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate({"units": UNITS, "homes": [place]}), test_mode=test)


def press(database: Database) -> None:
    send(database, CORRIDOR.batch([CORRIDOR.press(T0)]), T0)


def told(database: Database) -> set[int]:
    with database.reading() as db:
        return set(db.exec(select(NotificationRow.person_id)))


@pytest.mark.parametrize(("test", "who"), [(False, {"maria", "ola"}), (True, {"nina"})])
def test_a_press_in_a_corridor_is_an_alert_of_the_corridor(database: Database, who: set[str], *, test: bool) -> None:
    corridor(database, test=test)

    press(database)
    escalate_due(database, T0)

    [alert] = alerts(database)
    assert (alert.kind, alert.resident_id, alert.is_test) == (AlertKind.BUTTON, None, test)
    assert told(database) == {viewer(database, name).person_id for name in who}
    maria = viewer(database, "maria")
    with database.reading() as db:
        seen = get_alert(db, maria, alert.code)
    assert (seen.resident_id, seen.resident_name, seen.address) == (None, "", "Korridor 2. etasje")
    assert (seen.unit, seen.time_zone) == ("Sone Nord", "Europe/Oslo")


def test_pressed_again_in_the_corridor_it_is_counted_and_not_opened_twice(database: Database) -> None:
    corridor(database)
    press(database)
    press(database)

    assert [(alert.repeats, alert.version) for alert in alerts(database)] == [(1, 2)]


def test_a_corridor_whose_gateway_falls_silent_is_told_of_and_closes_when_it_is_heard(database: Database) -> None:
    corridor(database)
    send(database, CORRIDOR.heartbeat(T0), T0)

    raise_for_silent(database, T0 + 11 * MINUTE)
    assert [(alert.kind, alert.closed_at) for alert in alerts(database)] == [(AlertKind.GATEWAY_SILENT, None)]
    send(database, CORRIDOR.heartbeat(T0 + 12 * MINUTE), T0 + 12 * MINUTE)

    assert [alert.status for alert in alerts(database)] == [AlertStatus.CLOSED]


def test_one_alert_a_unit_and_kind_is_open_whoever_raises_it(new_database: NewDatabase) -> None:
    database = new_database()
    with database.transaction() as db:
        unit_id = db.exec(select(Unit.unit_id).where(Unit.code == "nord")).one() or 0
        slow = Raised(AlertKind.CHAIN_SLOW, T0, None, reasons=(Reason("chain_slow", {}),))
        first = raise_for_unit(db, unit_id, slow, T0)
        assert raise_for_unit(db, unit_id, slow, T0).alert_id == first.alert_id
        # Homes that are simulated are another world: neither hides what is the matter in the other.
        assert raise_for_unit(db, unit_id, slow, T0, is_test=True).alert_id != first.alert_id
        assert raise_for_unit(db, unit_id, slow, T0, home_id=1).alert_id != first.alert_id

    with database.transaction() as db:
        cease_alert(db, first.alert_id or 0, T0, closes=True)
        again = raise_for_unit(db, unit_id, slow, T0 + MINUTE)

    assert again.alert_id != first.alert_id


def test_a_unit_of_simulated_homes_and_people_has_test_alerts(database: Database) -> None:
    lone = {"units": [{"code": "lab", "name": "Lab"}], "people": [], "homes": [home("z", "lab", test=True)]}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(lone), test_mode=True)
        raised = Raised(AlertKind.NOBODY_ON_DUTY, T0, None)
        units = {unit.code: unit.unit_id or 0 for unit in db.exec(select(Unit))}
        assert raise_for_unit(db, units["lab"], raised, T0).is_test
        assert not raise_for_unit(db, units["nord"], raised, T0).is_test, "real people live there too"


def test_what_was_given_back_is_told_from_the_first_step_again(database: Database) -> None:
    corridor(database)
    press(database)
    escalate_due(database, T0)
    escalate_due(database, T0 + 2 * MINUTE)
    everyone = told(database)
    maria, [alert] = viewer(database, "maria"), alerts(database)
    with database.transaction() as db:
        take(db, maria, alert.code, 1, T0 + 3 * MINUTE)
    [taken] = alerts(database)
    with database.transaction() as db:
        row = db.merge(taken)
        row.status, row.waiting_since, row.taken_by = AlertStatus.REPORTED, T0 + 4 * MINUTE, None

    assert escalate_due(database, T0 + 4 * MINUTE) == 1

    with database.reading() as db:
        last = db.exec(select(NotificationRow).where(NotificationRow.queued_at == T0 + 4 * MINUTE)).all()
    assert {row.person_id for row in last} < everyone
    assert len(last) == 2
