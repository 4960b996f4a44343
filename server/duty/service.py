"""Begins and ends duty, and knows who is on duty."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, exists, or_, select, update

from server.access.service import Viewer, units_above, units_below
from server.access.tables import Person, Role, Unit
from server.audit.service import append
from server.duty.rules import Member, Planned, counted, may_leave
from server.duty.tables import DutyPeriod, DutyWatch, Shift
from server.errors import LastOnDutyError, NotFoundError
from server.live.service import changed

# Whoever may answer an alert may be on duty.
KEEPERS = (Role.NURSE, Role.TESTER, Role.ADMIN)


def on_duty(db: Session, unit_id: int, at: datetime) -> list[int]:
    """Return who is on duty for a unit: whoever has begun there or in a unit above it.

    A unit that keeps no lists (no shift, and nobody ever began) and that nobody above covers counts all its nurses.
    Real people and those of tests are counted each by themselves: the one must not make the other fall silent.
    """
    above = units_above(db, unit_id)
    begun = select(DutyPeriod.person_id).where(col(DutyPeriod.unit_id).in_(above), _lasts_at(at))
    open_account = col(Person.closed_at).is_(None)
    numbers = set(db.exec(begun))
    wanted = select(Person).where(
        open_account,
        or_(col(Person.person_id).in_(numbers), (Person.unit_id == unit_id) & (Person.role == Role.NURSE)),
    )
    people = db.exec(wanted.order_by(col(Person.person_id))).all()
    found: list[int] = []
    for is_test in (False, True):
        members = [
            Member(
                number(person),
                on_duty=person.person_id in numbers,
                is_nurse_here=person.unit_id == unit_id and person.role is Role.NURSE,
            )
            for person in people
            if person.is_test == is_test
        ]
        found += counted(members, keeps_lists=_keeps_lists(db, unit_id, is_test=is_test))
    return found


def begin(db: Session, viewer: Viewer, code: str, now: datetime) -> DutyPeriod:
    """Begin the viewer's duty for the unit of that code; already begun for it, it changes nothing.

    Whoever named the viewer as successor leaves.

    Raises:
        NotAllowedError: this role answers no alerts.
        NotFoundError: the unit is not the viewer's.
    """
    viewer.may(*KEEPERS)
    unit_id = unit_named(db, viewer, code)
    db.get_one(Person, viewer.person_id, with_for_update=True)  # two phones of one person take turns
    period = period_of(db, viewer.person_id)
    if period is not None and period.unit_id == unit_id:
        return period
    if period is not None:
        _end(db, period, viewer.audit_name, now, "began in another unit")
        db.flush()
    period = DutyPeriod(unit_id=unit_id, person_id=viewer.person_id, from_at=now)
    db.add(period)
    db.flush()
    append(db, at=now, who=viewer.audit_name, what="duty begun", about=f"unit:{unit_id}")
    for left in db.exec(select(DutyPeriod).where(DutyPeriod.successor_id == viewer.person_id, _is_open())):
        if unit_id in units_above(db, left.unit_id):
            _end(db, left, viewer.audit_name, now, "taken over")
    look_again(db, unit_id, now)
    return period


def leave(db: Session, viewer: Viewer, now: datetime, successor: str | None = None) -> DutyPeriod | None:
    """End the viewer's duty; without one it changes nothing. Return the period that lasts on, waiting for a successor.

    `successor`: the user name of who takes over. Named by the last one, duty lasts until the successor has begun.

    Raises:
        NotAllowedError: this role answers no alerts.
        LastOnDutyError: nobody else is on duty, somebody must be, and no successor is named.
        NotFoundError: the successor is nobody who could keep this duty.
    """
    viewer.may(*KEEPERS)
    period = period_of(db, viewer.person_id, lock=True)
    if period is None:
        return None
    # Two who are the last ones together take turns: the second is then alone, and is told so.
    db.get_one(Unit, period.unit_id, with_for_update=True)
    is_test = db.get_one(Person, viewer.person_id).is_test
    others = begun_in(db, period.unit_id, now, is_test=is_test) - {viewer.person_id}
    if may_leave(planned_in(db, period.unit_id, after=now, is_test=is_test), now, others=len(others)):
        _end(db, period, viewer.audit_name, now, "")
        return None
    if successor is None:
        raise LastOnDutyError
    named = next((person for person in could_take_over(db, period) if person.username == successor), None)
    if named is None:
        raise NotFoundError("successor")
    period.successor_id = named.person_id
    db.add(period)
    append(db, at=now, who=viewer.audit_name, what="successor named", about=f"person:{named.person_id}")
    changed(db, period.unit_id, "duty", period.code)
    return period


def could_take_over(db: Session, period: DutyPeriod) -> Sequence[Person]:
    """Return who could be named as successor, by name: who may be on duty for this unit, and is of the same world."""
    leaving = db.get_one(Person, period.person_id)
    wanted = select(Person).where(
        col(Person.unit_id).in_(units_above(db, period.unit_id)),
        col(Person.role).in_(KEEPERS),
        col(Person.closed_at).is_(None),
        Person.is_test == leaving.is_test,
        Person.person_id != leaving.person_id,
    )
    return db.exec(wanted.order_by(Person.name)).all()


def period_of(db: Session, person_id: int, *, lock: bool = False) -> DutyPeriod | None:
    """Return the duty somebody keeps now, or None."""
    wanted = select(DutyPeriod).where(DutyPeriod.person_id == person_id, _is_open())
    return db.exec(wanted.with_for_update() if lock else wanted).first()


def begun_in(db: Session, unit_id: int, at: datetime, *, is_test: bool) -> set[int]:
    """Return which real or test people have begun duty for a unit or one above it; here nobody else counts."""
    wanted = (
        select(DutyPeriod.person_id)
        .join(Person, col(Person.person_id) == DutyPeriod.person_id)
        .where(col(DutyPeriod.unit_id).in_(units_above(db, unit_id)), _lasts_at(at), _is_of(is_test=is_test))
    )
    return set(db.exec(wanted))


def planned_in(db: Session, unit_id: int, *, after: datetime, is_test: bool) -> list[Planned]:
    """Return the shifts planned for a unit's real or test people that end after a moment, the first one first."""
    wanted = (
        select(Shift)
        .join(Person, col(Person.person_id) == Shift.person_id)
        .where(Shift.unit_id == unit_id, col(Shift.to_at) > after, _is_of(is_test=is_test))
    )
    rows = db.exec(wanted.order_by(col(Shift.from_at)))
    return [Planned(row.person_id, row.from_at, row.to_at, row.code) for row in rows]


