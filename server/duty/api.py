"""The routes of duty: who is at work, and the plan."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.access.api import NowDep, ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep, ReadDep
from server.duty import proof, rota, service
from server.duty.rota_file import LARGEST_FILE
from server.errors import RotaError, ShiftError

router = APIRouter(prefix="/api", tags=["duty"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class OnDutyOut(_Out):
    """Somebody on duty. `proven_at`: when a test alert arrived on their device; None: it never did."""

    name: str
    unit: str
    unit_name: str
    from_at: datetime
    tested_at: datetime | None
    proven_at: datetime | None
    by: tuple[str, ...] = Field(description="The channels it arrived by")
    has_failed: bool
    successor: str | None = Field(description="Whose duty must begin before this one ends")
    is_mine: bool


class DutyIn(BaseModel):
    """For which unit duty begins; None: one's own."""

    unit: str | None = Field(default=None, max_length=100)


class LeaveIn(BaseModel):
    """Who takes over, by user name; needed from the last one."""

    successor: str | None = Field(default=None, max_length=100)


class SuccessorOut(_Out):
    """Who could take over."""

    username: str
    name: str


class ShiftIn(BaseModel):
    """A shift to plan: a user name, a unit's code, and moments with their zone."""

    person: str = Field(max_length=100)
    unit: str = Field(max_length=100)
    from_at: AwareDatetime
    to_at: AwareDatetime


class ShiftOut(_Out):
    """A planned shift."""

    code: str
    person: str
    unit: str
    unit_name: str
    from_at: datetime
    to_at: datetime


@router.get("/duty")
def get_duty(viewer: ViewerDep, db: ReadDep, now: NowDep) -> list[OnDutyOut]:
    """List who is on duty for the viewer's units."""
    return [OnDutyOut.model_validate(one) for one in proof.who_is_on_duty(db, viewer, now)]


@router.post("/duty")
def post_duty(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, asked: DutyIn
) -> list[OnDutyOut]:
    """Begin duty, and have a test alert sent that must arrive. Begun already, it only sends another test."""
    with database.transaction() as db:
        service.begin(db, viewer, asked.unit or service.own_unit(db, viewer), now)
        proof.send_test(db, viewer, now)
    request.app.state.feed.wake()
    return _who(database, viewer, now)


@router.post("/duty/end")
def post_end(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, asked: LeaveIn
) -> list[OnDutyOut]:
    """End duty. 409 for the last one who names nobody; with a name it lasts until that person has begun."""
    with database.transaction() as db:
        service.leave(db, viewer, now, asked.successor)
    request.app.state.feed.wake()
    return _who(database, viewer, now)


@router.get("/duty/successors")
def get_successors(viewer: ViewerDep, db: ReadDep) -> list[SuccessorOut]:
    """List who could take over the viewer's duty."""
    return [SuccessorOut.model_validate(one) for one in service.successors(db, viewer)]


@router.post("/duty/test", status_code=204)
def post_test(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep) -> None:
    """Send another test alert to the viewer, who is on duty."""
    with database.transaction() as db:
        proof.send_test(db, viewer, now)
    request.app.state.feed.wake()


@router.get("/rota")
def get_rota(
    viewer: ViewerDep,
    db: ReadDep,
    now: NowDep,
    from_at: AwareDatetime | None = None,
    to_at: AwareDatetime | None = None,
) -> list[ShiftOut]:
    """List planned shifts; of the next week where nothing else is asked for."""
    begins = from_at or now
    found = rota.shifts_between(db, viewer, begins, to_at or begins + timedelta(days=7))
    return [ShiftOut.model_validate(one) for one in found]


@router.post("/rota", status_code=201)
def post_shift(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, asked: ShiftIn
) -> dict[str, str]:
    """Plan a shift. 422 with the other shift named where the person has one at that time."""
    with database.transaction() as db:
        wanted = rota.Wanted(asked.person, asked.unit, asked.from_at, asked.to_at)
        code = rota.plan_shift(db, viewer, wanted, now)
    request.app.state.feed.wake()
    return {"code": code}


@router.delete("/rota/{code}", status_code=204)
def delete_shift(request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, code: str) -> None:
    """Take a shift out of the plan."""
    with database.transaction() as db:
        rota.remove_shift(db, viewer, code, now)
    request.app.state.feed.wake()


@router.post("/rota/import")
async def post_rota_file(
    request: Request,
    viewer: ViewerDep,
    database: DatabaseDep,
    now: NowDep,
    zone: Annotated[str, Query(max_length=60, description="In which the file's times are")] = "Europe/Oslo",
) -> dict[str, int]:
    """Plan the shifts of a file (text/csv: person, unit, from, to): all of them, or none and 422 with every fault."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_FILE:
            raise RotaError([ShiftError("too_large")])
    return {"planned": await run_in_threadpool(_import, request, viewer, database, bytes(content), zone, now)}


def _who(database: Database, viewer: Viewer, now: datetime) -> list[OnDutyOut]:
    with database.reading() as db:
        return get_duty(viewer, db, now)


def _import(request: Request, viewer: Viewer, database: Database, content: bytes, zone: str, now: datetime) -> int:
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise RotaError([ShiftError("unknown_zone", said=zone)]) from None
    with database.transaction() as db:
        planned = rota.import_rota(db, viewer, content, place, now)
    request.app.state.feed.wake()
    return planned
