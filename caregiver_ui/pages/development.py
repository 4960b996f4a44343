"""How one resident's days develop over weeks, with notes for colleagues."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.development import development_page
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep
from server.errors import NoteError
from server.overview.development import add_note, get_development

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/residents/{resident_id}/development")
def get_development_page(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, rows: str = "midnight"
) -> Response:
    """Show the last weeks. `rows`: whether they begin at midnight or at noon."""
    return _page(visit, viewer, database, resident_id, from_noon=rows == "noon")


@router.post("/residents/{resident_id}/development/notes")
def post_note(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, text: Annotated[str, Form()] = ""
) -> Response:
    """Add a note; one that cannot be kept comes back with the reason beside it."""
    try:
        with database.transaction() as db:
            add_note(db, viewer, resident_id, text, visit.now)
    except NoteError as error:
        words = visit.speech.gettext("Write something first, {n} letters at most.").format(n=error.longest)
        return _page(visit, viewer, database, resident_id, from_noon=False, typed=text, fault=words)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/residents/{resident_id}/development#notes")


def _page(
    visit: Visit,
    viewer: Viewer,
    database: Database,
    resident_id: str,
    *,
    from_noon: bool,
    typed: str = "",
    fault: str = "",
) -> Response:
    with database.transaction() as db:
        found = get_development(db, viewer, resident_id, visit.now)
    page = development_page(visit.speech, found, visit.now, from_noon=from_noon)
    return render(
        visit, "development.html", status=422 if fault else 200, page=page, from_noon=from_noon, typed=typed,
        fault=fault,
    )  # fmt: skip
