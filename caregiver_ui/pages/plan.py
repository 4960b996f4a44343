"""A resident's follow-up plan: goals with their progress, activities that people enter, and the form of a new plan."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel, Field

from caregiver_ui.charts.progress import key
from caregiver_ui.fields import clock_field, day_field, number_field, once
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.relative_words import faults_words
from caregiver_ui.rendering import render
from caregiver_ui.views.plan import (
    PlanForm,
    activity_choices,
    goal_choices,
    new_form,
    occasion_choices,
    plan_page,
)
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep
from server.errors import UnfitError
from server.follow_up.rules import ActivityKind, GoalKind, Occasion, PlanWanted
from server.follow_up.service import ActivityWanted, end_plan, enter_activity, look_at_plan, make_plan, take_back
from server.relatives.service import CARERS, resident_for

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class PlanFields(BaseModel):
    """The form of a new plan, as it was sent. `goal`: the ticked ones."""

    occasion: Occasion = Occasion.OTHER
    starts_on: str = ""
    ends_on: str = ""
    goal: list[GoalKind] = []
    up_by: str = ""
    meals: str = ""
    room_changes: str = ""
    active: str = ""
    outings: str = ""
    activities: str = ""

    @property
    def wanted(self) -> PlanWanted:
        """What is to be made."""
        goals = {kind: self._target(kind) for kind in GoalKind if kind in self.goal}
        return PlanWanted(self.occasion, day_field(self.starts_on), day_field(self.ends_on), goals)

    def form(self, faults: dict[str, str]) -> PlanForm:
        """Return what was typed, with what is wrong."""
        targets = {str(kind): str(getattr(self, kind)) for kind in GoalKind}
        return PlanForm(self.occasion, self.starts_on, self.ends_on, frozenset(self.goal), targets, faults)

    def _target(self, kind: GoalKind) -> float | None:
        typed = str(getattr(self, kind))
        return clock_field(typed) if kind is GoalKind.UP_BY else number_field(typed)


class ActivityFields(BaseModel):
    """The form of an activity, as it was sent."""

    kind: ActivityKind
    day: str = ""
    with_whom: str = ""
    once: str = Field(default="", pattern="^([0-9a-f]{16})?$")
    faults: dict[str, str] = {}


@router.get("/residents/{resident_id}/plan")
def get_plan(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str) -> Response:
    """Show the plan; staff without one are offered a form, and a relative who agreed sees how it goes."""
    return _page(visit, viewer, database, resident_id)


@router.post("/residents/{resident_id}/plan")
def post_plan(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    fields: Annotated[PlanFields, Form()],
) -> Response:
    """Make a plan."""
    try:
        with database.transaction() as db:
            make_plan(db, viewer, resident_id, fields.wanted, visit.now)
    except UnfitError as error:
        form = fields.form(faults_words(visit.speech, error.faults))
        return _page(visit, viewer, database, resident_id, form=form)
    return go_to(visit.request, f"/residents/{resident_id}/plan")


@router.post("/residents/{resident_id}/plan/end")
def post_end(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str) -> Response:
    """Let the plan end with yesterday."""
    with database.transaction() as db:
        end_plan(db, viewer, resident_id, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/plan")


@router.post("/residents/{resident_id}/activities")
def post_activity(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    fields: Annotated[ActivityFields, Form()],
) -> Response:
    """Enter an activity."""
    try:
        with database.transaction() as db:
            wanted = ActivityWanted(fields.kind, day_field(fields.day), fields.with_whom)
            enter_activity(db, viewer, resident_id, wanted, visit.now, fields.once)
    except UnfitError as error:
        typed = fields.model_copy(update={"faults": faults_words(visit.speech, error.faults)})
        return _page(visit, viewer, database, resident_id, activity=typed)
    return go_to(visit.request, f"/residents/{resident_id}/plan#activities")


@router.post("/residents/{resident_id}/activities/{activity_id}/back")
def post_back(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, activity_id: str
) -> Response:
    """Take back an activity."""
    with database.transaction() as db:
        take_back(db, viewer, resident_id, activity_id, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/plan#activities")


def _page(
    visit: Visit,
    viewer: Viewer,
    database: Database,
    resident_id: str,
    *,
    form: PlanForm | None = None,
    activity: ActivityFields | None = None,
) -> Response:
    with database.transaction() as db:
        resident, plan = look_at_plan(db, viewer, resident_id, visit.now)
        zone: ZoneInfo = resident_for(db, viewer, resident_id)[1]
    today, is_staff = visit.now.astimezone(zone).date(), viewer.role in CARERS
    return render(
        visit,
        "plan.html",
        status=422 if form or activity else 200,
        resident=resident,
        plan=plan and plan_page(visit.speech, plan, is_staff=is_staff),
        is_staff=is_staff,
        may_make=is_staff and (plan is None or plan.is_over or form is not None),
        form=form or new_form(today),
        goals=goal_choices(visit.speech),
        occasions=occasion_choices(visit.speech),
        activities=activity_choices(visit.speech),
        activity=activity or ActivityFields(kind=ActivityKind.VISIT, day=today.isoformat()),
        today=today,
        new_once=once,
        key=key,
    )
