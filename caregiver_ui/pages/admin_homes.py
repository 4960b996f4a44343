"""Homes with who lives there, the sensors that hang in them, and the enrolment of their gateways."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.administration import fault_words, gateway_steps, sensor_kinds, sensor_lines
from caregiver_ui.visit import Visit, VisitDep
from caregiver_ui.words import room_choices
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.units import list_units
from server.administration.homes import (
    HomeView,
    WantedHome,
    WantedSensor,
    change_home,
    find_home,
    keep_sensor,
    list_homes,
    make_home,
    new_code,
    remove_sensor,
    replace_sensor,
    revoke,
)
from server.db.session import Database, DatabaseDep, ReadDep
from server.errors import UnfitError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class HomeForm(BaseModel):
    """A home as typed."""

    address: str = ""
    unit: str = ""
    name: str = ""
    birth_year: str = ""
    phone: str = ""
    time_zone: str = "Europe/Oslo"

    def wanted(self) -> WantedHome:
        """Return it as the service takes it. A common room has no year of birth."""
        year = self.birth_year or ("" if self.name.strip() else "1940")
        return WantedHome(self.address, self.unit, self.name, year, self.phone, self.time_zone)


class SensorForm(BaseModel):
    """A sensor as typed. `instead_of`: the address of the one whose place it takes; empty for another one."""

    sensor_address: str = ""
    room: str = ""
    kinds: tuple[str, ...] = ()
    bind_key: str = ""
    instead_of: str = ""

    def wanted(self) -> WantedSensor:
        """Return it as the service takes it."""
        return WantedSensor(self.sensor_address, self.room, self.kinds, self.bind_key)


class GatewayDeed(StrEnum):
    """What is done about a home's gateway."""

    CODE = "code"
    REVOKE = "revoke"


@router.get("/admin/residents")
def get_homes_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show all homes, and the form for a new one."""
    return render(visit, "admin_residents.html", **_listed(db, viewer))


@router.post("/admin/residents")
def post_home(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, typed: Annotated[HomeForm, Form()]
) -> Response:
    """Make a home."""
    try:
        with database.transaction() as db:
            code = make_home(db, viewer, typed.wanted(), visit.now)
    except UnfitError as error:
        shown = {"typed": typed, "faults": fault_words(visit.speech, error)}
        with database.reading() as db:
            return render(visit, "admin_residents.html", status=422, **{**_listed(db, viewer), **shown})
    return go_to(visit.request, f"/admin/residents/{code}")


@router.get("/admin/residents/{home_code}")
def get_home_page(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, home_code: str) -> Response:
    """Show one home. The look is audited."""
    return _page(visit, viewer, database, home_code)


@router.post("/admin/residents/{home_code}")
def post_change(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, home_code: str, typed: Annotated[HomeForm, Form()]
) -> Response:
    """Change a home, or who lives there."""
    try:
        with database.transaction() as db:
            change_home(db, viewer, home_code, typed.wanted(), visit.now)
    except UnfitError as error:
        faults = fault_words(visit.speech, error)
        return _page(visit, viewer, database, home_code, status=422, typed=typed, faults=faults)
    return go_to(visit.request, f"/admin/residents/{home_code}")


@router.post("/admin/residents/{home_code}/sensors")
def post_sensor(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, home_code: str, typed: Annotated[SensorForm, Form()]
) -> Response:
    """Add a sensor, or put it in the place of another one."""
    try:
        with database.transaction() as db:
            if typed.instead_of:
                replace_sensor(db, viewer, home_code, typed.instead_of, typed.wanted(), visit.now)
            else:
                keep_sensor(db, viewer, home_code, typed.wanted(), visit.now)
    except UnfitError as error:
        faults = fault_words(visit.speech, error, "sensor_")
        return _page(visit, viewer, database, home_code, status=422, sensor_typed=typed, faults=faults)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/admin/residents/{home_code}#sensors")


@router.post("/admin/residents/{home_code}/sensors/{address}/remove")
def post_remove(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, home_code: str, address: str) -> Response:
    """Take a sensor out of the home."""
    with database.transaction() as db:
        remove_sensor(db, viewer, home_code, address, visit.now)
    visit.request.app.state.feed.wake()
    return go_to(visit.request, f"/admin/residents/{home_code}#sensors")


@router.post("/admin/residents/{home_code}/gateway/{deed}")
def post_gateway(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, home_code: str, deed: GatewayDeed
) -> Response:
    """Make a one-time code, which is shown once, or take the gateway's right to speak."""
    code = ""
    with database.transaction() as db:
        if deed is GatewayDeed.CODE:
            code = new_code(db, viewer, home_code, visit.now)
        else:
            revoke(db, viewer, home_code, visit.now)
    return _page(visit, viewer, database, home_code, new_code=code)


def _page(
    visit: Visit, viewer: Viewer, database: Database, home_code: str, *, status: int = 200, **shown: object
) -> Response:
    with database.transaction() as db:
        home = find_home(db, viewer, home_code, visit.now)
        return render(visit, "admin_home.html", status=status, **{**_one(db, visit, viewer, home), **shown})


def _listed(db: Session, viewer: Viewer) -> dict[str, Any]:
    return {"homes": list_homes(db, viewer), "typed": HomeForm(), "faults": {}, **_around(db, viewer)}


def _one(db: Session, visit: Visit, viewer: Viewer, home: HomeView) -> dict[str, Any]:
    typed = HomeForm(
        address=home.address,
        unit=home.unit,
        name=home.name,
        birth_year="" if home.birth_year is None else str(home.birth_year),
        phone=home.phone,
        time_zone=home.time_zone,
    )
    return {
        "home": home,
        "typed": typed,
        "sensor_typed": SensorForm(),
        "faults": {},
        "new_code": "",
        "sensors": sensor_lines(visit.speech, home, visit.now),
        "kinds": sensor_kinds(visit.speech),
        "rooms": room_choices(visit.speech),
        "steps": gateway_steps(visit.speech, home, visit.now),
        **_around(db, viewer),
    }


def _around(db: Session, viewer: Viewer) -> dict[str, Any]:
    return {"units": list_units(db, viewer), "open_ids": open_ids(db, viewer)}
