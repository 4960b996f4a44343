"""Plans: made, ended and looked at; activities that people enter."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.audit.service import append
from server.errors import NotAllowedError, NotFoundError, UnfitError
from server.follow_up import rules
from server.follow_up.rules import ActivityKind, Day, Fault, Goal, GoalKind, Occasion, PlanWanted, Week
from server.follow_up.tables import EnteredActivity, FollowUpPlan, PlanDay, PlanGoal
from server.live.service import changed
from server.relatives.rules import Category
from server.relatives.service import CARERS, resident_for, shared_with
from server.residents.tables import Resident

_LONGEST_WORDS: Final = 80
_ENTERED_BACK: Final = timedelta(days=60)
_ENTERED_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal with its days and weeks, up to yesterday. `usual`: before the plan; None: not known."""

    kind: GoalKind
    target: float
    usual: float | None
    days: tuple[Day, ...]
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class ActivityView:
    """Something that people entered."""

    id: str
    kind: ActivityKind
    day: date
    with_whom: str
    entered_by: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan. `today`: of the resident's own clock; `followed_until` None: no day has been looked at yet."""

    id: str
    occasion: Occasion
    starts_on: date
    ends_on: date
    today: date
    followed_until: date | None
    made_by: str
    goals: tuple[GoalView, ...]
    activities: tuple[ActivityView, ...]

    @property
    def is_over(self) -> bool:
        """Whether its last day is past."""
        return self.ends_on < self.today


