"""What people may see and do through the API, and that nobody else may."""

import hashlib

import pytest
from builders import DAY, HOUR, MINUTE, PASSWORD, SMOKE, T0, FakeGateway, alerts, rows_of, send
from httpx import Response
from postgres import NewDatabase
from web import Browser, TestClient

from gateway.contract.clock import WorldTime
from server.access.tables import SignIn
from server.audit.tables import AuditEntry
from server.db.session import Database


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    """SQLite alone: what routes do with a database is tested on both elsewhere."""
    return new_sqlite()


@pytest.fixture
def alert(database: Database) -> str:
    """The opaque name of an alert in nord: the button of home-a was pressed."""
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    return alerts(database)[0].code


def sign_in(client: TestClient, username: str = "maria", password: str = PASSWORD) -> Response:
    return client.post("/api/session", json={"username": username, "password": password})


def test_a_person_signs_in_looks_and_signs_out(browser: Browser, database: Database) -> None:
    client = browser(None)

    answer = sign_in(client)

    assert answer.status_code == 204
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert client.get("/api/me").json() == {
        "username": "maria", "name": "Maria", "role": "nurse", "unit": "Sone Nord", "language": "nb",
    }  # fmt: skip
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/me").status_code == 401
    assert rows_of(database, SignIn) == []


def test_only_the_hash_of_a_token_is_stored(browser: Browser, database: Database) -> None:
    client = browser(None)
    sign_in(client)

    token = client.cookies["livsrytme"]

    assert [row.token_hash for row in rows_of(database, SignIn)] == [hashlib.sha256(token.encode()).hexdigest()]


def test_a_token_that_has_run_out_opens_nothing(browser: Browser, world: WorldTime) -> None:
    client = browser(None)
    sign_in(client)
    world.set(T0 + 12 * HOUR - MINUTE)
    assert client.get("/api/me").status_code == 200

    world.set(T0 + 12 * HOUR)

    assert client.get("/api/me").status_code == 401


@pytest.mark.parametrize(("username", "password"), [("maria", "feil passord"), ("nobody", PASSWORD), ("maria", "")])
def test_wrong_credentials_are_refused_alike(browser: Browser, username: str, password: str) -> None:
    answer = sign_in(browser(None), username, password)

    assert answer.status_code == 401
    assert answer.json() == {"detail": "sign in first, or check user name and password"}
    assert "set-cookie" not in answer.headers


def test_after_five_wrong_passwords_each_attempt_must_wait_and_the_right_one_too(
    browser: Browser, world: WorldTime
) -> None:
    client = browser(None)
    wrong = [sign_in(client, password="feil").status_code for _ in range(6)]

    locked = sign_in(client)
    world.set(T0 + MINUTE)

    assert wrong == [401] * 5 + [429]
    assert locked.status_code == 429
    assert locked.headers["retry-after"] == "3"
    assert sign_in(client).status_code == 204


