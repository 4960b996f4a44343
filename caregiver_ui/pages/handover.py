"""The hand-over from one shift to the next: notes, what is open, two signatures."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from caregiver_ui.language import NORWAY
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.handover import duty_unit, faults_in_words, handover_panels
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.units import list_units
from server.alerting.views import list_alerts
from server.db.session import DatabaseDep, ReadDep
from server.duty.handover import add_note, list_handovers, remove_note, sign_coming, sign_leaving
from server.duty.proof import who_is_on_duty
from server.duty.service import own_unit
from server.errors import HandoverError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/duty/handover")
def get_handover_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show what this shift writes, what waits for a signature, and the last ones that were signed."""
    return render(visit, "handover.html", **_shown(db, visit, viewer))


@router.post("/duty/handover/notes")
def post_note(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    unit: Annotated[str, Form()],
    text: Annotated[str, Form()] = "",
) -> Response:
    """Write something down for the next shift."""
    try:
        with database.transaction() as db:
            add_note(db, viewer, unit, text, visit.now)
    except HandoverError as error:
        fault = faults_in_words(visit.speech, error)
        with database.reading() as db:
            return render(visit, "handover.html", status=422, **_shown(db, visit, viewer, fault, text))
    return _done(visit)


@router.post("/duty/handover/notes/{code}/remove")
def post_remove(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, code: str) -> Response:
    """Take a note of one's own away."""
    with database.transaction() as db:
        remove_note(db, viewer, code, visit.now)
    return _done(visit)


@router.post("/duty/handover/leaving")
def post_leaving(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, unit: Annotated[str, Form()]) -> Response:
    """Sign as leaving: nothing of it changes from here on."""
    with database.transaction() as db:
        sign_leaving(db, viewer, unit, visit.now)
    return _done(visit)


@router.post("/duty/handover/{code}/coming")
def post_coming(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, code: str) -> Response:
    """Sign as coming."""
    with database.transaction() as db:
        sign_coming(db, viewer, code, visit.now)
    return _done(visit)


def _done(visit: Visit) -> Response:
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/duty/handover")


def _shown(db: Session, visit: Visit, viewer: Viewer, fault: str = "", text: str = "") -> dict[str, Any]:
    unit = duty_unit(who_is_on_duty(db, viewer, visit.now)) or own_unit(db, viewer)
    alerts = [alert for group in ("open", "taken") for alert in list_alerts(db, viewer, group)]
    panels = handover_panels(visit.speech, list_handovers(db, viewer), unit, alerts, visit.now)
    names = {one.code: one.name for one in list_units(db, viewer)}
    return {
        "handover": panels,
        "unit": unit,
        "unit_name": names.get(unit, unit),
        "fault": fault,
        "text": text,
        "zone": NORWAY,
        "open_ids": open_ids(alerts),
    }
