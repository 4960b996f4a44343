"""A follow-up plan with a real home behind it: followed each day, summed up each week, told to whom it concerns."""

from datetime import date, timedelta

import pytest
from builders import DAY, DOOR, HOUR, MINUTE, MOTION, T0, FakeGateway, rows_of, send, viewer

from server.absences.rules import AbsenceKind
from server.absences.service import Wanted as AbsenceWanted
from server.absences.service import set_absence
from server.db.session import Database
from server.detection.service import look_at_due
from server.errors import NotAllowedError, NotFoundError, UnfitError
from server.follow_up.following import follow_due
from server.follow_up.rules import ActivityKind, GoalKind, Occasion, PlanWanted
from server.follow_up.service import (
    ActivityWanted,
    PlanView,
    end_plan,
    enter_activity,
    look_at_plan,
    make_plan,
    take_back,
)
from server.follow_up.tables import FollowUpPlan, PlanDay
from server.notifications.tables import NotificationRow
from server.relatives.rules import Basis, Category, Wanted
from server.relatives.service import agree
from server.relatives.words import tell_words_due

START = T0.date()  # a Wednesday
GOALS = {GoalKind.UP_BY: 9.0 * 60, GoalKind.OUTINGS: 3.0, GoalKind.ACTIVITIES: 1.0}
PLAN = PlanWanted(Occasion.HOSPITAL, START, START + timedelta(days=27), GOALS)


def _lives(database: Database, first: int, last: int, up_at: int = 8) -> None:
    """Let somebody of home-a live these days after T0's: up at a local hour, out at 13 for an hour, home again."""
    gateway = FakeGateway(epoch=f"{first + 100:08x}")
    facts = []
    for day in range(first, last + 1):
        begin = T0.replace(hour=0) - HOUR + day * DAY  # midnight in Oslo
        facts += [gateway.fact(MOTION, begin + up_at * HOUR + quarter * 15 * MINUTE) for quarter in range(12)]
        facts += [gateway.fact(DOOR, begin + 13 * HOUR, 1.0), gateway.fact(DOOR, begin + 14 * HOUR, 1.0)]
        facts += [gateway.fact(MOTION, begin + 14 * HOUR + quarter * 15 * MINUTE) for quarter in range(1, 30)]
    now = T0.replace(hour=0) - HOUR + (last + 1) * DAY
    for place in range(0, len(facts), 400):
        send(database, gateway.batch(facts[place : place + 400]), now)
    send(database, gateway.heartbeat(now), now)
    while look_at_due(database, now, timedelta(minutes=10)):
        pass


def _make(database: Database, who: str = "siri", wanted: PlanWanted = PLAN) -> None:
    by = viewer(database, who)
    with database.transaction() as db:
        make_plan(db, by, "res-a", wanted, T0)


def _follow(database: Database, days: int) -> None:
    while follow_due(database, T0 + days * DAY):
        pass


def _plan(database: Database, days: int, who: str = "siri") -> PlanView:
    by = viewer(database, who)
    with database.transaction() as db:
        plan = look_at_plan(db, by, "res-a", T0 + days * DAY)[1]
    assert plan is not None
    return plan


def test_a_plan_is_followed_day_by_day_against_what_was_usual(database: Database) -> None:
    _lives(database, -10, -1, up_at=7)
    _make(database)
    _follow(database, 0)
    _lives(database, 0, 1)
    _follow(database, 1)
    _lives(database, 2, 2, up_at=10)
    _follow(database, 3)

    plan = _plan(database, 3)

    up, out, activities = plan.goals
    assert plan.followed_until == START + timedelta(days=2)
    assert [(day.value, day.is_met) for day in up.days] == [(480, True), (480, True), (600, False)]
    assert up.usual == 7 * 60
    assert (out.usual, out.weeks[0].reached, out.weeks[0].is_met) == (7, 3, True)
    assert activities.weeks[0].reached == 0


def test_a_plan_before_any_day_is_over_shows_its_goals_alone(database: Database) -> None:
    _make(database)
    _follow(database, 0)

    plan = _plan(database, 0)

    assert plan.followed_until is None
    assert [goal.days for goal in plan.goals] == [(), (), ()]


