"""The routes of agreed rules: what was agreed, what it would have brought, on and off, and what is muted."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from server.access.api import NowDep, SettingsDep, ViewerDep
from server.alerting.rules import AlertKind
from server.db.session import DatabaseDep
from server.house_rules.drafts import LONGEST_REASON, ConditionDraft, Draft, as_json
from server.house_rules.following import reasons_of
from server.house_rules.rules import HouseRule, Judged, Match
from server.house_rules.service import RuleView
from server.overview import house_rules
from server.sensitivity.mutings import MutingView

router = APIRouter(prefix="/api/residents/{resident_id}", tags=["agreed rules"])

_Why = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class ConditionIn(BaseModel):
    """One condition: see docs/rules.md for the kinds and what each asks for."""

    kind: str
    room: str | None = None
    minutes: int | None = None
    times: int | None = None


class RuleIn(BaseModel):
    """A rule. Times are of the home's own clock, HH:MM, the end also 24:00; `days`: Monday 0."""

    begins: str
    ends: str
    days: tuple[int, ...] = tuple(range(7))
    match: Match = Match.ALL
    conditions: tuple[ConditionIn, ...]
    reason: str

    def draft(self) -> Draft:
        """Return it as a form would have brought it."""
        conditions = tuple(
            ConditionDraft(one.kind, one.room or "", _text(one.minutes), _text(one.times)) for one in self.conditions
        )
        return Draft(self.begins, self.ends, tuple(map(str, self.days)), self.match, conditions, self.reason)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


class ChangeOut(BaseModel):
    """What was done to a rule."""

    at: datetime
    by: str
    what: str
    version: int
    why: str
    rule: dict[str, Any]


class RuleOut(BaseModel):
    """A rule as it stands. `cannot_see`: what it rests on is not seen now, so it cannot hold."""

    id: str
    rule: dict[str, Any] = Field(description="Times in minutes of the local day")
    reason: str
    owner: str
    version: int
    is_on: bool
    is_rehearsed: bool
    muted_until: datetime | None
    muted_by: str
    muted_why: str
    cannot_see: bool
    history: tuple[ChangeOut, ...]


class RulesOut(BaseModel):
    """What was agreed, what is muted, and which rooms and doors a rule can be about."""

    rules: tuple[RuleOut, ...]
    mutings: tuple[MutingView, ...]
    rooms: tuple[str, ...]
    doors: tuple[str, ...]


class SwitchIn(BaseModel):
    """On or off."""

    on: bool


class MutingIn(BaseModel):
    """Until when nobody is told, and why."""

    until: AwareDatetime
    why: _Why


class KindMutingIn(MutingIn):
    """Of which kind nobody is told."""

    kind: AlertKind


class WindowOut(BaseModel):
    """One window of the past. `fired_at` None: nothing would have come, or `is_unknown`: it was not seen whole."""

    begin: datetime
    end: datetime
    fired_at: datetime | None
    ended_at: datetime | None
    reasons: list[dict[str, Any]]
    is_unknown: bool


class RuleRehearsalOut(BaseModel):
    """What a rule would have brought. `days` 0: nothing is known of the home yet."""

    days: int
    until: datetime
    fired: int
    at_night: int
    unknown: int
    windows: tuple[WindowOut, ...]


@router.get("/rules")
def get_rules(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str) -> RulesOut:
    """List what was agreed for a resident, and what is muted in the home. The look is audited."""
    with database.transaction() as db:
        view = house_rules.get_rules(db, viewer, resident_id, now)
    rules = tuple(_out(one) for one in view.rules)
    return RulesOut(rules=rules, mutings=view.mutings, rooms=view.places.rooms, doors=view.places.doors)


@router.post("/rules", status_code=201)
def post_rule(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, rule: RuleIn) -> dict[str, str]:
    """Agree on a rule. It is off until it was rehearsed. 422 with the faults by field."""
    with database.transaction() as db:
        return {"id": house_rules.keep_rule(db, viewer, resident_id, rule.draft(), now)}


@router.put("/rules/{rule_id}", status_code=204)
def put_rule(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, rule_id: str, rule: RuleIn
) -> None:
    """Agree on another version, which is off until it was rehearsed. The same again changes nothing."""
    with database.transaction() as db:
        house_rules.keep_rule(db, viewer, resident_id, rule.draft(), now, rule_id)


@router.delete("/rules/{rule_id}", status_code=204)
def delete_rule(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, rule_id: str) -> None:
    """Take a rule away. Its history stays."""
    with database.transaction() as db:
        house_rules.remove(db, viewer, resident_id, rule_id, now)


@router.post("/rules/{rule_id}/rehearsal")
def post_rehearsal(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, resident_id: str, rule_id: str
) -> RuleRehearsalOut:
    """Tell what a rule would have brought in the last four weeks; from then on it may be switched on."""
    found = house_rules.rehearse_rule(database, viewer, resident_id, rule_id, now, settings.link_patience)
    return RuleRehearsalOut(
        days=found.days,
        until=found.until,
        fired=found.fired,
        at_night=found.at_night,
        unknown=found.unknown,
        windows=tuple(_window(found.rule, one) for one in found.windows),
    )


@router.put("/rules/{rule_id}/switch", status_code=204)
def put_switch(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, rule_id: str, wanted: SwitchIn
) -> None:
    """Switch a rule on or off. 422 when this version was not rehearsed."""
    with database.transaction() as db:
        house_rules.switch(db, viewer, resident_id, rule_id, now, on=wanted.on)


@router.put("/rules/{rule_id}/muting", status_code=204)
def put_rule_muting(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, rule_id: str, wanted: MutingIn
) -> None:
    """Tell nobody of a rule for a time, two weeks at most. It ends by itself."""
    with database.transaction() as db:
        house_rules.mute(db, viewer, resident_id, rule_id, house_rules.Muting(wanted.until, wanted.why), now)


@router.delete("/rules/{rule_id}/muting", status_code=204)
def delete_rule_muting(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, rule_id: str) -> None:
    """Tell of a rule again."""
    with database.transaction() as db:
        house_rules.mute(db, viewer, resident_id, rule_id, house_rules.Muting(None, ""), now)


@router.post("/mutings", status_code=204)
def post_muting(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, wanted: KindMutingIn) -> None:
    """Tell nobody of a kind in this home for a time, two weeks at most. It ends by itself."""
    with database.transaction() as db:
        house_rules.mute_a_kind(db, viewer, resident_id, wanted.kind, wanted.until, wanted.why, now)


@router.delete("/mutings/{muting_id}", status_code=204)
def delete_muting(viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, muting_id: int) -> None:
    """Tell of a kind again."""
    with database.transaction() as db:
        house_rules.lift(db, viewer, resident_id, muting_id, now)


def _out(view: RuleView) -> RuleOut:
    told = {name: getattr(view, name) for name in RuleOut.model_fields if name not in {"rule", "history"}}
    history = tuple(
        ChangeOut(at=one.at, by=one.by, what=one.what, version=one.version, why=one.why, rule=as_json(one.rule))
        for one in view.history
    )
    return RuleOut(**told, rule=as_json(view.rule), history=history)


def _window(rule: HouseRule, one: Judged) -> WindowOut:
    firing = one.firing
    return WindowOut(
        begin=one.span.begin,
        end=one.span.end,
        fired_at=firing and firing.at,
        ended_at=firing and firing.ended_at,
        reasons=reasons_of(rule, firing) if firing else [],
        is_unknown=one.is_unknown,
    )
