"""Units as a tree: made, renamed, moved."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel
from sqlmodel import Session

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.administration import fault_words, unit_kinds
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.tables import Role, UnitKind
from server.access.units import WantedUnit, change_unit, list_units, make_unit
from server.db.session import DatabaseDep, ReadDep
from server.errors import UnfitError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class UnitForm(BaseModel):
    """A unit as typed. `unit`: the code of the one that is changed; empty for a new one."""

    unit: str = ""
    name: str = ""
    kind: UnitKind = UnitKind.TEAM
    above: str = ""


@router.get("/admin/units")
def get_units_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep, unit: str = "") -> Response:
    """Show the tree, and the form for a new unit or for the one that is to be changed."""
    return render(visit, "admin_units.html", **_shown(db, visit, viewer, UnitForm(unit=unit)))


@router.post("/admin/units")
def post_unit(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, typed: Annotated[UnitForm, Form()]
) -> Response:
    """Make a unit, or change one; a fault stands beside its field."""
    wanted = WantedUnit(typed.name, typed.kind, typed.above or None)
    try:
        with database.transaction() as db:
            if typed.unit:
                change_unit(db, viewer, typed.unit, wanted, visit.now)
            else:
                make_unit(db, viewer, wanted, visit.now)
    except UnfitError as error:
        faults = fault_words(visit.speech, error)
        with database.reading() as db:
            return render(visit, "admin_units.html", status=422, **_shown(db, visit, viewer, typed, faults))
    return go_to(visit.request, "/admin/units")


def _shown(
    db: Session, visit: Visit, viewer: Viewer, typed: UnitForm, faults: dict[str, str] | None = None
) -> dict[str, Any]:
    viewer.may(Role.ADMIN)
    units = list_units(db, viewer)
    chosen = next((one for one in units if one.code == typed.unit), None)
    if chosen is not None and faults is None:
        typed = UnitForm(unit=chosen.code, name=chosen.name, kind=chosen.kind, above=chosen.above or "")
    return {
        "units": units,
        "typed": typed,
        "changed": "" if chosen is None else chosen.name,
        "is_top": chosen is not None and chosen.above is None,
        "faults": faults or {},
        "kinds": unit_kinds(visit.speech),
        "open_ids": open_ids(db, viewer),
    }
