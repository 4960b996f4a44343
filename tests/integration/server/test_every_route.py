"""Every route, as every role, as nobody, and for another unit's things. A route nobody thought of fails."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from builders import T0, FakeGateway, alerts, send, sensor, signed_in
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from httpx import Response
from sqlmodel import select
from web import TestClient

from gateway.contract.clock import WorldTime
from server.access.tables import Person
from server.access.tables import Role as PersonRole
from server.db.session import Database
from server.main import create_app
from server.relatives.rules import Basis, Category
from server.relatives.tables import Agreement
from server.residents.tables import Resident
from server.settings import Role, ServerSettings

ALLOWED = Path(__file__).parent / "allowed"
WHO = {
    "nurse": "maria", "staff": "siri", "tester": "tess", "admin": "arne", "relative": "anne", "resident": "inger",
}  # fmt: skip
ROLES = frozenset(WHO)
Route = tuple[str, str]

# What a form's field must hold to be taken, where its type does not say so.
FITTING = {"outcome": "false_alarm", "name": "Stua"}
# These never end, or wait: whoever may not have them is still refused at once.
ENDLESS = {("GET", "/board/live"), ("GET", "/live"), ("GET", "/api/simulations/orders")}
# Their own tests say what a code, a secret or a session is worth.
BY_THEMSELVES = {
    ("POST", "/api/gateways/enrol"),
    ("POST", "/board/open"),
    ("POST", "/api/gateways/renew"),
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
}


def table() -> dict[Route, frozenset[str]]:
    """Return who may use which route."""
    found: dict[Route, frozenset[str]] = {}
    for path in sorted(ALLOWED.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            route, _, who = line.rpartition(":")
            method, _, address = route.partition(" ")
            assert (method, address) not in found, f"{path.name}: {line} is there twice"
            names = set(who.split())
            assert names <= ROLES | {"signed-in", "everyone"}, f"{path.name}: {line}"
            found[method, address] = frozenset(names)
    return found


TABLE = table()


@dataclass
class Town:
    """The running application, a pristine copy of its database, and what to put into addresses."""

    app: FastAPI
    database: Database
    pristine: Path
    described: dict[str, Any]
    own: dict[str, str]
    foreign: dict[str, str]

    def ask(self, route: Route, role: str | None, names: Mapping[str, str]) -> Response:
        """Ask for a route with a body that fits it."""
        method, address = route
        client = TestClient(self.app, follow_redirects=False)
        if role is not None:
            client.cookies.set("livsrytme", f"token of {WHO[role]}")
        operation = self.described["paths"][address][method.lower()]
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                value = names.get(parameter["name"]) or self._sample(parameter["schema"])
                address = address.replace("{" + parameter["name"] + "}", str(value))
        query = {
            one["name"]: self._sample(one["schema"])
            for one in operation.get("parameters", [])
            if one["in"] == "query" and one.get("required")
        }
        content = operation.get("requestBody", {}).get("content", {})
        sent: dict[str, Any] = {}
        for kind, how in (
            ("application/json", "json"),
            ("application/x-www-form-urlencoded", "data"),
            ("multipart/form-data", "data"),
        ):
            if kind in content:
                sent[how] = self._sample(content[kind]["schema"])
        answer = client.request(method, address, params=query, **sent)
        if method != "GET":
            self.restore()
        return answer

    def restore(self) -> None:
        """Put everything back as it was."""
        with sqlite3.connect(self.pristine) as before, sqlite3.connect(_path(self.database)) as now:
            before.backup(now)

    def _fitting(self, name: str, schema: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        is_free_text = schema.get("type") == "string" and "enum" not in schema
        return FITTING[name] if name in FITTING and is_free_text else self._sample(schema)

    def _sample(self, schema: dict[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - any JSON
        """Return the least that fits a schema."""
        if "$ref" in schema:
            return self._sample(self.described["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self._sample(schema["anyOf"][0])
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                parts = schema.get("properties", {})
                needed = {name for name in parts if name in schema.get("required", [])} | (
                    FITTING.keys() & parts.keys()
                )
                return {name: self._fitting(name, parts[name]) for name in parts if name in needed}
            case "array":
                return [self._sample(schema["items"])] * schema.get("minItems", 0)
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return False
            case _:
                return _text(schema)


def _text(schema: dict[str, Any]) -> str:
    formats = {"date-time": T0.isoformat(), "date": T0.date().isoformat(), "time": "08:00:00", "duration": "PT1H"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    return "a" * max(1, schema.get("minLength", 1))


@pytest.fixture(scope="module")
def town(sqlite_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("routes")
    path = folder / "town.db"
    shutil.copy(sqlite_town, path)
    database = Database(f"sqlite:///{path}")
    own, foreign = _live_in(database)
    WorldTime(folder / "clock", T0)
    settings = ServerSettings(
        database_url=database.url, roles=frozenset({Role.API}), test_mode=True, clock_file=folder / "clock"
    )
    app = create_app(settings)
    with TestClient(app, client=("routes", 1)):
        pristine = folder / "pristine.db"
        with sqlite3.connect(path) as now, sqlite3.connect(pristine) as copy:
            now.backup(copy)
        yield Town(app, database, pristine, _described(app), own, foreign)
    database.close()


def _live_in(database: Database) -> tuple[dict[str, str], dict[str, str]]:
    """Press the buttons of both units, sign everybody in; return what is nord's and what is sør's, by its name."""
    for letter in ("a", "b"):
        gateway = FakeGateway(letter)
        send(database, gateway.batch([gateway.press(T0)]), T0)
    with database.transaction() as db:
        nurse = db.exec(select(Person).where(Person.username == "maria")).one()
        lives = db.exec(select(Resident.resident_id).where(Resident.code == "res-a")).one()
        inger = Person(
            username="inger",
            name="Inger",
            role=PersonRole.RESIDENT,
            unit_id=nurse.unit_id,
            password_hash=nurse.password_hash,
            resident_id=lives,
        )
        db.add(inger)
        db.flush()
        anne = db.exec(select(Person.person_id).where(Person.username == "anne")).one() or 0
        noted = {"basis": Basis.CONSENT, "since": T0, "noted_by": nurse.person_id, "noted_at": T0}
        shared = [str(category) for category in Category]
        db.add(Agreement(person_id=anne, resident_id=lives or 0, categories=shared, **noted))
    for username in WHO.values():
        signed_in(database, username)
    first, second = alerts(database)
    own = {"alert_id": first.code, "resident_id": "res-a", "gateway_id": "gw-a", "sensor_id": sensor("a", "01")}
    foreign = {"alert_id": second.code, "resident_id": "res-b", "gateway_id": "gw-b", "sensor_id": sensor("b", "01")}
    return own, foreign


def _path(database: Database) -> str:
    return database.url.removeprefix("sqlite:///")


def _routes(routes: list[Any]) -> Iterator[Any]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from [route] if inner is None else _routes(inner.routes)


def _described(app: FastAPI) -> dict[str, Any]:
    """Describe every route, the pages too, which the API's own description leaves out."""
    found = [route for route in _routes(app.routes) if isinstance(route, APIRoute)]
    hidden = [route for route in found if not route.include_in_schema]
    for route in hidden:
        route.include_in_schema = True
    described = get_openapi(title="all", version="1", routes=found)
    for route in hidden:
        route.include_in_schema = False
    return described


