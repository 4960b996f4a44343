"""The test client of the web framework, by way of httpx, which the simulators use as well."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from builders import signed_in
from fastapi import FastAPI

from server.access.api import COOKIE
from server.db.session import Database
from server.main import create_app
from server.settings import Role, ServerSettings

with warnings.catch_warnings():
    # It would rather have httpx's successor; one HTTP client is enough.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["Browser", "TestClient", "client_of", "served"]

Browser = Callable[[str | None], TestClient]


@cache
def _api() -> FastAPI:
    """The application without workers. Its routes take long to set up, and know nothing of what they stand on."""
    return create_app(ServerSettings(roles=frozenset({Role.API}), test_mode=True))


@contextmanager
def served(database: Database, folder: Path, *, test_mode: bool = True) -> Iterator[FastAPI]:
    """Run the application on a database. In test mode its clock is `folder`'s, which the caller has set."""
    app = _api()
    app.state.settings = ServerSettings(
        database_url=database.url,
        roles=frozenset({Role.API}),
        test_mode=test_mode,
        clock_file=folder / "clock" if test_mode else None,
    )
    with TestClient(app) as client:
        app.state.portal = client.portal
        yield app
    app.state.portal = None


def client_of(app: FastAPI, database: Database, username: str | None) -> TestClient:
    """Return a client in which somebody is signed in, without the password's slow check; None: nobody is."""
    client = TestClient(app)
    client.portal = getattr(app.state, "portal", None)  # one event loop for all, as in a real server
    if username is not None:
        client.cookies.set(COOKIE, signed_in(database, username))
    return client
