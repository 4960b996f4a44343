"""The residents as the service centre reviews them: who changed most stands first."""

from fastapi import APIRouter, Query, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.overview import overview_page
from caregiver_ui.visit import VisitDep
from server.access.api import ViewerDep
from server.db.session import ReadDep
from server.overview.development import list_changes

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/overview")
def get_overview_page(
    visit: VisitDep, viewer: ViewerDep, db: ReadDep, show: str = "all", page: int = Query(default=1, ge=1, le=10_000)
) -> Response:
    """Show residents by how far their last week is from what is usual for them."""
    overview = overview_page(visit.speech, list_changes(db, viewer, visit.now), show, page)
    return render(visit, "overview.html", overview=overview, open_ids=open_ids(db, viewer))
