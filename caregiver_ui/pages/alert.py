"""One alert: why it came, and what one does about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from caregiver_ui.alert_words import N_
from caregiver_ui.company_words import company_words
from caregiver_ui.language import Speech
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.plan_words import visit_words
from caregiver_ui.policy_words import ahead_words
from caregiver_ui.rendering import render
from caregiver_ui.views.alert import ANSWERS, Action, alert_card
from caregiver_ui.views.alert_page import AlertPage, alert_page
from caregiver_ui.views.rating import RatingPanel, rating_panel
from caregiver_ui.views.resident import resident_card
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.alerting import handing
from server.alerting.life import Cause, Measure
from server.alerting.rules import AlertKind, AlertStatus, Outcome
from server.alerting.service import Ending, arrived, close, find_alert, on_the_way, take
from server.alerting.views import AlertView, get_alert
from server.db.session import Database, DatabaseDep
from server.errors import (
    AlertNotOpenError,
    AlertTakenError,
    NoColleagueError,
    NoRepeatError,
    ReopenError,
    SamePersonError,
    ServerError,
    StaleVersionError,
    VisitFirstError,
)
from server.escalation.views import next_step_of
from server.live.feed import Feed
from server.overview.service import get_resident
from server.sensitivity.rules import Rating
from server.sensitivity.service import rate, rating_of
from server.visits.rules import is_due_soon
from server.visits.service import next_visit

_LONGEST_NOTE = 2000


def _reopen(db: Session, viewer: Viewer, alert_id: str, _version: int, now: datetime) -> None:
    handing.reopen(db, viewer, alert_id, now)


_STEPS = {
    Action.TAKE: take,
    Action.ON_THE_WAY: on_the_way,
    Action.ARRIVED: arrived,
    Action.LEAVE: handing.leave,
    Action.STILL_ON_IT: handing.still_on_it,
    Action.CONFIRM: handing.confirm_no_visit,
    Action.REOPEN: _reopen,
}
_CONFLICTS = (
    AlertNotOpenError, AlertTakenError, NoColleagueError, NoRepeatError, ReopenError, SamePersonError,
    StaleVersionError, VisitFirstError,
)  # fmt: skip
_CALLS = (AlertKind.BUTTON, AlertKind.PULL_CORD)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works with an alert, and what with."""

    visit: Visit
    viewer: Viewer
    database: Database
    patience: timedelta
    feed: Feed


def _desk(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, settings: SettingsDep) -> Desk:
    return Desk(visit, viewer, database, settings.link_patience, visit.request.app.state.feed)


DeskDep = Annotated[Desk, Depends(_desk)]


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says back after a deed, and what was typed. `also` None: nothing was said of the others yet."""

    message: str = ""
    close_fault: str = ""
    outcome: str = ""
    note: str = ""
    cause: str = ""
    measure: str = ""
    also: tuple[str, ...] | None = None


_NOTHING = Said()


@router.get("/alerts/{alert_id}")
def get_alert_page(desk: DeskDep, alert_id: str) -> Response:
    """Show the alert with the resident's last day beside it."""
    return _whole_page(desk, alert_id, _NOTHING, 200)


@router.get("/parts/alerts/{alert_id}")
def get_alert_part(desk: DeskDep, alert_id: str) -> Response:
    """Return the alert alone, for a page that is open."""
    return _part(desk, alert_id, _NOTHING, 200)


class EndingForm(BaseModel):
    """The form by which an alert is closed, as it was filled in. `also`: id and version of others, with a colon."""

    version: int = Field(ge=0)
    outcome: str = ""
    cause: Cause | Literal[""] = ""
    measure: Measure | Literal[""] = ""
    note: str = ""
    also: list[Annotated[str, Field(pattern=r"^[0-9a-f]{16}:[0-9]{1,9}$")]] = []

    def ending(self) -> Ending:
        """Return it as the service takes it; the outcome is one."""
        also = tuple((one.partition(":")[0], int(one.partition(":")[2])) for one in self.also)
        return Ending(Outcome(self.outcome), self.note.strip(), self.cause or None, self.measure or None, also)

    def said(self, *, message: str = "", fault: str = "") -> Said:
        """Return what was typed, with what is wrong."""
        also = tuple(one.partition(":")[0] for one in self.also)
        return Said(message, fault, self.outcome, self.note, self.cause, self.measure, also)