def _may(route: Route, role: str) -> bool:
    return bool(TABLE[route] & {role, "signed-in", "everyone"})


def test_the_table_knows_every_route_and_no_other(town: Town) -> None:
    there = {
        (method, route.path_format)
        for route in _routes(town.app.routes)
        for method in (route.methods or ()) - {"HEAD"}
        if isinstance(route, APIRoute)
    }

    unknown = [f"{method} {path}: ?" for method, path in sorted(there - set(TABLE))]
    assert not unknown, "\n".join(["say in tests/integration/server/allowed who may use", *unknown])
    assert set(TABLE) - there == set(), "there is no such route any more"


def test_no_route_of_the_api_is_missing_from_its_description(town: Town) -> None:
    described = town.app.openapi()["paths"]

    assert {path for _, path in TABLE if path.startswith("/api")} <= set(described)


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_who_is_not_signed_in_is_sent_to_sign_in(town: Town, route: Route) -> None:
    answer = town.ask(route, None, town.own)

    if "everyone" in TABLE[route]:
        assert answer.status_code not in {303, 401} or route in BY_THEMSELVES | {("POST", "/preferences")}
    elif answer.status_code == 303:
        assert answer.headers["location"].startswith("/sign-in")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("route", sorted(set(TABLE) - BY_THEMSELVES), ids=" ".join)
def test_each_role_may_do_what_the_table_says_and_nothing_else(town: Town, route: Route) -> None:
    wrong = {}
    for role in sorted(ROLES):
        if _may(route, role) and route in ENDLESS:
            continue
        status = town.ask(route, role, town.own).status_code
        is_right = status < 500 and status not in {401, 403} if _may(route, role) else status in {403, 404}
        if not is_right:
            wrong[role] = status

    assert wrong == {}


_OF_A_UNIT = [
    route
    for route in TABLE
    if any(f"{{{name}}}" in route[1] for name in ("alert_id", "resident_id", "gateway_id", "sensor_id"))
]


@pytest.mark.parametrize("route", _OF_A_UNIT, ids=" ".join)
def test_another_units_things_are_not_there_and_that_somebody_asked_is_logged_without_names(
    town: Town, caplog: pytest.LogCaptureFixture, route: Route
) -> None:
    caplog.set_level(logging.INFO)
    for role in sorted(ROLES):
        if not _may(route, role):
            continue
        caplog.clear()

        answer = town.ask(route, role, town.foreign)

        assert (role, answer.status_code) == (role, 404)
        told = [record.getMessage() for record in caplog.records if record.name == "server.access.api"]
        assert len(told) == 1
        assert f":{role}: {route[0]} " in told[0]
        assert any(name in told[0] for name in town.foreign.values())
        assert not any(name in told[0].lower() for name in ("inger", WHO[role]))
