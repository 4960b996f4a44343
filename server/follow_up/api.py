"""The routes of follow-up plans."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.access.api import NowDep, ViewerDep
from server.db.session import DatabaseDep
from server.errors import NotFoundError
from server.follow_up.rules import ActivityKind, GoalKind, Occasion, PlanWanted
from server.follow_up.service import (
    ActivityWanted,
    PlanView,
    end_plan,
    enter_activity,
    look_at_plan,
    make_plan,
    take_back,
)

router = APIRouter(prefix="/api/residents/{resident_id}", tags=["follow-up"])


class PlanIn(BaseModel):
    """A plan. `goals`: targets; of `up_by` minutes after local midnight."""

    occasion: Occasion = Occasion.OTHER
    starts_on: date | None = None
    ends_on: date | None = None
    goals: dict[GoalKind, float] = {}


class ActivityIn(BaseModel):
    """Something that sensors cannot tell: a volunteer's visit, a walk."""

    kind: ActivityKind
    day: date | None = None
    with_whom: str = ""
    once: str = Field(default="", pattern="^([0-9a-f]{16})?$", description="A name of your own: a repeat is one")


@router.get("/plan")
def get_plan(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> PlanView:
    """Show the newest plan with every day and week. The look is audited."""
    with database.transaction() as db:
        _, plan = look_at_plan(db, viewer, resident_id, now)
    if plan is None:
        raise NotFoundError("plan")
    return plan


@router.post("/plan", status_code=201)
def post_plan(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, plan: PlanIn) -> dict[str, str]:
    """Make a plan; one at a time. 422 with `faults` by field where it cannot be saved."""
    with database.transaction() as db:
        wanted = PlanWanted(plan.occasion, plan.starts_on, plan.ends_on, dict(plan.goals))
        return {"id": make_plan(db, viewer, resident_id, wanted, now)}


@router.delete("/plan", status_code=204)
def delete_plan(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> None:
    """Let the plan end with yesterday. What it brought is kept."""
    with database.transaction() as db:
        end_plan(db, viewer, resident_id, now)


@router.post("/activities", status_code=201)
def post_activity(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, activity: ActivityIn
) -> dict[str, str]:
    """Enter an activity."""
    with database.transaction() as db:
        wanted = ActivityWanted(activity.kind, activity.day, activity.with_whom)
        return {"id": enter_activity(db, viewer, resident_id, wanted, now, activity.once)}


@router.delete("/activities/{activity_id}", status_code=204)
def delete_activity(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, activity_id: str) -> None:
    """Take back an activity."""
    with database.transaction() as db:
        take_back(db, viewer, resident_id, activity_id, now)
