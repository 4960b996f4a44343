"""A relative's page: one calm status for each resident they follow, and where they can help."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Response

from caregiver_ui.fields import clock_field
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.relative_words import faults_words
from caregiver_ui.rendering import render
from caregiver_ui.views.relative import asked_card, relative_status
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.errors import AlertNotOpenError, UnfitError
from server.overview.relative import own_views
from server.relatives.company import keep_company, leave
from server.relatives.service import resident_for
from server.relatives.steps import answer, asked_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_USUALLY_UNTIL = "20:00"


@router.get("/status")
def get_status(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Show the status."""
    return _answer(visit, viewer, settings, db, "relative.html")


@router.get("/parts/status")
def get_status_part(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Return the status alone, for a page that is open."""
    return _answer(visit, viewer, settings, db, "parts/status.html")


@router.post("/asked/{alert_id}")
def post_answer(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, alert_id: str, *, goes: Annotated[bool, Form()]
) -> Response:
    """Go there, or not. What has been seen to meanwhile is shown as that."""
    try:
        with database.transaction() as db:
            answer(db, viewer, alert_id, goes=goes, now=visit.now)
    except AlertNotOpenError:
        pass  # the page that follows says that it has been seen to
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/status")


@router.post("/residents/{resident_id}/company")
def post_company(
    visit: VisitDep,
    viewer: ViewerDep,
    settings: SettingsDep,
    database: DatabaseDep,
    resident_id: str,
    until: Annotated[str, Form()] = "",
) -> Response:
    """Say that one is there from now until a time of today, or of the night that follows."""
    try:
        with database.transaction() as db:
            _, zone = resident_for(db, viewer, resident_id)
            keep_company(db, viewer, resident_id, visit.now, _until(until, visit.now, zone), visit.now)
    except UnfitError as error:
        with database.reading() as db:
            faults = faults_words(visit.speech, error.faults)
            return _answer(
                visit, viewer, settings, db, "relative.html", status=422, typed={resident_id: (until, faults["until"])}
            )
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/status")


@router.post("/company/{company_id}/leave")
def post_leave(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, company_id: str) -> Response:
    """Say that one has left, or does not come."""
    with database.transaction() as db:
        leave(db, viewer, company_id, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, "/status")


def _until(typed: str, now: datetime, zone: ZoneInfo) -> datetime:
    minutes = clock_field(typed)
    if minutes is None:
        return now
    local = now.astimezone(zone)
    until = local.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)
    return until if until > local else until + timedelta(days=1)


def _answer(
    visit: Visit,
    viewer: ViewerDep,
    settings: SettingsDep,
    db: ReadDep,
    template: str,
    *,
    status: int = 200,
    typed: dict[str, tuple[str, str]] | None = None,
) -> Response:
    views = own_views(db, viewer, visit.now, settings.link_patience)
    return render(
        visit,
        template,
        status=status,
        residents=[relative_status(visit.speech, view, visit.now) for view in views],
        asked=[asked_card(visit.speech, one, visit.now) for one in asked_of(db, viewer, visit.now)],
        typed=typed or {},
        usually_until=_USUALLY_UNTIL,
    )
