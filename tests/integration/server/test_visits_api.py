"""Visits, absences and the access log through the API: who may, and what is answered."""

from typing import Any

import pytest
from builders import DAY, HOUR, T0, FakeGateway, alerts, give_account, rows_of, send
from fastapi import FastAPI
from postgres import NewDatabase
from web import Browser

from server.audit.tables import AuditEntry
from server.db.session import Database

LATER, END = (T0 + HOUR).isoformat(), (T0 + 2 * HOUR).isoformat()
CALENDAR = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20250116T070000Z\nDURATION:PT20M\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    """SQLite alone: what routes do with a database is tested on both elsewhere. Inger of home-a has an account."""
    made = new_sqlite()
    give_account(made)
    return made


ABSENCE: dict[str, Any] = {"kind": "hospital", "ends_at": END, "note": "Innlagt"}
VISIT: dict[str, Any] = {"begins_at": LATER, "ends_at": END, "what": "Morgenstell"}
CARER = {"maria": 200, "siri": 200, "arne": 200, "anne": 403, "per": 404, "inger": 403}
MATRIX: dict[tuple[str, str], tuple[dict[str, Any], dict[str, int]]] = {
    ("GET", "/api/residents/res-a/absences"): ({}, {**CARER, "inger": 200}),
    ("POST", "/api/residents/res-a/absences"): ({"json": ABSENCE}, {**CARER, "maria": 201, "siri": 201, "arne": 201}),
    ("PUT", "/api/absences/{absence}"): ({"json": {"ends_at": END}}, CARER),
    ("DELETE", "/api/absences/{absence}"): ({}, {"anne": 403, "per": 404, "maria": 204, "inger": 204}),
    ("POST", "/api/me/pause"): ({"json": {"length": "1h"}}, {"maria": 403, "siri": 403, "anne": 403, "inger": 201}),
    ("GET", "/api/residents/res-a/visits"): ({}, {**CARER, "inger": 200}),
    ("POST", "/api/residents/res-a/visits"): ({"json": VISIT}, {**CARER, "maria": 201, "siri": 201, "arne": 201}),
    ("DELETE", "/api/visits/{visit}"): ({}, {"anne": 403, "per": 404, "inger": 403, "maria": 204}),
    ("POST", "/api/residents/res-a/calendar"): ({"content": CALENDAR}, CARER),
    ("POST", "/api/unit/calendar"): ({"content": CALENDAR}, {**CARER, "per": 200}),
    ("PUT", "/api/residents/res-a/presence"): ({}, {**CARER, "maria": 204, "siri": 204, "arne": 204}),
    ("DELETE", "/api/residents/res-a/presence"): ({}, {**CARER, "maria": 204, "siri": 204, "arne": 204}),
    ("GET", "/api/alerts/{alert}/next-visit"): ({}, CARER),
    ("GET", "/api/residents/res-a/access"): ({}, {**CARER, "maria": 403, "per": 403, "inger": 200}),
    ("GET", "/api/residents/res-b/access"): ({}, {"siri": 404, "arne": 404, "inger": 404}),
    ("GET", "/api/me/access"): ({}, {"maria": 403, "siri": 403, "anne": 403, "inger": 200}),
}


@pytest.mark.parametrize(("method", "path"), MATRIX, ids=lambda part: part)
def test_each_role_may_do_what_the_matrix_says(browser: Browser, database: Database, method: str, path: str) -> None:
    gateway, maria = FakeGateway(), browser("maria")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    names = {
        "alert": alerts(database)[0].code,
        "absence": maria.post("/api/residents/res-a/absences", json=ABSENCE).json()["id"],
        "visit": maria.post("/api/residents/res-a/visits", json=VISIT).json()["id"],
    }
    body, wanted = MATRIX[method, path]
    headers = {"content-type": "text/calendar"} if "content" in body else {}

    answers = {
        who: browser(who).request(method, path.format(**names), headers=headers, **body).status_code for who in wanted
    }

    assert answers == wanted