# Which role may use which route at all: test_every_route.py. Here: what exactly each is answered.
MATRIX = {
    ("GET", "/api/me"): {"anne": 200, "siri": 200, "maria": 200, "tess": 200, "arne": 200},
    ("GET", "/api/alerts"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200},
    ("GET", "/api/alerts/{alert}"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200, "per": 404},
    ("POST", "/api/alerts/{alert}/shown"): {"anne": 403, "siri": 403, "maria": 200, "tess": 200, "per": 404},
    ("POST", "/api/alerts/{alert}/take"): {"anne": 403, "siri": 403, "maria": 200, "per": 404},
    ("POST", "/api/alerts/{alert}/on-the-way"): {"anne": 403, "siri": 403, "per": 404, "maria": 409},
    ("POST", "/api/alerts/{alert}/arrived"): {"anne": 403, "siri": 403, "per": 404, "maria": 409},
    ("POST", "/api/alerts/{alert}/leave"): {"anne": 403, "siri": 403, "per": 404, "maria": 409},
    ("POST", "/api/alerts/{alert}/forward"): {"anne": 403, "siri": 403, "per": 404, "maria": 422},
    ("POST", "/api/alerts/{alert}/still-on-it"): {"anne": 403, "siri": 403, "per": 404, "maria": 409},
    ("POST", "/api/alerts/{alert}/reopen"): {"anne": 403, "siri": 403, "per": 404, "maria": 409},
    ("POST", "/api/alerts/{alert}/confirm-no-visit"): {"anne": 403, "siri": 403, "per": 404, "maria": 409},
    ("GET", "/api/alerts/{alert}/colleagues"): {"anne": 403, "siri": 403, "per": 404, "maria": 200},
    ("POST", "/api/alerts/{alert}/close"): {"anne": 403, "siri": 403, "per": 404, "maria": 200},
    ("GET", "/api/latency"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200, "per": 200},
    ("GET", "/api/residents"): {"anne": 200, "siri": 200, "maria": 200, "tess": 200, "arne": 200, "per": 200},
    ("GET", "/api/residents/res-a"): {"anne": 200, "siri": 200, "maria": 200, "per": 404},
    ("GET", "/api/residents/res-b"): {"anne": 404, "maria": 404, "arne": 404, "per": 200},
    ("GET", "/api/residents/res-b/vitals"): {"anne": 403, "siri": 404, "maria": 404, "per": 200},
    ("GET", "/api/residents/res-b/routine"): {"anne": 403, "siri": 404, "maria": 404, "per": 200},
    ("GET", "/api/residents/res-b/rehearsal"): {"anne": 403, "siri": 404, "maria": 404, "per": 200},
    ("PUT", "/api/residents/res-b/sensitivity"): {"anne": 403, "per": 403, "siri": 404, "arne": 404},
    ("PUT", "/api/unit/sensitivity"): {"anne": 403, "maria": 403, "tess": 403, "siri": 204, "arne": 204},
    ("GET", "/api/alerts/{alert}/rating"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "per": 404},
    ("PUT", "/api/alerts/{alert}/rating"): {"anne": 403, "per": 404, "siri": 422, "maria": 422, "tess": 422},
    ("GET", "/api/gateways"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200},
    ("GET", "/api/gateways/gw-a"): {"anne": 403, "siri": 200, "maria": 200, "per": 404},
    ("GET", "/api/sensors"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200, "per": 200},
    ("POST", "/api/sensors/a4c138006203/test"): {"anne": 403, "siri": 404, "maria": 404, "per": 200},
    ("DELETE", "/api/sensors/a4c138006203/test"): {"anne": 403, "siri": 404, "maria": 404, "per": 204},
    ("POST", "/api/sensors/a4c138006203/new-battery"): {"anne": 403, "siri": 404, "maria": 404, "per": 204},
    ("GET", "/api/unread"): {"anne": 200, "siri": 200, "maria": 200, "per": 200},
    ("GET", "/api/residents/res-b/agreements"): {"anne": 404, "maria": 404, "per": 200},
    ("PUT", "/api/residents/res-b/agreements/1"): {"anne": 403, "maria": 404, "per": 404},
    ("DELETE", "/api/residents/res-b/agreements/1"): {"anne": 403, "maria": 404, "per": 404},
    ("PUT", "/api/residents/res-b/wishes"): {"anne": 404, "maria": 403, "per": 403},
    ("GET", "/api/residents/res-b/messages"): {"anne": 404, "maria": 404, "per": 200},
    ("POST", "/api/residents/res-b/messages"): {"anne": 404, "maria": 404, "per": 201},
    ("GET", "/api/residents/res-b/tasks"): {"anne": 404, "maria": 404, "per": 200},
    ("POST", "/api/residents/res-b/tasks"): {"anne": 404, "maria": 404, "per": 201},
    ("PUT", "/api/residents/res-b/tasks/0123456789abcdef/done"): {"anne": 404, "maria": 404, "per": 404},
    ("GET", "/api/residents/res-b/company"): {"anne": 404, "maria": 404, "per": 200},
    ("POST", "/api/residents/res-b/company"): {"anne": 404, "maria": 403, "per": 403},
    ("DELETE", "/api/company/0123456789abcdef"): {"anne": 404, "maria": 404, "per": 404},
    ("GET", "/api/asked"): {"anne": 200, "siri": 403, "maria": 403},
    ("PUT", "/api/asked/{alert}"): {"anne": 404, "siri": 403, "maria": 403},
    ("GET", "/api/overview"): {"anne": 403, "siri": 200, "maria": 200, "per": 200},
    ("GET", "/api/residents/res-b/development"): {"anne": 403, "siri": 404, "per": 200},
    ("POST", "/api/residents/res-b/development/notes"): {"anne": 403, "siri": 404, "per": 204},
    ("GET", "/api/devices"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200, "per": 200},
    ("POST", "/api/devices/a4c138006203/marks"): {"anne": 403, "siri": 404, "maria": 404, "per": 204},
    ("DELETE", "/api/devices/a4c138006203/snooze"): {"anne": 403, "siri": 404, "maria": 404, "per": 204},
    ("GET", "/api/screens"): {"anne": 403, "siri": 200, "maria": 200, "arne": 200},
    ("POST", "/api/screens"): {"anne": 403, "maria": 403, "siri": 201, "arne": 201},
    ("DELETE", "/api/screens/nobody"): {"anne": 403, "maria": 403, "siri": 404},
    ("GET", "/api/board"): {"anne": 403, "siri": 200, "maria": 200, "tess": 200, "arne": 200, "per": 200},
    ("GET", "/api/figures"): {"anne": 403, "maria": 403, "per": 403, "siri": 200, "tess": 200, "arne": 200},
    ("GET", "/api/figures.csv"): {"anne": 403, "maria": 403, "per": 403, "siri": 200, "tess": 200, "arne": 200},
    ("GET", "/api/residents/res-b/plan"): {"anne": 404, "maria": 404, "per": 404},
    ("POST", "/api/residents/res-b/plan"): {"anne": 403, "maria": 404, "per": 422},
    ("DELETE", "/api/residents/res-b/plan"): {"anne": 403, "maria": 404, "per": 204},
    ("POST", "/api/residents/res-b/activities"): {"anne": 404, "maria": 404, "per": 422},
    ("DELETE", "/api/residents/res-b/activities/0123456789abcdef"): {"anne": 404, "maria": 404, "per": 204},
    ("GET", "/api/quarantine"): {"anne": 403, "siri": 403, "maria": 403, "tess": 200, "arne": 200},
}  # fmt: skip


