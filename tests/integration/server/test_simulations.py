"""What simulators tell of their homes, and what testers ask of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders import MINUTE, T0, UNITS, home, person, rows_of
from postgres import NewDatabase
from sqlmodel import update
from web import Browser, TestClient, client_of, served

from gateway.contract.clock import WorldTime
from server.access.tables import SignIn
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.provisioning import Provisioning, provision
from server.simulations.rules import OrderOutcome
from server.simulations.tables import OrderRow, SimulationRow

_FAR = T0.replace(year=2100)  # outside test mode the time is the real one

PLAN = {
    "profile": "healthy",
    "rooms": [{"name": "lounge", "left": 0, "bottom": 0, "width": 5, "depth": 4}],
    "doors": [{"name": "front_door", "x": 0, "y": 2, "is_outer": True}],
    "sensors": [{"name": "lounge_motion", "x": 4, "y": 3.5, "room": "lounge", "kinds": ["motion"]}],
    "scenarios": [{"code": "fall_in_bathroom", "title": "Fall in the bathroom"}],
    "faults": [{"code": "network_loss", "title": "The network is gone"}],
}
STATE = {
    "at": T0.isoformat(),
    "speed": 60,
    "is_running": True,
    "beings": [{"name": "Inger", "kind": "resident", "room": "lounge", "x": 2, "y": 2, "doing": "reading"}],
    "packets": [{"sensor": "lounge_motion", "at": T0.isoformat(), "value": 1}],
}
# Every route: its method, its path and a body that it takes.
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/api/simulations", None),
    ("GET", "/api/simulations/orders?after=0&wait_s=0", None),
    ("GET", "/api/simulations/home-t", None),
    ("PUT", "/api/simulations/home-t", PLAN),
    ("POST", "/api/simulations/home-t/state", STATE),
    ("POST", "/api/simulations/home-t/truth", []),
    ("POST", "/api/simulations/home-t/orders", {"verb": "stop"}),
    ("PUT", "/api/simulations/orders/1/outcome", {"outcome": "done"}),
]


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    """SQLite alone: what the service does with a database is tested on both in test_simulated_homes.py."""
    return new_sqlite()


@contextmanager
def _serving(database: Database, folder: Path, *, test_mode: bool) -> Iterator[Browser]:
    """Run a server; give what opens a signed-in browser."""
    WorldTime(folder / "clock", T0)
    south = {"units": UNITS, "people": [person("tom", "tester", "sor")], "homes": [home("s", "sor", test=True)]}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(south), test_mode=True)
    with served(database, folder, test_mode=test_mode) as app:

        def opened(username: str | None) -> TestClient:
            client = client_of(app, database, username)
            with database.transaction() as db:
                db.exec(update(SignIn).values(ends_at=_FAR))
            return client

        yield opened


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> Iterator[Browser]:
    """A server in test mode."""
    with _serving(database, tmp_path, test_mode=True) as opened:
        yield opened


@pytest.fixture
def tess(browser: Browser) -> TestClient:
    """A tester of Nord whose simulator has registered home-t."""
    tess = browser("tess")
    assert tess.put("/api/simulations/home-t", json=PLAN).json() == {"orders_after": 0}
    return tess


def test_what_a_simulator_tells_can_be_looked_at(tess: TestClient) -> None:
    truth = [
        {"what": "watched", "begins_at": T0.isoformat(), "ends_at": (T0 + MINUTE).isoformat(), "home": "t"},
        {"what": "expected", "begins_at": T0.isoformat(), "within": "PT3H", "kinds": ["inactivity"], "label": "Fall"},
    ]  # fmt: skip
    assert tess.post("/api/simulations/home-t/state", json=STATE).status_code == 204
    assert tess.post("/api/simulations/home-t/truth", json=truth).status_code == 204

    [listed] = tess.get("/api/simulations").json()

    assert listed == tess.get("/api/simulations/home-t").json()
    assert listed["is_connected"] is True
    assert listed["state"]["beings"][0]["room"] == "lounge"
    assert [line["what"] for line in listed["truth"]] == ["watched", "expected"]
    assert listed["truth"][1]["within"] == "PT3H"


def test_an_order_goes_to_the_simulator_once_and_its_outcome_comes_back(tess: TestClient, database: Database) -> None:
    asked = tess.post("/api/simulations/home-t/orders", json={"verb": "scenario", "argument": "fall_in_bathroom"})
    number = asked.json()["order_id"]
    [taken] = tess.get("/api/simulations/orders?after=0&wait_s=20").json()
    assert (taken["order_id"], taken["home"], taken["argument"]) == (number, "home-t", "fall_in_bathroom")

    for outcome in ("done", "refused"):  # the second is a repeat and changes nothing
        told = tess.put(f"/api/simulations/orders/{number}/outcome", json={"outcome": outcome})
        assert told.status_code == 200

    assert tess.get("/api/simulations/orders?after=0&wait_s=0").json() == []
    [row] = rows_of(database, OrderRow)
    assert (row.outcome, row.taken_at, row.asked_at) == (OrderOutcome.DONE, T0, T0)
    entries = [entry for entry in rows_of(database, AuditEntry) if entry.what == "simulation scenario"]
    assert [(entry.about, entry.why) for entry in entries] == [("home:home-t", "fall_in_bathroom")]
    assert entries[0].who.endswith(":tester")


def test_a_simulator_that_waits_hears_of_an_order_when_it_comes(tess: TestClient, browser: Browser) -> None:
    heard: list[Any] = []
    waits = threading.Thread(target=lambda: heard.extend(tess.get("/api/simulations/orders?after=0&wait_s=25").json()))
    waits.start()

    browser("tess").post("/api/simulations/home-t/orders", json={"verb": "speed", "argument": "600"})

    waits.join(60)
    assert [(one["verb"], one["argument"]) for one in heard] == [("speed", "600")]


def test_a_simulator_that_begins_anew_is_not_asked_what_an_earlier_one_was(
    tess: TestClient, database: Database
) -> None:
    tess.post("/api/simulations/home-t/orders", json={"verb": "stop"})

    after = tess.put("/api/simulations/home-t", json=PLAN).json()["orders_after"]

    assert tess.get(f"/api/simulations/orders?after={after}&wait_s=0").json() == []
    assert [row.outcome for row in rows_of(database, OrderRow)] == [OrderOutcome.MISSED]


REFUSED = [
    ({"verb": "scenario", "argument": "meteorite"}, "this home offers fall_in_bathroom"),
    ({"verb": "fault", "argument": "fall_in_bathroom"}, "this home offers network_loss"),
    ({"verb": "speed", "argument": "0"}, "a speed is a number from 1 to 3600"),
    ({"verb": "speed", "argument": "nan"}, "a speed is a number from 1 to 3600"),
    ({"verb": "stop", "argument": "now"}, "starting and stopping need nothing more"),
]


def test_what_a_home_does_not_offer_is_refused_in_words(tess: TestClient, database: Database) -> None:
    for order, reason in REFUSED:
        answer = tess.post("/api/simulations/home-t/orders", json=order)
        assert (answer.status_code, answer.json()["detail"]) == (422, reason)

    assert rows_of(database, OrderRow) == []


def test_only_testers_may_and_only_in_their_own_unit(tess: TestClient, browser: Browser) -> None:
    tess.post("/api/simulations/home-t/orders", json={"verb": "stop"})
    people = {who: browser(who) for who in (None, "maria", "nina", "siri", "anne", "arne", "tom", "tess")}

    for method, path, body in ROUTES:
        answers = {who: client.request(method, path, json=body).status_code for who, client in people.items()}
        is_list = path in {"/api/simulations", "/api/simulations/orders?after=0&wait_s=0"}
        assert answers.pop(None) == 401, path
        assert answers.pop("tom") == (200 if is_list else 404), path
        assert answers.pop("tess") in {200, 204}, path
        assert set(answers.values()) == {403}, path


def test_a_tester_of_another_unit_sees_nothing_in_the_lists(tess: TestClient, browser: Browser) -> None:
    tess.post("/api/simulations/home-t/orders", json={"verb": "stop"})
    tom = browser("tom")

    assert tom.get("/api/simulations").json() == []
    assert tom.get("/api/simulations/orders?after=0&wait_s=0").json() == []


def test_a_real_home_cannot_be_simulated_nor_one_of_another_unit(tess: TestClient, database: Database) -> None:
    for code in ("home-a", "home-s", "nowhere"):
        assert tess.put(f"/api/simulations/{code}", json=PLAN).status_code == 404

    assert len(rows_of(database, SimulationRow)) == 1


def test_outside_test_mode_there_is_no_such_thing_for_anybody(database: Database, tmp_path: Path) -> None:
    with _serving(database, tmp_path, test_mode=False) as browser:
        people = {who: browser(who) for who in ("tess", "arne", "maria")}
        for method, path, body in ROUTES:
            answers = {client.request(method, path, json=body).status_code for client in people.values()}
            assert answers == {404}, path


def test_a_plan_that_cannot_be_drawn_is_refused(tess: TestClient) -> None:
    assert tess.put("/api/simulations/home-t", json={**PLAN, "rooms": []}).status_code == 422
    assert tess.post("/api/simulations/home-t/state", json={**STATE, "speed": 0}).status_code == 422
