"""The plan of a week: who is to be on duty when, by hand or from a file."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel
from sqlmodel import Session

from caregiver_ui.language import NORWAY
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.rota import monday_of, shift_fault, week_limits, week_of
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.units import list_units
from server.db.session import Database, DatabaseDep, ReadDep
from server.duty.rota import Wanted, could_be_planned, import_rota, plan_shift, remove_shift, shifts_between
from server.duty.rota_file import LARGEST_FILE
from server.errors import RotaError, ShiftError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/duty/rota")
def get_rota_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep, week: date | None = None) -> Response:
    """Show the week of a day; this one where none is asked for."""
    return render(visit, "rota.html", **_shown(db, visit, viewer, week))


class ShiftForm(BaseModel):
    """A shift as somebody typed it: a user name, a unit's code, a day, and two times."""

    person: str = ""
    unit: str = ""
    day: str = ""
    start: str = ""
    end: str = ""


@router.post("/duty/rota")
def post_shift(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, typed: Annotated[ShiftForm, Form()]
) -> Response:
    """Plan a shift. One that ends at an earlier hour than it begins ends on the next day."""
    begins, ends = _limits(typed)
    if begins is None or ends is None:
        fault = visit.speech.gettext("Choose a day, and the times from and to.")
        return _again(visit, viewer, database, fault=fault, typed=typed)
    try:
        with database.transaction() as db:
            plan_shift(db, viewer, Wanted(typed.person, typed.unit, begins, ends), visit.now)
    except ShiftError as error:
        return _again(visit, viewer, database, fault=shift_fault(visit.speech, error), typed=typed)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/duty/rota?week={typed.day}")


@router.post("/duty/rota/import")
def post_file(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Plan the shifts of a file: all, or none and every fault is named."""
    content = b"" if file is None else file.file.read(LARGEST_FILE + 1)
    try:
        with database.transaction() as db:
            import_rota(db, viewer, content, NORWAY, visit.now)
    except RotaError as error:
        faults = [shift_fault(visit.speech, fault) for fault in error.faults]
        return _again(visit, viewer, database, file_faults=faults)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/duty/rota")


@router.post("/duty/rota/{code}/remove")
def post_remove(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, code: str) -> Response:
    """Take a shift out of the plan."""
    with database.transaction() as db:
        remove_shift(db, viewer, code, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/duty/rota")


def _limits(typed: ShiftForm) -> tuple[datetime | None, datetime | None]:
    try:
        on, begins, ends = date.fromisoformat(typed.day), time.fromisoformat(typed.start), time.fromisoformat(typed.end)
    except ValueError:
        return None, None
    until = on + timedelta(days=1) if ends <= begins else on
    # In UTC: lengths across a change of clocks are wrong in any other zone.
    first, last = (datetime.combine(*one, NORWAY).astimezone(UTC) for one in ((on, begins), (until, ends)))
    return first, last


def _again(visit: Visit, viewer: Viewer, database: Database, **shown: Any) -> Response:  # noqa: ANN401 - what a template shows
    typed: ShiftForm = shown.get("typed", ShiftForm())
    begins, _ = _limits(typed)
    day = None if begins is None else begins.astimezone(NORWAY).date()
    with database.reading() as db:
        return render(visit, "rota.html", status=422, **{**_shown(db, visit, viewer, day), **shown})


def _shown(db: Session, visit: Visit, viewer: Viewer, day: date | None) -> dict[str, Any]:
    today = visit.now.astimezone(NORWAY).date()
    monday = monday_of(day or today)
    shifts = shifts_between(db, viewer, *week_limits(monday))
    return {
        "week": week_of(visit.speech, shifts, monday, visit.now),
        "people": could_be_planned(db, viewer),
        "units": list_units(db, viewer),
        "typed": ShiftForm(day=(day or today).isoformat()),
        "fault": "",
        "file_faults": [],
        "open_ids": open_ids(db, viewer),
    }
