"""What was agreed for a resident as a page: rules in plain sentences, what they would have brought, what is muted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from markupsafe import Markup

from caregiver_ui.charts.rule_strip import DayMark, draw_rule_strip
from caregiver_ui.language import Speech
from caregiver_ui.rule_words import CHOICES, change_words, clause, days_words, joined, when_words, wrong_words
from caregiver_ui.words import kind_words, room_name
from models.presence import is_between
from server.house_rules.conditions import ConditionKind
from server.house_rules.drafts import (
    ASKS_DOOR,
    ASKS_MINUTES,
    ASKS_NO_PLACE,
    ASKS_TIMES,
    MOST_CONDITIONS,
    NEEDS_ROOM,
    ConditionDraft,
    Draft,
    Places,
)
from server.house_rules.service import RuleView
from server.overview.house_rules import RuleRehearsal, RulesView
from server.rounds.plans import PlanDraft, PlanView
from server.sensitivity.mutings import MUTABLE

_NIGHT = (22, 7)
# For how long something may be muted, in hours.
MUTING_HOURS = (1, 4, 12, 24, 72, 168, 336)


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule in words. `state`: off, new, on, muted or blind: in this order of what the reader must know."""

    id: str
    joined: str
    clauses: tuple[str, ...]
    when: str
    reason: str
    owner: str
    state: str
    standing: str
    is_on: bool
    is_rehearsed: bool
    is_muted: bool
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RehearsalCard:
    """What a rule would have brought. `told`: when, the newest first."""

    rule_id: str
    sentence: str
    unknown: str
    strip: Markup
    first_day: str
    last_day: str
    told: tuple[str, ...]
    may_switch_on: bool


@dataclass(frozen=True, slots=True)
class ConditionForm:
    """The fields of one condition: those it asks for."""

    kind: str
    title: str
    places: tuple[tuple[str, str], ...]
    draft: ConditionDraft
    asks_minutes: bool
    asks_times: bool
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule being written, with what was typed. `code`: of the one that is changed; empty: a new one."""

    code: str
    draft: Draft
    conditions: tuple[ConditionForm, ...]
    days: tuple[tuple[str, str], ...]
    faults: Mapping[str, str]
    more: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A plan of looks being written."""

    draft: PlanDraft
    days: tuple[tuple[str, str], ...]
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unmuted:
    """A muting that wants a fitting reason. `name`: the rule, or "kind"; what was chosen and typed stays."""

    name: str
    hours: int
    why: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The page."""

    id: str
    name: str
    rules: tuple[RuleCard, ...]
    choices: tuple[tuple[str, str], ...]
    mutings: tuple[tuple[int, str, str, str], ...]
    mutable: tuple[tuple[str, str], ...]
    hours: tuple[tuple[int, str], ...]
    plans: tuple[tuple[str, str, str, str], ...]


def rules_page(speech: Speech, view: RulesView, plans: Sequence[PlanView], now: datetime) -> RulesPage:
    """Return all that was agreed."""
    zone = ZoneInfo(view.time_zone)
    return RulesPage(
        id=view.resident_id,
        name=view.name,
        rules=tuple(_rule(speech, one, zone, now) for one in view.rules),
        choices=_choices(speech, view.places),
        mutings=tuple(
            (
                one.id,
                kind_words(speech, one.kind),
                _muted(speech, one.until, one.by, zone, now),
                one.why,
            )
            for one in view.mutings
        ),
        mutable=tuple((str(kind), kind_words(speech, kind)) for kind in MUTABLE),
        hours=tuple((hours, speech.span(hours * 60)) for hours in MUTING_HOURS),
        plans=tuple(_plan(speech, one) for one in plans),
    )


def _choices(speech: Speech, places: Places) -> tuple[tuple[str, str], ...]:
    """Return what this home's sensors let one watch for."""
    can = {kind for kind in ConditionKind if kind not in ASKS_NO_PLACE | ASKS_DOOR or places.has_outer_door}
    can |= {ConditionKind.DOOR_UNOPENED} if places.doors else set()
    return tuple((str(kind), speech.gettext(words)) for kind, words in CHOICES.items() if kind in can)


def _rule(speech: Speech, view: RuleView, zone: tzinfo, now: datetime) -> RuleCard:
    state, standing = _standing(speech, view, zone, now)
    return RuleCard(
        id=view.id,
        joined=joined(speech, view.rule),
        clauses=tuple(clause(speech, one, view.rule.window) for one in view.rule.conditions),
        when=when_words(speech, view.rule),
        reason=view.reason,
        owner=view.owner,
        state=state,
        standing=standing,
        is_on=view.is_on,
        is_rehearsed=view.is_rehearsed,
        is_muted=view.muted_until is not None,
        history=tuple(change_words(speech, one, zone) for one in view.history),
    )


def _standing(speech: Speech, view: RuleView, zone: tzinfo, now: datetime) -> tuple[str, str]:
    if not view.is_on:
        return "learning", speech.gettext("Off") if view.is_rehearsed else speech.gettext("Off: not yet tried")
    if view.muted_until is not None:
        return "notice", _muted(speech, view.muted_until, view.muted_by, zone, now)
    if view.cannot_see:
        return "unknown", speech.gettext("On, but what it rests on is not seen now")
    return "normal", speech.gettext("On")


