"""The routes of hand-overs."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from server.access.api import NowDep, SettingsDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.handovers import service
from server.handovers.rules import Listed

router = APIRouter(prefix="/api", tags=["duty"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NoteIn(BaseModel):
    """Something the next shift is to know."""

    unit: str = Field(max_length=100)
    text: str


class NoteOut(_Out):
    """A note, and who wrote it when."""

    code: str
    by: str
    at: datetime
    text: str
    is_mine: bool


class HandoverOut(_Out):
    """A hand-over with both signatures, as far as they are there. `listed`: how things stood then; opaque names."""

    code: str
    unit: str
    unit_name: str
    begun_at: datetime
    notes: tuple[NoteOut, ...]
    listed: Listed
    left_by: str | None
    left_at: datetime | None
    taken_by: str | None
    taken_at: datetime | None
    is_whole: bool = Field(description="False: it is no longer what was signed, by the audit")


class UnitIn(BaseModel):
    """A unit's code."""

    unit: str = Field(max_length=100)


@router.get("/handovers")
def get_handovers(viewer: ViewerDep, db: ReadDep, now: NowDep, settings: SettingsDep) -> list[HandoverOut]:
    """List the last hand-overs of the viewer's units, the present one first."""
    return [HandoverOut.model_validate(one) for one in service.list_handovers(db, viewer, now, settings.link_patience)]


@router.post("/handovers/notes", status_code=201)
def post_note(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, note: NoteIn) -> dict[str, str]:
    """Write something down for the next shift."""
    with database.transaction() as db:
        code = service.add_note(db, viewer, note.unit, note.text, now)
    request.app.state.feed.wake()
    return {"code": code}


@router.delete("/handovers/notes/{code}", status_code=204)
def delete_note(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, code: str) -> None:
    """Take a note of one's own away. 409 once the hand-over is signed."""
    with database.transaction() as db:
        service.remove_note(db, viewer, code, now)
    request.app.state.feed.wake()


@router.post("/handovers", status_code=201)
def post_handover(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, asked: UnitIn
) -> dict[str, str]:
    """Sign a unit's hand-over for those who leave: it does not change from here on."""
    with database.transaction() as db:
        code = service.sign_leaving(db, viewer, asked.unit, now, settings.link_patience)
    request.app.state.feed.wake()
    return {"code": code}


@router.post("/handovers/{code}/coming", status_code=204)
def post_coming(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, code: str) -> None:
    """Sign it for those who come. 409 for who signed it as leaving, and where somebody else has it."""
    with database.transaction() as db:
        service.sign_coming(db, viewer, code, now)
    request.app.state.feed.wake()
