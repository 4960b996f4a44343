"""Goals of a follow-up plan: what a day brings, how a week went, what cannot be saved."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.minutes import TICK_S, Minutes
from models.rooms import Role
from server.follow_up.rules import (
    ActivityKind,
    Fault,
    Goal,
    GoalKind,
    Occasion,
    PlanWanted,
    days_of,
    faults_of,
    measured,
    usual,
    weeks_of,
)

OSLO = ZoneInfo("Europe/Oslo")
START = date(2025, 1, 6)
DAY = timedelta(days=1)
UP = Goal(GoalKind.UP_BY, 9 * 60)
OUT = Goal(GoalKind.OUTINGS, 3)


def _up(*minutes: float | None) -> dict[date, dict[GoalKind, float]]:
    return {START + n * DAY: {GoalKind.UP_BY: at} for n, at in enumerate(minutes) if at is not None}


def test_a_day_meets_a_goal_or_not_or_is_not_known() -> None:
    days = days_of(UP, _up(500, 541, None), (), START, START + 2 * DAY)

    assert [(day.value, day.is_met) for day in days] == [(500, True), (541, False), (None, None)]


def test_a_week_of_a_daily_goal_counts_its_days_and_says_nothing_before_it_is_over() -> None:
    days = days_of(UP, _up(500, 500, 600, None, 500, 500, 600, 500), (), START, START + 7 * DAY)

    first, second = weeks_of(UP, days, START + 7 * DAY)

    assert (first.number, first.reached, first.known, first.is_met) == (1, 4, 6, True)
    assert (second.first, second.last, second.reached, second.is_met) == (START + 7 * DAY, START + 13 * DAY, 1, None)


def test_a_week_of_which_little_is_known_is_not_judged() -> None:
    days = days_of(UP, _up(500, 500, 500, None, None, None, None), (), START, START + 6 * DAY)

    assert weeks_of(UP, days, START + 6 * DAY)[0].is_met is None


def test_an_entered_outing_that_the_door_told_of_too_is_one() -> None:
    values = {START: {GoalKind.OUTINGS: 1.0}, START + DAY: {GoalKind.OUTINGS: 0.0}}
    entered = [(START, ActivityKind.OUTING), (START + DAY, ActivityKind.OUTING), (START, ActivityKind.VISIT)]

    days = days_of(OUT, values, entered, START, START + 2 * DAY)

    assert [day.value for day in days] == [1, 1, None]
    assert weeks_of(OUT, days, START + 2 * DAY)[0].reached == 2


def test_a_weekly_goal_is_met_as_soon_as_it_is_reached() -> None:
    values = {START + n * DAY: {GoalKind.OUTINGS: 1.0} for n in range(3)}
    days = days_of(OUT, values, (), START, START + 2 * DAY)

    assert weeks_of(OUT, days, START + 2 * DAY)[0].is_met is True


def test_a_visit_of_a_volunteer_counts_as_an_activity() -> None:
    goal = Goal(GoalKind.ACTIVITIES, 1)
    days = days_of(goal, {}, [(START, ActivityKind.VISIT)], START, START + 6 * DAY)

    assert weeks_of(goal, days, START + 6 * DAY)[0].is_met is True


def test_what_was_usual_is_the_middle_of_the_weeks_before_and_not_of_a_few_days() -> None:
    days = {START - n * DAY: {GoalKind.UP_BY: 400.0 + n, GoalKind.OUTINGS: 1.0} for n in range(1, 6)}

    assert usual(days, GoalKind.UP_BY, START) == 403
    assert usual(days, GoalKind.OUTINGS, START) == 7
    assert usual(days, GoalKind.UP_BY, START - DAY) is None
    assert usual(days, GoalKind.MEALS, START) is None


def test_days_are_measured_by_the_clock_on_the_wall_and_an_empty_home_tells_nothing() -> None:
    first = 1736118000 // TICK_S  # midnight of 6 January 2025 in Oslo
    minutes = Minutes.empty(first, first + 2 * 288)
    minutes.bits[8 * 60 + 15] = 1 << Role.LIVING
    for minute in (12 * 60, 12 * 60 + 1, 12 * 60 + 2):
        minutes.bits[minute] = 1 << Role.KITCHEN

    days = measured(minutes, OSLO)

    assert list(days) == [START]
    assert days[START] == {GoalKind.UP_BY: 495, GoalKind.MEALS: 1, GoalKind.ROOM_CHANGES: 0, GoalKind.ACTIVE: 4} | {
        kind: days[START][kind] for kind in (GoalKind.ROOM_CHANGES,)
    }


def test_of_a_day_that_was_hardly_seen_nothing_is_said() -> None:
    first = 1736118000 // TICK_S
    minutes = Minutes.empty(first, first + 288)
    minutes.bits[600] = 1 << Role.LIVING
    minutes.seen[:300] = False

    assert measured(minutes, OSLO) == {}


@given(st.lists(st.none() | st.floats(300, 800), max_size=40))
def test_no_week_claims_more_than_its_days(values: list[float | None]) -> None:
    days = days_of(UP, _up(*values), (), START, START + (len(values) - 1) * DAY)

    weeks = weeks_of(UP, days, START + (len(values) - 1) * DAY)

    assert sum(week.reached for week in weeks) == int(np.sum([day.is_met is True for day in days]))
    assert all(week.reached <= week.known <= 7 for week in weeks)
    assert all(week.is_met is None or week.known >= 4 for week in weeks)


@pytest.mark.parametrize(
    ("wanted", "faults"),
    [
        (PlanWanted(Occasion.HOSPITAL, START, START + 42 * DAY, {GoalKind.MEALS: 3}), {}),
        (
            PlanWanted(Occasion.OTHER, None, None, {}),
            {"starts_on": Fault.NO_DAY, "ends_on": Fault.NO_DAY, "goals": Fault.NO_GOAL},
        ),
        (
            PlanWanted(Occasion.OTHER, START, START - DAY, {GoalKind.MEALS: 99}),
            {"ends_on": Fault.ENDS_FIRST, "meals": Fault.RANGE},
        ),
        (
            PlanWanted(Occasion.OTHER, START, START + 400 * DAY, {GoalKind.UP_BY: None}),
            {"ends_on": Fault.TOO_LONG, "up_by": Fault.RANGE},
        ),
        (PlanWanted(Occasion.OTHER, START - 99 * DAY, START, {GoalKind.MEALS: 3}), {"starts_on": Fault.TOO_EARLY}),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_says_why_by_field(wanted: PlanWanted, faults: dict[str, str]) -> None:
    assert faults_of(wanted, START) == faults
