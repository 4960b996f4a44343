"""Looks at each plan once a day: what the days brought, and whether a week is to be summed up."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.hearing import blinded, minutes_of
from models.minutes import TICK_S
from server.absences.service import list_absences
from server.access.tables import Person, Role
from server.db.session import Database
from server.detection.facts import trace_of
from server.detection.learning import unseen_of
from server.detection.tables import HomeWatch
from server.follow_up.rules import DAYS_A_WEEK, USUAL_DAYS, GoalKind, measured, usual
from server.follow_up.tables import FollowUpPlan, PlanDay, PlanGoal
from server.live.service import changed
from server.notifications.rules import Subject
from server.notifications.service import Telling, tell
from server.relatives.rules import Category
from server.relatives.words import tell_relatives
from server.residents.tables import Home, Resident

# Local time: the night's facts are in, and nobody looks at plans yet.
_LOOKS_AT: Final = time(5, 10)
# What a gateway held back for so long still counts.
_LATE_DAYS: Final = 3
_SEVERITY: Final = 10  # something to look at by day, that wakes nobody
_Days = dict[date, dict[GoalKind, float]]


def follow_due(database: Database, now: datetime) -> bool:
    """Look at the plan that is longest due; return whether there was one.

    One at a time, because a look reads four weeks of facts. Harmless twice and in any number of processes: what a day
    brought, the messages and the time of the next look are one transaction.
    """
    with database.transaction() as db:
        wanted = select(FollowUpPlan).where(col(FollowUpPlan.due_at) <= now).order_by(col(FollowUpPlan.due_at))
        plan = db.exec(wanted.limit(1).with_for_update(skip_locked=True)).first()
        if plan is None:
            return False
        follow(db, plan, now)
    return True


def follow(db: Session, plan: FollowUpPlan, now: datetime) -> None:
    """Look at one plan's days up to yesterday, in the caller's transaction."""
    resident = db.get_one(Resident, plan.resident_id)
    home = db.get_one(Home, resident.home_id)
    zone = ZoneInfo(home.time_zone)
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    last = min(yesterday, plan.ends_on)
    first = plan.starts_on if plan.followed_until is None else plan.followed_until - timedelta(days=_LATE_DAYS)
    known = _known(db, resident, zone, min(first, plan.starts_on, last), last)
    if plan.followed_until is None:
        _note_usual(db, plan, known)
    for day, values in known.items():
        if max(first, plan.starts_on) <= day <= last:
            db.merge(PlanDay(plan_id=plan.plan_id or 0, day=day, measured={str(k): v for k, v in values.items()}))
    if last >= plan.starts_on:
        plan.followed_until = last
        _sum_up(db, plan, resident, last, now)
    # Once more after the last day, for what came late; then it is over.
    is_over = yesterday >= plan.ends_on + timedelta(days=_LATE_DAYS)
    plan.due_at = None if is_over else next_look(now, zone)
    changed(db, resident.unit_id, "resident", resident.code)


def next_look(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next time of day at which plans are looked at."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), _LOOKS_AT, zone)
    later = today if local < today else datetime.combine(local.date() + timedelta(days=1), _LOOKS_AT, zone)
    return later.astimezone(now.tzinfo)


def _known(db: Session, resident: Resident, zone: ZoneInfo, first: date, last: date) -> _Days:
    """Return what was measured of whole days up to `last`, with four weeks before `first`; absences are left out."""
    watch = db.get(HomeWatch, resident.home_id)
    if watch is None or watch.seen_until is None:
        return {}
    since = datetime.combine(first - timedelta(days=USUAL_DAYS), time(), zone)
    until = min(datetime.combine(last + timedelta(days=1), time(), zone), watch.seen_until)
    trace = trace_of(db, resident.home_id, since, until)
    if not trace.at.size:
        return {}
    unseen = tuple(unseen_of(db, resident.home_id, until, trace))
    begin, end = (int(moment.timestamp()) // TICK_S for moment in (since, until))
    minutes = blinded(minutes_of(trace, max(begin, int(trace.at[0]) // TICK_S), end), unseen)
    away = {
        date.fromordinal(ordinal)
        for absence in list_absences(db, resident.resident_id or 0, since)
        for ordinal in range(
            absence.begins_at.astimezone(zone).date().toordinal(),
            absence.ends_at.astimezone(zone).date().toordinal() + 1,
        )
    }
    return {day: values for day, values in measured(minutes, zone).items() if day not in away}


def _note_usual(db: Session, plan: FollowUpPlan, known: _Days) -> None:
    for goal in db.exec(select(PlanGoal).where(PlanGoal.plan_id == plan.plan_id)):
        goal.usual = usual(known, goal.kind, plan.starts_on)


def _sum_up(db: Session, plan: FollowUpPlan, resident: Resident, last: date, now: datetime) -> None:
    """Tell staff and the relatives who agreed, once, that another week can be looked at."""
    week = ((last - plan.starts_on).days + 1) // DAYS_A_WEEK
    if week <= plan.told_week:
        return
    plan.told_week = week
    about = f"{plan.code}-{week}"
    is_test = db.get_one(Home, resident.home_id).is_test
    staff = select(Person.person_id).where(
        (col(Person.unit_id) == resident.unit_id) & (col(Person.role) == Role.STAFF)
        | (col(Person.person_id) == plan.made_by),
        col(Person.is_test) == is_test,
    )
    for person_id in db.exec(staff):
        telling = Telling(person_id or 0, Subject.MESSAGE, about, 1, _SEVERITY, home_id=resident.home_id)
        tell(db, telling, now)
    tell_relatives(db, resident.resident_id or 0, Category.TRENDS, about, now)