def close_duty(db: Session, person_id: int, who: str, now: datetime) -> None:
    """End the duty of somebody whose account is closed, whoever else is there."""
    period = period_of(db, person_id, lock=True)
    if period is not None:
        _end(db, period, who, now, "account closed")


def unit_named(db: Session, viewer: Viewer, code: str) -> int:
    """Return the number of a unit of the viewer's.

    Raises:
        NotFoundError: there is none of that code that is theirs.
    """
    wanted = select(Unit.unit_id).where(Unit.code == code, col(Unit.unit_id).in_(viewer.units))
    found = db.exec(wanted).first()
    if found is None:
        raise NotFoundError("unit")
    return found


def own_unit(db: Session, viewer: Viewer) -> str:
    """Return the code of the unit the viewer belongs to."""
    return db.get_one(Unit, viewer.unit_id).code


def successors(db: Session, viewer: Viewer) -> Sequence[Person]:
    """Return who could take over the viewer's duty, by name; nobody while they keep none.

    Raises:
        NotAllowedError: this role answers no alerts.
    """
    viewer.may(*KEEPERS)
    period = period_of(db, viewer.person_id)
    return [] if period is None else could_take_over(db, period)


def number(person: Person) -> int:
    """Return a stored person's number."""
    if person.person_id is None:
        raise LookupError("a person without a number was never stored")
    return person.person_id


def _end(db: Session, period: DutyPeriod, who: str, now: datetime, why: str) -> None:
    period.to_at, period.successor_id = now, None
    db.add(period)
    append(db, at=now, who=who, what="duty ended", about=f"person:{period.person_id}", why=why)
    look_again(db, period.unit_id, now)


def look_again(db: Session, unit_id: int, now: datetime) -> None:
    """Let the guard look at a unit, and at those below that it covers, at once."""
    watch = db.get(DutyWatch, unit_id) or DutyWatch(unit_id=unit_id)
    db.add(watch)
    db.flush()
    db.exec(update(DutyWatch).where(col(DutyWatch.unit_id).in_(units_below(db, unit_id))).values(due_at=now))
    changed(db, unit_id, "duty", str(unit_id))


def _keeps_lists(db: Session, unit_id: int, *, is_test: bool) -> bool:
    def any_of(table: type[Shift] | type[DutyPeriod]) -> ColumnElement[bool]:
        theirs = select(table.person_id).join(Person, col(Person.person_id) == table.person_id)
        return exists(theirs.where(table.unit_id == unit_id, Person.is_test == is_test))

    return bool(db.exec(select(or_(any_of(Shift), any_of(DutyPeriod)))).one())


def _is_of(*, is_test: bool) -> ColumnElement[bool]:
    return (col(Person.is_test) == is_test) & col(Person.closed_at).is_(None)


def _is_open() -> ColumnElement[bool]:
    return col(DutyPeriod.to_at).is_(None)


def _lasts_at(at: datetime) -> ColumnElement[bool]:
    return (col(DutyPeriod.from_at) <= at) & (_is_open() | (col(DutyPeriod.to_at) > at))
