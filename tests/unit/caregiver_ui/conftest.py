"""The pages on a real database, at a time the test sets, without broker and workers."""

from collections.abc import Callable

import pytest
from builders import T0
from fastapi import Depends, FastAPI
from page_site import Site, StillClock

from caregiver_ui.app import mount
from server.access.api import from_our_own_pages
from server.db.session import Database
from server.live.feed import Feed
from server.settings import ServerSettings


@pytest.fixture(scope="session")
def pages() -> FastAPI:
    """The pages alone. What they stand on is each test's own: routes take long to set up, and know nothing of it."""
    app = FastAPI(dependencies=[Depends(from_our_own_pages)])
    mount(app)
    return app


@pytest.fixture
def site(pages: FastAPI, new_sqlite: Callable[[], Database]) -> Site:
    clock = StillClock(T0)
    pages.state.settings = ServerSettings(test_mode=True)
    pages.state.database = database = new_sqlite()
    pages.state.clock, pages.state.feed = clock, Feed(database)
    return Site(pages, database, clock)
