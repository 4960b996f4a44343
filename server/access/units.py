"""Units as a tree: seen, made, renamed and moved. None is ever in a circle."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.access.service import Viewer, units_below
from server.access.tables import Role, Unit, UnitKind
from server.audit.service import append
from server.errors import NotFoundError, UnfitError

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit. `depth`: how far below the topmost one the viewer sees; `above`: the code of the one it belongs to."""

    code: str
    name: str
    kind: UnitKind
    above: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class WantedUnit:
    """What a unit is to be. `above` None: at the top of the tree."""

    name: str
    kind: UnitKind
    above: str | None


def list_units(db: Session, viewer: Viewer) -> list[UnitView]:
    """Return the viewer's units, each followed by what is below it, by name."""
    rows = db.exec(select(Unit).where(col(Unit.unit_id).in_(viewer.units)).order_by(Unit.name)).all()
    codes = {row.unit_id: row.code for row in rows}
    below: dict[int | None, list[Unit]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in codes else None, []).append(row)
    found: list[UnitView] = []

    def follow(parent: int | None, depth: int) -> None:
        for row in below.get(parent, []):
            found.append(UnitView(row.code, row.name, row.kind, codes.get(row.parent_id), depth))
            follow(row.unit_id, depth + 1)

    follow(None, 0)
    return found


def make_unit(db: Session, viewer: Viewer, wanted: WantedUnit, now: datetime) -> str:
    """Make a unit below one of the viewer's; return its code. Audited.

    Raises:
        NotAllowedError: only administrators may.
        UnfitError: it cannot be made so; by field.
    """
    viewer.may(Role.ADMIN)
    if wanted.above is None:
        raise UnfitError({"above": "no_unit"})
    row = Unit(code=secrets.token_hex(4), name="", kind=wanted.kind)
    _fill(db, viewer, row, wanted)
    db.add(row)
    db.flush()
    append(db, at=now, who=viewer.audit_name, what="unit made", about=f"unit:{row.unit_id}")
    return row.code


def change_unit(db: Session, viewer: Viewer, code: str, wanted: WantedUnit, now: datetime) -> None:
    """Rename a unit, or move it with all that is below it. Audited.

    Raises:
        NotAllowedError: only administrators may.
        NotFoundError: there is none of that code among the viewer's.
        UnfitError: it cannot be so; by field. A unit below itself is a fault of `above`.
    """
    viewer.may(Role.ADMIN)
    row = _unit(db, viewer, code)
    # One tree, one change at a time: two moves at once could otherwise put two units below each other.
    db.exec(select(Unit.unit_id).order_by(col(Unit.unit_id)).with_for_update()).all()
    if row.unit_id == viewer.unit_id and wanted.above is None:
        row.name, row.kind = _name(wanted.name), wanted.kind  # the topmost one they see stays where it is
    else:
        _fill(db, viewer, row, wanted)
    db.add(row)
    append(db, at=now, who=viewer.audit_name, what="unit changed", about=f"unit:{row.unit_id}")


def _fill(db: Session, viewer: Viewer, row: Unit, wanted: WantedUnit) -> None:
    row.name, row.kind = _name(wanted.name), wanted.kind
    above = _above(db, viewer, wanted.above)
    if row.unit_id is not None and above in units_below(db, row.unit_id):
        raise UnfitError({"above": "circle"})
    row.parent_id = above


def _above(db: Session, viewer: Viewer, code: str | None) -> int | None:
    wanted = select(Unit.unit_id).where(Unit.code == (code or ""), col(Unit.unit_id).in_(viewer.units))
    found = db.exec(wanted).first()
    if found is None:
        raise UnfitError({"above": "no_unit"})
    return found


def _name(name: str) -> str:
    told = " ".join(name.split())
    if not told or len(told) > _LONGEST_NAME:
        raise UnfitError({"name": "too_long" if told else "missing"})
    return told


def _unit(db: Session, viewer: Viewer, code: str) -> Unit:
    row = db.exec(select(Unit).where(Unit.code == code, col(Unit.unit_id).in_(viewer.units))).first()
    if row is None:
        raise NotFoundError("unit")
    return row
