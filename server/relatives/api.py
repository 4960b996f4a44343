"""The routes of agreements, the thread, tasks, company, and relatives who are asked to go there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from server.access.api import NowDep, ViewerDep
from server.alerting.rules import AlertKind, AlertStatus
from server.db.session import DatabaseDep, ReadDep
from server.relatives.company import CompanyView, company_of, keep_company, leave
from server.relatives.rules import Basis, Category, Wanted, Wishes
from server.relatives.service import AgreementView, agree, agreements_for, resident_for, wish, withdraw
from server.relatives.steps import answer, asked_of
from server.relatives.tasks import TaskView, TaskWanted, add_task, do_task, tasks_of
from server.relatives.thread import MessageView, in_thread, read_thread, unread_by_resident, write

router = APIRouter(prefix="/api", tags=["relatives"])

_Minutes = Annotated[int | None, Field(ge=0, lt=1440, description="After local midnight; None: no quiet hours")]
_Once = Annotated[str, Field(pattern="^([0-9a-f]{16})?$", description="A name of your own, so that a repeat is one")]


class AgreementIn(BaseModel):
    """What is to be agreed. `delay`: minutes."""

    categories: frozenset[Category]
    basis: Basis | None = None
    ends_on: date | None = None
    delay: int = 0
    quiet_from: _Minutes = None
    quiet_until: _Minutes = None
    asked_to_step: bool = False


class AgreementOut(BaseModel):
    """What is agreed with a relative. `basis` and `noted_at` None: nothing was ever noted, and the status is shown."""

    relative: int
    name: str
    categories: list[Category]
    delay: int
    least_delay: int
    quiet_from: int | None
    quiet_until: int | None
    ends_on: date | None
    basis: Basis | None
    asked_to_step: bool
    agrees_to_step: bool
    noted_by: str | None
    noted_at: datetime | None


class WishesIn(BaseModel):
    """When a relative wants to be told (minutes), and whether to be asked to go there."""

    delay: int = 0
    quiet_from: _Minutes = None
    quiet_until: _Minutes = None
    agrees_to_step: bool = False


@router.get("/residents/{resident_id}/agreements")
def get_agreements(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> list[AgreementOut]:
    """List what is shared with whom: all of it for staff and the resident, a relative's own for the relative."""
    with database.transaction() as db:
        return [_agreement_out(one) for one in agreements_for(db, viewer, resident_id, now)]


@router.put("/residents/{resident_id}/agreements/{relative}", status_code=204)
def put_agreement(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, relative: int, wanted: AgreementIn
) -> None:
    """Note what is shared with a relative. 422 with `faults` by field where it cannot be saved."""
    with database.transaction() as db:
        agree(db, viewer, resident_id, relative, Wanted(**wanted.model_dump()), now)


@router.delete("/residents/{resident_id}/agreements/{relative}", status_code=204)
def delete_agreement(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, relative: int) -> None:
    """Share nothing more with a relative, at once. The resident may do this too."""
    with database.transaction() as db:
        withdraw(db, viewer, resident_id, relative, now)


@router.put("/residents/{resident_id}/wishes", status_code=204)
def put_wishes(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, wishes: WishesIn) -> None:
    """Say when to be told, and whether to be asked to go there: a relative's own."""
    with database.transaction() as db:
        wish(db, viewer, resident_id, Wishes(**wishes.model_dump()), now)


class MessageIn(BaseModel):
    """A message; up to 2,000 characters."""

    text: str
    once: _Once = ""


@router.get("/unread")
def get_unread(viewer: ViewerDep, db: ReadDep, now: NowDep) -> dict[str, int]:
    """Tell how many messages wait in each resident's thread."""
    return dict(unread_by_resident(db, viewer, now))


