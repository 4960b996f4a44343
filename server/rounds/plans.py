"""Keeps plans of looks, and one round of each unit ahead."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from server.access.service import Viewer
from server.access.tables import Person
from server.audit.service import append
from server.errors import NotFoundError, UnfitError
from server.house_rules.windows import EVERY_DAY, clock, minutes_of
from server.observations.service import insert_once
from server.residents.tables import Home, Resident
from server.rounds import rules
from server.rounds.rules import Plan
from server.rounds.tables import LookPlan, LookRow, RoundRow
from server.sensitivity.service import SETTERS


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as it was typed. `times`: clock times with blanks or commas between; `days`: "0" Monday to "6"."""

    times: str = ""
    days: tuple[str, ...] = ()
    from_date: str = ""
    until_date: str = ""
    basis: str = ""
    replaces_visit: bool = False


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan of looks that holds, or will."""

    id: str
    times: tuple[str, ...]
    days: tuple[int, ...]
    from_date: date
    until_date: date
    basis: str
    replaces_visit: bool
    set_by: str


def plans_of(db: Session, resident: Resident, now: datetime) -> list[PlanView]:
    """Return a resident's plans that are not over, the oldest first."""
    rows = db.exec(_standing().where(LookPlan.resident_id == resident.resident_id, LookPlan.until_date >= now.date()))
    return [
        PlanView(
            row.code, tuple(clock(minutes) for minutes in row.times), tuple(row.days), row.from_date, row.until_date,
            row.basis, row.replaces_visit, db.get_one(Person, row.set_by).name,
        )
        for row in rows
    ]  # fmt: skip


def set_plan(db: Session, viewer: Viewer, resident: Resident, draft: PlanDraft, now: datetime) -> str:
    """Plan looks at a resident; return the plan's name.

    Raises:
        NotAllowedError: only staff and administrators plan.
        UnfitError: the draft says something impossible, and where.
    """
    viewer.may(*SETTERS)
    times = [minutes_of(part) for part in draft.times.replace(",", " ").split()]
    days = sorted(int(day) for day in {*draft.days} if day in set("0123456"))
    from_date, until_date = _date(draft.from_date), _date(draft.until_date)
    faults = {
        "times": rules.unfit_times(times),
        "days": None if days else rules.Unfit.NO_DAYS,
        "from_date": None if from_date else rules.Unfit.NOT_A_DATE,
        "until_date": rules.unfit_dates(from_date or until_date, until_date),
        "basis": rules.unfit_basis(draft.basis.strip()),
    }
    found = {name: str(fault) for name, fault in faults.items() if fault is not None}
    if found or from_date is None or until_date is None:
        raise UnfitError(found)
    row = LookPlan(
        code=secrets.token_hex(8), resident_id=resident.resident_id or 0,
        times=sorted({minutes for minutes in times if minutes is not None}), days=days or sorted(EVERY_DAY),
        from_date=from_date, until_date=until_date, basis=draft.basis.strip(), replaces_visit=draft.replaces_visit,
        set_by=viewer.person_id, set_at=now,
    )  # fmt: skip
    db.add(row)
    db.flush()
    append(db, at=now, who=viewer.audit_name, what="looks planned", about=f"resident:{resident.code}", why=row.code)
    arrange_next(db, resident.unit_id, now)
    return row.code


def end_plan(db: Session, viewer: Viewer, resident: Resident, code: str, now: datetime) -> None:
    """End a plan before its last day. What was seen stays.

    Raises:
        NotAllowedError: only staff and administrators do.
        NotFoundError: this resident has no such plan, or it has ended.
    """
    viewer.may(*SETTERS)
    wanted = _standing().where(LookPlan.resident_id == resident.resident_id, LookPlan.code == code)
    row = db.exec(wanted.with_for_update()).first()
    if row is None:
        raise NotFoundError("plan")
    row.ended_at = now
    db.add(row)
    db.flush()
    append(db, at=now, who=viewer.audit_name, what="looks ended", about=f"resident:{resident.code}", why=code)
    arrange_next(db, resident.unit_id, now)


def arrange_next(db: Session, unit_id: int, after: datetime) -> None:
    """Let the first round of a unit after a moment be there, and no other that nobody has begun. Harmless twice."""
    at = rules.next_moment([(_plan(row), zone) for row, _, zone in _plans_in(db, unit_id)], after)
    begun = select(LookRow.round_id)
    stale = (col(RoundRow.unit_id) == unit_id) & (col(RoundRow.at) > after) & col(RoundRow.signed_at).is_(None)
    db.exec(delete(RoundRow).where(stale, col(RoundRow.at) != at, col(RoundRow.round_id).not_in(begun)))
    if at is not None:
        new = {"code": secrets.token_hex(8), "unit_id": unit_id, "at": at, "due_at": at}
        insert_once(db, RoundRow.__table__, [new])  # type: ignore[attr-defined]


def planned_at(db: Session, unit_id: int, at: datetime) -> list[tuple[Resident, Home, bool]]:
    """Return whom a unit is to look at then, by name; True: such a look saves a visit."""
    found: dict[int, tuple[Resident, Home, bool]] = {}
    for row, resident, zone in _plans_in(db, unit_id, at):
        if rules.is_planned(_plan(row), zone, at):
            before = found.get(row.resident_id)
            saves = row.replaces_visit or (before is not None and before[2])
            found[row.resident_id] = resident, db.get_one(Home, resident.home_id), saves
    return sorted(found.values(), key=lambda one: one[0].name)


def _plans_in(db: Session, unit_id: int, at: datetime | None = None) -> Sequence[tuple[LookPlan, Resident, ZoneInfo]]:
    """Return a unit's plans; with `at` those that had not been ended by then."""
    wanted = (
        select(LookPlan, Resident, Home.time_zone)
        .join(Resident, col(Resident.resident_id) == LookPlan.resident_id)
        .join(Home, col(Home.home_id) == Resident.home_id)
        .where(Resident.unit_id == unit_id)
    )
    ended = col(LookPlan.ended_at)
    wanted = wanted.where(ended.is_(None) if at is None else ended.is_(None) | (ended > at))
    return [(row, resident, ZoneInfo(zone)) for row, resident, zone in db.exec(wanted)]


def _standing() -> SelectOfScalar[LookPlan]:
    return select(LookPlan).where(col(LookPlan.ended_at).is_(None)).order_by(col(LookPlan.look_plan_id))


def _plan(row: LookPlan) -> Plan:
    return Plan(tuple(row.times), frozenset(row.days), row.from_date, row.until_date)


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
