"""What was agreed for a resident: rules with rehearsal, mutings, and planned looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Response
from pydantic import BaseModel, Field

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute, go_to
from caregiver_ui.rendering import render
from caregiver_ui.rule_words import plan_wrong_words
from caregiver_ui.views.agreed import (
    MUTING_HOURS,
    PlanForm,
    RehearsalCard,
    RuleForm,
    Unmuted,
    rehearsal_card,
    rule_form,
    rules_page,
    week,
)
from caregiver_ui.visit import Visit, VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.access.service import Viewer
from server.alerting.rules import AlertKind
from server.db.session import Database, DatabaseDep
from server.errors import NotRehearsedError, UnfitError
from server.house_rules.conditions import ConditionKind
from server.house_rules.drafts import LONGEST_REASON, ConditionDraft, Draft, draft_of
from server.house_rules.rules import Match
from server.overview import house_rules
from server.overview.service import look_at
from server.rounds.plans import PlanDraft, end_plan, plans_of, set_plan
from server.sensitivity.mutings import MUTERS
from server.sensitivity.service import SETTERS

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_UNFIT = 422
_Hours = Annotated[int, Form(ge=min(MUTING_HOURS), le=max(MUTING_HOURS))]
_Why = Annotated[str, Form()]


@router.get("/residents/{resident_id}/rules")
def get_rules_page(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    kind: Annotated[ConditionKind | None, Query()] = None,
    edit: str | None = None,
    planning: Annotated[str, Query()] = "",
) -> Response:
    """Show what was agreed; with a kind or a rule's name also the form for it."""
    draft = None if kind is None else _fresh(kind)
    plan = PlanForm(_fresh_plan(visit), week(visit.speech)) if planning else None
    return _page(visit, viewer, database, resident_id, _Shown(draft=draft, edit=edit, plan=plan))


class RuleFields(BaseModel):
    """A rule as a form brings it: the fields of its conditions one after another. `more`: a condition to add."""

    rule: str = ""
    kind: list[str] = Field(default_factory=list)
    room: list[str] = Field(default_factory=list)
    minutes: list[str] = Field(default_factory=list)
    times: list[str] = Field(default_factory=list)
    begins: str = ""
    ends: str = ""
    days: list[str] = Field(default_factory=list)
    match: str = Match.ALL
    reason: str = ""
    more: str = ""

    def draft(self) -> Draft:
        """Return what was typed."""
        told = zip(self.kind, self.room, self.minutes, self.times, strict=False)
        conditions = [ConditionDraft(*one) for one in told]
        conditions += [ConditionDraft(self.more)] if self.more in set(ConditionKind) else []
        return Draft(self.begins, self.ends, tuple(self.days), self.match, tuple(conditions), self.reason)


@router.post("/residents/{resident_id}/rules")
def post_rule(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, told: Annotated[RuleFields, Form()]
) -> Response:
    """Keep a rule, or add a condition to the form. What is wrong is told beside the field, and all typed is kept."""
    draft = told.draft()
    if told.more:
        return _page(visit, viewer, database, resident_id, _Shown(draft=draft, code=told.rule))
    try:
        with database.transaction() as db:
            code = house_rules.keep_rule(db, viewer, resident_id, draft, visit.now, told.rule or None)
    except UnfitError as error:
        shown = _Shown(draft=draft, code=told.rule, wrong=error.faults)
        return _page(visit, viewer, database, resident_id, shown)
    return go_to(visit.request, f"/residents/{resident_id}/rules#rule-{code}")


@router.post("/residents/{resident_id}/rules/{rule_id}/rehearsal")
def post_rehearsal(
    visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, database: DatabaseDep, resident_id: str, rule_id: str
) -> Response:
    """Show what a rule would have brought. This takes a second: the route runs in a thread, and in no transaction."""
    found = house_rules.rehearse_rule(database, viewer, resident_id, rule_id, visit.now, settings.link_patience)
    with database.transaction() as db:
        zone = ZoneInfo(house_rules.get_rules(db, viewer, resident_id, visit.now).time_zone)
    tried = rehearsal_card(visit.speech, rule_id, found, zone, may_set=viewer.role in SETTERS)
    if visit.is_partial:
        return render(visit, "parts/rule_rehearsal.html", tried=tried, resident_id=resident_id)
    return _page(visit, viewer, database, resident_id, _Shown(tried=tried))


@router.post("/residents/{resident_id}/rules/{rule_id}/switch")
def post_switch(
    visit: VisitDep,
    viewer: ViewerDep,
    database: DatabaseDep,
    resident_id: str,
    rule_id: str,
    on: Annotated[bool, Form()],
) -> Response:
    """Switch a rule on or off."""
    try:
        with database.transaction() as db:
            house_rules.switch(db, viewer, resident_id, rule_id, visit.now, on=on)
    except NotRehearsedError:
        return _page(visit, viewer, database, resident_id, _Shown(untried=rule_id))
    return go_to(visit.request, f"/residents/{resident_id}/rules#rule-{rule_id}")