@router.get("/residents/{resident_id}/messages")
def get_messages(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> list[MessageView]:
    """List the newest messages of the thread, oldest first. They count as read; the look is audited."""
    with database.transaction() as db:
        return read_thread(db, viewer, resident_id, now)


@router.post("/residents/{resident_id}/messages", status_code=201)
def post_message(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, message: MessageIn
) -> dict[str, str]:
    """Write in the thread."""
    with database.transaction() as db:
        return {"id": write(db, viewer, resident_id, message.text, now, message.once)}


class TaskIn(BaseModel):
    """A small task. `relative`: who does it; None: the team."""

    title: str
    until: date | None = None
    relative: int | None = None
    once: _Once = ""


@router.get("/residents/{resident_id}/tasks")
def get_tasks(viewer: ViewerDep, db: ReadDep, now: NowDep, resident_id: str) -> list[TaskView]:
    """List what is to be done, and what was done in the last two weeks."""
    return tasks_of(db, viewer, in_thread(db, viewer, resident_id, now), now)


@router.post("/residents/{resident_id}/tasks", status_code=201)
def post_task(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, task: TaskIn) -> dict[str, str]:
    """Add a task."""
    with database.transaction() as db:
        wanted = TaskWanted(task.title, task.until, task.relative)
        return {"id": add_task(db, viewer, resident_id, wanted, now, task.once)}


@router.put("/residents/{resident_id}/tasks/{task_id}/done", status_code=204)
def put_task_done(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, task_id: str, *, is_done: bool = True
) -> None:
    """Note that a task is done, or after all is not."""
    with database.transaction() as db:
        do_task(db, viewer, resident_id, task_id, now, is_done=is_done)


class CompanyIn(BaseModel):
    """When a relative is there."""

    begins_at: AwareDatetime
    ends_at: AwareDatetime


@router.get("/residents/{resident_id}/company")
def get_company(viewer: ViewerDep, db: ReadDep, now: NowDep, resident_id: str) -> list[CompanyView]:
    """List who is with the resident, or will be."""
    resident, _ = resident_for(db, viewer, resident_id)
    return company_of(db, [resident.resident_id or 0], now, viewer)


@router.post("/residents/{resident_id}/company", status_code=201)
def post_company(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, wanted: CompanyIn
) -> dict[str, str]:
    """Say that one is there, from when to when."""
    with database.transaction() as db:
        return {"id": keep_company(db, viewer, resident_id, wanted.begins_at, wanted.ends_at, now)}


@router.delete("/company/{company_id}", status_code=204)
def delete_company(viewer: ViewerDep, database: DatabaseDep, now: NowDep, company_id: str) -> None:
    """Say that one has left, or does not come."""
    with database.transaction() as db:
        leave(db, viewer, company_id, now)


@dataclass(frozen=True, slots=True)
class AskedOut:
    """A relative was asked to go. `goes` None: not answered yet."""

    alert_id: str
    resident_id: str
    kind: AlertKind
    status: AlertStatus
    asked_at: datetime
    goes: bool | None


class AnswerIn(BaseModel):
    """Whether the relative goes there."""

    goes: bool


@router.get("/asked")
def get_asked(viewer: ViewerDep, db: ReadDep, now: NowDep) -> list[AskedOut]:
    """List where this relative was asked to go."""
    return [
        AskedOut(one.alert_id, one.resident_id, one.kind, one.status, one.asked_at, one.goes)
        for one in asked_of(db, viewer, now)
    ]


@router.put("/asked/{alert_id}", status_code=204)
def put_answer(viewer: ViewerDep, database: DatabaseDep, now: NowDep, alert_id: str, said: AnswerIn) -> None:
    """Go there, or not. 409 when the alert is closed. The team's responsibility stays as it was."""
    with database.transaction() as db:
        answer(db, viewer, alert_id, goes=said.goes, now=now)


def _agreement_out(view: AgreementView) -> AgreementOut:
    quiet = view.agreed.quiet
    return AgreementOut(
        relative=view.person_id,
        name=view.name,
        categories=sorted(view.agreed.categories),
        delay=int(view.agreed.delay.total_seconds() // 60),
        least_delay=int(view.least_delay.total_seconds() // 60),
        quiet_from=quiet and quiet.begins,
        quiet_until=quiet and quiet.ends,
        ends_on=view.agreed.ends_on,
        basis=view.basis,
        asked_to_step=view.asked_to_step,
        agrees_to_step=view.agrees_to_step,
        noted_by=view.noted_by,
        noted_at=view.noted_at,
    )
