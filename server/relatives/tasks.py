"""Small tasks between relatives and the team: who, until when, done by whom."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person
from server.audit.service import append
from server.errors import NotFoundError, UnfitError
from server.live.service import changed
from server.relatives.rules import Category
from server.relatives.service import resident_for, who_may_be_told
from server.relatives.tables import Task
from server.relatives.thread import in_thread
from server.relatives.words import tell_relatives
from server.residents.tables import Resident

_SHOWN_DONE_FOR: Final = timedelta(days=14)
_LONGEST_TITLE: Final = 120
_FARTHEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task. `who`: None for the team. `done_by`, `done_at`: None while it is to be done."""

    id: str
    title: str
    who: str | None
    is_mine: bool
    until: date
    made_by: str
    done_by: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskWanted:
    """A task as somebody filled it in. `person_id`: the relative who does it; None: the team."""

    title: str
    until: date | None
    person_id: int | None = None


def add_task(db: Session, viewer: Viewer, resident_id: str, wanted: TaskWanted, now: datetime, once: str = "") -> str:
    """Add a task and return its name. `once`: a name the page chose, so that a form sent twice is one task.

    Raises:
        NotFoundError, NotAllowedError: as `server.relatives.thread.in_thread`.
        UnfitError: it cannot be saved so; by field.
    """
    resident = in_thread(db, viewer, resident_id, now)
    _, zone = resident_for(db, viewer, resident_id)
    helpers = who_may_be_told(db, resident.resident_id or 0, Category.MESSAGES, now)
    faults = _faults(wanted, now.astimezone(zone).date(), helpers)
    if faults or wanted.until is None:
        raise UnfitError(faults)
    if once and db.exec(select(Task).where(Task.code == once)).first() is not None:
        return once
    code = once or secrets.token_hex(8)
    db.add(
        Task(
            code=code, resident_id=resident.resident_id or 0, title=wanted.title.strip(), person_id=wanted.person_id,
            until=wanted.until, made_by=viewer.person_id, made_at=now,
        )
    )  # fmt: skip
    append(db, at=now, who=viewer.audit_name, what="task made", about=f"task:{code}", why=resident.code)
    changed(db, resident.unit_id, "resident", resident.code)
    if wanted.person_id is not None and wanted.person_id != viewer.person_id:
        tell_relatives(db, resident.resident_id or 0, Category.MESSAGES, code, now, only=wanted.person_id)
    return code


def do_task(db: Session, viewer: Viewer, resident_id: str, task_id: str, now: datetime, *, is_done: bool) -> None:
    """Note that a task is done, or after all is not. The first who did it stands; saying it twice changes nothing.

    Raises:
        NotFoundError: there is no such task in this resident's thread.
        NotAllowedError: as `server.relatives.thread.in_thread`.
    """
    resident = in_thread(db, viewer, resident_id, now)
    wanted = select(Task).where(Task.code == task_id, Task.resident_id == resident.resident_id)
    task = db.exec(wanted.with_for_update()).first()
    if task is None:
        raise NotFoundError("task")
    if (task.done_at is not None) == is_done:
        return
    task.done_by, task.done_at = (viewer.person_id, now) if is_done else (None, None)
    what = "task done" if is_done else "task not done"
    append(db, at=now, who=viewer.audit_name, what=what, about=f"task:{task.code}", why=resident.code)
    changed(db, resident.unit_id, "resident", resident.code)


def tasks_of(db: Session, viewer: Viewer, resident: Resident, now: datetime) -> list[TaskView]:
    """Return what is to be done, the most urgent first, then what was done in the last two weeks."""
    names = {person.person_id: person.name for person in db.exec(select(Person).where(_has_to_do_with(resident)))}
    rows = db.exec(
        select(Task).where(
            Task.resident_id == resident.resident_id,
            col(Task.done_at).is_(None) | (col(Task.done_at) > now - _SHOWN_DONE_FOR),
        )
    ).all()
    rows = sorted(rows, key=lambda row: (row.done_at is not None, row.until, row.task_id))
    return [
        TaskView(
            row.code, row.title, names.get(row.person_id) if row.person_id else None,
            row.person_id == viewer.person_id, row.until, names.get(row.made_by, ""),
            names.get(row.done_by) if row.done_by else None, row.done_at,
        )
        for row in rows
    ]  # fmt: skip


def _has_to_do_with(resident: Resident):  # type: ignore[no-untyped-def]  # noqa: ANN202 - SQLAlchemy's own name for it is longer than the function
    tasks = [
        select(column).where(Task.resident_id == resident.resident_id)
        for column in (col(Task.person_id), col(Task.made_by), col(Task.done_by))
    ]
    return col(Person.person_id).in_(tasks[0].union(*tasks[1:]))


def _faults(wanted: TaskWanted, today: date, helpers: list[int]) -> dict[str, str]:
    faults = {}
    if not wanted.title.strip() or len(wanted.title) > _LONGEST_TITLE:
        faults["title"] = "empty" if not wanted.title.strip() else "too_long"
    if wanted.until is None or not today <= wanted.until <= today + _FARTHEST:
        faults["until"] = "no_day" if wanted.until is None else "not_ahead"
    if wanted.person_id is not None and wanted.person_id not in helpers:
        faults["who"] = "not_in_thread"
    return faults