@router.post("/alerts/{alert_id}/close")
def post_close(desk: DeskDep, alert_id: str, form: Annotated[EndingForm, Form()]) -> Response:
    """Close the alert, or say beside the field what is missing and keep what was typed."""
    fault = _close_fault(desk.visit.speech, form.outcome, form.note)
    if fault:
        return _again(desk, alert_id, form.said(fault=fault), 422)
    ending, version = form.ending(), form.version
    conflict = _attempt(desk, lambda db: close(db, desk.viewer, alert_id, version, ending, desk.visit.now))
    if conflict is not None:
        return _again(desk, alert_id, form.said(message=_conflict_words(desk, alert_id, conflict)), 409)
    return _done(desk, alert_id)


@router.post("/alerts/{alert_id}/forward")
def post_forward(
    desk: DeskDep,
    alert_id: str,
    version: Annotated[int, Form(ge=0)],
    to: Annotated[str, Form(pattern=r"^[0-9]{0,9}$")] = "",
) -> Response:
    """Offer the alert to a colleague."""
    conflict = _attempt(
        desk, lambda db: handing.forward(db, desk.viewer, alert_id, version, int(to or 0), desk.visit.now)
    )
    if conflict is not None:
        return _again(desk, alert_id, Said(message=_conflict_words(desk, alert_id, conflict)), 409)
    return _done(desk, alert_id)


@router.post("/alerts/{alert_id}/rating")
def post_rating(desk: DeskDep, alert_id: str, rating: Annotated[Rating | Literal[""], Form()] = "") -> Response:
    """Say what the alert was worth; nothing withdraws it. The page shows what comes of it."""
    with desk.database.transaction() as db:
        rate(db, desk.viewer, alert_id, rating or None, desk.visit.now)
    desk.feed.wake()
    return _done(desk, alert_id)


@router.post("/alerts/{alert_id}/{action}")
def post_step(
    desk: DeskDep,
    alert_id: str,
    action: Action,
    version: Annotated[int, Form(ge=0)],
    place: Annotated[str, Form()] = "",
) -> Response:
    """Take the alert or move it on. From the list, success leads to the alert's own page; there the next step waits."""
    step = _STEPS[action]
    conflict = _attempt(desk, lambda db: step(db, desk.viewer, alert_id, version, desk.visit.now))
    if conflict is not None:
        said = Said(message=_conflict_words(desk, alert_id, conflict))
        return (
            _card(desk, alert_id, said)
            if place == "list" and desk.visit.is_partial
            else _again(desk, alert_id, said, 409)
        )
    return go_to(desk.visit.request, f"/alerts/{alert_id}") if place == "list" else _done(desk, alert_id)


def _attempt(desk: Desk, deed: Callable[[Session], None]) -> ServerError | None:
    """Do it in one transaction; return what stood in the way, or None."""
    try:
        with desk.database.transaction() as db:
            deed(db)
    except _CONFLICTS as conflict:
        return conflict
    desk.feed.wake()
    return None


def _done(desk: Desk, alert_id: str) -> Response:
    return (
        _part(desk, alert_id, _NOTHING, 200)
        if desk.visit.is_partial
        else go_to(desk.visit.request, f"/alerts/{alert_id}")
    )


def _again(desk: Desk, alert_id: str, said: Said, status: int) -> Response:
    return _part(desk, alert_id, said, status) if desk.visit.is_partial else _whole_page(desk, alert_id, said, status)


def _part(desk: Desk, alert_id: str, said: Said, status: int) -> Response:
    with desk.database.reading() as db:
        page, rating = _page(db, desk, alert_id), _rating(db, desk, alert_id)
    return render(desk.visit, "parts/alert.html", status=status, alert=page, rating=rating, said=said)


def _card(desk: Desk, alert_id: str, said: Said) -> Response:
    with desk.database.reading() as db:
        alert = get_alert(db, desk.viewer, alert_id)
    card = alert_card(desk.visit.speech, alert, desk.viewer, desk.visit.now)
    return render(desk.visit, "parts/alert_card.html", status=409, alert=card, message=said.message)


