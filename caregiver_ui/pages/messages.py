"""The thread between a resident's relatives and the team, and the small tasks they share."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from caregiver_ui.fields import day_field, once
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.relative_words import faults_words
from caregiver_ui.rendering import render
from caregiver_ui.views.thread import message_lines, task_lines
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.db.session import DatabaseDep, ReadDep
from server.errors import UnfitError
from server.relatives.rules import Category
from server.relatives.service import agreements_of, resident_for, shared_with
from server.relatives.tasks import TaskWanted, add_task, do_task, tasks_of
from server.relatives.thread import in_thread, peek, read_thread, unread_by_resident, write
from server.residents.tables import Resident

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class TaskFields(BaseModel):
    """The form of a task, as it was sent."""

    title: str = ""
    until: str = ""
    who: str = Field(default="", pattern="^[0-9]{0,12}$")
    once: str = Field(default="", pattern="^([0-9a-f]{16})?$")


OnceField = Annotated[str, Form(pattern="^([0-9a-f]{16})?$")]
_TASK_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed that could not be kept, and what is wrong with it, by field."""

    text: str = ""
    title: str = ""
    until: str = ""
    who: str = ""
    faults: dict[str, str] = field(default_factory=dict)


@router.get("/messages")
def get_messages(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show a relative whose threads there are; the thread itself where there is only one."""
    viewer.may(Role.RELATIVE)
    shared = shared_with(db, viewer, Category.MESSAGES, visit.now)
    residents = sorted((db.get_one(Resident, number) for number in shared), key=lambda one: one.name)
    if len(residents) == 1:
        return go_to(visit.request, f"/residents/{residents[0].code}/messages")
    return render(visit, "threads.html", residents=residents, unread=unread_by_resident(db, viewer, visit.now))


@router.get("/residents/{resident_id}/messages")
def get_thread(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str) -> Response:
    """Show the thread and the tasks; the messages count as read."""
    return _page(visit, viewer, database, resident_id, Typed())


@router.get("/parts/residents/{resident_id}/thread")
def get_thread_part(visit: VisitDep, viewer: ViewerDep, db: ReadDep, resident_id: str) -> Response:
    """Return thread and tasks alone, for a page that is open: nothing counts as read that nobody may have seen."""
    resident = in_thread(db, viewer, resident_id, visit.now)
    return render(visit, "parts/thread.html", **_shown(db, visit, viewer, resident))


@router.post("/residents/{resident_id}/messages")
def post_message(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    text: Annotated[str, Form(max_length=20_000)] = "",
    once: OnceField = "",
) -> Response:
    """Write a message."""
    try:
        with database.transaction() as db:
            write(db, viewer, resident_id, text.replace("\r\n", "\n"), visit.now, once)
    except UnfitError as error:
        return _page(visit, viewer, database, resident_id, Typed(text=text, faults=error.faults))
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/residents/{resident_id}/messages#write")


@router.post("/residents/{resident_id}/tasks")
def post_task(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    fields: Annotated[TaskFields, Form()],
) -> Response:
    """Add a task."""
    try:
        with database.transaction() as db:
            who = int(fields.who) if fields.who else None
            task = TaskWanted(fields.title, day_field(fields.until), who)
            add_task(db, viewer, resident_id, task, visit.now, fields.once)
    except UnfitError as error:
        typed = Typed(title=fields.title, until=fields.until, who=fields.who, faults=error.faults)
        return _page(visit, viewer, database, resident_id, typed)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/residents/{resident_id}/messages#tasks")


@router.post("/residents/{resident_id}/tasks/{task_id}")
def post_done(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    task_id: str,
    *,
    is_done: Annotated[bool, Form()],
) -> Response:
    """Note that a task is done, or after all is not."""
    with database.transaction() as db:
        do_task(db, viewer, resident_id, task_id, visit.now, is_done=is_done)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/residents/{resident_id}/messages#tasks")


def _page(visit: Visit, viewer: Viewer, database: DatabaseDep, resident_id: str, typed: Typed) -> Response:
    with database.transaction() as db:
        resident = in_thread(db, viewer, resident_id, visit.now)
        shown = _shown(db, visit, viewer, resident)
        if not typed.faults:
            read_thread(db, viewer, resident_id, visit.now)
        _, zone = resident_for(db, viewer, resident_id)
        today = visit.now.astimezone(zone).date()
        helpers = [
            (str(one.person_id), one.name)
            for one in agreements_of(db, resident.resident_id or 0)
            if one.agreed.allows(Category.MESSAGES, today)
        ]
    if typed.faults:
        faults = faults_words(visit.speech, typed.faults)
        typed = Typed(typed.text, typed.title, typed.until, typed.who, faults)
    return render(
        visit,
        "thread.html",
        status=422 if typed.faults else 200,
        typed=typed,
        helpers=helpers,
        today=today,
        in_a_week=today + _TASK_WITHIN,
        new_once=once,
        **shown,
    )


def _shown(db: Session, visit: Visit, viewer: Viewer, resident: Resident) -> dict[str, Any]:
    _, zone = resident_for(db, viewer, resident.code)
    tasks = task_lines(visit.speech, tasks_of(db, viewer, resident, visit.now), zone, visit.now)
    return {
        "resident_id": resident.code,
        "resident_name": resident.name,
        "messages": message_lines(visit.speech, peek(db, viewer, resident), zone, visit.now),
        "to_do": [task for task in tasks if not task.done],
        "done": [task for task in tasks if task.done],
    }
