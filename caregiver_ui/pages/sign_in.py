"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from caregiver_ui.pages.route import SIGN_IN, PageRoute, local_path
from caregiver_ui.rendering import render
from caregiver_ui.visit import GuestDep, Visit
from server.access.api import Credentials, SettingsDep, end_session, start_session
from server.db.session import DatabaseDep
from server.errors import TooManyAttemptsError, WrongCredentialsError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(SIGN_IN)
def get_sign_in(visit: GuestDep, next: str = "/") -> Response:  # noqa: A002 - the name people know from other sites
    """Show the form."""
    return render(visit, "sign_in.html", username="", fault="", next=local_path(next))


@router.post(SIGN_IN)
def post_sign_in(
    visit: GuestDep,
    database: DatabaseDep,
    settings: SettingsDep,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Sign in, or show the form again with the fault beside the field and what was typed."""
    answer = RedirectResponse(local_path(next), status_code=303)
    fault = visit.speech.gettext("The user name or the password is wrong.")
    try:
        start_session(answer, database, settings, Credentials(username=username.strip(), password=password), visit.now)
    except (WrongCredentialsError, ValidationError):
        return _again(visit, username, fault, next)
    except TooManyAttemptsError as error:
        wait = visit.speech.ngettext(
            "Too many attempts. Wait {n} second before the next.",
            "Too many attempts. Wait {n} seconds before the next.",
            error.wait_s,
        )
        return _again(visit, username, wait.format(n=error.wait_s), next)
    return answer


def _again(visit: Visit, username: str, fault: str, next_path: str) -> Response:
    return render(visit, "sign_in.html", status=401, username=username, fault=fault, next=local_path(next_path))


@router.post("/sign-out")
def post_sign_out(request: Request, database: DatabaseDep) -> Response:
    """Sign out."""
    answer = RedirectResponse(SIGN_IN, status_code=303)
    end_session(request, answer, database)
    return answer
