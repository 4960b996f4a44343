"""Simulated homes: what testers see and let happen. In test mode only."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.simulations import SimulatedHome, simulated_home, simulation_cards
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.alerting.views import list_alerts
from server.db.session import DatabaseDep, ReadDep
from server.errors import OrderError
from server.simulations.api import RealNowDep, only_in_test_mode, real_now
from server.simulations.rules import Order, Verb
from server.simulations.service import ask, get_simulation, list_simulations

router = APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[Depends(only_in_test_mode)])


class Part(StrEnum):
    """A part of a home's page that is drawn anew by itself."""

    PLAN = "plan"
    TABLES = "tables"
    STEERING = "steering"
    TRUTH = "truth"


@router.get("/simulations")
def get_list(visit: VisitDep, viewer: ViewerDep, db: ReadDep, real: RealNowDep) -> Response:
    """Show every simulated home of the unit; others than testers are refused."""
    homes = list_simulations(db, viewer, real)
    alerts = list_alerts(db, viewer, "all")
    cards = simulation_cards(visit.speech, homes, alerts, visit.now)
    return render(visit, "simulations.html", homes=cards, open_ids=open_ids(db, viewer))


@router.get("/parts/simulations")
def get_list_part(visit: VisitDep, viewer: ViewerDep, db: ReadDep, real: RealNowDep) -> Response:
    """Return the list alone, for a page that is open."""
    homes = list_simulations(db, viewer, real)
    cards = simulation_cards(visit.speech, homes, list_alerts(db, viewer, "all"), visit.now)
    return render(visit, "parts/simulations.html", homes=cards)


@router.get("/simulations/{home}")
def get_home(visit: VisitDep, viewer: ViewerDep, db: ReadDep, home: str) -> Response:
    """Show one home from above, and what can be done with it."""
    seen = open_ids(db, viewer)
    return render(visit, "simulated_home.html", home=_home(visit, viewer, db, home), open_ids=seen, fault="")


@router.get("/parts/simulations/{home}/{part}")
def get_part(visit: VisitDep, viewer: ViewerDep, db: ReadDep, home: str, part: Part) -> Response:
    """Return a part of a home's page."""
    return render(visit, f"parts/simulation_{part}.html", home=_home(visit, viewer, db, home), fault="")


@router.post("/simulations/{home}/orders")
def post_order(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, home: str, order: Annotated[str, Form(max_length=80)]
) -> Response:
    """Ask something of a home: `order` is a verb and what it is about, with a colon between."""
    verb, _, argument = order.partition(":")
    fault = ""
    try:
        with database.transaction() as db:
            ask(db, viewer, home, Order(Verb(verb), argument), visit.now)
    except (OrderError, ValueError):
        fault = visit.speech.gettext("This home does not offer that just now.")
    visit.request.app.state.feed.wake()
    if not visit.is_partial and not fault:
        return go_to(visit.request, f"/simulations/{home}#steering")
    with database.reading() as db:
        shown = _home(visit, viewer, db, home)
        template = "parts/simulation_steering.html" if visit.is_partial else "simulated_home.html"
        return render(visit, template, home=shown, fault=fault, status=200 if visit.is_partial else 422)


def _home(visit: Visit, viewer: Viewer, db: Session, code: str) -> SimulatedHome:
    home = get_simulation(db, viewer, code, real_now())
    return simulated_home(visit.speech, home, list_alerts(db, viewer, "all"), visit.now)