@router.post("/residents/{resident_id}/rules/{rule_id}/muting")
def post_rule_muting(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, rule_id: str,
    hours: Annotated[int, Form(ge=0, le=max(MUTING_HOURS))], why: _Why = "",
) -> Response:  # fmt: skip
    """Mute a rule for some hours; none: tell again."""
    if hours and not 0 < len(why.strip()) <= LONGEST_REASON:
        return _page(visit, viewer, database, resident_id, _Shown(unmuted=Unmuted(rule_id, hours, why)))
    until = visit.now + timedelta(hours=hours) if hours else None
    with database.transaction() as db:
        house_rules.mute(db, viewer, resident_id, rule_id, house_rules.Muting(until, why), visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/rules#rule-{rule_id}")


@router.post("/residents/{resident_id}/rules/{rule_id}/removal")
def post_removal(visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, rule_id: str) -> Response:
    """Take a rule away."""
    with database.transaction() as db:
        house_rules.remove(db, viewer, resident_id, rule_id, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/rules")


@router.post("/residents/{resident_id}/mutings")
def post_muting(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, kind: Annotated[AlertKind, Form()],
    hours: _Hours, why: _Why = "",
) -> Response:  # fmt: skip
    """Mute a kind for some hours."""
    viewer.may(*MUTERS)
    if not 0 < len(why.strip()) <= LONGEST_REASON:
        return _page(visit, viewer, database, resident_id, _Shown(unmuted=Unmuted("kind", hours, why, kind)))
    with database.transaction() as db:
        until = visit.now + timedelta(hours=hours)
        house_rules.mute_a_kind(db, viewer, resident_id, kind, until, why, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/rules#muted")


@router.post("/residents/{resident_id}/mutings/{muting_id}/end")
def post_unmuting(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, muting_id: int
) -> Response:
    """Tell of a kind again."""
    with database.transaction() as db:
        house_rules.lift(db, viewer, resident_id, muting_id, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/rules#muted")


class PlanFields(BaseModel):
    """A plan of looks as a form brings it."""

    times: str = ""
    days: list[str] = Field(default_factory=list)
    from_date: str = ""
    until_date: str = ""
    basis: str = ""
    replaces_visit: bool = False

    def draft(self) -> PlanDraft:
        """Return what was typed."""
        days = tuple(self.days)
        return PlanDraft(self.times, days, self.from_date, self.until_date, self.basis, self.replaces_visit)


@router.post("/residents/{resident_id}/looks")
def post_looks(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, told: Annotated[PlanFields, Form()]
) -> Response:
    """Plan looks."""
    draft = told.draft()
    try:
        with database.transaction() as db:
            set_plan(db, viewer, look_at(db, viewer, resident_id, visit.now)[0], draft, visit.now)
    except UnfitError as error:
        faults = {name: plan_wrong_words(visit.speech, fault) for name, fault in error.faults.items()}
        shown = _Shown(plan=PlanForm(draft, week(visit.speech), faults))
        return _page(visit, viewer, database, resident_id, shown)
    return go_to(visit.request, f"/residents/{resident_id}/rules#looks")


@router.post("/residents/{resident_id}/looks/{plan_id}/end")
def post_looks_end(
    visit: VisitDep, viewer: ViewerDep, database: DatabaseDep, resident_id: str, plan_id: str
) -> Response:
    """End a plan of looks."""
    with database.transaction() as db:
        end_plan(db, viewer, look_at(db, viewer, resident_id, visit.now)[0], plan_id, visit.now)
    return go_to(visit.request, f"/residents/{resident_id}/rules#looks")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What else the page shows. `code`: of the rule that is changed; `edit`: of one that is to be."""

    draft: Draft | None = None
    code: str = ""
    edit: str | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    tried: RehearsalCard | None = None
    untried: str = ""
    plan: PlanForm | None = None
    unmuted: Unmuted | None = None


def _page(visit: Visit, viewer: Viewer, database: Database, resident_id: str, shown: _Shown) -> Response:
    with database.transaction() as db:
        view = house_rules.get_rules(db, viewer, resident_id, visit.now)
        plans = plans_of(db, look_at(db, viewer, resident_id, visit.now)[0], visit.now)
        seen = open_ids(db, viewer)
    form: RuleForm | None = None
    draft, code = shown.draft, shown.code
    changed = next((one for one in view.rules if one.id == shown.edit), None)
    if changed is not None:
        draft, code = draft_of(changed.rule, changed.reason), changed.id
    if draft is not None:
        form = rule_form(visit.speech, draft, view.places, shown.wrong, code)
    is_unfit = bool(shown.wrong) or bool(shown.untried) or bool(shown.unmuted) or bool(shown.plan and shown.plan.faults)
    return render(
        visit,
        "rules.html",
        status=_UNFIT if is_unfit else 200,
        page=rules_page(visit.speech, view, plans, visit.now),
        resident_id=resident_id,
        form=form,
        tried=shown.tried,
        untried=shown.untried,
        plan=shown.plan,
        unmuted=shown.unmuted,
        may_set=viewer.role in SETTERS,
        may_mute=viewer.role in MUTERS,
        open_ids=seen,
    )


def _fresh(kind: ConditionKind) -> Draft:
    """Return a form to begin with: what is most often wished for."""
    window = {ConditionKind.FIRST_BY: ("06:00", "10:00"), ConditionKind.NOT_BACK: ("08:00", "21:00")}
    begins, ends = window.get(kind, ("08:00", "22:00"))
    return Draft(begins, ends, tuple("0123456"), Match.ALL, (ConditionDraft(kind),))


def _fresh_plan(visit: Visit) -> PlanDraft:
    today = visit.now.date()
    until = today + timedelta(days=180)
    return PlanDraft("23:00 03:00", tuple("0123456"), today.isoformat(), until.isoformat(), replaces_visit=True)
