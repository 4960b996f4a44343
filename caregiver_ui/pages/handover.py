"""The hand-over from one shift to the next: notes, what is open, two signatures."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.handover import duty_unit, faults_in_words, handover_panels
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.units import list_units
from server.db.session import DatabaseDep, ReadDep
from server.duty.proof import who_is_on_duty
from server.duty.service import own_unit
from server.errors import HandoverError
from server.handovers.service import (
    add_note,
    list_handovers,
    names_in,
    present_in,
    remove_note,
    sign_coming,
    sign_leaving,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/duty/handover")
def get_handover_page(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Show what this shift writes, what waits for a signature, and the last ones that were signed."""
    return render(visit, "handover.html", **_shown(db, visit, viewer, settings.link_patience))


@router.post("/duty/handover/notes")
def post_note(
    visit: VisitDep,
    viewer: ViewerDep,
    settings: SettingsDep,
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
            return render(
                visit, "handover.html", status=422, **_shown(db, visit, viewer, settings.link_patience, fault, text)
            )
    return _done(visit)


@router.post("/duty/handover/notes/{code}/remove")
def post_remove(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, code: str) -> Response:
    """Take a note of one's own away."""
    with database.transaction() as db:
        remove_note(db, viewer, code, visit.now)
    return _done(visit)


@router.post("/duty/handover/leaving")
def post_leaving(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, database: DatabaseDep, unit: Annotated[str, Form()]
) -> Response:
    """Sign as leaving: nothing of it changes from here on."""
    with database.transaction() as db:
        sign_leaving(db, viewer, unit, visit.now, settings.link_patience)
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


def _shown(
    db: Session, visit: Visit, viewer: Viewer, patience: timedelta, fault: str = "", text: str = ""
) -> dict[str, Any]:
    unit = duty_unit(who_is_on_duty(db, viewer, visit.now)) or own_unit(db, viewer)
    handovers = list_handovers(db, viewer, visit.now, patience)
    present = present_in(db, viewer, unit, visit.now, patience)
    names = names_in(db, viewer, [present, *(one.listed for one in handovers)])
    units = {one.code: one.name for one in list_units(db, viewer)}
    return {
        "handover": handover_panels(visit.speech, handovers, unit, present, names, visit.now),
        "unit": unit,
        "unit_name": units.get(unit, unit),
        "fault": fault,
        "text": text,
        "open_ids": open_ids(db, viewer),
    }
