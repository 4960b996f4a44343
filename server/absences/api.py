"""The routes by which absences and pauses are set, moved and ended. Each has an end."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field

from server.absences.rules import AbsenceKind, OwnPause
from server.absences.service import Wanted, change_end, end, pause, set_absence
from server.absences.tables import Absence
from server.access.api import NowDep, ViewerDep
from server.db.session import DatabaseDep

router = APIRouter(prefix="/api", tags=["absences"])


class AbsenceIn(BaseModel):
    """An absence to set."""

    kind: AbsenceKind
    begins_at: AwareDatetime | None = Field(default=None, description="None: now")
    ends_at: AwareDatetime
    note: str = Field(default="", max_length=500)


class EndIn(BaseModel):
    """Another end."""

    ends_at: AwareDatetime


class PauseIn(BaseModel):
    """How long a resident pauses."""

    length: OwnPause


class AbsenceOut(BaseModel):
    """An absence as it was kept."""

    id: str
    kind: AbsenceKind
    begins_at: datetime
    ends_at: datetime


@router.post("/residents/{resident_id}/absences", status_code=201)
def post_absence(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, told: AbsenceIn
) -> AbsenceOut:
    """Set an absence. 409 where one of this kind holds in that time; 422 where its times make no sense."""
    wanted = Wanted(told.kind, told.begins_at or now, told.ends_at, told.note.strip())
    with database.transaction() as db:
        kept = _out(set_absence(db, viewer, resident_id, wanted, now))
    request.app.state.feed.wake()
    return kept


@router.put("/absences/{absence_id}")
def put_end(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, absence_id: str, told: EndIn
) -> AbsenceOut:
    """Move the end of an absence that is not over."""
    with database.transaction() as db:
        kept = _out(change_end(db, viewer, absence_id, told.ends_at, now))
    request.app.state.feed.wake()
    return kept


@router.delete("/absences/{absence_id}", status_code=204)
def delete_absence(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, absence_id: str) -> None:
    """End an absence at once. A resident may end their own."""
    with database.transaction() as db:
        end(db, viewer, absence_id, now)
    request.app.state.feed.wake()


@router.post("/me/pause", status_code=201)
def post_pause(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, told: PauseIn) -> AbsenceOut:
    """Pause for oneself, as a resident. While one lasts this moves its end."""
    with database.transaction() as db:
        kept = _out(pause(db, viewer, told.length, now))
    request.app.state.feed.wake()
    return kept


def _out(row: Absence) -> AbsenceOut:
    return AbsenceOut(id=row.code, kind=row.kind, begins_at=row.begins_at, ends_at=row.ends_at)
