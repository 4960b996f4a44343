"""The running application's API on a database, at a time the test sets."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from builders import T0
from fastapi import FastAPI
from web import Browser, client_of, served

from gateway.contract.clock import WorldTime
from server.db.session import Database


@pytest.fixture
def world(tmp_path: Path) -> WorldTime:
    """The time of this world: T0 until somebody moves it."""
    return WorldTime(tmp_path / "clock", T0)


@pytest.fixture
def app(database: Database, world: WorldTime, tmp_path: Path) -> Iterator[FastAPI]:
    """The running application, its API alone."""
    with served(database, tmp_path) as app:
        yield app


@pytest.fixture
def browser(app: FastAPI, database: Database) -> Browser:
    """Open a browser in which that person, or nobody, is signed in."""
    return partial(client_of, app, database)
