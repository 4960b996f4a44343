"""Routes of the figures: as JSON and as a file for a spreadsheet."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from server.access.api import NowDep, SettingsDep, ViewerDep
from server.db.session import ReadDep
from server.figures.rules import Month
from server.figures.service import ZONE, Figures, figures_of
from server.figures.table import as_csv, rows_of

router = APIRouter(prefix="/api/figures", tags=["figures"])

MonthQuery = Annotated[
    str | None, Query(pattern=r"^[12]\d{3}-(0[1-9]|1[0-2])$", description="As 2026-03; without it the present one")
]


class FigureOut(BaseModel):
    """One figure. `part`: of what; `value`: None where it is not known; `of`: from how many it comes."""

    figure: str
    part: str
    value: float | None
    of: float | None


class FiguresOut(BaseModel):
    """A unit's month, reckoned up to `until`. The figures are defined in docs/figures.md."""

    unit: str
    month: str
    until: datetime
    is_over: bool
    homes: int
    figures: list[FigureOut]


@router.get("")
def get_figures(
    viewer: ViewerDep,
    db: ReadDep,
    now: NowDep,
    settings: SettingsDep,
    month: MonthQuery = None,
    unit: str | None = None,
) -> FiguresOut:
    """Tell a unit's figures; without `unit` those of one's own with all below it."""
    found = figures_of(db, viewer, month_of(month, now), now, unit=unit, test=settings.test_mode)
    figures = [FigureOut(figure=f, part=part, value=value, of=of) for f, part, value, of in rows_of(found)]
    return FiguresOut(
        unit=found.unit, month=str(found.month), until=found.until, is_over=found.is_over, homes=found.homes,
        figures=figures,
    )  # fmt: skip


@router.get(".csv")
def get_figures_file(
    viewer: ViewerDep,
    db: ReadDep,
    now: NowDep,
    settings: SettingsDep,
    month: MonthQuery = None,
    unit: str | None = None,
) -> Response:
    """Return the same as a file that a spreadsheet opens."""
    return figures_file(figures_of(db, viewer, month_of(month, now), now, unit=unit, test=settings.test_mode))


def month_of(text: str | None, now: datetime) -> Month:
    """Return the month that was asked for; the present one where none was.

    Raises:
        ValueError: it is no month.
    """
    return Month.of(now.astimezone(ZONE).date()) if text is None else Month.read(text)


def figures_file(figures: Figures) -> Response:
    """Return figures as a file to download."""
    name = f"livsrytme-{figures.month}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(as_csv(figures), media_type="text/csv; charset=utf-8", headers=headers)
