"""Turns what goes wrong on a page into a page: never a stack trace, never bare JSON."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from typing_extensions import override

from caregiver_ui.language import Speech
from caregiver_ui.rendering import render
from caregiver_ui.views.handover import faults_in_words
from caregiver_ui.visit import visit_by
from server.access.api import note_refusal, now_of, signed_in
from server.access.service import Viewer
from server.db.session import database_of
from server.errors import (
    HandoverError,
    NotAllowedError,
    NotFoundError,
    ServerError,
    TooLongMutedError,
    UnrateableError,
    WrongCredentialsError,
)

SIGN_IN = "/sign-in"


class PageRoute(APIRoute):
    """A route whose errors are told as a page, in the reader's language."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except (ServerError, RequestValidationError) as error:
                return await run_in_threadpool(_tell, request, error)

        return answer


def go_to(request: Request, path: str) -> Response:
    """Send the browser to another page, whether a form or the page's script asked."""
    if request.headers.get("hx-request") == "true":
        return Response(headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)


def local_path(path: str) -> str:
    """Return a path of our own to go to; the front page instead of anything that could lead elsewhere."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_ours else "/"


def _tell(request: Request, error: ServerError | RequestValidationError) -> Response:
    if isinstance(error, WrongCredentialsError):
        back = request.url.path if request.method == "GET" else "/"
        return go_to(request, f"{SIGN_IN}?next={quote(back)}")
    if isinstance(error, ServerError):
        note_refusal(request, error)
    now = now_of(request)
    visit = visit_by(request, viewer_or_none(request, now), now)
    status, heading, text = _words(visit.speech, error)
    return render(visit, "error.html", status=status, heading=heading, text=text)


def viewer_or_none(request: Request, now: datetime) -> Viewer | None:
    """Return who is signed in, so that the page of an error keeps the way to the others; None when nobody is."""
    try:
        return signed_in(request, database_of(request), now)
    except WrongCredentialsError:
        return None


def _words(speech: Speech, error: Exception) -> tuple[int, str, str]:
    if isinstance(error, NotFoundError):
        text = speech.gettext("It does not exist, or it belongs to another unit than yours.")
        return 404, speech.gettext("There is nothing here"), text
    if isinstance(error, NotAllowedError):
        text = speech.gettext("Your role does not give access to this page. Ask an administrator if you need it.")
        return 403, speech.gettext("You may not do this"), text
    if isinstance(error, HandoverError):
        return 409, speech.gettext("That could not be done"), faults_in_words(speech, error)
    if isinstance(error, UnrateableError):
        text = speech.gettext("Alerts of this kind come whatever people say of them. There is nothing to rate.")
        return 422, speech.gettext("That could not be done"), text
    if isinstance(error, TooLongMutedError):
        text = speech.gettext("A muting ends within two weeks, and what is critical is never muted.")
        return 422, speech.gettext("That could not be done"), text
    text = speech.gettext("Something in the form could not be read. Go back, look it over and send it again.")
    return 400, speech.gettext("That could not be done"), text
