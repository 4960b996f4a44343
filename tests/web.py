"""The test client of the web framework, by way of httpx, which the simulators use as well."""

import warnings

from builders import signed_in
from fastapi import FastAPI

from server.access.api import COOKIE
from server.db.session import Database

with warnings.catch_warnings():
    # It would rather have httpx's successor; one HTTP client is enough.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["TestClient", "client_of"]


def client_of(app: FastAPI, database: Database, username: str) -> TestClient:
    """Return a client in which somebody is signed in, without the password's slow check."""
    client = TestClient(app)
    client.cookies.set(COOKIE, signed_in(database, username))
    return client
