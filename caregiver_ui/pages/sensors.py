"""What somebody does about a sensor: a test of its way to the server, a new battery."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.visit import VisitDep
from server.access.api import ViewerDep
from server.db.session import DatabaseDep
from server.liveness.link_tests import end_test, renew_count, start_test, tended

_LASTS = timedelta(minutes=10)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Deed(StrEnum):
    """What somebody does about a sensor."""

    TEST = "test"
    END_TEST = "end-test"
    NEW_BATTERY = "new-battery"


@router.post("/sensors/{sensor_id}/{deed}")
def post_deed(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, sensor_id: str, deed: Deed) -> Response:
    """Begin or end a test, or tell of a new battery."""
    deeds: dict[Deed, Callable[..., Any]] = {
        Deed.TEST: partial(start_test, lasts=_LASTS),
        Deed.END_TEST: end_test,
        Deed.NEW_BATTERY: renew_count,
    }
    with database.transaction() as db:
        what = tended(db, viewer, sensor_id)
        deeds[deed](db, what, viewer.audit_name, now=visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/devices/homes/{what.home.code}#{sensor_id}")
