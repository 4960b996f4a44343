"""Routes and dependencies for signing in."""

import logging
import re
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from gateway.contract.clock import Clock
from server.access.service import Viewer, set_language, sign_in, sign_out, viewer_of
from server.db.session import DatabaseDep
from server.errors import NotAllowedError, NotFoundError, ServerError, WrongCredentialsError
from server.settings import ServerSettings

COOKIE = "livsrytme"
_LOG = logging.getLogger(__name__)
_OPAQUE = re.compile(r"[a-z0-9_-]{1,64}")

router = APIRouter(tags=["access"])


def settings_of(request: Request) -> ServerSettings:
    """Return the settings of the app that serves this request."""
    settings: ServerSettings = request.app.state.settings
    return settings


def now_of(request: Request) -> datetime:
    """Return the present of the world this server lives in."""
    clock: Clock = request.app.state.clock
    return clock.now()


NowDep = Annotated[datetime, Depends(now_of)]
SettingsDep = Annotated[ServerSettings, Depends(settings_of)]


def signed_in(request: Request, database: DatabaseDep, now: NowDep) -> Viewer:
    """Return who is signed in.

    Raises:
        WrongCredentialsError: nobody.
    """
    token = request.cookies.get(COOKIE)
    if token is None:
        raise WrongCredentialsError
    # Not a session of the request: an open stream would hold it, and its connection, for hours.
    with database.reading() as db:
        viewer = viewer_of(db, token, now)
    request.state.viewer = viewer
    return viewer


ViewerDep = Annotated[Viewer, Depends(signed_in)]


def note_refusal(request: Request, error: ServerError) -> None:
    """Log who asked for what they may not have, or what is not there for them: numbers and opaque names only."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    if viewer is None or not isinstance(error, NotFoundError | NotAllowedError):
        return
    # What somebody typed into an address may be anybody's name: only what looks like one of ours is kept.
    asked = {name: value if _OPAQUE.fullmatch(str(value)) else "?" for name, value in request.path_params.items()}
    route = getattr(request.scope.get("route"), "path", "?")
    _LOG.warning("%s refused to %s: %s %s %s", type(error).__name__, viewer.audit_name, request.method, route, asked)


def from_our_own_pages(request: Request) -> None:
    """Refuse a change that another site's page asks a signed-in browser to make.

    Raises:
        NotAllowedError: the browser says the request comes from elsewhere.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowedError("another site asked for this")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowedError("another site asked for this")


class Credentials(BaseModel):
    """What a person types to sign in."""

    username: str = Field(max_length=100)
    password: str = Field(max_length=200)


class ViewerOut(BaseModel):
    """Who is signed in."""

    username: str
    name: str
    role: str
    unit: str
    language: str


def start_session(
    response: Response, database: DatabaseDep, settings: ServerSettings, credentials: Credentials, now: datetime
) -> None:
    """Sign a person in and hand the browser its cookie.

    Raises:
        WrongCredentialsError: user name or password is wrong.
        TooManyAttemptsError: the account must wait.
    """
    lasts = timedelta(hours=settings.session_hours)
    token = sign_in(database, credentials.username, credentials.password, now, lasts)
    # No age: on a duty phone the cookie ends with the browser, and on the server with the session.
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=settings.secure_cookies, path="/")


def end_session(request: Request, response: Response, database: DatabaseDep) -> None:
    """Sign out; harmless when nobody is signed in."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        with database.transaction() as db:
            sign_out(db, token)
    response.delete_cookie(COOKIE, path="/")


@router.post("/api/session", status_code=204)
def post_session(
    credentials: Credentials, response: Response, database: DatabaseDep, settings: SettingsDep, now: NowDep
) -> None:
    """Sign in. The answer sets an HttpOnly cookie."""
    start_session(response, database, settings, credentials, now)


@router.delete("/api/session", status_code=204)
def delete_session(request: Request, response: Response, database: DatabaseDep) -> None:
    """Sign out."""
    end_session(request, response, database)


class LanguageIn(BaseModel):
    """The language somebody reads, and is told in."""

    language: Literal["nb", "nn", "en"]


@router.put("/api/me/language", status_code=204)
def put_language(viewer: ViewerDep, database: DatabaseDep, chosen: LanguageIn) -> None:
    """Read another language from now on. Harmless twice."""
    with database.transaction() as db:
        set_language(db, viewer, chosen.language)


@router.get("/api/me")
def get_me(viewer: ViewerDep) -> ViewerOut:
    """Who am I?"""
    return ViewerOut(
        username=viewer.username, name=viewer.name, role=viewer.role, unit=viewer.unit_name, language=viewer.language
    )
