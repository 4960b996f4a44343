"""A resident's learned day, how often something is told there, and a rehearsal of another setting."""

from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.rehearsal import RehearsalPanel, rehearsal_panel
from caregiver_ui.views.routine import routine_page
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.db.session import Database, DatabaseDep
from server.overview.rehearsal import rehearse, stage_of
from server.overview.routine import get_routine, home_to_rehearse
from server.overview.routine_api import BudgetQuery
from server.sensitivity.rules import LEAST_BUDGET, MOST_BUDGET
from server.sensitivity.service import SETTERS, set_home_budget, set_unit_budget

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Scope(StrEnum):
    """For whom a setting is saved."""

    HOME = "home"
    UNIT = "unit"
    AS_UNIT = "as_unit"


@router.get("/residents/{resident_id}/routine")
def get_routine_page(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, budget: BudgetQuery | None = None
) -> Response:
    """Show the learned day; with a budget also what it would have brought, for a browser without script."""
    with database.transaction() as db:
        routine = get_routine(db, viewer, resident_id, visit.now)
        seen = open_ids(db, viewer)
    tried = None if budget is None else _rehearsed(visit, viewer, database, resident_id, budget)
    page = routine_page(visit.speech, routine, visit.now)
    chosen = page.chosen if budget is None else budget
    return render(
        visit, "routine.html", routine=page, chosen=chosen, tried=tried, may_set=viewer.role in SETTERS, open_ids=seen
    )


@router.get("/parts/residents/{resident_id}/rehearsal")
def get_rehearsal_part(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, budget: BudgetQuery
) -> Response:
    """Return what a budget would have brought, for a page that is open."""
    tried = _rehearsed(visit, viewer, database, resident_id, budget)
    may_set = viewer.role in SETTERS
    return render(visit, "parts/rehearsal.html", resident_id=resident_id, tried=tried, may_set=may_set)


@router.post("/residents/{resident_id}/sensitivity")
def post_sensitivity(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    scope: Annotated[Scope, Form()],
    budget: Annotated[float | None, Form(ge=LEAST_BUDGET, le=MOST_BUDGET)] = None,
) -> Response:
    """Save a setting for the home or the whole unit, or let the unit's hold in the home again."""
    with database.transaction() as db:
        if scope is Scope.UNIT and budget is not None:
            set_unit_budget(db, viewer, budget, visit.now)
        else:
            set_home_budget(db, viewer, resident_id, None if scope is Scope.AS_UNIT else budget, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/routine")


def _rehearsed(visit: Visit, viewer: Viewer, database: Database, resident_id: str, budget: float) -> RehearsalPanel:
    """Play it. This takes a second or more: the routes above run in threads of their own, and in no transaction."""
    with database.transaction() as db:
        home = home_to_rehearse(db, viewer, resident_id, visit.now)
    with database.reading() as db:
        stage = stage_of(db, home, visit.now)
    return rehearsal_panel(visit.speech, rehearse(stage, budget), ZoneInfo(home.time_zone), visit.now)
