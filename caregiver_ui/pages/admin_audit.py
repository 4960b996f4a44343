"""The audit for those who must answer for it: who did what when, and whether its chain holds."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from caregiver_ui.language import NORWAY
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.administration import audit_lines, whole_words
from caregiver_ui.visit import VisitDep
from server.access.api import ViewerDep
from server.access.people import list_people
from server.administration.homes import list_homes
from server.administration.trail import PAGE, Wanted, read_trail
from server.db.session import DatabaseDep

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/admin/audit")
def get_audit_page(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    who: str = "",
    resident: str = "",
    first: str = "",
    last: str = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Show a page of entries, those asked for."""
    from_at, to_at = _midnight(first), _midnight(last, timedelta(days=1))
    wanted = Wanted(who or None, resident or None, from_at, to_at, before)
    with database.transaction() as db:
        trail = read_trail(db, viewer, wanted, visit.now)
        shown: dict[str, Any] = {
            "people": list_people(db, viewer),
            "homes": [home for home in list_homes(db, viewer) if home.resident],
            "open_ids": open_ids(db, viewer),
        }
    more = trail.entries[-1].audit_entry_id if len(trail.entries) == PAGE else None
    asked = {"who": who, "resident": resident, "first": first, "last": last}
    fault = visit.speech.gettext("That is no day. Write it as 2026-11-26.")
    is_unfit = any(day and _midnight(day) is None for day in (first, last))
    return render(
        visit,
        "admin_audit.html",
        lines=audit_lines(visit.speech, trail, visit.now),
        broken_at=trail.broken_at,
        whole=whole_words(visit.speech, trail, visit.now),
        asked=asked,
        more=more,
        fault=fault if is_unfit else "",
        **shown,
    )


def _midnight(day: str, later: timedelta = timedelta(0)) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day) + later, time.min, NORWAY)
    except ValueError:
        return None
