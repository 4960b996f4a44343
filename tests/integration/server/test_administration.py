"""What administrators keep: a tree without circles, accounts that are closed and never deleted, homes, the audit."""

import pytest
from builders import MOTION, PASSWORD, T0, FakeGateway, alerts, rows_of, send, sensor, stored
from postgres import NewDatabase
from sqlalchemy import text
from sqlmodel import select
from web import Browser, TestClient

from server.access.tables import Person, SignIn, Unit
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.duty.tables import DutyPeriod
from server.residents.service import config_of, gateway_named
from server.residents.tables import Sensor


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    return new_sqlite()


@pytest.fixture
def arne(browser: Browser, database: Database) -> TestClient:
    """The administrator of a municipality above both units."""
    with database.transaction() as db:
        top = Unit(code="marker", name="Marker")
        db.add(top)
        db.flush()
        for row in db.exec(select(Unit).where(Unit.code != "marker")):
            row.parent_id = top.unit_id
        db.exec(select(Person).where(Person.username == "arne")).one().unit_id = top.unit_id or 0
    return browser("arne")


def test_units_are_made_renamed_and_moved_with_all_below_them(arne: TestClient) -> None:
    team = arne.post("/api/admin/units", json={"name": "Team 1", "kind": "team", "above": "nord"}).json()["code"]

    assert arne.put("/api/admin/units/nord", json={"name": "Nord", "kind": "zone", "above": "sor"}).status_code == 204

    told = [(one["name"], one["depth"]) for one in arne.get("/api/admin/units").json()]
    assert told == [("Marker", 0), ("Sone Sør", 1), ("Nord", 2), ("Team 1", 3)]
    assert team in [one["code"] for one in arne.get("/api/admin/units").json()]


@pytest.mark.parametrize(
    ("unit", "asked", "faults"),
    [
        ("marker", {"name": "Marker", "above": "nord"}, {"above": "circle"}),
        ("nord", {"name": "Nord", "above": "nord"}, {"above": "circle"}),
        ("nord", {"name": " ", "above": "sor"}, {"name": "missing"}),
        ("nord", {"name": "x" * 81, "above": "sor"}, {"name": "too_long"}),
        ("nord", {"name": "Nord", "above": "elsewhere"}, {"above": "no_unit"}),
        ("nord", {"name": "Nord"}, {"above": "no_unit"}),
    ],
)
def test_a_tree_that_would_be_none_is_refused(
    arne: TestClient, unit: str, asked: dict[str, str], faults: dict[str, str]
) -> None:
    answer = arne.put(f"/api/admin/units/{unit}", json=asked)

    assert (answer.status_code, answer.json()["faults"]) == (422, faults)


def test_an_account_is_made_with_a_password_that_is_told_once_and_opens_it(arne: TestClient) -> None:
    asked = {"username": "Kari.N", "name": "Kari Nordmann", "role": "nurse", "unit": "nord", "language": "nn"}

    password = arne.post("/api/admin/people", json=asked).json()["password"]

    kari = TestClient(arne.app)
    assert kari.post("/api/session", json={"username": "kari.n", "password": password}).status_code == 204
    assert kari.get("/api/me").json()["language"] == "nn"
    again = arne.post("/api/admin/people", json=asked)
    assert again.json()["faults"] == {"username": "taken"}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("username", "x", "signs"), ("username", "kari nordmann", "signs"), ("name", "", "missing"),
        ("role", "boss", "missing"), ("unit", "nowhere", "no_unit"), ("language", "se", "missing"),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_is_refused_by_field(arne: TestClient, field: str, value: str, fault: str) -> None:
    asked = {"username": "kari", "name": "Kari", "role": "nurse", "unit": "nord", "language": "nb"}

    answer = arne.post("/api/admin/people", json={**asked, field: value})

    assert (answer.status_code, answer.json()["faults"]) == (422, {field: fault})


def test_a_closed_account_opens_nothing_ends_duty_and_is_still_named_by_the_audit(
    arne: TestClient, browser: Browser, database: Database
) -> None:
    maria = browser("maria")
    maria.post("/api/duty", json={})

    assert arne.post("/api/admin/people/maria/close").status_code == 204

    assert maria.get("/api/me").status_code == 401
    assert maria.post("/api/session", json={"username": "maria", "password": PASSWORD}).status_code == 401
    assert [row.to_at for row in rows_of(database, DutyPeriod)] == [T0]
    assert "maria" in [row.username for row in rows_of(database, Person)]
    arne.post("/api/admin/people/maria/reopen")
    assert maria.post("/api/session", json={"username": "maria", "password": PASSWORD}).status_code == 204


def test_nobody_closes_their_own_account_or_takes_their_own_role_away(arne: TestClient) -> None:
    asked = {"name": "Arne", "role": "nurse", "unit": "marker"}

    assert arne.post("/api/admin/people/arne/close").json()["faults"] == {"username": "own"}
    assert arne.put("/api/admin/people/arne", json=asked).json()["faults"] == {"role": "own"}


def test_a_new_password_or_another_role_ends_every_sign_in_of_that_person(
    arne: TestClient, browser: Browser, database: Database
) -> None:
    maria, ola = browser("maria"), browser("ola")

    password = arne.post("/api/admin/people/maria/password").json()["password"]
    arne.put("/api/admin/people/ola", json={"name": "Ola", "role": "staff", "unit": "nord"})

    assert (maria.get("/api/me").status_code, ola.get("/api/me").status_code) == (401, 401)
    assert maria.post("/api/session", json={"username": "maria", "password": password}).status_code == 204
    assert not any(password in f"{entry}" for entry in rows_of(database, AuditEntry))
    assert len(rows_of(database, SignIn)) == 2


