"""A relative's page: one calm status for each resident they follow."""

from fastapi import APIRouter, Response

from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.relative import relative_status
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.tables import Role
from server.db.session import ReadDep
from server.errors import NotAllowedError
from server.overview.service import list_residents

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/status")
def get_status(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Show the status."""
    return _answer(visit, viewer, settings, db, "relative.html")


@router.get("/parts/status")
def get_status_part(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Return the status alone, for a page that is open."""
    return _answer(visit, viewer, settings, db, "parts/status.html")


def _answer(visit: Visit, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, template: str) -> Response:
    if viewer.role is not Role.RELATIVE:
        raise NotAllowedError(viewer.role)
    residents = list_residents(db, viewer, visit.now, settings.link_patience)
    return render(
        visit, template, residents=[relative_status(visit.speech, resident, visit.now) for resident in residents]
    )
