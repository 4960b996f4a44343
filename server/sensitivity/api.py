"""The routes of sensitivity: what a unit and a home bear, and how alerts are rated."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from server.access.api import NowDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.sensitivity.rules import LEAST_BUDGET, MOST_BUDGET, Rating
from server.sensitivity.service import RatingView, rate, rating_of, set_home_budget, set_unit_budget

router = APIRouter(prefix="/api", tags=["sensitivity"])

_Budget = Annotated[float, Field(ge=LEAST_BUDGET, le=MOST_BUDGET, description="False alerts a home and week")]


class UnitBudgetIn(BaseModel):
    """What a unit bears."""

    budget: _Budget


class HomeBudgetIn(BaseModel):
    """What is borne in a home; None: as in its unit."""

    budget: _Budget | None


class RatingIn(BaseModel):
    """What an alert was worth; None withdraws what was said, and what its outcome says."""

    rating: Rating | None


@router.put("/unit/sensitivity", status_code=204)
def put_unit_budget(viewer: ViewerDep, database: DatabaseDep, now: NowDep, wanted: UnitBudgetIn) -> None:
    """Set it for all homes of the unit that have no number of their own. Heeded from the next night on."""
    with database.transaction() as db:
        set_unit_budget(db, viewer, wanted.budget, now)


@router.put("/residents/{resident_id}/sensitivity", status_code=204)
def put_home_budget(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, wanted: HomeBudgetIn
) -> None:
    """Set it for one home, or let its unit's hold again. Heeded from the next night on."""
    with database.transaction() as db:
        set_home_budget(db, viewer, resident_id, wanted.budget, now)


@router.get("/alerts/{alert_id}/rating")
def get_rating(viewer: ViewerDep, db: ReadDep, now: NowDep, alert_id: str) -> RatingView:
    """Tell what was said of an alert, and what ratings make of its kind in that home."""
    return rating_of(db, viewer, alert_id, now)


@router.put("/alerts/{alert_id}/rating")
def put_rating(
    request: Request, viewer: ViewerDep, database: DatabaseDep, now: NowDep, alert_id: str, said: RatingIn
) -> RatingView:
    """Rate an alert, or withdraw that. 422 where its kind has no threshold that ratings could move."""
    with database.transaction() as db:
        rate(db, viewer, alert_id, said.rating, now)
        db.flush()
        view = rating_of(db, viewer, alert_id, now)
    request.app.state.feed.wake()
    return view
