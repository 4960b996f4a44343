"""The residents of a unit: those who need somebody first, some to a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.resident import resident_card
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import PRIVATE_ROLES
from server.db.session import ReadDep
from server.overview.service import some_in_need
from server.settings import ServerSettings

_A_PAGE = 12

PageQuery = Annotated[int, Query(ge=1, le=10_000)]
FindQuery = Annotated[str, Query(max_length=100)]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/residents")
def get_residents_page(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, page: PageQuery = 1, find: FindQuery = ""
) -> Response:
    """Show a page of residents, or of those found by name or address; who is not at work here has another page."""
    if viewer.role in PRIVATE_ROLES:
        return go_to(visit.request, "/")
    return render(visit, "residents.html", **shown_residents(visit, viewer, db, settings, page, find))


@router.get("/parts/residents")
def get_resident_list(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, page: PageQuery = 1, find: FindQuery = ""
) -> Response:
    """Return the list alone, for a page that is open."""
    return render(visit, "parts/residents.html", **shown_residents(visit, viewer, db, settings, page, find))


def shown_residents(
    visit: Visit, viewer: Viewer, db: Session, settings: ServerSettings, page: int = 1, find: str = ""
) -> dict[str, Any]:
    """Return what the list of residents shows."""
    after = (page - 1) * _A_PAGE
    some = some_in_need(db, viewer, visit.now, settings.link_patience, after=after, most=_A_PAGE, named=find)
    return {
        "residents": [resident_card(visit.speech, one, visit.now) for one in some.residents],
        "of": some.of,
        "page": page,
        "pages": max(1, -(-some.of // _A_PAGE)),
        "find": find,
    }
