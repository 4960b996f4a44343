"""A person's own settings: how they are told."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from caregiver_ui.channel_words import channel_words
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.settings import channel_tests, chosen_in, fault_words, level_choices
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.db.session import DatabaseDep, ReadDep
from server.errors import ContactError, TooManyAttemptsError
from server.notifications.api import begin_test
from server.notifications.reach import Addresses, own_channels, set_addresses, set_choices
from server.notifications.rules import Subject
from server.notifications.service import deliveries

_PAGE = "/settings"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(_PAGE)
def get_settings(visit: VisitDep, viewer: ViewerDep, db: ReadDep, saved: str = "", test: str = "") -> Response:
    """Show how the viewer is told; `test`: a test message to show the way of."""
    return _page(visit, viewer, db, is_saved=bool(saved), test=test)


@router.post(_PAGE)
async def post_settings(request: Request, visit: VisitDep, viewer: ViewerDep, database: DatabaseDep) -> Response:
    """Keep what was filled in, or show it again with the fault beside the field."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_save, visit, viewer, database, form)


@router.post(f"{_PAGE}/test")
def post_test(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, channel: Annotated[str, Form(max_length=20)]
) -> Response:
    """Send the viewer a test message, and show how far it comes."""
    try:
        with database.transaction() as db:
            name = begin_test(db, viewer, channel, visit.now)
    except ContactError as error:
        faults = fault_words(visit.speech, error)
    except TooManyAttemptsError:
        faults = {"channels": visit.speech.gettext("Wait a moment before the next try.")}
    else:
        return RedirectResponse(f"{_PAGE}?test={name}", status_code=303)
    with database.reading() as db:
        return _page(visit, viewer, db, faults=faults, status=422)


def _save(visit: Visit, viewer: Viewer, database: DatabaseDep, form: dict[str, str]) -> Response:
    wanted = Addresses(form.get("email", ""), form.get("phone", ""))
    try:
        with database.transaction() as db:
            set_addresses(db, viewer, wanted, visit.now)
            offered = own_channels(db, viewer).offered
            if offered:
                set_choices(db, viewer, chosen_in(form, offered), visit.now)
    except ContactError as error:
        with database.reading() as db:
            return _page(visit, viewer, db, typed=wanted, faults=fault_words(visit.speech, error), status=422)
    return RedirectResponse(f"{_PAGE}?saved=1", status_code=303)


def _page(  # noqa: PLR0913 - what a form shows
    visit: Visit,
    viewer: Viewer,
    db: Session,
    *,
    typed: Addresses | None = None,
    faults: dict[str, str] | None = None,
    is_saved: bool = False,
    test: str = "",
    status: int = 200,
) -> Response:
    speech, mine = visit.speech, own_channels(db, viewer)
    found = deliveries(db, viewer.person_id, Subject.DUTY_TEST, test) if test else []
    return render(
        visit,
        "settings.html",
        status=status,
        typed=typed or mine.addresses,
        faults={"phone": "", "email": "", "channels": "", **(faults or {})},
        is_saved=is_saved,
        channels=[(name, channel_words(speech, name)) for name in mine.offered],
        levels=level_choices(speech, mine),
        tests=channel_tests(speech, mine, found),
        looks_again=f"{_PAGE}?test={test}" if found else "",
    )
