"""The routes of residents' development over weeks."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from models.days.kept import UNSEEN, Metric
from models.finding import FindingKind
from server.access.api import NowDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.overview.development import (
    AlertMark,
    ChangeView,
    NoteLine,
    add_note,
    get_development,
    list_changes,
)

router = APIRouter(tags=["development"])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()


class ChangeOut(BaseModel):
    """One metric: what is usual for this person, how far single days lie from it, and the last week's mean."""

    usual: float
    spread: float
    lately: float
    far: float = Field(description="Of the week from the usual, in spreads; negative: less")


class ResidentChangeOut(BaseModel):
    """A resident and how the last week differs. Metrics of which too few days are known are left out."""

    id: str
    name: str
    age: int
    address: str
    changes: dict[Metric, ChangeOut]
    noted: tuple[FindingKind, ...]


class DayOut(BaseModel):
    """One local day. `quarters`: minutes with movement in each of 96; None: not seen. Figures of None are not known."""

    date: date
    is_ordinary: bool
    figures: dict[Metric, float | None]
    quarters: list[int | None]


class DevelopmentOut(BaseModel):
    """A resident's last weeks, up to yesterday, with what was alerted and noted."""

    resident: ResidentChangeOut
    days: list[DayOut]
    alerts: tuple[AlertMark, ...]
    notes: tuple[NoteLine, ...]


class NoteIn(BaseModel):
    """A note for colleagues."""

    text: str


@router.get("/api/overview")
def get_overview(viewer: ViewerDep, db: ReadDep, now: NowDep) -> list[ResidentChangeOut]:
    """List residents, those whose days changed most first."""
    return [_change_out(one) for one in list_changes(db, viewer, now)]


@router.get("/api/residents/{resident_id}/development")
def get_resident_development(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> DevelopmentOut:
    """Tell how a resident's days develop. The look is audited."""
    with database.transaction() as db:
        found = get_development(db, viewer, resident_id, now)
    return DevelopmentOut(
        resident=_change_out(found.resident), days=_days(found.resident), alerts=found.alerts, notes=found.notes
    )


@router.post("/api/residents/{resident_id}/development/notes", status_code=204)
def post_development_note(
    viewer: ViewerDep, database: DatabaseDep, request: Request, now: NowDep, resident_id: str, note: NoteIn
) -> None:
    """Note something for colleagues."""
    with database.transaction() as db:
        add_note(db, viewer, resident_id, note.text, now)
    request.app.state.feed.wake()


def _change_out(one: ChangeView) -> ResidentChangeOut:
    changes = {
        metric: ChangeOut(usual=change.usual, spread=change.spread, lately=change.lately, far=change.far)
        for metric, change in one.changes.items()
    }
    return ResidentChangeOut(
        id=one.id, name=one.name, age=one.age, address=one.address, changes=changes, noted=one.noted
    )


def _days(one: ChangeView) -> list[DayOut]:
    days = one.days
    if days is None:
        return []
    figures = {metric: days.of(metric) for metric in Metric}
    return [
        DayOut(
            date=_EPOCH + timedelta(days=days.first_day + place),
            is_ordinary=bool(days.ok[place]),
            figures={m: float(v[place]) if np.isfinite(v[place]) else None for m, v in figures.items()},
            quarters=[None if quarter == UNSEEN else int(quarter) for quarter in days.quarters[place]],
        )
        for place in range(len(days.ok))
    ]
