"""One resident: the present, the last day and the last week."""

from fastapi import APIRouter, Response

from caregiver_ui.company_words import company_words
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.resident import resident_page
from caregiver_ui.visit import VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.tables import PRIVATE_ROLES
from server.db.session import DatabaseDep
from server.errors import NotAllowedError
from server.overview.access_log import READERS
from server.overview.service import get_resident
from server.relatives.thread import unread_by_resident

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/residents/{resident_id}")
def get_resident_page(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, database: DatabaseDep, resident_id: str
) -> Response:
    """Show a resident to staff; times of movement are not for relatives."""
    if viewer.role in PRIVATE_ROLES:
        raise NotAllowedError(viewer.role)
    # A writing transaction, because the look goes into the audit.
    with database.transaction() as db:
        detail = get_resident(db, viewer, resident_id, visit.now, settings.link_patience)
        seen = open_ids(db, viewer)
        company = company_words(db, visit, viewer, resident_id)
        unread = unread_by_resident(db, viewer, visit.now)
    page = resident_page(visit.speech, detail, visit.now)
    return render(
        visit,
        "resident.html",
        resident=page,
        may_read_log=viewer.role in READERS,
        open_ids=seen,
        company=company,
        unread=unread,
    )
