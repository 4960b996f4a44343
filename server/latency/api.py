"""The route of latencies."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from server.access.api import NowDep, ViewerDep
from server.db.session import ReadDep
from server.latency.rules import SENT_WITHIN, Stage
from server.latency.views import DayOfUnit, LatencyView, latency_of

router = APIRouter(prefix="/api/latency", tags=["latency"])


class StepOut(BaseModel):
    """One step of the way: how long it took, in seconds."""

    step: Stage
    alerts: int
    p50_s: float = Field(description="Median")
    p95_s: float = Field(description="All but one in twenty took at most this")


class DayOut(BaseModel):
    """One day of one unit."""

    day: date
    unit: str
    alerts: int
    late: int = Field(description="Urgent facts that reached us more than two minutes after they happened")
    steps: list[StepOut]


class SlowOut(BaseModel):
    """That the chain is slow."""

    seconds: int = Field(description="The longest a grave alert of the last ten minutes waited for a channel")
    late_homes: int


class LatencyOut(BaseModel):
    """How quick the chain is."""

    sent_within_s: float = Field(description="A grave alert that no channel has after this is slow")
    slow: SlowOut | None
    days: list[DayOut]


@router.get("")
def get_latency(
    viewer: ViewerDep, db: ReadDep, now: NowDep, days: Annotated[int, Query(ge=1, le=92)] = 7
) -> LatencyOut:
    """Tell how long each step took by day and unit, and whether the chain is slow just now."""
    return latency_out(latency_of(db, viewer, days, now))


def latency_out(found: LatencyView) -> LatencyOut:
    """Return it as it is told."""
    slow = None if found.slow is None else SlowOut(seconds=found.slow.seconds, late_homes=found.slow.late_homes)
    return LatencyOut(sent_within_s=SENT_WITHIN.total_seconds(), slow=slow, days=[_day_out(one) for one in found.days])


def _day_out(one: DayOfUnit) -> DayOut:
    steps = [
        StepOut(step=s.stage, alerts=s.alerts, p50_s=s.p50.total_seconds(), p95_s=s.p95.total_seconds())
        for s in one.steps
    ]
    return DayOut(day=one.day, unit=one.unit, alerts=one.alerts, late=one.late, steps=steps)