def look_at_plan(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> tuple[Resident, PlanView | None]:
    """Return a resident and their newest plan, None: there never was one. The look is audited.

    Raises:
        NotFoundError: there is none of that name that this person may see.
        NotAllowedError: summaries were not agreed with this relative.
    """
    resident = _for(db, viewer, resident_id, now)
    append(db, at=now, who=viewer.audit_name, what="looked at", about=f"resident:{resident.code}", why="plan")
    plan = _newest(db, resident)
    return resident, None if plan is None else _view(db, viewer, plan, resident, now)


def make_plan(db: Session, viewer: Viewer, resident_id: str, wanted: PlanWanted, now: datetime) -> str:
    """Make a plan and return its name. It is looked at as soon as the service comes to it.

    Raises:
        NotAllowedError: only staff make plans.
        NotFoundError: there is no such resident in the viewer's units.
        UnfitError: it cannot be saved so; by field.
    """
    viewer.may(*CARERS)
    resident, zone = resident_for(db, viewer, resident_id)
    today = now.astimezone(zone).date()
    faults = rules.faults_of(wanted, today)
    before = _newest(db, resident)
    if before is not None and wanted.starts_on and before.ends_on >= wanted.starts_on and before.ends_on >= today:
        faults["starts_on"] = Fault.ANOTHER
    if faults or wanted.starts_on is None or wanted.ends_on is None:
        raise UnfitError(faults)
    code = secrets.token_hex(8)
    plan = FollowUpPlan(
        code=code, resident_id=resident.resident_id or 0, occasion=wanted.occasion, starts_on=wanted.starts_on,
        ends_on=wanted.ends_on, made_by=viewer.person_id, made_at=now, due_at=now,
    )  # fmt: skip
    db.add(plan)
    db.flush()
    for kind, target in wanted.goals.items():
        db.add(PlanGoal(plan_id=plan.plan_id or 0, kind=kind, target=target or 0))
    said = " ".join(f"{kind}={target:g}" for kind, target in wanted.goals.items() if target is not None)
    _tell(db, viewer, resident, "plan made", f"plan:{code}", said, now)
    return code


def end_plan(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> None:
    """Let the plan end with yesterday; what it brought is kept. Harmless when none runs.

    Raises:
        NotAllowedError: only staff end plans.
        NotFoundError: there is no such resident in the viewer's units.
    """
    viewer.may(*CARERS)
    resident, zone = resident_for(db, viewer, resident_id)
    plan = _newest(db, resident)
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    if plan is None or plan.ends_on <= yesterday:
        return
    plan.starts_on, plan.ends_on = min(plan.starts_on, yesterday), yesterday
    _tell(db, viewer, resident, "plan ended", f"plan:{plan.code}", "", now)


@dataclass(frozen=True, slots=True)
class ActivityWanted:
    """An activity as somebody filled it in."""

    kind: ActivityKind
    day: date | None
    with_whom: str = ""


def enter_activity(
    db: Session, viewer: Viewer, resident_id: str, wanted: ActivityWanted, now: datetime, once: str = ""
) -> str:
    """Note what sensors cannot tell, and return its name. `once`: a name the page chose: a form sent twice is one note.

    Raises:
        NotFoundError, NotAllowedError: as `look_at_plan`.
        UnfitError: it cannot be saved so; by field.
    """
    resident = _for(db, viewer, resident_id, now)
    _, zone = resident_for(db, viewer, resident_id)
    today = now.astimezone(zone).date()
    faults = {}
    if wanted.day is None or not today - _ENTERED_BACK <= wanted.day <= today:
        faults["day"] = Fault.NO_DAY if wanted.day is None else Fault.NOT_YET
    if len(wanted.with_whom) > _LONGEST_WORDS:
        faults["with_whom"] = Fault.LONG_WORDS
    if faults or wanted.day is None:
        raise UnfitError(faults)
    if once and db.exec(select(EnteredActivity).where(EnteredActivity.code == once)).first() is not None:
        return once
    code = once or secrets.token_hex(8)
    db.add(
        EnteredActivity(
            code=code, resident_id=resident.resident_id or 0, kind=wanted.kind, day=wanted.day,
            with_whom=wanted.with_whom.strip(), entered_by=viewer.person_id, entered_at=now,
        )
    )  # fmt: skip
    _tell(db, viewer, resident, "activity entered", f"activity:{code}", wanted.kind, now)
    return code


def take_back(db: Session, viewer: Viewer, resident_id: str, activity_id: str, now: datetime) -> None:
    """Take back an activity: staff any, others their own. Harmless when it is gone.

    Raises:
        NotFoundError, NotAllowedError: as `look_at_plan`; or it is another person's.
    """
    resident = _for(db, viewer, resident_id, now)
    wanted = select(EnteredActivity).where(
        EnteredActivity.code == activity_id, EnteredActivity.resident_id == resident.resident_id
    )
    row = db.exec(wanted).first()
    if row is None:
        return
    if viewer.role not in CARERS and row.entered_by != viewer.person_id:
        raise NotFoundError("activity")
    db.delete(row)
    _tell(db, viewer, resident, "activity taken back", f"activity:{activity_id}", row.kind, now)


def _for(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> Resident:
    resident, _ = resident_for(db, viewer, resident_id)
    if viewer.role is Role.RELATIVE and resident.resident_id not in shared_with(db, viewer, Category.TRENDS, now):
        raise NotAllowedError("summaries were not agreed")
    return resident


def _newest(db: Session, resident: Resident) -> FollowUpPlan | None:
    wanted = select(FollowUpPlan).where(FollowUpPlan.resident_id == resident.resident_id)
    return db.exec(wanted.order_by(col(FollowUpPlan.ends_on).desc(), col(FollowUpPlan.plan_id).desc())).first()


def _view(db: Session, viewer: Viewer, plan: FollowUpPlan, resident: Resident, now: datetime) -> PlanView:
    _, zone = resident_for(db, viewer, resident.code)
    days: Sequence[PlanDay] = db.exec(select(PlanDay).where(PlanDay.plan_id == plan.plan_id)).all()
    values = {row.day: {GoalKind(kind): value for kind, value in row.measured.items()} for row in days}
    wanted = (
        select(EnteredActivity, Person.name)
        .join(Person, col(Person.person_id) == EnteredActivity.entered_by)
        .where(EnteredActivity.resident_id == resident.resident_id, EnteredActivity.day >= plan.starts_on)
        .order_by(col(EnteredActivity.day).desc(), col(EnteredActivity.entered_activity_id).desc())
    )
    entered = [(row, name) for row, name in db.exec(wanted) if row.day <= plan.ends_on]
    goals = db.exec(select(PlanGoal).where(PlanGoal.plan_id == plan.plan_id).order_by(col(PlanGoal.plan_goal_id)))
    return PlanView(
        id=plan.code,
        occasion=plan.occasion,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        today=now.astimezone(zone).date(),
        followed_until=plan.followed_until,
        made_by=db.get_one(Person, plan.made_by).name,
        goals=tuple(_goal(plan, row, values, [(one.day, one.kind) for one, _ in entered]) for row in goals),
        activities=tuple(
            ActivityView(row.code, row.kind, row.day, row.with_whom, name, row.entered_by == viewer.person_id)
            for row, name in entered[:_ENTERED_SHOWN]
        ),
    )


def _goal(
    plan: FollowUpPlan,
    row: PlanGoal,
    values: dict[date, dict[GoalKind, float]],
    entered: list[tuple[date, ActivityKind]],
) -> GoalView:
    goal = Goal(row.kind, row.target, row.usual)
    if plan.followed_until is None:
        return GoalView(row.kind, row.target, row.usual, (), ())
    days = rules.days_of(goal, values, entered, plan.starts_on, plan.followed_until)
    return GoalView(row.kind, row.target, row.usual, days, rules.weeks_of(goal, days, plan.followed_until))


def _tell(db: Session, viewer: Viewer, resident: Resident, what: str, about: str, said: str, now: datetime) -> None:
    append(db, at=now, who=viewer.audit_name, what=what, about=about, why=f"{resident.code} {said}".strip())
    changed(db, resident.unit_id, "resident", resident.code)
