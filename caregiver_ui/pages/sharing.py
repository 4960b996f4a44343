"""What is shared with each relative: set by staff, seen and refined by the relative."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel
from sqlmodel import col, select

from caregiver_ui.fields import clock_field, day_field
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.relative_words import faults_words
from caregiver_ui.rendering import render
from caregiver_ui.views.relative import relative_status
from caregiver_ui.views.sharing import AgreementForm, Typed, agreement_form, kept
from caregiver_ui.views.thread import message_lines, task_lines
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.db.session import Database, DatabaseDep
from server.errors import UnfitError
from server.overview.relative import view_of
from server.relatives.rules import Basis, Category, Wanted, Wishes
from server.relatives.service import CARERS, agree, agreements_for, resident_for, wish, withdraw
from server.residents.tables import Resident

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class SharingFields(BaseModel):
    """The form of an agreement, or of a relative's own wishes, as it was sent. What is not ticked is not sent."""

    category: list[Category] = []
    basis: Basis | None = None
    ends_on: str = ""
    delay: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    asked_to_step: bool = False
    agrees_to_step: bool = False

    @property
    def wanted(self) -> Wanted:
        """What staff want to note."""
        return Wanted(frozenset(self.category), self.basis, day_field(self.ends_on), *self._times(), self.asked_to_step)

    @property
    def wishes(self) -> Wishes:
        """What a relative wishes."""
        return Wishes(*self._times(), agrees_to_step=self.agrees_to_step)

    def typed(self, faults: dict[str, str]) -> Typed:
        """Return what was typed, with what is wrong."""
        return Typed(
            frozenset(self.category), self.basis or "", self.ends_on, self.delay, self.quiet_from, self.quiet_until,
            self.asked_to_step, self.agrees_to_step, faults,
        )  # fmt: skip

    def _times(self) -> tuple[int | None, int | None, int | None]:
        if any(time.strip() and clock_field(time) is None for time in (self.quiet_from, self.quiet_until)):
            raise UnfitError({"quiet": "no_time"})
        delay = int(self.delay) if self.delay.isdecimal() else None
        return delay, clock_field(self.quiet_from), clock_field(self.quiet_until)


FieldsForm = Annotated[SharingFields, Form()]


@router.get("/residents/{resident_id}/sharing")
def get_sharing(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str) -> Response:
    """Show staff what is shared with whom, with a form for each relative."""
    return _page(visit, viewer, database, resident_id, {})


@router.post("/residents/{resident_id}/sharing/{relative}")
def post_sharing(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, relative: int, fields: FieldsForm
) -> Response:
    """Note an agreement."""
    try:
        with database.transaction() as db:
            agree(db, viewer, resident_id, relative, fields.wanted, visit.now)
    except UnfitError as error:
        typed = fields.typed(faults_words(visit.speech, error.faults))
        return _page(visit, viewer, database, resident_id, {relative: typed})
    return go_to(visit.request, f"/residents/{resident_id}/sharing")


@router.post("/residents/{resident_id}/sharing/{relative}/withdraw")
def post_withdraw(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, relative: int
) -> Response:
    """Share nothing more with a relative, at once."""
    with database.transaction() as db:
        withdraw(db, viewer, resident_id, relative, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/sharing" if viewer.role in CARERS else "/me")


@router.get("/residents/{resident_id}/sharing/{relative}")
def get_view_of(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, settings: SettingsDep, resident_id: str, relative: int
) -> Response:
    """Show exactly what one relative sees: to staff, to the resident, and to the relative."""
    with database.transaction() as db:
        view = view_of(db, viewer, resident_id, relative, visit.now, settings.link_patience)
        _, zone = resident_for(db, viewer, resident_id)
    return render(
        visit,
        "sharing_view.html",
        name=view.agreement.name,
        resident=relative_status(visit.speech, view, visit.now),
        form=agreement_form(visit.speech, view.agreement, kept(view.agreement, visit.now), zone, visit.now),
        messages=message_lines(visit.speech, view.messages, zone, visit.now),
        tasks=task_lines(visit.speech, view.tasks, zone, visit.now),
    )


@router.get("/sharing")
def get_own_sharing(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep) -> Response:
    """Show a relative what they see, by whose consent, and when they are told."""
    return _own_page(visit, viewer, database, {})


@router.post("/residents/{resident_id}/wishes")
def post_wishes(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, fields: FieldsForm
) -> Response:
    """Note when a relative wants to be told, and whether to be asked to go there."""
    try:
        with database.transaction() as db:
            wish(db, viewer, resident_id, fields.wishes, visit.now)
    except UnfitError as error:
        typed = fields.typed(faults_words(visit.speech, error.faults))
        return _own_page(visit, viewer, database, {resident_id: typed})
    return go_to(visit.request, "/sharing")


def _page(visit: Visit, viewer: Viewer, database: Database, resident_id: str, typed: dict[int, Typed]) -> Response:
    viewer.may(*CARERS)
    with database.transaction() as db:
        resident, zone = resident_for(db, viewer, resident_id)
        views = agreements_for(db, viewer, resident_id, visit.now)
    forms = [
        agreement_form(visit.speech, view, typed.get(view.person_id) or kept(view, visit.now), zone, visit.now)
        for view in views
    ]
    return render(visit, "sharing.html", status=422 if typed else 200, resident=resident, forms=forms)


def _own_page(visit: Visit, viewer: Viewer, database: Database, typed: dict[str, Typed]) -> Response:
    viewer.may(Role.RELATIVE)
    shown: list[tuple[Resident, AgreementForm]] = []
    with database.transaction() as db:
        wanted = select(Resident).where(col(Resident.resident_id).in_(viewer.residents))
        for resident in db.exec(wanted.order_by(Resident.name)).all():
            _, zone = resident_for(db, viewer, resident.code)
            (view,) = agreements_for(db, viewer, resident.code, visit.now)
            holds = typed.get(resident.code) or kept(view, visit.now, is_own=True)
            shown.append((resident, agreement_form(visit.speech, view, holds, zone, visit.now)))
    return render(visit, "own_sharing.html", status=422 if typed else 200, shown=shown)