def _whole_page(desk: Desk, alert_id: str, said: Said, status: int) -> Response:
    visit = desk.visit
    # A writing transaction, because the look at the resident's day goes into the audit.
    with desk.database.transaction() as db:
        page, rating = _page(db, desk, alert_id), _rating(db, desk, alert_id)
        who = page.card.resident_id
        resident = None if who is None else get_resident(db, desk.viewer, who, visit.now, desk.patience).resident
        seen = open_ids(db, desk.viewer)
    card = None if resident is None else resident_card(visit.speech, resident, visit.now)
    return render(
        visit, "alert.html", status=status, alert=page, rating=rating, resident=card, said=said, open_ids=seen
    )


def _page(db: Session, desk: Desk, alert_id: str) -> AlertPage:
    alert = get_alert(db, desk.viewer, alert_id)
    may_forward = desk.viewer.role in ANSWERS and alert.status is not AlertStatus.CLOSED
    colleagues = handing.colleagues_of(db, desk.viewer, alert_id) if may_forward else ()
    page = alert_page(desk.visit.speech, alert, desk.viewer, colleagues, desk.visit.now)
    ahead = next_step_of(db, desk.viewer, alert_id)
    page = replace(
        page,
        ahead=ahead_words(desk.visit.speech, ahead, ZoneInfo(alert.time_zone), desk.visit.now),
        company=company_words(db, desk.visit, desk.viewer, alert.resident_id),
    )
    return _with_visit(db, desk, page, alert)


def _with_visit(db: Session, desk: Desk, page: AlertPage, alert: AlertView) -> AlertPage:
    """Say whom the resident waits for. Who presses shortly before a visit, or when it is late, may be asking for it."""
    resident_id, now = find_alert(db, desk.viewer, alert.id).resident_id, desk.visit.now
    visit = None if resident_id is None else next_visit(db, resident_id, now)
    if visit is None:
        return page
    near = alert.kind in _CALLS and is_due_soon(visit.begins_at, visit.ends_at, now)
    words = visit_words(desk.visit.speech, visit, ZoneInfo(alert.time_zone), now)
    return replace(page, visit=words, suggested=Outcome.WAITING_FOR_VISIT if near else None)


def _rating(db: Session, desk: Desk, alert_id: str) -> RatingPanel | None:
    return rating_panel(desk.visit.speech, rating_of(db, desk.viewer, alert_id, desk.visit.now))


_CHANGED = N_("The alert has changed since you saw it. Look at it again before you go on.")
_CONFLICT_WORDS = {
    ReopenError: N_("It is too late to undo this, or a newer alert of the same kind is open."),
    VisitFirstError: N_("Called again, and nobody has been there. Visit first, or ask a colleague to agree."),
    NoRepeatError: N_("There is nothing to agree to any more."),
    SamePersonError: N_("It takes somebody else than you."),
    NoColleagueError: N_("Choose who gets the alert. It must be somebody who can open it."),
}


def _close_fault(speech: Speech, outcome: str, note: str) -> str:
    if outcome not in set(Outcome):
        return speech.gettext("Choose how it ended.")
    if len(note) > _LONGEST_NOTE:
        return speech.gettext("The note is longer than {most} characters. Shorten it.").format(most=_LONGEST_NOTE)
    return ""


def _conflict_words(desk: Desk, alert_id: str, conflict: ServerError) -> str:
    speech = desk.visit.speech
    if isinstance(conflict, AlertTakenError):
        with desk.database.reading() as db:
            alert: AlertView = get_alert(db, desk.viewer, alert_id)
        clock = speech.moment(conflict.at, ZoneInfo(alert.time_zone), desk.visit.now)
        return speech.gettext("Taken by {name} {clock}. You do not have this alert.").format(
            name=conflict.by, clock=clock
        )
    if isinstance(conflict, AlertNotOpenError):
        return speech.gettext("The alert is closed already. What was written first stands.")
    return speech.gettext(_CONFLICT_WORDS.get(type(conflict), _CHANGED))
