"""The test client of the web framework, by way of httpx, which the simulators use as well."""

import warnings

from builders import sign_in_row
from fastapi import FastAPI
from sqlmodel import col, select

from server.access.tables import Person
from server.db.session import Database

with warnings.catch_warnings():
    # It would rather have httpx's successor; one HTTP client is enough.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["TestClient", "client_of"]


def client_of(app: FastAPI, database: Database, username: str) -> TestClient:
    """Return a client in which somebody is signed in, without the password's slow check."""
    with database.transaction() as db:
        who = db.exec(select(Person).where(col(Person.username) == username)).one()
        sign_in_row(db, who, f"token of {username}")
    client = TestClient(app)
    client.cookies.set("livsrytme", f"token of {username}")
    return client
