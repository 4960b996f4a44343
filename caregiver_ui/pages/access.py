"""Who has looked at a resident, for staff who must account for it."""

from fastapi import APIRouter, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.access import access_days
from caregiver_ui.visit import VisitDep
from server.access.api import ViewerDep
from server.access.tables import Role
from server.db.session import DatabaseDep
from server.overview.access_log import PAGE, access_log
from server.overview.service import look_at

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/residents/{resident_id}/access")
def get_access_page(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, before: int | None = None
) -> Response:
    """Show the log. This look is in it, too."""
    viewer.may(Role.STAFF, Role.ADMIN)
    with database.transaction() as db:
        resident, home = look_at(db, viewer, resident_id, visit.now)
        log = access_log(db, viewer, resident_id, visit.now, before)
        seen = open_ids(db, viewer)
    days = access_days(visit.speech, log, home.time_zone)
    path = f"/residents/{resident_id}"
    more = log[-1].number if len(log) == PAGE else None
    return render(
        visit, "access.html", days=days, name=resident.name, back=path, here=f"{path}/access", more=more, open_ids=seen
    )
