"""Language and light, chosen on any page, with or without signing in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from caregiver_ui.language import Language
from caregiver_ui.pages.route import PageRoute, local_path
from caregiver_ui.visit import LANGUAGE_COOKIE, SCHEME_COOKIE, Scheme
from server.access.api import COOKIE, NowDep, SettingsDep
from server.access.service import set_language, viewer_of
from server.db.session import Database, DatabaseDep
from server.errors import WrongCredentialsError

# A duty phone keeps its light and language for a year.
_KEEP_S = 365 * 24 * 3600

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/preferences")
def post_preferences(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    now: NowDep,
    language: Annotated[Language | None, Form()] = None,
    scheme: Annotated[Scheme | None, Form()] = None,
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Remember a choice in this browser; a signed-in person's language follows the person."""
    answer = RedirectResponse(local_path(back), status_code=303)
    chosen = {LANGUAGE_COOKIE: language, SCHEME_COOKIE: scheme}
    for cookie, choice in chosen.items():
        if choice is not None:
            answer.set_cookie(
                cookie, choice, max_age=_KEEP_S, httponly=True, samesite="lax", secure=settings.secure_cookies, path="/"
            )
    token = request.cookies.get(COOKIE)
    if language is not None and token is not None:
        _remember(database, token, language, now)
    return answer


def _remember(database: Database, token: str, language: Language, now: NowDep) -> None:
    try:
        with database.transaction() as db:
            set_language(db, viewer_of(db, token, now), language)
    except WrongCredentialsError:
        return  # the session has run out; the browser's own choice still holds
