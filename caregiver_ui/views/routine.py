"""A resident's learned day as a page: how far the learning is, the day itself, what was noticed, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from statistics import median
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.charts.learned_day import LearnedDay, draw_learned_day
from caregiver_ui.language import Speech
from caregiver_ui.plan_words import muted_words
from caregiver_ui.reason_words import why_lines
from caregiver_ui.views.rating import counts_words, effect_words
from caregiver_ui.views.resident import learning_words
from caregiver_ui.words import N_, kind_words, room_name
from models.portrait import Hour
from server.overview.routine import FindingView, RoutineView
from server.sensitivity.rules import BUDGETS
from server.sensitivity.service import SetFor

# From so many days on nothing is held back any more for want of days.
_SURE_DAYS = 14
_NIGHT_HOURS = range(6)
_DAY_HOURS = range(9, 21)
# Rarer than this is not told in figures: nobody has so many days.
_RAREST = 0.001

_SET_FOR = MappingProxyType(
    {
        SetFor.HOME: N_("Set for this home: false alerts at most {budget} a week."),
        SetFor.UNIT: N_("Set for the unit: false alerts at most {budget} a week in each home."),
        SetFor.ALL: N_("As delivered: false alerts at most {budget} a week in each home."),
    }
)


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour in words. `told_after`: empty where a silence is never told."""

    hour: str
    middle: str
    longest: str
    told_after: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding. `alert_id`: None where nobody was told; `lasted`: empty while it lasts; `muted`: why not yet."""

    when: str
    title: str
    why: tuple[str, ...]
    how_rare: str
    lasted: str
    alert_id: str | None
    muted: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What ratings made of a kind, and the alerts they are of."""

    words: str
    counts: str
    alert_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoutinePage:
    """Everything about a learned day. `chart`: None before anything is learned."""

    id: str
    name: str
    learning: str
    notes: tuple[str, ...]
    chart: LearnedDay | None
    sentence: str
    hours: tuple[HourRow, ...]
    trends: tuple[FindingRow, ...]
    findings: tuple[FindingRow, ...]
    budget: str
    obtained: str
    effects: tuple[EffectRow, ...]
    options: tuple[tuple[float, str], ...]
    chosen: float
    has_own_budget: bool


def routine_page(speech: Speech, routine: RoutineView, now: datetime) -> RoutinePage:
    """Return the page, told in the home's time zone."""
    zone = ZoneInfo(routine.time_zone)
    trends = [one for one in routine.findings if one.finding_class == "trend"]
    noticed = [one for one in routine.findings if one.finding_class == "person"]
    budget = speech.gettext(_SET_FOR[routine.budget.set_for])
    return RoutinePage(
        id=routine.resident_id,
        name=routine.name,
        learning=_learning(speech, routine, zone, now),
        notes=_notes(speech, routine),
        chart=draw_learned_day(speech, routine.hours) if routine.hours else None,
        sentence=_sentence(speech, routine.hours),
        hours=tuple(_hour(speech, hour) for hour in routine.hours),
        trends=tuple(_finding(speech, one, zone, now) for one in trends),
        findings=tuple(_finding(speech, one, zone, now) for one in noticed),
        budget=budget.format(budget=speech.number(routine.budget.budget)),
        obtained=_obtained(speech, routine),
        effects=tuple(
            EffectRow(effect_words(speech, one), counts_words(speech, one), one.alert_ids) for one in routine.effects
        ),
        options=tuple((one, _option(speech, one)) for one in sorted({*BUDGETS, routine.budget.budget})),
        chosen=routine.budget.budget,
        has_own_budget=routine.budget.set_for is SetFor.HOME,
    )


def _option(speech: Speech, budget: float) -> str:
    return speech.gettext("{budget} a week").format(budget=speech.number(budget))


def _learning(speech: Speech, routine: RoutineView, zone: tzinfo, now: datetime) -> str:
    if not routine.is_readable:
        return speech.gettext("What was learned does not fit this version: safe rules apply until it is learned anew.")
    if not routine.learned_days or routine.fitted_at is None:
        first = speech.gettext("Nothing is learned of this home yet: what holds for many homes applies.")
        return f"{first} {learning_words(speech, 0)}"
    text = speech.ngettext(
        "Learned from {n} day, last {moment}.", "Learned from {n} days, last {moment}.", routine.learned_days
    )
    said = text.format(n=routine.learned_days, moment=speech.moment(routine.fitted_at, zone, now))
    return f"{said} {learning_words(speech, routine.learned_days)}".strip()