def test_every_route_of_ours_is_in_the_matrix(app: FastAPI) -> None:
    ours = ("absences", "visits", "calendar", "presence", "next-visit", "access", "pause")
    there = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if set(ours) & set(path.split("/"))
    }

    assert len(there) == len(MATRIX) - 1  # the access log is in it twice


def test_what_is_wrong_is_told_in_words(browser: Browser) -> None:
    maria = browser("maria")
    maria.post("/api/residents/res-a/absences", json=ABSENCE)

    endless = maria.post("/api/residents/res-a/absences", json={**ABSENCE, "ends_at": (T0 + 200 * DAY).isoformat()})
    twice = maria.post("/api/residents/res-a/absences", json={**ABSENCE, "ends_at": LATER})
    backwards = maria.post("/api/residents/res-a/visits", json={**VISIT, "ends_at": T0.isoformat()})
    no_calendar = maria.post(
        "/api/residents/res-a/calendar",
        content=CALENDAR.replace("UID", "\nUID nr"),
        headers={"content-type": "text/calendar"},
    )
    nothing = maria.post("/api/residents/res-a/absences", json={"kind": "pause"})

    assert (endless.status_code, endless.json()) == (422, {"detail": "too long: at most 92 days"})
    assert (twice.status_code, twice.json()["detail"][:11]) == (409, "one of this")
    assert backwards.status_code == nothing.status_code == 422
    assert (no_calendar.status_code, no_calendar.json()) == (422, {"detail": "line 4: no such line"})


def test_an_alert_tells_whom_its_resident_waits_for_and_if_it_is_near(browser: Browser, database: Database) -> None:
    gateway, maria = FakeGateway(), browser("maria")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    route = f"/api/alerts/{alerts(database)[0].code}/next-visit"
    assert maria.get(route).json() == {"visit": None, "is_near": False}

    for hours, is_near in ((2, False), (1, True)):
        begins, ends = ((T0 + after * HOUR).isoformat() for after in (hours, hours + 0.5))
        maria.post("/api/residents/res-a/visits", json={**VISIT, "begins_at": begins, "ends_at": ends})
        found = maria.get(route).json()
        assert (found["visit"]["what"], found["is_near"]) == ("Morgenstell", is_near)


def test_a_pause_is_told_as_a_pause_and_not_as_a_fault(browser: Browser) -> None:
    inger, maria, anne = browser("inger"), browser("maria"), browser("anne")
    before = maria.get("/api/residents/res-a").json()["resident"]
    paused = inger.post("/api/me/pause", json={"length": "4h"}).json()

    seen = [client.get("/api/residents").json()[0] for client in (maria, anne, inger)]
    assert before["status"] == "unknown"
    assert [(one["status"], one["absence"]["kind"], one["absence"]["is_own"]) for one in seen] == [
        ("paused", "pause", True)
    ] * 3
    assert seen[0]["absence"]["ends_at"] == (T0 + 4 * HOUR).isoformat().replace("+00:00", "Z")

    inger.delete(f"/api/absences/{paused['id']}")

    assert maria.get("/api/residents").json()[0]["status"] == "unknown"


def test_a_resident_reads_who_looked_with_name_role_and_unit_and_their_own_looks_are_left_out(
    browser: Browser, database: Database
) -> None:
    inger, maria = browser("inger"), browser("maria")
    maria.get("/api/residents/res-a")
    inger.get("/api/residents/res-a")
    inger.post("/api/me/pause", json={"length": "1h"})

    log = inger.get("/api/me/access").json()

    assert [(one["what"], one["name"], one["role"], one["unit"]) for one in log] == [
        ("absence set", "Inger", "resident", "Sone Nord"),
        ("looked at", "Maria", "nurse", "Sone Nord"),
    ]
    assert inger.get(f"/api/me/access?before={log[0]['number']}").json() == log[1:]
    assert [row.about for row in rows_of(database, AuditEntry)].count("resident:res-a") > len(log)


def test_a_look_at_what_is_planned_is_audited(browser: Browser, database: Database) -> None:
    maria = browser("maria")

    for path in ("visits", "absences"):
        maria.get(f"/api/residents/res-a/{path}")

    assert [row.what for row in rows_of(database, AuditEntry)] == ["looked at"] * 2
