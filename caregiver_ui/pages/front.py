"""The front page: alerts, and the residents of the unit."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from caregiver_ui.pages.residents import shown_residents
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.alert import alert_cards, gathered
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import PRIVATE_ROLES, Role
from server.alerting.views import PAGE, list_alerts, unclosed
from server.db.session import ReadDep
from server.latency.service import slow_now

# Closed alerts on the page; the whole past has its own place.
_CLOSED_SHOWN = 30

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Group(StrEnum):
    """A tab."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


@router.get("/")
def get_front(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, group: Group = Group.OPEN
) -> Response:
    """Show alerts and residents; relatives have a page of their own."""
    if viewer.role in PRIVATE_ROLES:
        return RedirectResponse("/status" if viewer.role is Role.RELATIVE else "/me", status_code=303)
    residents = shown_residents(visit, viewer, db, settings)
    return render(visit, "front.html", **residents, **_listed(db, visit, viewer, group))


@router.get("/parts/alerts")
def get_alert_list(visit: VisitDep, viewer: ViewerDep, db: ReadDep, group: Group = Group.OPEN) -> Response:
    """Return the list of alerts alone, for a page that is open."""
    return render(visit, "parts/alerts.html", **_listed(db, visit, viewer, group))


@router.get("/parts/news")
def get_news(
    visit: VisitDep, viewer: ViewerDep, db: ReadDep, seen: Annotated[str, Query(max_length=20_000)] = ""
) -> Response:
    """Return what an open page has not shown yet: new alerts, and who has taken those it shows as untaken."""
    known = set(seen.split())
    alerts = list_alerts(db, viewer, "open")
    fresh = [alert for alert in alerts if alert.id not in known]
    taken = list_alerts(db, viewer, "taken")
    gone = [alert for alert in taken if alert.id in known]
    asked = [alert for alert in taken if alert.is_asked and alert.is_mine]
    return render(
        visit,
        "parts/news.html",
        fresh=alert_cards(visit.speech, fresh, viewer, visit.now),
        is_slow=_is_slow(db, visit, viewer),
        asked=alert_cards(visit.speech, asked, viewer, visit.now),
        gone=alert_cards(visit.speech, gone, viewer, visit.now),
    )


def open_ids(db: Session, viewer: Viewer) -> str:
    """Return the names of untaken alerts, for the page to know what it has shown."""
    return " ".join(unclosed(db, viewer).untaken)


def _is_slow(db: Session, visit: Visit, viewer: Viewer) -> bool:
    # In a simulated world time may run faster than messages do.
    return not visit.is_simulated_time and slow_now(db, viewer.units, visit.now) is not None


def _listed(db: Session, visit: Visit, viewer: Viewer, group: Group) -> dict[str, Any]:
    alerts = list_alerts(db, viewer, group, most=_CLOSED_SHOWN if group is Group.CLOSED else PAGE)
    now_open = unclosed(db, viewer)
    return {
        "group": group,
        "is_slow": _is_slow(db, visit, viewer),
        "counts": {Group.OPEN: now_open.happenings_open, Group.TAKEN: now_open.happenings_taken},
        "alerts": alert_cards(visit.speech, alerts if group is Group.CLOSED else gathered(alerts), viewer, visit.now),
        "open_ids": " ".join(now_open.untaken),
    }
