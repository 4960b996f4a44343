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


@pytest.fixture
def site(new_sqlite: Callable[[], Database]) -> Site:
    app = FastAPI(dependencies=[Depends(from_our_own_pages)])
    clock = StillClock(T0)
    app.state.settings = ServerSettings(test_mode=True)
    app.state.database = database = new_sqlite()
    app.state.clock, app.state.feed = clock, Feed(database)
    mount(app)
    return Site(app, database, clock)
