"""Goals, what a day brings towards them, and how a week went. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from models.days.column import Column
from models.days.local import LocalDays
from models.days.table import day_features
from models.minutes import Minutes

DAYS_A_WEEK: Final = 7
# A plan is for getting back on one's feet; who needs longer gets another one, with goals thought over.
LONGEST_PLAN: Final = timedelta(days=182)
_EARLIEST: Final = timedelta(days=56)
# What was usual before: so many days, and at least so many of them known.
USUAL_DAYS: Final = 28
_LEAST_USUAL_DAYS: Final = 5
_EPOCH: Final = date(1970, 1, 1)
# Of a day of which less was seen nothing is said.
_SEEN: Final = 0.9


class Occasion(StrEnum):
    """Why there is a plan."""

    HOSPITAL = "hospital"
    FALL = "fall"
    ILLNESS = "illness"
    OTHER = "other"


class GoalKind(StrEnum):
    """What a goal is about."""

    UP_BY = "up_by"  # minutes after local midnight
    MEALS = "meals"  # a day
    ROOM_CHANGES = "room_changes"  # walks from room to room a day
    ACTIVE = "active"  # minutes with movement a day
    OUTINGS = "outings"  # a week
    ACTIVITIES = "activities"  # entered ones a week, visits of volunteers among them


class ActivityKind(StrEnum):
    """What people enter that sensors cannot tell."""

    VISIT = "visit"  # of a volunteer or another visitor
    OUTING = "outing"
    EXERCISE = "exercise"
    SOCIAL = "social"  # a day centre, a choir, coffee with neighbours


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """What always holds for a kind. `most_is_best` False: at most the target; `column` None: only entered."""

    least: float
    most: float
    is_weekly: bool
    most_is_best: bool
    column: Column | None


GOALS: Final[Mapping[GoalKind, GoalFacts]] = MappingProxyType(
    {
        GoalKind.UP_BY: GoalFacts(5 * 60, 14 * 60, is_weekly=False, most_is_best=False, column=Column.FIRST_ACTIVITY),
        GoalKind.MEALS: GoalFacts(1, 8, is_weekly=False, most_is_best=True, column=Column.MEALS),
        GoalKind.ROOM_CHANGES: GoalFacts(5, 500, is_weekly=False, most_is_best=True, column=Column.ROOM_CHANGES),
        GoalKind.ACTIVE: GoalFacts(10, 900, is_weekly=False, most_is_best=True, column=Column.ACTIVE),
        GoalKind.OUTINGS: GoalFacts(1, 28, is_weekly=True, most_is_best=True, column=Column.OUTINGS),
        GoalKind.ACTIVITIES: GoalFacts(1, 28, is_weekly=True, most_is_best=True, column=None),
    }
)


class Fault(StrEnum):
    """What is wrong with a plan or an activity as somebody filled it in."""

    NO_DAY = "no_day"
    ENDS_FIRST = "ends_first"
    TOO_LONG = "plan_too_long"
    TOO_EARLY = "too_early"
    ANOTHER = "another"  # one plan at a time
    NO_GOAL = "no_goal"
    RANGE = "range"
    NOT_YET = "not_yet"
    LONG_WORDS = "long_words"


@dataclass(frozen=True, slots=True)
class PlanWanted:
    """A plan as somebody filled it in. `goals`: targets; None where what was typed is no number."""

    occasion: Occasion
    starts_on: date | None
    ends_on: date | None
    goals: Mapping[GoalKind, float | None]


def faults_of(wanted: PlanWanted, today: date) -> dict[str, Fault]:
    """Return what is wrong, by field; nothing when it may be saved."""
    faults: dict[str, Fault] = {
        kind: Fault.RANGE
        for kind, target in wanted.goals.items()
        if target is None or not GOALS[kind].least <= target <= GOALS[kind].most
    }
    if not wanted.goals:
        faults["goals"] = Fault.NO_GOAL
    if wanted.starts_on is None:
        faults["starts_on"] = Fault.NO_DAY
    elif not today - _EARLIEST <= wanted.starts_on <= today + _EARLIEST:
        faults["starts_on"] = Fault.TOO_EARLY
    end = _fault_of_end(wanted.starts_on or today, wanted.ends_on, today)
    return faults if end is None else faults | {"ends_on": end}


def _fault_of_end(starts_on: date, ends_on: date | None, today: date) -> Fault | None:
    if ends_on is None:
        return Fault.NO_DAY
    if ends_on < max(starts_on, today):
        return Fault.ENDS_FIRST
    return Fault.TOO_LONG if ends_on > starts_on + LONGEST_PLAN else None


def measured(minutes: Minutes, zone: ZoneInfo) -> dict[date, dict[GoalKind, float]]:
    """Return what was measured of each whole local day that was seen; what is not known of a day is not in it."""
    days = LocalDays.of(minutes, zone)
    table = day_features(days)
    found: dict[date, dict[GoalKind, float]] = {}
    for row, day in enumerate(days.days):
        # A day without any movement tells that nobody was home, not that nobody ate.
        if days.seen[row] < _SEEN or table[row, Column.ACTIVE] == 0:
            continue
        values = {kind: table[row, facts.column] for kind, facts in GOALS.items() if facts.column is not None}
        known = {kind: float(value) for kind, value in values.items() if np.isfinite(value)}
        found[_EPOCH + timedelta(days=int(day))] = known
    return found


def usual(days: Mapping[date, Mapping[GoalKind, float]], kind: GoalKind, before: date) -> float | None:
    """Return what was usual in the four weeks before a day, of a weekly goal a week; None: too little is known."""
    known = [
        values[kind]
        for day, values in days.items()
        if before - timedelta(days=USUAL_DAYS) <= day < before and kind in values
    ]
    if len(known) < _LEAST_USUAL_DAYS:
        return None
    return sum(known) / len(known) * DAYS_A_WEEK if GOALS[kind].is_weekly else float(median(known))


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a goal. `value` None: not known; `is_met` None: not known, or it is the week that counts."""

    date: date
    value: float | None
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of a goal, from the plan's start on.

    `reached`: days on which it was met, or of a weekly goal how often in all; `known`: days of which anything is known.
    `is_met`: of a daily goal on most of the known days; None: too little is known, or the week is not over.
    """

    number: int
    first: date
    last: date
    reached: int
    known: int
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached. `usual`: before the plan; None: not known."""

    kind: GoalKind
    target: float
    usual: float | None = None

    def is_met_by(self, value: float) -> bool:
        """Return whether a day (of a weekly goal: a week) with this value meets it."""
        return value >= self.target if GOALS[self.kind].most_is_best else value <= self.target