@pytest.mark.parametrize(("method", "path"), MATRIX, ids=lambda part: part)
def test_each_role_may_do_what_the_matrix_says(browser: Browser, alert: str, method: str, path: str) -> None:
    wishes: dict[str, object] = {
        "budget": 1,
        "rating": "relevant",
    }  # of an alert by button, of which nobody can say that
    wishes |= {"categories": [], "goes": True}
    span = {"begins_at": T0.isoformat(), "ends_at": (T0 + HOUR).isoformat()}
    written = {"text": "Hei", "title": "Kjøpe melk", "until": T0.date().isoformat(), **span}
    device = {"kind": "snooze", "fault": "unproven", "why": "tried tomorrow", "hours": 24, "name": "duty room"}
    bodies = {"POST": {"version": 1, "outcome": "test", "note": "", "to": 0, **written, **device}, "PUT": wishes}
    if path.endswith("/activities"):
        bodies["POST"]["kind"] = "visit"

    answers = {
        username: browser(username).request(method, path.format(alert=alert), json=bodies.get(method)).status_code
        for username in MATRIX[method, path]
    }

    assert answers == MATRIX[method, path]


def test_lists_hold_nothing_of_another_unit(browser: Browser, alert: str) -> None:
    per, anne, maria = browser("per"), browser("anne"), browser("maria")

    assert per.get("/api/alerts?group=all").json() == []
    assert [one["id"] for one in per.get("/api/residents").json()] == ["res-b"]
    assert [one["id"] for one in anne.get("/api/residents").json()] == ["res-a"]
    assert [one["id"] for one in maria.get("/api/residents").json()] == ["res-a", "res-t"]
    assert [one["gateway_id"] for one in per.get("/api/gateways").json()] == ["gw-b"]
    assert [one["id"] for one in maria.get("/api/alerts").json()] == [alert]