def test_each_week_is_told_once_to_staff_and_to_relatives_who_agreed(database: Database) -> None:
    siri, anne = viewer(database, "siri"), viewer(database, "anne")
    with database.transaction() as db:
        wanted = Wanted(frozenset({Category.TRENDS}), Basis.CONSENT, date(2025, 12, 31))
        agree(db, siri, "res-a", anne.person_id, wanted, T0)
    _make(database, "maria")
    _lives(database, 0, 8)
    for day in (6, 7, 7, 8, 9):
        _follow(database, day)
        tell_words_due(database, T0 + day * DAY)

    rows: list[NotificationRow] = rows_of(database, NotificationRow)
    told = {row.person_id for row in rows}
    assert told == {viewer(database, who).person_id for who in ("maria", "siri", "anne")}
    assert len(rows) == 3
    assert {row.queued_at.date() for row in rows} == {START + timedelta(days=7)}
    assert len({row.about for row in rows}) == 1
    assert "Inger" not in repr(rows)


def test_days_away_are_not_known_and_late_facts_still_count(database: Database) -> None:
    siri = viewer(database, "siri")
    _make(database)
    with database.transaction() as db:
        set_absence(db, siri, "res-a", AbsenceWanted(AbsenceKind.HOSPITAL, T0 + DAY, T0 + 2 * DAY - 12 * HOUR), T0)
    _lives(database, -1, -1)
    _follow(database, 3)
    _lives(database, 0, 3)
    _follow(database, 4)

    (up, *_) = _plan(database, 4).goals

    assert [day.value for day in up.days] == [480, None, 480, 480]


def test_an_activity_counts_once_and_can_be_taken_back(database: Database) -> None:
    siri = viewer(database, "siri")
    _make(database)
    _lives(database, 0, 0)
    _follow(database, 1)
    wanted = ActivityWanted(ActivityKind.VISIT, START, "Røde Kors")
    with database.transaction() as db:
        for _ in range(2):
            code = enter_activity(db, siri, "res-a", wanted, T0 + DAY, "00000000000000aa")
    plan = _plan(database, 1)
    assert plan.goals[2].weeks[0].reached == 1
    assert [(one.with_whom, one.is_mine) for one in plan.activities] == [("Røde Kors", True)]
    with database.transaction() as db:
        take_back(db, siri, "res-a", code, T0 + DAY)
        take_back(db, siri, "res-a", code, T0 + DAY)
    assert _plan(database, 1).activities == ()


def test_a_plan_that_ended_is_looked_at_no_more_and_another_one_can_begin(database: Database) -> None:
    siri = viewer(database, "siri")
    _make(database)
    with pytest.raises(UnfitError) as refused:
        _make(database)
    assert refused.value.faults == {"starts_on": "another"}
    with database.transaction() as db:
        end_plan(db, siri, "res-a", T0 + DAY)
        end_plan(db, siri, "res-a", T0 + DAY)
    for day in range(1, 9):
        _follow(database, day)
    (first,) = rows_of(database, FollowUpPlan)
    assert first.due_at is None
    assert first.ends_on == START

    with database.transaction() as db:
        later = PlanWanted(Occasion.FALL, START + timedelta(days=8), START + timedelta(days=20), GOALS)
        make_plan(db, siri, "res-a", later, T0 + 8 * DAY)
    assert _plan(database, 8).occasion is Occasion.FALL


def test_looking_twice_writes_no_day_twice(database: Database) -> None:
    _make(database)
    _lives(database, -1, 2)
    for _ in range(3):
        _follow(database, 3)
    _follow(database, 4)

    days: list[PlanDay] = rows_of(database, PlanDay)
    assert [row.day for row in days] == [START + timedelta(days=n) for n in range(3)]


@pytest.mark.parametrize(("who", "error"), [("anne", NotAllowedError), ("per", NotFoundError)])
def test_only_staff_of_the_unit_make_plans(database: Database, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _make(database, who)


def test_a_relative_with_whom_it_was_not_agreed_sees_no_plan(database: Database) -> None:
    _make(database)

    with pytest.raises(NotAllowedError):
        _plan(database, 0, "anne")
