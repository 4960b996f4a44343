"""What was measured on a body is stored once, and told to those who may know."""

from datetime import datetime
from pathlib import Path

import pytest
from builders import DAY, HOUR, MOTION, PATIENCE, T0, FakeGateway, alerts, rows_of, send, stored, viewer
from watching import hear, tell
from web import client_of, served

from gateway.contract.clock import WorldTime
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import Observation, SensorKind, Vital
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.detection.facts import trace_of
from server.errors import NotAllowedError, NotFoundError
from server.overview.service import get_resident, get_vitals
from server.vitals.service import StoredVital

BREAKFAST = datetime(2025, 1, 15, 8)  # noqa: DTZ001 - 07:00 UTC; a device does not know its zone


def measured(
    gateway: FakeGateway, value: float, vital: Vital | None, kind: SensorKind = SensorKind.SYSTOLIC
) -> Observation:
    return gateway.fact(MOTION, T0, value, kind=kind, vital=vital)


def seen(database: Database, username: str = "maria", resident: str = "res-a") -> list[StoredVital]:
    who = viewer(database, username)
    with database.transaction() as db:
        return get_vitals(db, who, resident, T0 - 30 * DAY, T0)


def test_a_measurement_is_read_back_as_it_was_told(database: Database) -> None:
    gateway = FakeGateway()
    said = Vital(device_time=BREAKFAST, sequence=7, user=2, doubts=(Doubt.FAULT,), meal=Meal.BEFORE)
    send(database, gateway.batch([measured(gateway, 5.5, said, SensorKind.GLUCOSE)]), T0)

    [one] = seen(database)

    assert (one.kind, one.value, one.measured_at) == (SensorKind.GLUCOSE, 5.5, T0 - 2 * HOUR)
    assert (one.by_device_clock, one.device_user, one.doubts, one.meal) == (True, 2, (Doubt.FAULT,), Meal.BEFORE)


def test_a_batch_twice_is_one_measurement(database: Database) -> None:
    gateway = FakeGateway()
    batch = gateway.batch([measured(gateway, 120, Vital()), measured(gateway, 120, Vital())])

    for _ in range(2):
        send(database, batch, T0)

    assert [one.value for one in seen(database)] == [120, 120]


def test_a_measurement_fetched_again_is_stored_once_also_by_another_gateway_s_file(database: Database) -> None:
    said = Vital(device_time=BREAKFAST)
    for epoch in ("0000000a", "0000000b"):
        gateway = FakeGateway(epoch=epoch)
        facts = [measured(gateway, 120, said), measured(gateway, 120, said), measured(gateway, 121, said)]
        send(database, gateway.batch(facts), T0)

    assert len(stored(database)) == 6
    assert sorted(one.value for one in seen(database)) == [120, 121]


def test_a_measurement_without_a_value_says_what_was_missed(database: Database) -> None:
    gateway = FakeGateway()
    said = Vital(missed=SensorKind.SYSTOLIC, doubts=(Doubt.CUFF_LOOSE,))
    send(database, gateway.batch([measured(gateway, 1, said, SensorKind.MEASURED_NOTHING)]), T0)

    [one] = seen(database)

    assert (one.kind, one.missed, one.doubts) == (SensorKind.MEASURED_NOTHING, SensorKind.SYSTOLIC, (Doubt.CUFF_LOOSE,))


def test_one_of_an_older_gateway_that_says_nothing_beside_it_is_dated_when_it_came(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([measured(gateway, 61.5, None, SensorKind.WEIGHT)]), T0)

    [one] = seen(database)

    assert (one.value, one.measured_at, one.by_device_clock) == (61.5, T0, False)


def test_a_look_at_measurements_is_audited_and_only_for_staff_of_the_unit(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([measured(gateway, 120, Vital())]), T0)
    before = len(rows_of(database, AuditEntry))

    with pytest.raises(NotAllowedError):
        seen(database, "anne")
    with pytest.raises(NotFoundError):
        seen(database, "per")
    assert len(rows_of(database, AuditEntry)) == before
    assert len(seen(database, "siri")) == 1

    entry = rows_of(database, AuditEntry)[-1]
    assert (entry.what, entry.about) == ("looked at", "resident:res-a")


def test_a_relative_s_look_at_a_resident_holds_no_measurements(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([measured(gateway, 120, Vital())]), T0)

    people = [viewer(database, username) for username in ("maria", "anne")]
    with database.transaction() as db:
        told = [get_resident(db, who, "res-a", T0, PATIENCE).vitals for who in people]

    assert [len(vitals) for vitals in told] == [1, 0]


def test_a_measurement_is_no_sign_that_somebody_moved(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([measured(gateway, 72, Vital(), SensorKind.HEART_RATE)]), T0)

    maria = viewer(database, "maria")
    with database.transaction() as db:
        resident = get_resident(db, maria, "res-a", T0, PATIENCE).resident

    assert resident.last_active_at is None
    assert not any(resident.day)


def test_the_api_tells_values_with_their_codes_and_units(database: Database, tmp_path: Path) -> None:
    gateway = FakeGateway()
    said = Vital(device_time=BREAKFAST)
    nothing = Vital(missed=SensorKind.SYSTOLIC)
    facts = [measured(gateway, 120, said), measured(gateway, 1, nothing, SensorKind.MEASURED_NOTHING)]
    send(database, gateway.batch(facts), T0)
    WorldTime(tmp_path / "clock", T0)
    viewer(database, "maria")

    with served(database, tmp_path) as app:
        maria = client_of(app, database, "maria")
        told = maria.get("/api/residents/res-a/vitals").json()
        later = maria.get("/api/residents/res-a/vitals", params={"since": T0.isoformat()}).json()
        bad = maria.get("/api/residents/res-a/vitals", params={"since": "2025-01-15T09:00:00"})

    assert [(one["kind"], one["loinc"], one["unit"], one["value"], one["missed"]) for one in told] == [
        ("systolic", "8480-6", "mm[Hg]", 120, None),
        ("measured_nothing", None, None, None, "systolic"),
    ]
    assert told[0]["measured_at"] == "2025-01-15T07:00:00Z"
    assert later == told[1:]
    assert bad.status_code == 422  # a moment without a zone


@pytest.mark.parametrize("doubt", [None, Doubt.CUFF_LOOSE, Doubt.IRREGULAR_PULSE])
def test_a_grave_value_is_told_unless_its_device_doubts_it(database: Database, doubt: Doubt | None) -> None:
    gateway = FakeGateway()
    said = Vital(device_time=BREAKFAST, doubts=() if doubt is None else (doubt,))
    tell(database, gateway, [measured(gateway, 240, said)], T0)
    hear(database, gateway, T0 + HOUR)

    assert [alert.kind for alert in alerts(database)] == ([] if doubt is Doubt.CUFF_LOOSE else ["vitals"])
    with database.reading() as db:
        assert trace_of(db, 1, T0 - DAY, T0 + DAY).at.size == (doubt is not Doubt.CUFF_LOOSE)


def test_a_measurement_fetched_again_teaches_once(database: Database) -> None:
    gateway = FakeGateway()
    said = Vital(device_time=BREAKFAST)
    for hours in range(3):
        again = measured(gateway, 120, said).model_copy(update={"observed_at": T0 + hours * HOUR})
        tell(database, gateway, [again], T0 + hours * HOUR)

    with database.reading() as db:
        assert trace_of(db, 1, T0 - DAY, T0 + DAY).at.tolist() == [int(T0.timestamp())]
