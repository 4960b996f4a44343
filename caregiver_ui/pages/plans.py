"""What is planned for a resident: visits, calendars, absences, and who of staff is there now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Response, UploadFile
from sqlmodel import Session

from caregiver_ui.language import Speech
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.plan_words import absence_fault_words, calendar_fault_words
from caregiver_ui.rendering import render
from caregiver_ui.views.plans import absence_choices, absence_rows, moment_of, visit_days
from caregiver_ui.visit import Visit, VisitDep
from server.absences.rules import AbsenceKind
from server.absences.service import Wanted, change_end, end, list_absences, set_absence
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.tables import Person
from server.db.session import Database, DatabaseDep
from server.errors import AbsenceOverlapsError, AbsenceTimesError, CalendarError, VisitTimesError
from server.overview.service import absence_view, look_at
from server.residents.service import home_of
from server.visits.calendar_file import MOST_BYTES, read_calendar
from server.visits.calendars import Imported, import_calendar
from server.visits.service import CARERS, arrive, cancel_visit, enter_visit, leave, planned, resident_of, staff_present

_PLANNED_SHOWN = timedelta(days=8)
_PAST_SHOWN = timedelta(days=14)
_MINUTES = (15, 20, 30, 45, 60, 90, 120)
_USUAL_MINUTES = 30
_LONGEST_NOTE, _LONGEST_WHAT = 500, 200
T = TypeVar("T")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works with a plan, and what with."""

    visit: Visit
    viewer: Viewer
    database: Database


def _desk(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep) -> Desk:
    return Desk(visit, viewer, database)


DeskDep = Annotated[Desk, Depends(_desk)]


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says back, by form, and what was typed. `moved`: the absence whose end was to be changed."""

    absence_fault: str = ""
    note_fault: str = ""
    visit_fault: str = ""
    what_fault: str = ""
    calendar_fault: str = ""
    imported: Imported | None = None
    moved: str = ""
    moved_to: str = ""
    moved_fault: str = ""
    kind: str = ""
    begin: str = ""
    ends: str = ""
    note: str = ""
    visit_begin: str = ""
    minutes: int = _USUAL_MINUTES
    what: str = ""


_NOTHING = Said()


@router.get("/residents/{resident_id}/plans")
def get_plans(desk: DeskDep, resident_id: str) -> Response:
    """Show what is planned, and let staff change it."""
    return _page(desk, resident_id, _NOTHING, 200)


@router.post("/residents/{resident_id}/absences")
def post_absence(
    desk: DeskDep,
    resident_id: str,
    kind: Annotated[str, Form()] = "",
    begin: Annotated[str, Form()] = "",
    ends: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Set an absence, or say beside the field what is missing."""
    zone, speech = _zone(desk, resident_id), desk.visit.speech
    said = Said(kind=kind, begin=begin, ends=ends, note=note)
    begins_at = moment_of(begin, zone) if begin else desk.visit.now
    ends_at = moment_of(ends, zone)
    if len(note) > _LONGEST_NOTE:
        return _page(desk, resident_id, replace(said, note_fault=_too_long(speech, _LONGEST_NOTE)), 422)
    if kind not in set(AbsenceKind):
        return _page(desk, resident_id, replace(said, absence_fault=speech.gettext("Choose what it is.")), 422)
    if begins_at is None or ends_at is None:
        fault = speech.gettext("Say until when: date and time. It can be made longer later.")
        return _page(desk, resident_id, replace(said, absence_fault=fault), 422)
    wanted = Wanted(AbsenceKind(kind), begins_at, ends_at, note.strip())
    try:
        _do(desk, lambda db: set_absence(db, desk.viewer, resident_id, wanted, desk.visit.now))
    except (AbsenceTimesError, AbsenceOverlapsError) as error:
        return _page(desk, resident_id, replace(said, absence_fault=absence_fault_words(speech, error)), 422)
    return _back(desk, resident_id)


@router.post("/residents/{resident_id}/absences/{absence_id}/end")
def post_end(desk: DeskDep, resident_id: str, absence_id: str, ends: Annotated[str, Form()] = "") -> Response:
    """End an absence now; with another end, move it there."""
    zone, speech = _zone(desk, resident_id), desk.visit.speech
    if not ends:
        _do(desk, lambda db: end(db, desk.viewer, absence_id, desk.visit.now))
        return _back(desk, resident_id)
    ends_at, said = moment_of(ends, zone), Said(moved=absence_id, moved_to=ends)
    if ends_at is None:
        fault = speech.gettext("Say until when: date and time. It can be made longer later.")
        return _page(desk, resident_id, replace(said, moved_fault=fault), 422)
    try:
        _do(desk, lambda db: change_end(db, desk.viewer, absence_id, ends_at, desk.visit.now))
    except AbsenceTimesError as error:
        return _page(desk, resident_id, replace(said, moved_fault=absence_fault_words(speech, error)), 422)
    return _back(desk, resident_id)