def test_of_two_who_take_an_alert_the_second_is_told_who_has_it(browser: Browser, alert: str) -> None:
    maria, ola = browser("maria"), browser("ola")

    first = maria.post(f"/api/alerts/{alert}/take", json={"version": 1})
    second = ola.post(f"/api/alerts/{alert}/take", json={"version": 1})

    assert (first.status_code, first.json()["taken_by"], first.json()["status"]) == (200, "Maria", "taken")
    assert second.status_code == 409
    assert second.json() == {"detail": "taken by Maria", "taken_by": "Maria", "taken_at": T0.isoformat()}


def test_an_alert_goes_its_way_through_the_api_and_every_step_is_audited(
    browser: Browser, database: Database, world: WorldTime, alert: str
) -> None:
    maria = browser("maria")

    steps = [("shown", {}), ("take", {}), ("on-the-way", {}), ("arrived", {}), ("close", {"outcome": "real_event"})]
    for minutes, (step, more) in enumerate(steps):
        world.set(T0 + minutes * MINUTE)
        version = maria.get(f"/api/alerts/{alert}").json()["version"]
        assert maria.post(f"/api/alerts/{alert}/{step}", json={"version": version, **more}).status_code == 200

    seen = maria.get(f"/api/alerts/{alert}").json()
    times = [seen[name] for name in ("shown_at", "taken_at", "on_the_way_at", "arrived_at", "closed_at")]
    assert times == [(T0 + minutes * MINUTE).isoformat().replace("+00:00", "Z") for minutes in range(5)]
    assert (seen["status"], seen["outcome"], seen["code"]) == ("closed", "real_event", "4.13")
    assert [line["event"] for line in seen["log"]] == ["raised", "shown", "taken", "on_the_way", "arrived", "closed"]
    whats = [entry.what for entry in rows_of(database, AuditEntry)]
    assert whats == ["alert raised", "alert taken", "alert on_the_way", "alert arrived", "alert closed"]
    assert maria.get("/api/alerts").json() == []
    assert [one["id"] for one in maria.get("/api/alerts?group=closed").json()] == [alert]


def test_a_page_tells_in_one_which_alerts_it_has_shown_and_only_the_first_time_counts(
    browser: Browser, database: Database, world: WorldTime, alert: str
) -> None:
    gateway = FakeGateway(epoch="0000000b")
    send(database, gateway.batch([gateway.fact(SMOKE, T0)]), T0)
    maria = browser("maria")
    both = [one["id"] for one in maria.get("/api/alerts").json()]

    first = maria.post("/api/alerts/shown", json={"alerts": both})
    world.set(T0 + MINUTE)
    again = maria.post("/api/alerts/shown", json={"alerts": [*both, alert]})

    assert len(both) == 2
    assert (first.status_code, again.status_code) == (204, 204)
    told = [maria.get(f"/api/alerts/{one}").json() for one in both]
    assert [one["shown_at"] for one in told] == [T0.isoformat().replace("+00:00", "Z")] * 2
    assert maria.post("/api/alerts/shown", json={"alerts": [*both, "nobody"]}).status_code == 404


