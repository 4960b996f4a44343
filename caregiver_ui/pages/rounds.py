"""Digital supervision: the rounds, and one of them, made with one hand and without script."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.rounds import round_cards, round_page
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep
from server.errors import (
    NotKnownError,
    PictureChangedError,
    RoundNotOpenError,
    RoundSignedError,
    ServerError,
    UnmarkedError,
)
from server.rounds.rules import Mark, State
from server.rounds.service import MAKERS, Said, get_round, list_rounds, mark, sign, visited
from server.settings import ServerSettings

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_CONFLICT, _UNFIT = 409, 422


class List(StrEnum):
    """Which rounds to list."""

    ALL = "all"


@router.get("/rounds")
def get_rounds_page(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, show: List | None = None) -> Response:
    """List the rounds; where just one is open, go straight to it."""
    with database.reading() as db:
        rounds = list_rounds(db, viewer, visit.now)
        seen = open_ids(db, viewer)
    open_ones = [one for one in rounds if one.is_open]
    if show is None and len(open_ones) == 1 and viewer.role in MAKERS:
        return go_to(visit.request, f"/rounds/{open_ones[0].id}")
    return render(visit, "rounds.html", rounds=round_cards(visit.speech, rounds, visit.now), open_ids=seen)


@router.get("/rounds/{round_id}")
def get_round_page(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, database: DatabaseDep, round_id: str
) -> Response:
    """Show a round. It is not redrawn under the thumb: what changed meanwhile is told when something is said of it."""
    return _page(visit, viewer, settings, database, round_id)


class LookFields(BaseModel):
    """What a button says: of whom, what, and what the page showed."""

    resident: str
    said: Mark
    shown: State


@router.post("/rounds/{round_id}/looks")
def post_look(
    visit: VisitDep,
    viewer: ViewerDep,
    settings: SettingsDep,
    database: DatabaseDep,
    round_id: str,
    told: Annotated[LookFields, Form()],
) -> Response:
    """Say what a look told, and go on to the next resident."""
    try:
        with database.transaction() as db:
            said = Said(told.resident, told.said, told.shown)
            mark(db, viewer, round_id, said, visit.now, settings.link_patience)
    except (PictureChangedError, NotKnownError, RoundSignedError, RoundNotOpenError) as error:
        return _page(visit, viewer, settings, database, round_id, error, told.resident)
    return go_to(visit.request, f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/visits")
def post_visited(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, round_id: str, resident: Annotated[str, Form()]
) -> Response:
    """Note that somebody was there."""
    with database.transaction() as db:
        visited(db, viewer, round_id, resident, visit.now)
    return go_to(visit.request, f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/signature")
def post_signature(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, database: DatabaseDep, round_id: str
) -> Response:
    """Sign a round."""
    try:
        with database.transaction() as db:
            sign(db, viewer, round_id, visit.now)
    except (UnmarkedError, RoundSignedError, RoundNotOpenError) as error:
        return _page(visit, viewer, settings, database, round_id, error)
    return go_to(visit.request, f"/rounds/{round_id}")


def _page(
    visit: Visit,
    viewer: Viewer,
    settings: ServerSettings,
    database: Database,
    round_id: str,
    error: ServerError | None = None,
    about: str = "",
) -> Response:
    with database.transaction() as db:
        detail = get_round(db, viewer, round_id, visit.now, settings.link_patience)
        seen = open_ids(db, viewer)
    status = 200 if error is None else _UNFIT if isinstance(error, NotKnownError | UnmarkedError) else _CONFLICT
    return render(
        visit,
        "round.html",
        status=status,
        round=round_page(visit.speech, detail, visit.now),
        fault=_words(visit, error),
        about=about,
        may_make=viewer.role in MAKERS,
        open_ids=seen,
    )


def _words(visit: Visit, error: ServerError | None) -> str:
    _ = visit.speech.gettext
    if isinstance(error, RoundSignedError):
        return _("{name} has signed this round. It stays as it was.").format(name=error.by)
    texts = {
        PictureChangedError: _("Something else is known now. Look again."),
        NotKnownError: _("We do not know right now how things are there. Call, or go there."),
        RoundNotOpenError: _("It is not time for this round yet."),
        UnmarkedError: _("Somebody is left. Say of every resident what you saw."),
    }
    return "" if error is None else texts[type(error)]
