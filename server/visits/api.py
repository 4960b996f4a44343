"""The routes by which visits are planned, calendars imported, and staff say that they are there."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import AwareDatetime, BaseModel, Field

from server.access.api import NowDep, ViewerDep
from server.access.service import Viewer
from server.alerting.service import find_alert
from server.db.session import Database, DatabaseDep, ReadDep
from server.visits.calendar_file import read_calendar
from server.visits.calendars import Imported, import_calendar
from server.visits.rules import is_due_soon
from server.visits.service import CARERS, Visit, arrive, cancel_visit, enter_visit, leave, next_visit, resident_of

router = APIRouter(prefix="/api", tags=["visits"])

_File = Annotated[bytes, Body(media_type="text/calendar", description="An iCalendar file (RFC 5545)")]
_TEXT: dict[str, Any] = {
    "requestBody": {"content": {"text/calendar": {"schema": {"type": "string"}}}, "required": True}
}


class VisitIn(BaseModel):
    """A visit to plan."""

    begins_at: AwareDatetime
    ends_at: AwareDatetime
    what: str = Field(default="", max_length=200, description="Who comes, or what for")


class NextVisitOut(BaseModel):
    """Whom a resident waits for. `visit` None: nobody. `is_near`: so near that a call may be about it."""

    visit: Visit | None
    is_near: bool


@router.post("/residents/{resident_id}/visits", status_code=201)
def post_visit(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, told: VisitIn
) -> Visit:
    """Plan a visit by hand. The same again changes nothing."""
    with database.transaction() as db:
        visit = enter_visit(db, viewer, resident_id, told.begins_at, told.ends_at, told.what.strip(), now)
    request.app.state.feed.wake()
    return visit


@router.delete("/visits/{visit_id}", status_code=204)
def delete_visit(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, visit_id: str) -> None:
    """Take back a planned visit."""
    with database.transaction() as db:
        cancel_visit(db, viewer, visit_id, now)
    request.app.state.feed.wake()


@router.post("/residents/{resident_id}/calendar", openapi_extra=_TEXT)
def post_calendar(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, file: _File = b""
) -> Imported:
    """Import a resident's calendar. 422 where it is none, with the line. The same file again changes nothing."""
    return _import(request, viewer, database, resident_id, file, now)


@router.post("/unit/calendar", openapi_extra=_TEXT)
def post_unit_calendar(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, file: _File = b""
) -> Imported:
    """Import a unit's calendar: each event says whom it is about, by `X-LIVSRYTME-RESIDENT` or a home's address."""
    return _import(request, viewer, database, None, file, now)


@router.put("/residents/{resident_id}/presence", status_code=204)
def put_presence(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> None:
    """Be with a resident from now on, for two hours at most: what rests on movement is not told meanwhile."""
    with database.transaction() as db:
        arrive(db, viewer, resident_id, now)
    request.app.state.feed.wake()


@router.delete("/residents/{resident_id}/presence", status_code=204)
def delete_presence(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> None:
    """Leave a resident. Harmless for who was not there."""
    with database.transaction() as db:
        leave(db, viewer, resident_id, now)
    request.app.state.feed.wake()


@router.get("/alerts/{alert_id}/next-visit")
def get_next_visit(viewer: ViewerDep, db: ReadDep, now: NowDep, alert_id: str) -> NextVisitOut:
    """Tell whom the resident of an alert waits for."""
    viewer.may(*CARERS)
    resident_id = find_alert(db, viewer, alert_id).resident_id
    visit = None if resident_id is None else next_visit(db, resident_id, now)
    return NextVisitOut(visit=visit, is_near=visit is not None and is_due_soon(visit.begins_at, visit.ends_at, now))


def _import(
    request: Request, viewer: Viewer, database: Database, resident_id: str | None, file: bytes, now: datetime
) -> Imported:
    viewer.may(*CARERS)
    if resident_id is not None:
        with database.transaction() as db:
            resident_of(db, viewer, resident_id)  # whose calendar it is comes before what is wrong with it
    calendar = read_calendar(file)  # it may take a second: nobody's alarm waits for it
    with database.transaction() as db:
        found = import_calendar(db, viewer, resident_id, calendar, now)
    request.app.state.feed.wake()
    return found