@router.post("/residents/{resident_id}/visits")
def post_visit(
    desk: DeskDep,
    resident_id: str,
    begin: Annotated[str, Form()] = "",
    minutes: Annotated[int, Form(ge=5, le=720)] = _USUAL_MINUTES,
    what: Annotated[str, Form()] = "",
) -> Response:
    """Plan a visit, or say beside the field what is missing."""
    begins_at, speech = moment_of(begin, _zone(desk, resident_id)), desk.visit.speech
    said = Said(visit_begin=begin, minutes=minutes, what=what)
    if len(what) > _LONGEST_WHAT:
        return _page(desk, resident_id, replace(said, what_fault=_too_long(speech, _LONGEST_WHAT)), 422)
    if begins_at is None:
        fault = speech.gettext("Say when the visit begins: date and time.")
        return _page(desk, resident_id, replace(said, visit_fault=fault), 422)
    until = begins_at.astimezone(UTC) + timedelta(minutes=minutes)
    try:
        _do(desk, lambda db: enter_visit(db, desk.viewer, resident_id, begins_at, until, what.strip(), desk.visit.now))
    except VisitTimesError:
        fault = speech.gettext("That time is over. A visit is planned ahead.")
        return _page(desk, resident_id, replace(said, visit_fault=fault), 422)
    return _back(desk, resident_id)


@router.post("/residents/{resident_id}/visits/{visit_id}/cancel")
def post_cancel(desk: DeskDep, resident_id: str, visit_id: str) -> Response:
    """Take back a planned visit."""
    _do(desk, lambda db: cancel_visit(db, desk.viewer, visit_id, desk.visit.now))
    return _back(desk, resident_id)


@router.post("/residents/{resident_id}/calendar")
def post_calendar(desk: DeskDep, resident_id: str, file: UploadFile | None = None) -> Response:
    """Import a resident's calendar, and say what came of it."""
    _zone(desk, resident_id)
    data = b"" if file is None else file.file.read(MOST_BYTES + 1)
    try:
        calendar = read_calendar(data)
        found = _do(desk, lambda db: import_calendar(db, desk.viewer, resident_id, calendar, desk.visit.now))
    except CalendarError as error:
        said = Said(calendar_fault=calendar_fault_words(desk.visit.speech, error))
        return _page(desk, resident_id, said, 422)
    return _page(desk, resident_id, Said(imported=found), 200)


@router.post("/residents/{resident_id}/presence")
def post_presence(
    desk: DeskDep, resident_id: str, now: Annotated[Literal["here", "left"], Form()] = "here"
) -> Response:
    """Be with the resident from now on, or leave."""
    deed = arrive if now == "here" else leave
    _do(desk, lambda db: deed(db, desk.viewer, resident_id, desk.visit.now))
    return _back(desk, resident_id)


def _do(desk: Desk, deed: Callable[[Session], T]) -> T:
    """Do it in one transaction, and wake the pages that are open."""
    with desk.database.transaction() as db:
        done = deed(db)
    desk.visit.request.app.state.feed.wake()
    return done


def _back(desk: Desk, resident_id: str) -> Response:
    return go_to(desk.visit.request, f"/residents/{resident_id}/plans")


def _zone(desk: Desk, resident_id: str) -> ZoneInfo:
    desk.viewer.may(*CARERS)
    with desk.database.transaction() as db:  # it locks the resident, for whoever changes something
        return ZoneInfo(home_of(db, resident_of(db, desk.viewer, resident_id).home_id).time_zone)


def _page(desk: Desk, resident_id: str, said: Said, status: int) -> Response:
    desk.viewer.may(*CARERS)
    visit, speech = desk.visit, desk.visit.speech
    with desk.database.transaction() as db:
        resident, home = look_at(db, desk.viewer, resident_id, visit.now)
        number, zone = resident.resident_id or 0, ZoneInfo(home.time_zone)
        absences = [
            (absence_view(row, desk.viewer), db.get_one(Person, row.set_by).name)
            for row in list_absences(db, number, visit.now - _PAST_SHOWN)
        ]
        visits = planned(db, number, visit.now - timedelta(hours=1), visit.now + _PLANNED_SHOWN)
        there = staff_present(db, home.home_id or 0, visit.now)
        seen = open_ids(db, desk.viewer)
    is_here = there is not None and there.person_id == desk.viewer.person_id
    return render(
        visit,
        "plans.html",
        status=status,
        id=resident.code,
        name=resident.name,
        absences=absence_rows(speech, absences, zone, visit.now),
        days=visit_days(speech, visits, zone),
        kinds=absence_choices(speech),
        minutes=[(one, speech.span(one)) for one in sorted({*_MINUTES, said.minutes})],
        here_until=speech.clock(there.until, zone) if there is not None and is_here else "",
        faults=[calendar_fault_words(speech, fault) for fault in said.imported.faults] if said.imported else [],
        said=said,
        open_ids=seen,
    )


def _too_long(speech: Speech, most: int) -> str:
    return speech.gettext("At most {n} characters.").format(n=most)
