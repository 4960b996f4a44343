"""The calendar of a whole unit: one file from the service's own planning, each event about one of its residents."""

from fastapi import APIRouter, Request, Response, UploadFile

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.plan_words import calendar_fault_words
from caregiver_ui.rendering import render
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep
from server.errors import CalendarError
from server.visits.calendar_file import MOST_BYTES, read_calendar
from server.visits.calendars import Imported, import_calendar
from server.visits.service import CARERS

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/calendar")
def get_unit_calendar(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep) -> Response:
    """Show the form."""
    return _page(visit, viewer, database)


@router.post("/calendar")
def post_unit_calendar(
    request: Request, visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, file: UploadFile | None = None
) -> Response:
    """Import a unit's calendar, and say what came of it: what was left out, and in which line it stands."""
    viewer.may(*CARERS)
    data = b"" if file is None else file.file.read(MOST_BYTES + 1)
    try:
        calendar = read_calendar(data)  # it may take a second: nobody's alarm waits for it
        with database.transaction() as db:
            found = import_calendar(db, viewer, None, calendar, visit.now)
    except CalendarError as error:
        return _page(visit, viewer, database, fault=calendar_fault_words(visit.speech, error))
    request.app.state.feed.wake()
    return _page(visit, viewer, database, imported=found)


def _page(
    visit: Visit, viewer: Viewer, database: Database, *, fault: str = "", imported: Imported | None = None
) -> Response:
    viewer.may(*CARERS)
    with database.reading() as db:
        known = open_ids(db, viewer)
    return render(
        visit,
        "unit_calendar.html",
        status=422 if fault else 200,
        fault=fault,
        imported=imported,
        faults=[calendar_fault_words(visit.speech, one) for one in imported.faults] if imported else [],
        open_ids=known,
    )