def _muted(speech: Speech, until: datetime, by: str, zone: tzinfo, now: datetime) -> str:
    text = speech.gettext("Muted until {moment} by {name}")
    local = until.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    moment = speech.clock(until, zone) if is_today else f"{speech.short_day(local.date())} {speech.clock(until, zone)}"
    return text.format(moment=moment, name=by)


def _plan(speech: Speech, one: PlanView) -> tuple[str, str, str, str]:
    text = speech.gettext("{days} at {times}, until {date}")
    said = text.format(
        days=days_words(speech, one.days), times=", ".join(one.times), date=speech.short_day(one.until_date)
    )
    saves = speech.gettext("Instead of a visit.") if one.replaces_visit else ""
    return one.id, said, one.basis, saves


def rehearsal_card(speech: Speech, rule_id: str, found: RuleRehearsal, zone: tzinfo, *, may_set: bool) -> RehearsalCard:
    """Return what a rule would have brought. `zone`: the home's."""
    last = found.until.astimezone(zone).date()
    days = [last - timedelta(days=back) for back in reversed(range(found.days + 1))]
    marks = dict.fromkeys(days, DayMark.NONE)
    nights = dict.fromkeys(days, False)
    told = []
    for one in found.windows:
        day = one.span.begin.astimezone(zone).date()
        if one.firing is not None:
            marks[day] = DayMark.TOLD
            nights[day] = is_between(one.firing.at, zone, *_NIGHT)
            local = one.firing.at.astimezone(zone)
            told.append(f"{speech.short_day(local.date())} {speech.clock(one.firing.at, zone)}")
        elif one.span.end <= found.until:
            marks[day] = DayMark.UNKNOWN if one.is_unknown else DayMark.QUIET
    n = found.unknown
    return RehearsalCard(
        rule_id=rule_id,
        sentence=_sentence(speech, found),
        unknown=speech.ngettext("One time is not fully known.", "{n} times are not fully known.", n).format(n=n)
        if n
        else "",
        strip=draw_rule_strip(list(marks.values()), list(nights.values())) if found.days else Markup(""),
        first_day=speech.short_day(days[0]),
        last_day=speech.short_day(last),
        told=tuple(reversed(told)),
        may_switch_on=may_set,
    )


def _sentence(speech: Speech, found: RuleRehearsal) -> str:
    if not found.days:
        return speech.gettext(
            "Nothing is known of this home's last weeks, so it cannot be told how often it would come."
        )
    if not found.fired:
        return speech.ngettext(
            "It would not have come in the last {n} day.", "It would not have come in the last {n} days.", found.days
        ).format(n=found.days)
    text = speech.ngettext(
        "It would have come {n} time in the last {days} days, {night} at night.",
        "It would have come {n} times in the last {days} days, {night} at night.",
        found.fired,
    )
    return text.format(n=found.fired, days=found.days, night=found.at_night)


def rule_form(speech: Speech, draft: Draft, places: Places, wrong: Mapping[str, str], code: str = "") -> RuleForm:
    """Return a form with what was typed, and beside each field what is wrong with it."""
    faults = {name: wrong_words(speech, fault) for name, fault in wrong.items()}
    room_left = len(draft.conditions) < MOST_CONDITIONS
    return RuleForm(
        code=code,
        draft=draft,
        conditions=tuple(
            _condition(speech, one, places, {k: faults.get(f"conditions.{n}.{k}", "") for k in _FIELDS})
            for n, one in enumerate(draft.conditions)
        ),
        days=week(speech),
        faults=faults,
        more=_choices(speech, places) if room_left else (),
    )


_FIELDS = ("kind", "room", "minutes", "times")


def week(speech: Speech) -> tuple[tuple[str, str], ...]:
    """Return the weekdays to choose from."""
    return tuple((str(day), speech.weekday(day)) for day in range(7))


def _condition(speech: Speech, draft: ConditionDraft, places: Places, faults: Mapping[str, str]) -> ConditionForm:
    kind = ConditionKind(draft.kind) if draft.kind in set(ConditionKind) else ConditionKind.FIRST_BY
    names = places.doors if kind in ASKS_DOOR else () if kind in ASKS_NO_PLACE else places.rooms
    anywhere = speech.gettext("Any outer door") if kind in ASKS_DOOR else speech.gettext("Anywhere in the home")
    offers_any = kind not in NEEDS_ROOM and (kind not in ASKS_DOOR or places.has_outer_door)
    options = [("", anywhere)] if names and offers_any else []
    return ConditionForm(
        kind=str(kind),
        title=speech.gettext(CHOICES[kind]),
        places=tuple(options + [(name, room_name(speech, name)) for name in names]),
        draft=draft,
        asks_minutes=kind in ASKS_MINUTES,
        asks_times=kind in ASKS_TIMES,
        faults=faults,
    )