def _notes(speech: Speech, routine: RoutineView) -> tuple[str, ...]:
    notes = []
    if routine.life_since is not None:
        text = speech.gettext("A new rhythm since {day}: learning again, and the days before it no longer count.")
        notes.append(text.format(day=speech.long_day(routine.life_since)))
    if routine.learned_days < _SURE_DAYS:
        notes.append(speech.gettext("While little is known, less is told: only what would be unusual in most homes."))
    if routine.note is not None:
        kinds = ", ".join(kind_words(speech, kind) for kind in routine.note.kinds)
        text = speech.gettext("A slow change is being followed since {day}: {kinds}.")
        notes.append(text.format(day=speech.long_day(routine.note.opened_on), kinds=kinds))
    return tuple(notes)


def _sentence(speech: Speech, hours: Sequence[Hour]) -> str:
    if not hours:
        return ""
    night, day = [hours[n] for n in _NIGHT_HOURS], [hours[n] for n in _DAY_HOURS]
    return " ".join(
        (
            _part(speech, N_("By day silences are usually {usual}; one of {told} is told."),
                  N_("By day silences are usually {usual}; none is told."), day),
            _part(speech, N_("At night they are usually {usual}; one of {told} is told."),
                  N_("At night they are usually {usual}; none is told."), night),
        )
    )  # fmt: skip


def _part(speech: Speech, text: str, never: str, hours: Sequence[Hour]) -> str:
    told = [hour.told_after for hour in hours if hour.told_after is not None]
    usual = _about(speech, median(hour.middle for hour in hours))
    if not told:
        return speech.gettext(never).format(usual=usual)
    return speech.gettext(text).format(usual=usual, told=_about(speech, median(told)))


def _about(speech: Speech, minutes: float) -> str:
    return speech.span(max(1, round(minutes / 5)) * 5)


def _hour(speech: Speech, hour: Hour) -> HourRow:
    return HourRow(
        hour=f"{hour.hour:02d}–{hour.hour + 1:02d}",
        middle=speech.span(round(hour.middle)),
        longest=speech.span(round(hour.longest)),
        told_after="" if hour.told_after is None else speech.span(hour.told_after),
    )


def _finding(speech: Speech, one: FindingView, zone: tzinfo, now: datetime) -> FindingRow:
    title = kind_words(speech, one.kind)
    lasted = "" if one.ended_at is None else speech.span(int((one.ended_at - one.started_at).total_seconds() // 60))
    return FindingRow(
        when=speech.moment(one.noticed_at, zone, now),
        title=f"{title} · {room_name(speech, one.room)}" if one.room else title,
        why=why_lines(speech, one.why, zone, now, is_over=one.ended_at is not None),
        how_rare=_how_rare(speech, one),
        lasted=lasted,
        alert_id=one.alert_id,
        muted=muted_words(speech, one.muted_by, speech.moment(one.muted_until, zone, now)) if one.muted_until else "",
    )


def _how_rare(speech: Speech, one: FindingView) -> str:
    if one.p_value is None:
        return speech.gettext("A fixed rule.")
    p_value = max(one.p_value, _RAREST)
    n, p = max(1, round(1 / p_value)), speech.number(round(p_value, 3))
    if one.finding_class == "trend":
        text = speech.ngettext(
            "By chance about once in {n} month (p = {p}).", "By chance about once in {n} months (p = {p}).", n
        )
    elif one.p_value < _RAREST:
        text = speech.gettext("As much on less than one of {n} ordinary days (p < {p}).")
    else:
        text = speech.gettext("As much on about one of {n} ordinary days (p = {p}).")
    return text.format(n=n, p=p)


def _obtained(speech: Speech, routine: RoutineView) -> str:
    if routine.told_a_week is None:
        return speech.gettext("None could come yet.")
    text = speech.gettext("In the last four weeks {told} a week were told, true ones and false ones.")
    return text.format(told=speech.tenths(routine.told_a_week))
