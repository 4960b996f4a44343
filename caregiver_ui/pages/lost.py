"""Addresses that lead nowhere, and faults nobody foresaw: a page for people, bare words for programs."""

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from caregiver_ui.pages.route import viewer_or_none
from caregiver_ui.rendering import render
from caregiver_ui.visit import visit_by
from server.access.api import now_of


async def answer_nowhere(request: Request, error: Exception) -> Response:
    """Answer what no route answers. An address of the API stays bare."""
    if not isinstance(error, HTTPException):
        raise error
    if not _wants_page(request):
        return await http_exception_handler(request, error)
    return await run_in_threadpool(_nowhere, request, error.status_code)


async def answer_unforeseen(request: Request, error: Exception) -> Response:
    """Answer what went wrong here. Nothing is asked of the database: it may be what failed. The log has the error."""
    del error
    if not _wants_page(request):
        return JSONResponse({"detail": "something went wrong here"}, 500)
    visit = visit_by(request, None, now_of(request))
    heading = visit.speech.gettext("Something went wrong on our side")
    text = visit.speech.gettext(
        "What you did last may not be saved. Try again, and call if it is urgent. "
        "An alert that nobody answers goes on to the next person by itself."
    )
    return render(visit, "error.html", status=500, heading=heading, text=text)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _nowhere(request: Request, status: int) -> Response:
    now = now_of(request)
    visit = visit_by(request, viewer_or_none(request, now), now)
    heading = visit.speech.gettext("There is nothing here")
    text = visit.speech.gettext("The address may be old, or mistyped.")
    return render(visit, "error.html", status=status, heading=heading, text=text)
