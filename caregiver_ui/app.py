"""Adds the pages to the server's app. The server finds `mount` by its entry point, `livsrytme.pages`."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from caregiver_ui.language import load_languages
from caregiver_ui.page_kit import new_pages
from caregiver_ui.pages import (
    access,
    admin_audit,
    admin_health,
    admin_homes,
    admin_people,
    admin_units,
    agreed,
    alert,
    board,
    development,
    devices,
    duty,
    figures,
    front,
    handover,
    installable,
    me,
    messages,
    overview,
    plan,
    plans,
    policies,
    preferences,
    relative,
    resident,
    residents,
    rota,
    rounds,
    routine,
    sensors,
    settings,
    sharing,
    showcase,
    sign_in,
    simulations,
    unit_calendar,
)
from caregiver_ui.pages.lost import answer_nowhere, answer_unforeseen
from caregiver_ui.static_files import StaticLibrary, static_router


def mount(app: FastAPI) -> None:
    """Add pages and static files to an app that has what the server's own routes need, and refuses other sites' forms.

    Raises:
        AssetError: the third-party files have not been fetched.
    """
    library = StaticLibrary()
    app.state.pages = new_pages(load_languages(), library)
    for module in (
        admin_audit,
        admin_health,
        admin_homes,
        admin_people,
        admin_units,
        sign_in,
        showcase,
        installable,
        settings,
        preferences,
        front,
        alert,
        resident,
        residents,
        handover,
        rota,
        routine,
        rounds,
        agreed,
        relative,
        messages,
        plan,
        sharing,
        sensors,
        simulations,
        policies,
        duty,
        board,
        development,
        devices,
        figures,
        overview,
        plans,
        me,
        access,
        unit_calendar,
    ):
        app.include_router(module.router)
    app.include_router(static_router(library))
    app.add_exception_handler(HTTPException, answer_nowhere)
    app.add_exception_handler(Exception, answer_unforeseen)
