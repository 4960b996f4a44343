"""The wall of a duty room, how a screen is opened for it, and where its screens are kept."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.board import wall_page
from caregiver_ui.visit import GuestDep, Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.board.api import SCREEN_COOKIE, WatchedDep, look_at_wall, watched_of
from server.board.screens import close_screen, list_screens, make_screen, open_screen
from server.db.session import DatabaseDep, ReadDep
from server.errors import WrongCodeError, WrongCredentialsError
from server.settings import ServerSettings

_A_YEAR_S = 365 * 24 * 3600
_LONGEST_NAME = 60

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/board")
def get_board_page(visit: GuestDep, request: Request, database: DatabaseDep, settings: SettingsDep) -> Response:
    """Show the wall; where nobody is signed in, ask for a screen's code."""
    try:
        watched = watched_of(request, database, visit.now)
    except WrongCredentialsError:
        return render(visit, "board_open.html", status=401, typed="", fault="")
    wall = look_at_wall(watched, database, visit.now, settings.link_patience)
    return render(visit, "board.html", wall=wall_page(visit.speech, wall, visit.now))


@router.get("/parts/board")
def get_board_part(visit: GuestDep, watched: WatchedDep, database: DatabaseDep, settings: SettingsDep) -> Response:
    """Return the tiles alone, for a wall that is open."""
    wall = look_at_wall(watched, database, visit.now, settings.link_patience)
    return render(visit, "parts/board.html", wall=wall_page(visit.speech, wall, visit.now))


@router.post("/board/open")
def post_code(
    visit: GuestDep, database: DatabaseDep, settings: SettingsDep, code: Annotated[str, Form()] = ""
) -> Response:
    """Open this screen with its code. A code that is wrong, used or too old comes back with the reason."""
    try:
        with database.transaction() as db:
            token = open_screen(db, code, visit.now)
    except WrongCodeError:
        words = visit.speech.gettext("The code is wrong, was used, or is older than half an hour. Ask for a new one.")
        return render(visit, "board_open.html", status=403, typed=code, fault=words)
    answer = RedirectResponse("/board", status_code=303)
    _keep(answer, settings, token)
    return answer


def _keep(answer: Response, settings: ServerSettings, token: str) -> None:
    # Strict: nothing but the screen's own page ever sends it.
    answer.set_cookie(
        SCREEN_COOKIE, token, max_age=_A_YEAR_S, httponly=True, samesite="strict", secure=settings.secure_cookies
    )


@router.get("/board/screens")
def get_screens_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """List the screens that hang somewhere."""
    return _screens(visit, viewer, db)


@router.post("/board/screens")
def post_screen(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, name: Annotated[str, Form()] = ""
) -> Response:
    """Make a screen and show its code, once."""
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        with database.reading() as db:
            words = visit.speech.gettext("Write where the screen hangs, {n} letters at most.").format(n=_LONGEST_NAME)
            return _screens(visit, viewer, db, typed=name, fault=words)
    with database.transaction() as db:
        code = make_screen(db, viewer, name, visit.now)
        return _screens(visit, viewer, db, code=code)


@router.post("/board/screens/{screen}/end")
def post_end(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, screen: str) -> Response:
    """End a screen."""
    with database.transaction() as db:
        close_screen(db, viewer, screen, visit.now)
    return go_to(visit.request, "/board/screens")


def _screens(
    visit: Visit, viewer: ViewerDep, db: ReadDep, *, code: str = "", typed: str = "", fault: str = ""
) -> Response:
    screens = [
        (one, visit.speech.ago(one.seen_at, visit.now) if one.seen_at else visit.speech.gettext("Never"))
        for one in list_screens(db, viewer)
    ]
    return render(
        visit, "screens.html", status=422 if fault else 200, screens=screens, code=code, typed=typed, fault=fault
    )
