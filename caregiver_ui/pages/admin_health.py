"""How the service itself is, for those who must see to it. What is not known is said to be unknown."""

from fastapi import APIRouter, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.health import health_page
from caregiver_ui.visit import VisitDep
from server.access.api import ViewerDep
from server.administration.health import health_of
from server.db.session import ReadDep

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/admin/health")
def get_health_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show what waits, what is silent, what was last proven, and how quick alerts were."""
    found = health_of(db, viewer, visit.now)
    known = open_ids(db, viewer)
    return render(visit, "admin_health.html", health=health_page(visit.speech, found), open_ids=known)
