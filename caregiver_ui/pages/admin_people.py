"""Accounts: made, changed, given a new password, closed; never deleted."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel
from sqlmodel import Session

from caregiver_ui.language import OWN_NAME
from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.views.administration import fault_words, roles
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import ViewerDep
from server.access.people import (
    WantedPerson,
    change_person,
    close_account,
    find_person,
    list_people,
    make_person,
    reopen_account,
    reset_password,
)
from server.access.service import Viewer
from server.access.units import list_units
from server.db.session import DatabaseDep, ReadDep
from server.duty.service import close_duty
from server.errors import UnfitError

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class PersonForm(BaseModel):
    """An account as typed."""

    username: str = ""
    name: str = ""
    role: str = "nurse"
    unit: str = ""
    language: str = "nb"


class Deed(StrEnum):
    """What is done to an account beside changing it."""

    PASSWORD = "password"  # noqa: S105 - the name of a deed
    CLOSE = "close"
    REOPEN = "reopen"


@router.get("/admin/people")
def get_people_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep) -> Response:
    """Show all accounts, and the form for a new one."""
    return render(visit, "admin_people.html", **_listed(db, visit, viewer))


@router.post("/admin/people")
def post_person(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, typed: Annotated[PersonForm, Form()]
) -> Response:
    """Make an account; its password is shown once, on the page of the account."""
    try:
        with database.transaction() as db:
            password = make_person(db, viewer, _wanted(typed), visit.now)
    except UnfitError as error:
        with database.reading() as db:
            shown = _listed(db, visit, viewer, typed, fault_words(visit.speech, error))
            return render(visit, "admin_people.html", status=422, **shown)
    with database.reading() as db:
        return render(visit, "admin_person.html", **_one(db, visit, viewer, typed.username.strip().lower(), password))


@router.get("/admin/people/{username}")
def get_person_page(visit: VisitDep, viewer: ViewerDep, db: ReadDep, username: str) -> Response:
    """Show one account."""
    return render(visit, "admin_person.html", **_one(db, visit, viewer, username))


@router.post("/admin/people/{username}")
def post_change(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, username: str, typed: Annotated[PersonForm, Form()]
) -> Response:
    """Change an account."""
    try:
        with database.transaction() as db:
            change_person(db, viewer, username, _wanted(typed), visit.now)
    except UnfitError as error:
        faults = fault_words(visit.speech, error)
        with database.reading() as db:
            shown = {**_one(db, visit, viewer, username), "typed": typed, "faults": faults}
            return render(visit, "admin_person.html", status=422, **shown)
    return go_to(visit.request, "/admin/people")


@router.post("/admin/people/{username}/{deed}")
def post_deed(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, username: str, deed: Deed) -> Response:
    """Give a new password, close the account or open it again."""
    password = ""
    faults: dict[str, str] = {}
    try:
        with database.transaction() as db:
            match deed:
                case Deed.PASSWORD:
                    password = reset_password(db, viewer, username, visit.now)
                case Deed.CLOSE:
                    close_duty(db, close_account(db, viewer, username, visit.now), viewer.audit_name, visit.now)
                case Deed.REOPEN:
                    reopen_account(db, viewer, username, visit.now)
    except UnfitError as error:
        faults = fault_words(visit.speech, error)
    with database.reading() as db:
        shown = {**_one(db, visit, viewer, username, password), "faults": faults}
        return render(visit, "admin_person.html", status=422 if faults else 200, **shown)


def _wanted(typed: PersonForm) -> WantedPerson:
    return WantedPerson(typed.username, typed.name, typed.role, typed.unit, typed.language)


def _listed(
    db: Session, visit: Visit, viewer: Viewer, typed: PersonForm | None = None, faults: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "people": list_people(db, viewer),
        "typed": typed or PersonForm(),
        "faults": faults or {},
        **_choices(db, visit, viewer),
    }


def _one(db: Session, visit: Visit, viewer: Viewer, username: str, password: str = "") -> dict[str, Any]:
    person = find_person(db, viewer, username)
    typed = PersonForm(
        username=person.username, name=person.name, role=person.role, unit=person.unit, language=person.language
    )
    return {"person": person, "password": password, "typed": typed, "faults": {}, **_choices(db, visit, viewer)}


def _choices(db: Session, visit: Visit, viewer: Viewer) -> dict[str, Any]:
    return {
        "units": list_units(db, viewer),
        "roles": roles(visit.speech),
        "own_names": [(str(language), name) for language, name in OWN_NAME.items()],
        "open_ids": open_ids(db, viewer),
    }
