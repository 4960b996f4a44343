"""The unit's sensors: how each is, a test of its way to the server, a new battery."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.sensors import home_sensors
from caregiver_ui.visit import VisitDep
from server.access.api import ViewerDep
from server.alerting.views import list_alerts
from server.db.session import DatabaseDep, ReadDep
from server.liveness.link_tests import end_test, renew_count, start_test, tended
from server.liveness.views import list_sensors

_LASTS = timedelta(minutes=10)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Deed(StrEnum):
    """What somebody does about a sensor."""

    TEST = "test"
    END_TEST = "end-test"
    NEW_BATTERY = "new-battery"


@router.get("/sensors")
def get_sensors_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show every sensor of the unit; relatives are refused."""
    sensors = list_sensors(db, viewer, visit.now)
    homes = home_sensors(visit.speech, sensors, visit.now)
    unproven = sum(sensor.is_unproven for sensor in sensors)
    seen = open_ids(list_alerts(db, viewer, "open"))
    return render(visit, "sensors.html", homes=homes, unproven=unproven, open_ids=seen)


@router.get("/parts/sensors")
def get_sensors_part(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Return the list alone, for a page that is open."""
    sensors = list_sensors(db, viewer, visit.now)
    homes = home_sensors(visit.speech, sensors, visit.now)
    return render(visit, "parts/sensors.html", homes=homes, unproven=sum(sensor.is_unproven for sensor in sensors))


@router.post("/sensors/{sensor_id}/{deed}")
def post_deed(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, sensor_id: str, deed: Deed) -> Response:
    """Begin or end a test, or tell of a new battery."""
    deeds: dict[Deed, Callable[..., Any]] = {
        Deed.TEST: partial(start_test, lasts=_LASTS),
        Deed.END_TEST: end_test,
        Deed.NEW_BATTERY: renew_count,
    }
    with database.transaction() as db:
        deeds[deed](db, tended(db, viewer, sensor_id), viewer.audit_name, now=visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/sensors#{sensor_id}")
