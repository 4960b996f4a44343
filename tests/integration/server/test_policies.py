"""Who is told: inherited down the tree of units, refused when it could fall silent, rehearsed before it holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import MINUTE, REAL, T0, FakeGateway, alerts, person, rows_of, send, signed_in
from httpx import Response
from postgres import NewDatabase
from sqlmodel import col, update
from web import TestClient, client_of, served

from gateway.contract.clock import WorldTime
from server.access.api import COOKIE
from server.access.tables import Person, Unit
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.escalation.service import escalate_due
from server.escalation.stand_ins import SEES_FOR
from server.escalation.tables import EscalationRow, PolicyRow
from server.notifications.tables import NotificationRow
from server.provisioning import Provisioning, provision

_TREE: dict[str, Any] = {
    **REAL,
    "units": [
        {"code": "kommune", "name": "Kommunen", "kind": "municipality"},
        {"code": "nord", "name": "Sone Nord", "kind": "zone", "above": "kommune"},
        {"code": "sor", "name": "Sone Sør", "kind": "zone", "above": "kommune"},
        {"code": "tom", "name": "Sone Tom", "kind": "zone", "above": "kommune"},
        {"code": "team", "name": "Team Nord", "kind": "team", "above": "nord"},
        {"code": "nabo", "name": "Nabokommunen", "kind": "municipality"},
    ],
    "people": [
        *REAL["people"], person("vera", "nurse", "kommune"), person("kari", "admin", "kommune"),
        person("sos", "staff", "kommune"),
    ],
}  # fmt: skip
ALL = {"who": "everyone", "answer_within_s": 300}
NURSES = {"who": "on_duty", "answer_within_s": 120}


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    """SQLite alone: what routes do with a database is tested on both elsewhere."""
    database = new_sqlite()
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(_TREE), test_mode=False)
    return database


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """A browser at the running application."""
    WorldTime(tmp_path / "clock", T0)
    with served(database, tmp_path) as app:
        yield client_of(app, database, None)


def as_(client: TestClient, username: str) -> TestClient:
    """Let somebody be signed in in the browser."""
    database: Database = client.app.state.database  # type: ignore[attr-defined]
    client.cookies.set(COOKIE, signed_in(database, username))
    return client


def put(client: TestClient, unit: str, about: str, *steps: dict[str, Any], version: int = 0) -> Response:
    return client.put(f"/api/policies/{unit}/{about}", json={"steps": steps, "version": version})


def test_a_policy_holds_in_the_units_below_until_one_has_its_own(client: TestClient) -> None:
    kari = as_(client, "kari")
    assert kari.get("/api/policies/nord/person").json()["of_unit"] is None

    put(kari, "kommune", "person", {"who": "person", "answer_within_s": 60, "named": "vera"}, ALL)
    inherited = kari.get("/api/policies/nord/person").json()
    put(kari, "nord", "person", ALL)

    assert (inherited["of_unit"], inherited["version"], inherited["steps"][0]["named"]) == ("kommune", 0, "vera")
    assert kari.get("/api/policies/nord/person").json()["of_unit"] == "nord"
    assert kari.get("/api/policies/sor/person").json()["of_unit"] == "kommune"


def test_a_policy_for_one_kind_holds_for_that_kind_wherever_the_others_go(
    client: TestClient, database: Database
) -> None:
    kari = as_(client, "kari")
    put(kari, "kommune", "button", {"who": "person", "answer_within_s": 60, "named": "vera"}, ALL)
    put(kari, "nord", "person", ALL)
    gateway = FakeGateway("a")

    send(database, gateway.batch([gateway.press(T0)]), T0)
    send(database, gateway.batch([gateway.fact("04", T0)]), T0)
    escalate_due(database, T0)

    first = {alert.alert_id: alert.kind for alert in alerts(database)}
    steps = {first[row.alert_id]: row.steps[0]["who"] for row in rows_of(database, EscalationRow)}
    assert steps == {"button": "person", "smoke": "everyone"}


@pytest.mark.parametrize(
    ("steps", "fault", "step"),
    [
        ([], "no_steps", None),
        ([NURSES], "ends_on_few", 0),
        ([{"who": "person", "answer_within_s": 60, "named": "nobody"}, ALL], "unknown_person", 0),
        ([{"who": "person", "answer_within_s": 60, "named": "anne"}, ALL], "unknown_person", 0),  # a relative
        ([{"who": "person", "answer_within_s": 60, "named": "per"}, ALL], "unknown_person", 0),  # of another zone
        ([NURSES, {"who": "backup", "answer_within_s": 60, "named": "nabo"}, ALL], "unknown_unit", 1),
        ([NURSES, {"who": "backup", "answer_within_s": 60, "named": "team"}, ALL], "unknown_unit", 1),  # below it
        ([NURSES, {"who": "backup", "answer_within_s": 60, "named": "tom"}, ALL], "nobody_there", 1),
        ([{"who": "backup", "answer_within_s": 60}, ALL], "no_name", 0),
        ([{**NURSES, "at_night": "wait"}, ALL], "no_quiet_hours", 0),
        ([NURSES, {**ALL, "from_severity": 40}], "ends_for_some", 1),
    ],
)
def test_a_policy_that_could_fall_silent_is_refused_with_the_reason(
    client: TestClient, database: Database, steps: list[dict[str, Any]], fault: str, step: int | None
) -> None:
    kari = as_(client, "kari")

    refused = put(kari, "nord", "person", *steps)
    tried = kari.post("/api/policies/nord/person/rehearsal", json={"steps": steps})

    assert (refused.status_code, tried.status_code) == (422, 422)
    assert (refused.json()["fault"], refused.json()["step"]) == (fault, step)
    assert len(refused.json()["detail"]) > 20
    assert rows_of(database, PolicyRow) == []


def test_a_policy_that_would_reach_one_person_in_a_single_unit_below_is_refused(
    client: TestClient, database: Database
) -> None:
    with database.transaction() as db:
        lonely = {"units": REAL["units"], "people": [person("kai", "admin", "sor")]}
        provision(db, Provisioning.model_validate(lonely), test_mode=False)  # the zones stand alone
    kai = as_(client, "kai")
    assert put(kai, "sor", "person", ALL).status_code == 200
    with database.transaction() as db:
        db.exec(update(Person).where(col(Person.username) == "per").values(closed_at=T0))

    assert put(kai, "sor", "person", ALL, version=1).json()["fault"] == "reaches_one"


def test_only_administrators_see_and_change_policies_and_only_of_their_own_units(client: TestClient) -> None:
    assert as_(client, "maria").get("/api/policies/nord").status_code == 403
    assert put(as_(client, "anne"), "nord", "person", ALL).status_code == 403
    arne = as_(client, "arne")
    assert arne.get("/api/policies/sor").status_code == 404
    assert put(arne, "kommune", "person", ALL).status_code == 404
    assert put(arne, "nord", "person", ALL).status_code == 200
    for about in ("cats", "trend", "decline"):
        assert arne.get(f"/api/policies/nord/{about}").status_code == 404


def test_who_saves_an_old_page_changes_nothing_and_every_change_is_audited(
    client: TestClient, database: Database
) -> None:
    kari = as_(client, "kari")
    put(kari, "nord", "person", ALL)

    assert put(kari, "nord", "person", NURSES, ALL).status_code == 409
    assert put(kari, "nord", "person", NURSES, ALL, version=1).json()["version"] == 2
    assert kari.delete("/api/policies/nord/person?version=1").status_code == 409
    assert kari.delete("/api/policies/nord/person?version=2").status_code == 204

    assert kari.get("/api/policies/nord/person").json()["of_unit"] is None
    done = [(row.what, row.about) for row in rows_of(database, AuditEntry) if row.what.startswith("policy")]
    assert done == [("policy set", "policy:nord:person")] * 2 + [("policy dropped", "policy:nord:person")]


def test_a_rehearsal_tells_who_would_be_told_and_when_and_tells_nobody(client: TestClient, database: Database) -> None:
    kari = as_(client, "kari")
    steps = [NURSES, {"who": "backup", "answer_within_s": 60, "named": "kommune"}, ALL]

    told = kari.post("/api/policies/nord/person/rehearsal", json={"steps": steps, "at": T0.isoformat()}).json()

    seen = [(one["at"][11:16], one["who"], one["names"]) for one in told]
    everyone = ["Arne", "Kari", "Maria", "Ola", "Siri", "Sos", "Vera"]
    assert seen == [
        ("09:00", "on_duty", ["Maria", "Ola"]), ("09:02", "backup", ["Vera"]), ("09:03", "everyone", everyone),
        ("09:08", "everyone", everyone),
    ]  # fmt: skip
    assert rows_of(database, EscalationRow) == []


def test_a_rehearsal_at_night_waits_for_the_morning_with_what_may_wait(client: TestClient) -> None:
    kari = as_(client, "kari")
    body = {
        "steps": [{**ALL, "at_night": "wait"}], "quiet": {"start": "22:00", "end": "07:00"},
        "at": T0.replace(hour=1).isoformat(),
    }  # fmt: skip

    faults = kari.post("/api/policies/nord/battery_low/rehearsal", json=body).json()
    blind = kari.post("/api/policies/nord/gateway_silent/rehearsal", json=body).json()
    people = kari.post("/api/policies/nord/person/rehearsal", json=body).json()

    assert [(one["at"][11:16], one["step"]) for one in faults] == [("01:00", None), ("06:00", 0), ("06:05", 0)]
    assert [one["at"][11:16] for one in blind] == [one["at"][11:16] for one in people] == ["01:00", "01:05"]


SISTER = {"who": "backup", "answer_within_s": 60, "named": "sor"}


def test_the_zone_beside_stands_in_and_sees_the_alert_and_its_unit_for_that_night_only(
    client: TestClient, database: Database, tmp_path: Path
) -> None:
    assert put(as_(client, "kari"), "nord", "person", NURSES, SISTER, ALL).is_success
    gateway = FakeGateway("a")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    escalate_due(database, T0)
    [alert] = alerts(database)
    per = as_(client, "per")
    assert per.get(f"/api/alerts/{alert.code}").status_code == 404, "nobody has asked him yet"

    escalate_due(database, T0 + 2 * MINUTE)

    told = {row.person_id for row in rows_of(database, NotificationRow) if row.round_ == 2}
    assert told == {one.person_id for one in rows_of(database, Person) if one.username == "per"}
    assert per.get(f"/api/alerts/{alert.code}").json()["resident"]["name"] == "Inger A"
    assert per.post(f"/api/alerts/{alert.code}/take", json={"version": 1}).json()["taken_by"] == "Per"
    assert per.get("/api/residents/res-a").is_success
    assert "stands in" in [one.what for one in rows_of(database, AuditEntry)]
    WorldTime(tmp_path / "clock", T0 + SEES_FOR + 3 * MINUTE)
    assert per.get(f"/api/alerts/{alert.code}").status_code == 404, "the morning after it is not his any more"


def test_an_administrator_of_another_zone_is_no_stand_in(client: TestClient, database: Database) -> None:
    more = {**_TREE, "people": [*_TREE["people"], person("alma", "admin", "sor")]}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(more), test_mode=False)
    as_(client, "alma").post("/api/duty", json={})
    put(as_(client, "kari"), "nord", "person", SISTER, ALL)
    gateway = FakeGateway("a")

    send(database, gateway.batch([gateway.press(T0)]), T0)
    escalate_due(database, T0)

    names = {one.person_id: one.username for one in rows_of(database, Person)}
    assert "alma" not in {names[row.person_id] for row in rows_of(database, NotificationRow) if row.alert_id}


def test_zones_that_would_wait_for_each_other_are_refused_in_words(client: TestClient) -> None:
    kari = as_(client, "kari")
    assert put(kari, "nord", "person", NURSES, SISTER, ALL).is_success

    refused = put(kari, "sor", "fall", NURSES, {**SISTER, "named": "nord"}, ALL)

    assert (refused.status_code, refused.json()["fault"], refused.json()["step"]) == (422, "in_a_circle", 1)
    assert "each would wait for the other" in refused.json()["detail"]
    page = kari.post(
        "/admin/policies",
        data={**form(("on_duty", "2"), ("backup:nord", "2"), ("everyone", "5")), "unit": "sor", "do": "save"},
    )
    assert "reserve for hverandre" in page.text


def test_a_unit_that_has_left_the_municipality_stands_in_no_more_and_the_chain_goes_on_at_once(
    client: TestClient, database: Database
) -> None:
    put(as_(client, "kari"), "nord", "person", SISTER, ALL)
    with database.transaction() as db:
        db.exec(update(Unit).where(col(Unit.code) == "sor").values(parent_id=None))
    gateway = FakeGateway("a")
    send(database, gateway.batch([gateway.press(T0)]), T0)

    escalate_due(database, T0)

    [row] = rows_of(database, EscalationRow)
    assert row.last_step == 1, "everyone is told in the same moment"


def test_an_alert_says_whom_it_goes_on_to_and_when(client: TestClient, database: Database) -> None:
    gateway = FakeGateway("a")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    escalate_due(database, T0)
    maria, [alert] = as_(client, "maria"), alerts(database)

    ahead = maria.get(f"/api/alerts/{alert.code}/next-step").json()
    maria.post(f"/api/alerts/{alert.code}/take", json={"version": 1})

    assert (ahead["who"], ahead["at"]) == ("everyone", (T0 + 2 * MINUTE).isoformat().replace("+00:00", "Z"))
    assert maria.get(f"/api/alerts/{alert.code}/next-step").json() is None
    assert as_(client, "per").get(f"/api/alerts/{alert.code}/next-step").status_code == 404


def form(*steps: tuple[str, str], **more: str) -> dict[str, Any]:
    return {
        "unit": "nord", "about": "person", "version": "0", "quiet_start": "", "quiet_end": "",
        "who": [who for who, _ in steps], "minutes": [minutes for _, minutes in steps],
        "severity": ["10"] * len(steps), "night": ["tell"] * len(steps), **more,
    }  # fmt: skip


def test_the_page_shows_the_chain_and_saves_another(client: TestClient, database: Database) -> None:
    arne = as_(client, "arne")
    assert "De på vakt" in arne.get("/admin/policies").text

    saved = arne.post("/admin/policies", data=form(("person:vera", "1,5"), ("everyone", "5"), do="save"))

    assert saved.url.path == "/admin/policies"  # it leads back to the page
    assert "Én person: Vera" in saved.text
    assert [row.steps[0]["answer_within_s"] for row in rows_of(database, PolicyRow)] == [90.0]


@pytest.mark.parametrize(
    ("do", "first", "words"),
    [
        ("save", ("person:ghost", "2"), "ikke kjent her"),
        ("save", ("on_duty", "soon"), "som et tall"),
        ("try", ("on_duty", "0"), "tid til å svare"),
    ],
)
def test_what_is_wrong_is_said_at_its_step_and_what_was_typed_is_kept(
    client: TestClient, database: Database, do: str, first: tuple[str, str], words: str
) -> None:
    arne = as_(client, "arne")

    page = arne.post("/admin/policies", data=form(first, ("everyone", "7.25"), do=do)).text

    assert words in page[page.index("Trinn 1</legend>") : page.index("Trinn 2</legend>")]
    assert f'value="{first[1]}"' in page
    assert 'value="7.25"' in page
    assert rows_of(database, PolicyRow) == []


def test_steps_are_added_moved_and_removed_without_script(client: TestClient) -> None:
    arne = as_(client, "arne")

    def steps(do: str) -> list[str]:
        page = arne.post("/admin/policies", data=form(("on_duty", "1"), ("everyone", "2"), do=do)).text
        return [
            piece.split('"')[0]
            for piece in page.split('name="minutes" inputmode="decimal" autocomplete="off" value="')[1:]
        ]

    assert steps("add") == ["1", "5", "2"]
    assert steps("down 0") == ["2", "1"]
    assert steps("remove 1") == ["1"]
    assert steps("up 99") == ["1", "2"]


def test_the_page_is_for_administrators(client: TestClient) -> None:
    assert as_(client, "maria").get("/admin/policies").status_code == 403
    assert as_(client, "arne").get("/admin/policies?unit=sor").status_code == 404
