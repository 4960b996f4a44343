"""The routes of digital supervision: rounds, what is said in them, and the plans they come from."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.access.api import NowDep, SettingsDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.overview.service import look_at
from server.rounds import service
from server.rounds.plans import PlanDraft, PlanView, end_plan, plans_of, set_plan
from server.rounds.rules import LONGEST_BASIS, Mark, State
from server.rounds.service import READERS, RoundDetail, RoundView, Said

router = APIRouter(prefix="/api", tags=["digital supervision"])


class MarkIn(BaseModel):
    """What is said of a resident. `shown`: the state one was shown; another one by now answers 409."""

    mark: Mark
    shown: State


class PlanIn(BaseModel):
    """A plan of looks. Times of the home's own clock, HH:MM; dates YYYY-MM-DD, both of them in it."""

    times: tuple[str, ...]
    days: tuple[int, ...] = tuple(range(7))
    from_date: str
    until_date: str
    basis: str = Field(max_length=LONGEST_BASIS, description="The decision or consent it rests on")
    replaces_visit: bool = False


@router.get("/rounds")
def get_rounds(viewer: ViewerDep, db: ReadDep, now: NowDep) -> list[RoundView]:
    """List the rounds of the last day and the next one of each unit."""
    return service.list_rounds(db, viewer, now)


@router.get("/rounds/{round_id}")
def get_round(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, round_id: str
) -> RoundDetail:
    """Show a round with what is known of each resident. The look is audited."""
    with database.transaction() as db:
        return service.get_round(db, viewer, round_id, now, settings.link_patience)


@router.put("/rounds/{round_id}/residents/{resident_id}", status_code=204)
def put_mark(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, round_id: str, resident_id: str,
    said: MarkIn,
) -> None:  # fmt: skip
    """Say what a look told."""
    with database.transaction() as db:
        service.mark(db, viewer, round_id, Said(resident_id, said.mark, said.shown), now, settings.link_patience)


@router.post("/rounds/{round_id}/residents/{resident_id}/visit", status_code=204)
def post_visit(viewer: ViewerDep, database: DatabaseDep, now: NowDep, round_id: str, resident_id: str) -> None:
    """Note that somebody was there."""
    with database.transaction() as db:
        service.visited(db, viewer, round_id, resident_id, now)


@router.post("/rounds/{round_id}/signature", status_code=204)
def post_signature(viewer: ViewerDep, database: DatabaseDep, now: NowDep, round_id: str) -> None:
    """Sign a round, once."""
    with database.transaction() as db:
        service.sign(db, viewer, round_id, now)


@router.get("/residents/{resident_id}/looks")
def get_plans(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> list[PlanView]:
    """List a resident's plans of looks. The look is audited."""
    viewer.may(*READERS)
    with database.transaction() as db:
        return plans_of(db, look_at(db, viewer, resident_id, now)[0], now)


@router.post("/residents/{resident_id}/looks", status_code=201)
def post_plan(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, wanted: PlanIn
) -> dict[str, str]:
    """Plan looks at a resident. 422 with the faults by field."""
    viewer.may(*READERS)
    draft = PlanDraft(
        " ".join(wanted.times), tuple(map(str, wanted.days)), wanted.from_date, wanted.until_date, wanted.basis,
        wanted.replaces_visit,
    )  # fmt: skip
    with database.transaction() as db:
        return {"id": set_plan(db, viewer, look_at(db, viewer, resident_id, now)[0], draft, now)}


@router.delete("/residents/{resident_id}/looks/{plan_id}", status_code=204)
def delete_plan(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, plan_id: str) -> None:
    """End a plan."""
    viewer.may(*READERS)
    with database.transaction() as db:
        end_plan(db, viewer, look_at(db, viewer, resident_id, now)[0], plan_id, now)
