"""Plans shifts: by hand or from a file, never two at a time for one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from sqlmodel import Session, col, select

from server.access.service import Viewer, units_above
from server.access.tables import Person, Role, Unit
from server.audit.service import append
from server.duty.rota_file import read_rota
from server.duty.rules import LONGEST_SHIFT, Planned, clash
from server.duty.service import KEEPERS, look_again
from server.duty.tables import Shift
from server.errors import NotFoundError, OtherShift, RotaError, ShiftError

# Who plans: those who lead, and the nurses themselves, who swap shifts on a Saturday when no leader is at work.
PLANNERS = (Role.ADMIN, Role.STAFF, Role.NURSE, Role.TESTER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A shift somebody wants planned. `line`: of a file."""

    username: str
    unit: str
    from_at: datetime
    to_at: datetime
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A planned shift as people see it."""

    code: str
    person_id: int
    person: str
    unit: str
    unit_name: str
    from_at: datetime
    to_at: datetime


def plan_shift(db: Session, viewer: Viewer, wanted: Wanted, now: datetime) -> str:
    """Plan a shift; return its opaque name. Audited.

    Raises:
        NotAllowedError: this role plans nothing.
        ShiftError: it cannot be planned; the error says why.
    """
    viewer.may(*PLANNERS)
    return _Planning(db, viewer, now).add(wanted)


def import_rota(db: Session, viewer: Viewer, content: bytes, zone: tzinfo, now: datetime) -> int:
    """Plan all shifts of a file, or none; return how many are new. A shift that is planned already is passed over.

    Raises:
        NotAllowedError: this role plans nothing.
        RotaError: something is wrong; every line at fault is named.
    """
    viewer.may(*PLANNERS)
    planning = _Planning(db, viewer, now)
    faults: list[ShiftError] = []
    for line in read_rota(content, zone):
        wanted = Wanted(line.person, line.unit, line.from_at, line.to_at, line.number)
        try:
            planning.add(wanted, again="harmless")
        except ShiftError as fault:
            faults.append(fault)
    if faults:
        raise RotaError(faults)
    return planning.added


def remove_shift(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """Take a shift out of the plan. Audited.

    Raises:
        NotAllowedError: this role plans nothing.
        NotFoundError: there is none of that name in the viewer's units.
    """
    viewer.may(*PLANNERS)
    row = db.exec(select(Shift).where(Shift.code == code, col(Shift.unit_id).in_(viewer.units))).first()
    if row is None:
        raise NotFoundError("shift")
    append(
        db, at=now, who=viewer.audit_name, what="shift removed", about=f"shift:{code}", why=f"person:{row.person_id}"
    )
    db.delete(row)
    db.flush()
    look_again(db, row.unit_id, now)


def shifts_between(db: Session, viewer: Viewer, from_at: datetime, to_at: datetime) -> list[ShiftView]:
    """Return the shifts of the viewer's units that touch that time, by start and name.

    Raises:
        NotAllowedError: relatives and residents see nothing of the staff's plans.
    """
    viewer.may(*PLANNERS)
    wanted = (
        select(Shift, Person, Unit)
        .join(Person, col(Person.person_id) == Shift.person_id)
        .join(Unit, col(Unit.unit_id) == Shift.unit_id)
        .where(col(Shift.unit_id).in_(viewer.units), col(Shift.from_at) < to_at, col(Shift.to_at) > from_at)
    )
    rows = db.exec(wanted.order_by(col(Shift.from_at), Person.name)).all()
    return [
        ShiftView(shift.code, shift.person_id, person.name, unit.code, unit.name, shift.from_at, shift.to_at)
        for shift, person, unit in rows
    ]


def could_be_planned(db: Session, viewer: Viewer) -> Sequence[tuple[Person, Unit]]:
    """Return whom the viewer can plan, by name, with their units."""
    wanted = (
        select(Person, Unit)
        .join(Unit, col(Unit.unit_id) == Person.unit_id)
        .where(col(Person.unit_id).in_(viewer.units), col(Person.role).in_(KEEPERS), col(Person.closed_at).is_(None))
    )
    return db.exec(wanted.order_by(Person.name)).all()


class _Planning:
    """Adds shifts one by one; people and units are looked up once."""

    def __init__(self, db: Session, viewer: Viewer, now: datetime) -> None:
        self.added = 0
        self._db, self._viewer, self._now = db, viewer, now
        self._people: dict[str, Person | None] = {}
        self._units: dict[str, Unit | None] = {}

    def add(self, wanted: Wanted, again: Literal["harmless", "refused"] = "refused") -> str:
        person, unit = self._person(wanted), self._unit(wanted)
        person_id, unit_id = person.person_id or 0, unit.unit_id or 0
        # A nurse of a zone may keep its teams' duty; nobody keeps one whose alerts they may not see.
        if person.unit_id not in units_above(self._db, unit_id):
            raise ShiftError("not_of_unit", line=wanted.line, said=person.name)
        _must_last(wanted)
        planned = Planned(person_id, wanted.from_at, wanted.to_at)
        # One person's shifts take turns, so that two planners cannot both find the place free.
        self._db.get_one(Person, person_id, with_for_update=True)
        rows = self._db.exec(select(Shift).where(Shift.person_id == person_id)).all()
        other = clash(planned, [Planned(row.person_id, row.from_at, row.to_at, row.code) for row in rows])
        if other is not None:
            row = next(row for row in rows if row.code == other.code)
            same = (row.unit_id, row.from_at, row.to_at) == (unit_id, wanted.from_at, wanted.to_at)
            if same and again == "harmless":
                return row.code
            name = self._db.get_one(Unit, row.unit_id).name
            raise ShiftError("overlaps", line=wanted.line, other=OtherShift(person.name, name, row.from_at, row.to_at))
        return self._keep(Shift(unit_id=unit_id, person_id=person_id, from_at=wanted.from_at, to_at=wanted.to_at))

    def _keep(self, row: Shift) -> str:
        self._db.add(row)
        self._db.flush()
        self.added += 1
        why = f"person:{row.person_id}"
        append(
            self._db,
            at=self._now,
            who=self._viewer.audit_name,
            what="shift planned",
            about=f"shift:{row.code}",
            why=why,
        )
        look_again(self._db, row.unit_id, self._now)
        return row.code

    def _person(self, wanted: Wanted) -> Person:
        if wanted.username not in self._people:
            found = select(Person).where(Person.username == wanted.username, col(Person.closed_at).is_(None))
            self._people[wanted.username] = self._db.exec(found.where(col(Person.role).in_(KEEPERS))).first()
        person = self._people[wanted.username]
        if person is None or person.unit_id not in self._viewer.units:
            raise ShiftError("unknown_person", line=wanted.line, said=wanted.username)
        return person

    def _unit(self, wanted: Wanted) -> Unit:
        if wanted.unit not in self._units:
            self._units[wanted.unit] = self._db.exec(select(Unit).where(Unit.code == wanted.unit)).first()
        unit = self._units[wanted.unit]
        if unit is None or unit.unit_id not in self._viewer.units:
            raise ShiftError("unknown_unit", line=wanted.line, said=wanted.unit)
        return unit


def _must_last(wanted: Wanted) -> None:
    if wanted.to_at <= wanted.from_at:
        raise ShiftError("ends_first", line=wanted.line)
    if wanted.to_at - wanted.from_at > LONGEST_SHIFT:
        raise ShiftError("too_long", line=wanted.line)
