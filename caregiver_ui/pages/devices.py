"""The board of devices, and one home's devices: try them, say what is done about a fault."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.devices import FAULTS, devices_page, home_card
from caregiver_ui.views.sensors import sensor_cards
from caregiver_ui.views.technical import gateway_rows, hears, refused_rows
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.board.devices import device_board, home_named, lasts_in
from server.board.links import list_links
from server.board.marks import LONGEST_REASON, NewMark, home_of, mark, wake
from server.board.rules import LONGEST_MARK, Fault, MarkKind
from server.db.session import DatabaseDep, ReadDep
from server.errors import MarkError
from server.ingest.quarantine import list_quarantined
from server.liveness.service import list_gateways
from server.liveness.views import list_sensors

_SEES_REFUSED = frozenset({Role.TESTER, Role.ADMIN})
PageQuery = Annotated[int, Query(ge=1, le=10_000)]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class MarkForm(BaseModel):
    """The form of what is said of a fault."""

    fault: Fault
    kind: MarkKind
    days: int = Field(default=1, ge=0, le=99)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed of a device's fault, and what is to mend in it (words, by field)."""

    device: str = ""
    why: str = ""
    days: int = 1
    fault: str = ""
    kind: str = MarkKind.SNOOZE
    wrong: str = ""
    words: str = ""


@router.get("/devices")
def get_devices_page(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, page: PageQuery = 1
) -> Response:
    """Show the board: who is at risk first; for testers and administrators also what was refused."""
    shown = _board(visit, viewer, db, settings.link_patience, page)
    refused = None
    if viewer.role in _SEES_REFUSED:
        refused = refused_rows(visit.speech, list_quarantined(db, viewer), visit.now)
    seen = open_ids(db, viewer)
    return render(visit, "devices.html", **shown, refused=refused, open_ids=seen)


@router.get("/parts/devices")
def get_devices_part(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, page: PageQuery = 1
) -> Response:
    """Return the board alone, for a page that is open."""
    return render(visit, "parts/devices.html", **_board(visit, viewer, db, settings.link_patience, page))


@router.get("/sensors")
@router.get("/technical")
def get_old_page(request: Request, viewer: ViewerDep) -> Response:
    """Lead who kept an old address to the board."""
    del viewer
    return go_to(request, "/devices")


@router.get("/devices/homes/{home}")
def get_home_devices(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, home: str) -> Response:
    """Show one home's devices."""
    seen = open_ids(db, viewer)
    return render(visit, "device_home.html", **_home(visit, viewer, db, settings.link_patience, home), open_ids=seen)


@router.get("/parts/devices/homes/{home}")
def get_home_devices_part(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep, home: str
) -> Response:
    """Return one home's devices alone, for a page that is open."""
    return render(visit, "parts/device_home.html", **_home(visit, viewer, db, settings.link_patience, home))


@router.post("/devices/{device}/marks")
def post_mark(
    visit: VisitDep,
    viewer: ViewerDep,
    settings: SettingsDep,
    database: DatabaseDep,
    device: str,
    said: Annotated[MarkForm, Form()],
) -> Response:
    """Say something of a fault; what cannot be kept comes back with the reason beside it."""
    try:
        with database.transaction() as db:
            home = home_of(db, viewer, device).code
            mark(db, viewer, device, NewMark(said.kind, said.fault, said.why, timedelta(days=said.days)), visit.now)
    except MarkError as error:
        typed = Typed(device, said.why, said.days, said.fault, said.kind, error.field, _mend(visit, error.field))
        with database.reading() as db:
            code = home_of(db, viewer, device).code
            shown = _home(visit, viewer, db, settings.link_patience, code, typed)
        return render(visit, "device_home.html", status=422, **shown)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/devices/homes/{home}#fault-{device}")


@router.post("/devices/{device}/wake")
def post_wake(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, device: str) -> Response:
    """End a device's snooze before its time."""
    with database.transaction() as db:
        home = home_of(db, viewer, device).code
        wake(db, viewer, device, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/devices/homes/{home}#fault-{device}")


def _mend(visit: Visit, field: str) -> str:
    if field == "why":
        text = visit.speech.gettext("Say why in a few words, {n} letters at most.")
        return text.format(n=LONGEST_REASON)
    text = visit.speech.gettext("From one day to {n}: after that somebody looks at it again.")
    return text.format(n=LONGEST_MARK.days)


def _board(visit: Visit, viewer: Viewer, db: Session, patience: timedelta, page: int) -> dict[str, Any]:
    board = device_board(db, viewer, visit.now, patience)
    links = list_links(db, viewer, visit.now, patience)
    return {"board": devices_page(visit.speech, board, links, visit.now, page)}


def _home(
    visit: Visit, viewer: Viewer, db: Session, patience: timedelta, code: str, typed: Typed | None = None
) -> dict[str, Any]:
    home = home_named(db, viewer, code)
    board = device_board(db, viewer, visit.now, patience)
    faulty = next((home_card(visit.speech, one, visit.now) for one in board.homes if one.home == code), None)
    gateways = [row for row in list_gateways(db, viewer) if row[1].home_id == home.home_id]
    is_heard = any(hears(gateway, visit.now, patience) for gateway, _ in gateways)
    sensors = list_sensors(db, viewer, visit.now, code)
    return {
        "home": home.code,
        "address": home.address,
        "faulty": faulty,
        "gateways": gateway_rows(visit.speech, gateways, visit.now, patience),
        "sensors": sensor_cards(visit.speech, sensors, lasts_in(db, home, visit.now), visit.now, is_heard=is_heard),
        "fault_words": {fault.value: visit.speech.gettext(words) for fault, words in FAULTS.items()},
        "typed": typed or Typed(),
        "days": range(1, LONGEST_MARK.days + 1),
    }