Entered = Collection[tuple[date, ActivityKind]]


def days_of(
    goal: Goal, values: Mapping[date, Mapping[GoalKind, float]], entered: Entered, first: date, last: date
) -> tuple[Day, ...]:
    """Return each day of a goal from `first` to `last`."""
    is_weekly = GOALS[goal.kind].is_weekly
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        value = _value(goal.kind, values.get(day, {}), [kind for on, kind in entered if on == day])
        found.append(Day(day, value, None if value is None or is_weekly else goal.is_met_by(value)))
    return tuple(found)


def _value(kind: GoalKind, measured_: Mapping[GoalKind, float], entered: Sequence[ActivityKind]) -> float | None:
    if kind is GoalKind.ACTIVITIES:
        return float(len(entered))
    value = measured_.get(kind)
    outings = entered.count(ActivityKind.OUTING)
    if kind is not GoalKind.OUTINGS or not outings:
        return value
    # The door tells of an outing that somebody entered, too: the two are one.
    return max(value or 0.0, float(outings))


_MOST: Final = 0.5
_LEAST_KNOWN: Final = 4


def weeks_of(goal: Goal, days: Sequence[Day], until: date) -> tuple[Week, ...]:
    """Return the weeks that have begun; the one that holds `until` may not be over."""
    return tuple(
        _week(goal, place // DAYS_A_WEEK + 1, days[place : place + DAYS_A_WEEK], until)
        for place in range(0, len(days), DAYS_A_WEEK)
    )


def _week(goal: Goal, number: int, days: Sequence[Day], until: date) -> Week:
    known = [day for day in days if day.value is not None]
    last = days[0].date + timedelta(days=DAYS_A_WEEK - 1)
    is_over, is_weekly = last <= until and len(days) == DAYS_A_WEEK, GOALS[goal.kind].is_weekly
    reached = int(sum(day.value or 0 for day in known)) if is_weekly else sum(bool(day.is_met) for day in known)
    is_met: bool | None = None
    if is_weekly and (reached >= goal.target or (is_over and len(known) >= _LEAST_KNOWN)):
        is_met = reached >= goal.target
    elif not is_weekly and is_over and len(known) >= _LEAST_KNOWN:
        is_met = reached > _MOST * len(known)
    return Week(number, days[0].date, last, reached, len(known), is_met)
