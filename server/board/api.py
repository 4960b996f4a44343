"""Routes of the two boards: devices for those who keep them, tiles for the wall of a duty room."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from server.access.api import NowDep, SettingsDep, ViewerDep, signed_in
from server.access.tables import PRIVATE_ROLES
from server.board.devices import DeviceBoard, device_board
from server.board.links import LinkView, list_links
from server.board.marks import LONGEST_REASON, NewMark, mark, wake
from server.board.rules import LONGEST_MARK, Fault, MarkKind
from server.board.screens import ScreenView, Watched, close_screen, list_screens, make_screen, note_seen, watched_by
from server.board.tiles import Wall, wall_of
from server.db.session import DatabaseDep, ReadDep
from server.errors import NotAllowedError, WrongCredentialsError
from server.live.api import stream_of

SCREEN_COOKIE = "livsrytme-screen"

router = APIRouter(tags=["board"])


class DevicesOut(BaseModel):
    """The board of devices, with the links between homes and people."""

    board: DeviceBoard
    links: list[LinkView]


class MarkIn(BaseModel):
    """What to say of a fault. A snooze moves it down until then; nothing but contact ends it."""

    kind: MarkKind
    fault: Fault
    why: str = Field(max_length=LONGEST_REASON)
    hours: int = Field(ge=1, le=int(LONGEST_MARK.total_seconds() // 3600))


class ScreenIn(BaseModel):
    """A screen to hang up."""

    name: str = Field(min_length=1, max_length=60, description="Where it hangs")


class ScreenCodeOut(BaseModel):
    """The code to type at the screen, once, within half an hour."""

    code: str


@router.get("/api/devices")
def get_devices(viewer: ViewerDep, db: ReadDep, now: NowDep, settings: SettingsDep) -> DevicesOut:
    """List what is wrong with devices, by who is at risk, and the links with when each was last proven."""
    board = device_board(db, viewer, now, settings.link_patience)
    return DevicesOut(board=board, links=list_links(db, viewer, now, settings.link_patience))


@router.post("/api/devices/{device}/marks", status_code=204)
def post_mark(
    viewer: ViewerDep, database: DatabaseDep, request: Request, now: NowDep, device: str, said: MarkIn
) -> None:
    """Comment on a fault, or answer for it until a time. It ends on contact, and after a week at the latest."""
    new = NewMark(said.kind, said.fault, said.why, timedelta(hours=said.hours))
    with database.transaction() as db:
        mark(db, viewer, device, new, now)
    request.app.state.feed.wake()


@router.delete("/api/devices/{device}/snooze", status_code=204)
def delete_snooze(viewer: ViewerDep, database: DatabaseDep, request: Request, now: NowDep, device: str) -> None:
    """End a snooze before its time. Harmless where there is none."""
    with database.transaction() as db:
        wake(db, viewer, device, now)
    request.app.state.feed.wake()


@router.get("/api/screens")
def get_screens(viewer: ViewerDep, db: ReadDep) -> list[ScreenView]:
    """List the screens on walls, with when each was last seen."""
    return list_screens(db, viewer)


@router.post("/api/screens", status_code=201)
def post_screen(viewer: ViewerDep, database: DatabaseDep, now: NowDep, screen: ScreenIn) -> ScreenCodeOut:
    """Make a screen of one's unit."""
    with database.transaction() as db:
        return ScreenCodeOut(code=make_screen(db, viewer, screen.name, now))


@router.delete("/api/screens/{screen}", status_code=204)
def delete_screen(viewer: ViewerDep, database: DatabaseDep, now: NowDep, screen: str) -> None:
    """End a screen: from now on it shows nothing."""
    with database.transaction() as db:
        close_screen(db, viewer, screen, now)


def watched_of(request: Request, database: DatabaseDep, now: NowDep) -> Watched:
    """Return what is watched: by a screen with its cookie, else by whoever is signed in.

    Raises:
        WrongCredentialsError: neither.
        NotAllowedError: relatives and residents watch no wall.
    """
    token = request.cookies.get(SCREEN_COOKIE)
    if token is not None:
        try:
            with database.reading() as db:
                watched = watched_by(db, token)
        except WrongCredentialsError:
            pass  # an ended screen's cookie must not keep a person out
        else:
            return watched
    viewer = signed_in(request, database, now)
    if viewer.role in PRIVATE_ROLES:
        raise NotAllowedError(viewer.role)
    return Watched(viewer.units, viewer.unit_name)


WatchedDep = Annotated[Watched, Depends(watched_of)]


def look_at_wall(watched: Watched, database: DatabaseDep, now: datetime, patience: timedelta) -> Wall:
    """Return what the wall shows, and note that its screen asked."""
    with database.reading() as db:
        wall = wall_of(db, watched.unit_ids, watched.unit_name, now, patience)
    if watched.screen is not None:
        with database.transaction() as db:
            note_seen(db, watched.screen, now)
    return wall


@router.get("/api/board")
def get_board(watched: WatchedDep, database: DatabaseDep, now: NowDep, settings: SettingsDep) -> Wall:
    """Tell what the wall of a duty room shows: flats and how grave it is in each. No names of residents."""
    return look_at_wall(watched, database, now, settings.link_patience)


@router.get("/board/live")
async def get_board_live(request: Request, watched: WatchedDep) -> StreamingResponse:
    """Stream `change` and `beat` events of what is watched: that something changed, and nothing of what."""
    return stream_of(request, lambda change: change.unit_id in watched.unit_ids, is_blank=True)
