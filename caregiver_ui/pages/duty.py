"""Start and end of duty: one button, a test alert that must arrive, and who else is at work."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.duty import duty_panel
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.units import list_units
from server.db.session import DatabaseDep, ReadDep
from server.duty.proof import send_test, who_is_on_duty
from server.duty.service import begin, leave, own_unit, successors
from server.errors import LastOnDutyError, NotFoundError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/duty")
def get_duty_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show whether the reader is on duty, and who else is."""
    return render(visit, "duty.html", **_shown(db, visit, viewer))


@router.get("/parts/duty")
def get_duty_part(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Return it alone, for a page that is open."""
    return render(visit, "parts/duty.html", **_shown(db, visit, viewer))


@router.post("/duty/start")
def post_start(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, unit: Annotated[str, Form()] = ""
) -> Response:
    """Begin duty, or try once more whether alerts arrive."""
    with database.transaction() as db:
        begin(db, viewer, unit or own_unit(db, viewer), visit.now)
        send_test(db, viewer, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/duty")


@router.post("/duty/test")
def post_test(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep) -> Response:
    """Send another test alert."""
    with database.transaction() as db:
        send_test(db, viewer, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/duty")


@router.post("/duty/end")
def post_end(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, successor: Annotated[str, Form()] = ""
) -> Response:
    """End duty. The last one is asked who takes over, and stays until they have begun."""
    speech = visit.speech
    try:
        with database.transaction() as db:
            leave(db, viewer, visit.now, successor or None)
    except LastOnDutyError:
        fault = speech.gettext("You are the last one on duty. Choose who takes over; you stay until they have started.")
    except NotFoundError:
        fault = speech.gettext("They can not take over this duty. Choose somebody from the list.")
    else:
        visit.request.app.state.feed.wake()
        return go_to(visit.request, "/duty")
    with database.reading() as db:
        return render(visit, "duty.html", status=409, **_shown(db, visit, viewer, fault))


def _shown(db: Session, visit: Visit, viewer: Viewer, fault: str = "") -> dict[str, Any]:
    return {
        "duty": duty_panel(visit.speech, who_is_on_duty(db, viewer, visit.now), visit.now),
        "units": list_units(db, viewer),
        "own_unit": own_unit(db, viewer),
        "successors": successors(db, viewer),
        "fault": fault,
        "open_ids": open_ids(db, viewer),
    }