def test_an_alert_pressed_again_cannot_be_closed_by_an_old_page(
    browser: Browser, database: Database, alert: str
) -> None:
    gateway = FakeGateway(epoch="0000000b")
    send(database, gateway.batch([gateway.press(T0 + MINUTE)]), T0 + MINUTE)

    answer = browser("maria").post(f"/api/alerts/{alert}/close", json={"version": 1, "outcome": "false_alarm"})

    assert answer.status_code == 409
    assert answer.json() == {"detail": "the alert has changed; look again"}


def test_a_look_at_a_resident_is_audited_and_names_nobody(browser: Browser, database: Database) -> None:
    browser("anne").get("/api/residents/res-a")

    [entry] = rows_of(database, AuditEntry)
    assert (entry.what, entry.about) == ("looked at", "resident:res-a")
    assert "relative" in entry.who
    assert "anne" not in entry.who.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
    ],
)
def test_another_sites_page_changes_nothing(
    browser: Browser, database: Database, alert: str, headers: dict[str, str]
) -> None:
    answer = browser("maria").post(f"/api/alerts/{alert}/take", json={"version": 1}, headers=headers)

    assert answer.status_code == 403
    assert alerts(database)[0].taken_by is None


def test_our_own_page_may_change_things(browser: Browser, alert: str) -> None:
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}

    answer = browser("maria").post(f"/api/alerts/{alert}/take", json={"version": 1}, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"version": 0}, {"version": "first"}, {"version": 1.5}, {"version": None}, [], "1", None]
)
def test_a_change_without_a_version_is_refused(browser: Browser, alert: str, body: object) -> None:
    assert browser("maria").post(f"/api/alerts/{alert}/take", json=body).status_code == 422


def test_a_gateway_shows_what_is_stored_and_what_was_refused(browser: Browser, database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0), gateway.motion(T0 + DAY), gateway.motion(T0)]
    send(database, gateway.batch(facts, sent_at=T0), T0)
    send(database, gateway.heartbeat(T0, troubles={"replayed": 3}), T0)

    seen = browser("maria").get("/api/gateways/gw-a").json()

    assert (seen["stored"], seen["quarantined"], seen["state"]) == (2, 1, "heard")
    assert seen["streams"] == [
        {"epoch": "0000000a", "stream": "routine", "up_to_seq": 3, "lost": 0, "stored": 2, "quarantined": 1}
    ]
    assert seen["troubles"] == {"replayed": 3}


def test_what_was_refused_can_be_seen(browser: Browser, database: Database) -> None:
    send(database, ("weather", b"\xffsun"), T0)

    [row] = browser("tess").get("/api/quarantine").json()

    assert (row["topic"], row["reason"]) == ("weather", "no gateway sends on this topic")
    assert row["payload"] == "\N{REPLACEMENT CHARACTER}sun"


def test_the_service_says_that_it_is_well(browser: Browser) -> None:
    assert browser(None).get("/healthz").json() == {"status": "ok"}


def test_a_nurse_tries_a_sensor_and_sees_the_proof(browser: Browser, database: Database) -> None:
    maria, gateway = browser("maria"), FakeGateway()
    button = "a4c138006103"

    started = maria.post(f"/api/sensors/{button}/test", json={"minutes": 5})
    assert started.json()["observed_at"] is None
    send(database, gateway.batch([gateway.press(T0 + MINUTE)]), T0 + MINUTE)

    [shown] = [one for one in maria.get("/api/sensors").json() if one["sensor_id"] == button]
    assert shown["test"]["received_at"].startswith("2025-01-15T09:01:00")
    assert alerts(database) == []
    unproven = {one["sensor_id"] for one in maria.get("/api/sensors?unproven=true").json() if one["home"] == "home-a"}
    assert button not in unproven
    assert len(unproven) == 4
    assert maria.delete(f"/api/sensors/{button}/test").status_code == 204
    assert maria.post(f"/api/sensors/{button}/new-battery").status_code == 204
    assert maria.post(f"/api/sensors/{button}/test", json={"minutes": 61}).status_code == 422
