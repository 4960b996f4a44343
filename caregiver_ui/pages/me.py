"""A resident's own pages: what is known, their own pause, who sees what, and who has looked."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.access import access_days
from caregiver_ui.views.me import OwnPage, own_page
from caregiver_ui.visit import Visit, VisitDep
from server.absences.rules import OwnPause
from server.absences.service import end, pause
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.db.session import DatabaseDep, ReadDep
from server.errors import AbsenceTimesError, NotFoundError
from server.overview.access_log import PAGE, own_log
from server.overview.service import list_residents
from server.relatives.service import agreements_of
from server.settings import ServerSettings

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/me")
def get_me(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Show a resident what is known of them."""
    return render(visit, "me.html", me=_own(db, visit, viewer, settings), fault="")


@router.get("/parts/me")
def get_me_part(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Return the same alone, for a page that is open."""
    return render(visit, "parts/me.html", me=_own(db, visit, viewer, settings), fault="")


@router.post("/me/pause")
def post_pause(
    visit: VisitDep,
    viewer: ViewerDep,
    settings: SettingsDep,
    database: DatabaseDep,
    length: Annotated[OwnPause, Form()] = OwnPause.HOUR,
) -> Response:
    """Pause. While one lasts this moves its end."""
    try:
        with database.transaction() as db:
            pause(db, viewer, length, visit.now)
    except AbsenceTimesError as error:
        text = visit.speech.gettext("You have paused for {days} days. Ask the home-care service if it is to be longer.")
        with database.reading() as db:
            own = _own(db, visit, viewer, settings)
        return render(visit, "me.html", status=422, me=own, fault=text.format(days=error.days))
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/me")


@router.post("/me/back")
def post_back(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, absence: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """End the pause or absence: the resident is here again."""
    viewer.may(Role.RESIDENT)
    with database.transaction() as db:
        end(db, viewer, absence, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/me")


@router.get("/me/access")
def get_own_access(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, database: DatabaseDep, before: int | None = None
) -> Response:
    """Show who has looked."""
    with database.transaction() as db:
        log = own_log(db, viewer, visit.now, before)
        zone = list_residents(db, viewer, visit.now, settings.link_patience)[0].time_zone
    days = access_days(visit.speech, log, zone)
    more = log[-1].number if len(log) == PAGE else None
    return render(visit, "access.html", days=days, name="", back="/me", here="/me/access", more=more)


def _own(db: Session, visit: Visit, viewer: Viewer, settings: ServerSettings) -> OwnPage:
    viewer.may(Role.RESIDENT)
    residents = list_residents(db, viewer, visit.now, settings.link_patience)
    if not residents:
        raise NotFoundError("resident")
    agreements = agreements_of(db, next(iter(viewer.residents)))
    return own_page(visit.speech, residents[0], viewer.unit_name, agreements, visit.now)
