"""Units beside one that stand in for it, say the neighbouring zone at night: which may, who is told, what they see.

They must be of the same municipality: the top of one tree of units.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from server.access.service import HELPERS, let_stand_in, units_above, units_below
from server.access.tables import Person, Unit
from server.duty.service import on_duty
from server.escalation.faults import FaultKind
from server.escalation.rules import Who, leads_back
from server.escalation.tables import PolicyRow

# As long as a night: what was begun can be finished and written down, and it ends by itself.
SEES_FOR = timedelta(hours=12)


def beside(db: Session, unit_id: int, *, is_test: bool) -> dict[int, FaultKind | None]:
    """Return the units beside one, each with why it cannot stand in for it; None: it can.

    `is_test`: it has simulated homes only; test people and real ones help only their own.
    """
    above, below = units_above(db, unit_id), units_below(db, unit_id)
    all_units = units_below(db, above[-1])
    lines = _lines(db, all_units)
    helpers = select(Person.unit_id).where(
        col(Person.unit_id).in_(all_units),
        col(Person.role).in_(HELPERS),
        col(Person.closed_at).is_(None),
        Person.is_test == is_test,
    )
    staffed = set(db.exec(helpers)) - set(above)
    named = _named(db, all_units)
    backups = {one: {name for of in line for name in named[of]} - set(above[1:]) for one, line in lines.items()}

    def fault(one: int) -> FaultKind | None:
        if staffed.isdisjoint(lines[one]):
            return FaultKind.NOBODY_THERE
        return FaultKind.IN_A_CIRCLE if leads_back(one, below, backups) else None

    return {one: fault(one) for one in sorted(all_units - below - set(above))}


def told_in(db: Session, unit_id: int, named: int, now: datetime) -> Collection[int]:
    """Return who is told for a unit as its back-up: whoever is on duty in the one that is named.

    Nobody where it is no longer of the same municipality.
    """
    above = units_above(db, unit_id)
    people = on_duty(db, named, now)
    if named in above:
        return people
    if units_above(db, named)[-1:] != above[-1:]:
        return ()
    helpers = select(Person.person_id).where(col(Person.person_id).in_(people), col(Person.role).in_(HELPERS))
    return [number for number in db.exec(helpers) if number is not None]


def let_see(db: Session, people: Collection[int], unit_id: int, now: datetime) -> None:
    """Let people who are told of an alert as stand-ins open it, with its unit and those below, for some hours."""
    above = units_above(db, unit_id)
    others = select(Person.person_id).where(col(Person.person_id).in_(people), col(Person.unit_id).not_in(above))
    for number in db.exec(others).all():
        let_stand_in(db, number or 0, unit_id, now, now + SEES_FOR)


def _lines(db: Session, units: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return each unit with those above it among these, itself first."""
    parents = dict(db.exec(select(Unit.unit_id, Unit.parent_id).where(col(Unit.unit_id).in_(units))).all())
    lines: dict[int, tuple[int, ...]] = {}
    for one in units:
        line: list[int] = []
        at: int | None = one
        while at is not None and at in parents and at not in line:
            line.append(at)
            at = parents[at]
        lines[one] = tuple(line)
    return lines


def _named(db: Session, units: Collection[int]) -> Mapping[int, set[int]]:
    """Return the units that policies of these name as their back-up."""
    named: dict[int, set[int]] = defaultdict(set)
    rows = db.exec(select(PolicyRow.unit_id, PolicyRow.steps).where(col(PolicyRow.unit_id).in_(units)))
    for unit_id, steps in rows:
        named[unit_id] |= {step["named"] for step in steps if step.get("who") == Who.BACKUP and step.get("named")}
    return named
