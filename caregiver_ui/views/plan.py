"""A follow-up plan as a page: each goal a sentence, a calm picture and a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from markupsafe import Markup

from caregiver_ui.charts.progress import draw_days, draw_scale, draw_weeks
from caregiver_ui.goal_words import (
    activity_words,
    goal_name,
    goal_words,
    occasion_words,
    value_words,
    week_words,
)
from caregiver_ui.language import Speech
from server.follow_up.rules import DAYS_A_WEEK, GOALS, ActivityKind, GoalKind, Occasion, Week
from server.follow_up.service import GoalView, PlanView

_LEAST_WEEKS = 4
_SUGGESTED = {
    GoalKind.UP_BY: "09:00", GoalKind.MEALS: "3", GoalKind.ROOM_CHANGES: "30", GoalKind.ACTIVE: "120",
    GoalKind.OUTINGS: "3", GoalKind.ACTIVITIES: "1",
}  # fmt: skip
_USUAL_LENGTH = timedelta(days=41)


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One week of a goal in words. `is_met`: empty while it cannot be said."""

    name: str
    days: str
    went: str
    is_met: str


@dataclass(frozen=True, slots=True)
class GoalPanel:
    """One goal. `chart` None: nothing is known yet."""

    kind: str
    title: str
    sentence: str
    usual: str
    chart: Markup | None
    scale: Markup | None
    is_weekly: bool
    has_usual: bool
    weeks: tuple[WeekRow, ...]


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """Something that people entered."""

    id: str
    words: str
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan with its goals."""

    occasion: str
    span: str
    made_by: str
    week: str
    summary: tuple[str, ...]
    is_over: bool
    goals: tuple[GoalPanel, ...]
    activities: tuple[ActivityLine, ...]


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The form of a new plan, as it is offered or as somebody typed it. `targets`: by kind; ticked ones in `chosen`."""

    occasion: str
    starts_on: str
    ends_on: str
    chosen: frozenset[str]
    targets: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)


def new_form(today: date) -> PlanForm:
    """Return what is offered: six weeks from today, and targets that many have."""
    return PlanForm(
        Occasion.HOSPITAL, today.isoformat(), (today + _USUAL_LENGTH).isoformat(), frozenset(),
        {str(kind): value for kind, value in _SUGGESTED.items()},
    )  # fmt: skip


def plan_page(speech: Speech, plan: PlanView, *, is_staff: bool) -> PlanPage:
    """Return a plan as people read it."""
    goals = tuple(_panel(speech, plan, goal) for goal in plan.goals)
    span = speech.gettext("{first} to {last}").format(
        first=speech.short_day(plan.starts_on), last=speech.short_day(plan.ends_on)
    )
    number = min((plan.today - plan.starts_on).days, (plan.ends_on - plan.starts_on).days) // DAYS_A_WEEK + 1
    of = (plan.ends_on - plan.starts_on).days // DAYS_A_WEEK + 1
    return PlanPage(
        occasion=occasion_words(speech, plan.occasion),
        span=span,
        made_by=plan.made_by,
        week=_progress_words(speech, plan, number, of),
        summary=tuple(one for goal in plan.goals if (one := _last_week(speech, goal, plan))),
        is_over=plan.is_over,
        goals=goals,
        activities=tuple(
            ActivityLine(
                one.id,
                " · ".join(
                    part
                    for part in (speech.short_day(one.day), activity_words(speech, one.kind), one.with_whom)
                    if part
                ),
                is_staff or one.is_mine,
            )
            for one in plan.activities
        ),
    )


def activity_choices(speech: Speech) -> list[tuple[str, str]]:
    """Return what can be entered."""
    return [(kind, activity_words(speech, kind)) for kind in ActivityKind]


def goal_choices(speech: Speech) -> list[tuple[str, str, bool]]:
    """Return each kind of goal: its name, what it is called, and whether it is a time of day."""
    return [(kind, goal_name(speech, kind), kind is GoalKind.UP_BY) for kind in GoalKind]


def occasion_choices(speech: Speech) -> list[tuple[str, str]]:
    """Return why there can be a plan."""
    return [(one, occasion_words(speech, one)) for one in Occasion]


def _progress_words(speech: Speech, plan: PlanView, number: int, of: int) -> str:
    if plan.today < plan.starts_on:
        return speech.gettext("Begins {day}.").format(day=speech.long_day(plan.starts_on))
    if plan.is_over:
        return speech.gettext("Ended {day}.").format(day=speech.long_day(plan.ends_on))
    return speech.gettext("Week {n} of {of}.").format(n=number, of=of)


def _last_week(speech: Speech, goal: GoalView, plan: PlanView) -> str:
    """Say how a goal went in the newest whole week, and in the one before."""
    whole = [week for week in goal.weeks if plan.followed_until is not None and week.last <= plan.followed_until]
    if not whole:
        return ""
    said = f"{goal_words(speech, goal.kind, goal.target)}: {week_words(speech, goal.kind, whole[-1])}"
    if len(whole) == 1:
        return f"{said}."
    before = speech.gettext("the week before: {went}").format(went=week_words(speech, goal.kind, whole[-2]))
    return f"{said} ({before})."


def _panel(speech: Speech, plan: PlanView, goal: GoalView) -> GoalPanel:
    is_weekly = GOALS[goal.kind].is_weekly
    weeks = max(((plan.ends_on - plan.starts_on).days // DAYS_A_WEEK) + 1, _LEAST_WEEKS)
    chart = scale = None
    if goal.days:
        slots = weeks if is_weekly else weeks * DAYS_A_WEEK
        chart = (
            draw_weeks(goal.weeks, goal.target, goal.usual, slots=weeks)
            if is_weekly
            else draw_days(goal.days, goal.target, goal.usual, slots=slots)
        )
        scale = draw_scale([str(n + 1) for n in range(weeks)], slots=slots, every=1 if is_weekly else DAYS_A_WEEK)
    usual = ""
    if goal.usual is not None:
        usual = speech.gettext("Before the plan: {value}.").format(value=value_words(speech, goal.kind, goal.usual))
    return GoalPanel(
        kind=goal.kind,
        title=goal_words(speech, goal.kind, goal.target),
        sentence=_so_far(speech, goal),
        usual=usual,
        chart=chart,
        scale=scale,
        is_weekly=is_weekly,
        has_usual=goal.usual is not None,
        weeks=tuple(_week_row(speech, goal, week) for week in goal.weeks),
    )


def _so_far(speech: Speech, goal: GoalView) -> str:
    if not goal.weeks or not any(week.known for week in goal.weeks):
        return speech.gettext("Nothing is known yet. Days are looked at the morning after.")
    if GOALS[goal.kind].is_weekly:
        return speech.gettext("This week so far: {went}.").format(went=week_words(speech, goal.kind, goal.weeks[-1]))
    reached, known = sum(week.reached for week in goal.weeks), sum(week.known for week in goal.weeks)
    text = speech.ngettext("Reached on {reached} of {n} day so far.", "Reached on {reached} of {n} days so far.", known)
    return text.format(reached=reached, n=known)


def _week_row(speech: Speech, goal: GoalView, week: Week) -> WeekRow:
    met = {True: speech.gettext("Reached"), False: speech.gettext("Not reached"), None: "–"}
    days = f"{speech.short_day(week.first)} – {speech.short_day(week.last)}"
    return WeekRow(str(week.number), days, week_words(speech, goal.kind, week), met[week.is_met])
