"""The routes of what was learned of a home, and of what another setting would have brought there."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from models.finding import FindingKind
from server.access.api import NowDep, ViewerDep
from server.db.session import DatabaseDep
from server.overview.rehearsal import WouldBeTold, rehearse, stage_of
from server.overview.routine import RoutineView, get_routine, home_to_rehearse
from server.sensitivity.rules import LEAST_BUDGET, MOST_BUDGET, USUAL_BUDGET

router = APIRouter(prefix="/api/residents", tags=["routine"])

BudgetQuery = Annotated[
    float, Query(ge=LEAST_BUDGET, le=MOST_BUDGET, description="False alerts a home and week, over all kinds")
]


class RehearsalOut(BaseModel):
    """What would have been told in the `days` days up to `until`. `days` 0: too little is known of the home."""

    budget: float
    days: int
    until: datetime
    alerts: int
    at_night: int
    by_kind: dict[FindingKind, int]
    told: tuple[WouldBeTold, ...]


@router.get("/{resident_id}/routine")
def get_resident_routine(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> RoutineView:
    """Tell what was learned of a resident's day, and what was noticed in the last four weeks."""
    with database.transaction() as db:
        return get_routine(db, viewer, resident_id, now)


@router.get("/{resident_id}/rehearsal")
def get_rehearsal(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, budget: BudgetQuery = USUAL_BUDGET
) -> RehearsalOut:
    """Tell what would have been told in the last weeks with this setting. It takes about a second."""
    with database.transaction() as db:
        home = home_to_rehearse(db, viewer, resident_id, now)
    # Nobody's alarm waits for what follows: the transaction is over.
    with database.reading() as db:
        stage = stage_of(db, home, now)
    found = rehearse(stage, budget)
    kinds = [one.kind for one in found.told]
    return RehearsalOut(
        budget=budget,
        days=found.days,
        until=found.until,
        alerts=len(kinds),
        at_night=found.at_night,
        by_kind={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        told=found.told,
    )
