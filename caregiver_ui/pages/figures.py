"""The figures of a unit and a month, to look at, to print, and as a file."""

from fastapi import APIRouter, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.figures import figures_page
from caregiver_ui.visit import VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.db.session import ReadDep
from server.figures.api import figures_file, month_of
from server.figures.service import figures_of, units_to_choose

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/figures")
def get_figures_page(
    visit: VisitDep,
    viewer: ViewerDep,
    settings: SettingsDep,
    db: ReadDep,
    month: str | None = None,
    unit: str | None = None,
) -> Response:
    """Show a month; what is typed for one and is none comes back with the reason beside it."""
    fault = ""
    try:
        wanted = month_of(month or None, visit.now)
    except ValueError:
        wanted = month_of(None, visit.now)
        fault = visit.speech.gettext("Write the month as year and month: 2026-03.")
    found = figures_of(db, viewer, wanted, visit.now, unit=unit or None, test=settings.test_mode)
    return render(
        visit, "figures.html", status=422 if fault else 200, fault=fault, typed=month if fault else str(wanted),
        page=figures_page(visit.speech, found, units_to_choose(db, viewer)),
        open_ids=open_ids(db, viewer),
    )  # fmt: skip


@router.get("/figures.csv")
def get_figures_file_page(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, month: str, unit: str | None = None
) -> Response:
    """Return the same as a file that a spreadsheet opens."""
    try:
        wanted = month_of(month, visit.now)
    except ValueError:
        wanted = month_of(None, visit.now)
    return figures_file(figures_of(db, viewer, wanted, visit.now, unit=unit, test=settings.test_mode))