HOME = {"address": "Storgata 1", "unit": "nord", "name": "Olav Bakke", "birth_year": 1941, "phone": "90000000"}


def test_a_home_is_made_gets_sensors_and_its_gateway_is_enrolled(arne: TestClient, database: Database) -> None:
    code = arne.post("/api/admin/homes", json=HOME).json()["code"]
    where = f"/api/admin/homes/{code}"

    added = arne.put(f"{where}/sensors", json={"address": "A4:C1:38:00:00:99", "room": "kitchen", "kinds": ["motion"]})
    enrolment = arne.post(f"{where}/enrolment").json()["code"]

    assert added.status_code == 204
    seen = arne.get(where).json()
    assert (seen["name"], [one["address"] for one in seen["sensors"]]) == ("Olav Bakke", ["a4c138000099"])
    assert seen["code_until"] is not None
    enrolled = TestClient(arne.app).post("/api/gateways/enrol", json={"code": enrolment}).json()
    assert enrolled["gateway_id"] == seen["gateway"]
    assert [one["sensor_id"] for one in enrolled["config"]["sensors"]] == ["a4c138000099"]
    assert arne.get(where).json()["enrolled_at"] is not None
    assert arne.delete(f"{where}/enrolment").status_code == 204
    assert arne.get(where).json()["revoked_at"] is not None


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"address": " "}, {"address": "missing"}),
        ({"birth_year": 1700}, {"birth_year": "unfit"}),
        ({"unit": "nowhere", "time_zone": "Oslo"}, {"unit": "no_unit", "time_zone": "unfit"}),
    ],
)
def test_a_home_that_cannot_be_is_refused_by_field(
    arne: TestClient, changed: dict[str, object], faults: dict[str, str]
) -> None:
    answer = arne.post("/api/admin/homes", json={**HOME, **changed})

    assert (answer.status_code, answer.json()["faults"]) == (422, faults)


def test_a_common_room_is_nobodys_home(arne: TestClient) -> None:
    code = arne.post("/api/admin/homes", json={"address": "Stua i 2. etasje", "unit": "nord"}).json()["code"]

    assert arne.get(f"/api/admin/homes/{code}").json()["resident"] == ""


def test_a_removed_sensor_is_heard_no_longer_and_what_it_told_stays(arne: TestClient, database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.motion(T0)]), T0)
    address = sensor("a", MOTION)

    assert arne.delete(f"/api/admin/homes/home-a/sensors/{address}").status_code == 204

    assert len(stored(database)) == 1
    assert address not in [one["sensor_id"] for one in arne.get("/api/sensors").json()]
    with database.reading() as db:
        known = gateway_named(db, "gw-a")
        assert known is not None
        assert address not in [one.sensor_id for one in config_of(db, known).sensors]
        assert known.config_version == 3
    again = {"address": address, "room": "lounge", "kinds": ["motion"]}
    assert arne.put("/api/admin/homes/home-b/sensors", json=again).status_code == 204, "its address is free again"


def test_a_sensor_in_anothers_place_keeps_room_and_history(arne: TestClient, database: Database) -> None:
    before = next(row.sensor_id for row in rows_of(database, Sensor) if row.address == sensor("a", MOTION))
    where = f"/api/admin/homes/home-a/sensors/{sensor('a', MOTION)}/replacement"

    assert arne.post(where, json={"address": sensor("b", MOTION)}).json()["faults"] == {"address": "taken"}
    assert arne.post(where, json={"address": "no address"}).json()["faults"] == {"address": "unfit"}
    assert arne.post(where, json={"address": "a4:c1:38:00:00:98"}).status_code == 204

    [row] = [row for row in rows_of(database, Sensor) if row.address == "a4c138000098"]
    assert (row.sensor_id, row.room, row.kinds) == (before, "lounge", ["motion"])


def test_a_sensor_of_another_home_is_not_taken_from_it(arne: TestClient) -> None:
    wanted = {"address": sensor("b", MOTION), "room": "lounge", "kinds": ["motion"]}

    answer = arne.put("/api/admin/homes/home-a/sensors", json=wanted)

    assert answer.json()["faults"] == {"address": "elsewhere"}


def test_the_audit_is_read_by_person_resident_and_time_and_its_chain_is_verified(
    arne: TestClient, browser: Browser, database: Database
) -> None:
    browser("maria").get("/api/residents/res-a")
    browser("per").get("/api/residents/res-b")

    def told(**wanted: str) -> list[tuple[str, str]]:
        return [(one["what"], one["about"]) for one in arne.get("/api/admin/audit", params=wanted).json()["entries"]]

    assert told(who="maria") == [("looked at", "resident:res-a")]
    assert told(resident="res-b") == [("looked at", "resident:res-b")]
    assert told(who="maria", from_at="2026-01-01T00:00:00Z") == []
    assert arne.get("/api/admin/audit").json()["broken_at"] is None
    with database.transaction() as db:
        db.connection().execute(text("UPDATE audit_entry SET about = 'resident:res-a' WHERE audit_entry_id = 2"))
    assert arne.get("/api/admin/audit").json()["broken_at"] == 2


def test_an_administrator_of_one_unit_reads_nothing_of_another(browser: Browser, database: Database) -> None:
    gateway = FakeGateway("b")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    browser("per").get("/api/residents/res-b")
    arne = browser("arne")

    assert arne.get("/api/admin/audit").json()["entries"] == []
    assert [one["code"] for one in arne.get("/api/admin/homes").json()] == ["home-a", "home-t"]
    assert arne.get("/api/admin/homes/home-b").status_code == 404
    assert arne.post("/api/admin/people/per/close").status_code == 404
    assert arne.put("/api/admin/units/sor", json={"name": "x", "above": "nord"}).status_code == 404
    assert len(alerts(database)) == 1
