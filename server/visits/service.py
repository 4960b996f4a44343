"""Planned visits, entered by hand or from calendars, and who of staff is with a resident now."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from server.access.service import Viewer
from server.access.tables import Role
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.errors import NotFoundError
from server.live.service import changed
from server.residents.tables import Resident
from server.visits import rules
from server.visits.rules import Known, StaffThere
from server.visits.tables import PlannedVisit, StaffStay

CARERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
_DAY = timedelta(days=1)  # no visit lasts longer
_LOOKS_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is to come in [begins_at, ends_at), aware. `what`: who or what for."""

    id: str
    begins_at: datetime
    ends_at: datetime
    what: str
    is_imported: bool


def planned(db: Session, resident_id: int, from_: datetime, to: datetime) -> list[Visit]:
    """Return the visits of a resident (by number) that are planned to begin in [from_, to), the first one first."""
    wanted = _planned(resident_id).where(PlannedVisit.begins_at >= from_, PlannedVisit.begins_at < to)
    return [_visit(row) for row in db.exec(wanted)]


def next_visit(db: Session, resident_id: int, at: datetime) -> Visit | None:
    """Return the visit a resident (by number) waits for: the next one that is not over, or is late; None: none."""
    return next_visits(db, [resident_id], at).get(resident_id)


def next_visits(db: Session, resident_ids: Collection[int], at: datetime) -> dict[int, Visit]:
    """Return the same for many residents at once; those who wait for none are not in it."""
    wanted = select(PlannedVisit).where(
        col(PlannedVisit.resident_id).in_(resident_ids),
        col(PlannedVisit.cancelled_at).is_(None),
        PlannedVisit.ends_at > at - rules.OVERDUE_FOR,
        PlannedVisit.begins_at < at + _LOOKS_AHEAD,
    )
    found: dict[int, Visit] = {}
    for row in db.exec(wanted.order_by(col(PlannedVisit.begins_at))):
        if row.ends_at > at or rules.is_due_soon(row.begins_at, row.ends_at, at):
            found.setdefault(row.resident_id, _visit(row))
    return found


def staff_present(db: Session, home_id: int, at: datetime) -> StaffThere | None:
    """Return who of staff is in a home at a moment, as surely as it is known; None: nobody, as far as is known.

    A plan alone (`Known.PLANNED`) is no proof that anybody came.
    """
    there = [one for one in staff_in(db, [home_id], at, at).get(home_id, []) if one.since <= at < one.until]
    order = list(Known)
    return min(there, key=lambda one: (order.index(one.known), -one.until.timestamp()), default=None)


def staff_in(
    db: Session, home_ids: Collection[int], since: datetime, until: datetime
) -> Mapping[int, list[StaffThere]]:
    """Return when staff were, are or should be in each of these homes, as far as it may touch [since, until]."""
    found: dict[int, list[StaffThere]] = defaultdict(list)
    said = select(StaffStay).where(
        col(StaffStay.home_id).in_(home_ids), StaffStay.arrived_at <= until, StaffStay.leaves_by > since
    )
    for stay in db.exec(said):
        there = rules.stay_of(stay.arrived_at, stay.left_at, Known.SAID, stay.person_id)
        found[stay.home_id].append(there)
    with_them = (
        select(Resident.home_id, AlertRow.arrived_at, AlertRow.closed_at, AlertRow.taken_by)
        .join(Resident, col(Resident.resident_id) == col(AlertRow.resident_id))
        .where(
            col(Resident.home_id).in_(home_ids),
            col(AlertRow.arrived_at) <= until,
            col(AlertRow.arrived_at) > since - rules.STAYS_AT_MOST,
        )
    )
    for home_id, arrived_at, closed_at, person_id in db.exec(with_them):
        if arrived_at is not None:
            found[home_id].append(rules.stay_of(arrived_at, closed_at, Known.ALERT, person_id))
    visits = (
        select(Resident.home_id, PlannedVisit.begins_at, PlannedVisit.ends_at)
        .join(Resident, col(Resident.resident_id) == PlannedVisit.resident_id)
        .where(
            col(Resident.home_id).in_(home_ids),
            col(PlannedVisit.cancelled_at).is_(None),
            PlannedVisit.begins_at < until + _DAY,
            PlannedVisit.begins_at > since - _DAY,
        )
    )
    for home_id, begins_at, ends_at in db.exec(visits):
        found[home_id].append(rules.by_plan(begins_at, ends_at))
    return found


def enter_visit(
    db: Session, viewer: Viewer, resident_id: str, begins_at: datetime, ends_at: datetime, what: str, now: datetime
) -> Visit:
    """Plan a visit by hand. The same again changes nothing.

    Raises:
        NotAllowedError: only staff plan visits here.
        NotFoundError: there is no such resident in the viewer's units.
        VisitTimesError: it has no such times.
    """
    resident = resident_of(db, viewer, resident_id)
    rules.checked(begins_at, ends_at, now)
    same = _planned(resident.resident_id or 0).where(
        PlannedVisit.begins_at == begins_at, PlannedVisit.ends_at == ends_at, PlannedVisit.what == what
    )
    known = db.exec(same).first()
    if known is not None:
        return _visit(known)
    code = secrets.token_hex(8)
    row = PlannedVisit(
        code=code, resident_id=resident.resident_id or 0, begins_at=begins_at, ends_at=ends_at, what=what,
        occurrence=code, entered_by=viewer.person_id,
    )  # fmt: skip
    db.add(row)
    tell(db, viewer, resident, "visit planned", now)
    return _visit(row)


def cancel_visit(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """Take back a planned visit. Of one that is taken back already this changes nothing.

    Raises:
        NotAllowedError: only staff plan visits here.
        NotFoundError: there is none of that name in the viewer's units.
    """
    viewer.may(*CARERS)
    wanted = select(PlannedVisit, Resident).join(Resident, col(Resident.resident_id) == PlannedVisit.resident_id)
    found = db.exec(
        wanted.where(PlannedVisit.code == code, col(Resident.unit_id).in_(viewer.units)).with_for_update(
            of=PlannedVisit
        )
    ).first()
    if found is None:
        raise NotFoundError("visit")
    row, resident = found
    if row.cancelled_at is None:
        row.cancelled_at = now
        db.add(row)
        tell(db, viewer, resident, "visit cancelled", now)


def arrive(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> None:
    """Note that the viewer is with a resident from now on. Said again while they are there it changes nothing.

    Raises:
        NotAllowedError: only staff say this.
        NotFoundError: there is no such resident in the viewer's units.
    """
    resident = resident_of(db, viewer, resident_id)
    if _own_stay(db, viewer, resident, now) is None:
        leaves_by = now + rules.STAYS_AT_MOST
        db.add(StaffStay(home_id=resident.home_id, person_id=viewer.person_id, arrived_at=now, leaves_by=leaves_by))
        tell(db, viewer, resident, "staff arrived", now)


def leave(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> None:
    """Note that the viewer leaves a resident. Harmless when they were not there. Raises as `arrive`."""
    resident = resident_of(db, viewer, resident_id)
    stay = _own_stay(db, viewer, resident, now)
    if stay is not None:
        stay.left_at = stay.leaves_by = now
        db.add(stay)
        tell(db, viewer, resident, "staff left", now)


def resident_of(db: Session, viewer: Viewer, code: str) -> Resident:
    """Return a resident of the viewer's units, for somebody of staff who changes something; locked.

    Raises:
        NotAllowedError: relatives and residents change nothing here.
        NotFoundError: there is none of that name in the viewer's units.
    """
    viewer.may(*CARERS)
    wanted = select(Resident).where(Resident.code == code, col(Resident.unit_id).in_(viewer.units))
    resident = db.exec(wanted.with_for_update()).first()
    if resident is None:
        raise NotFoundError("resident")
    return resident


def tell(db: Session, viewer: Viewer, resident: Resident, what: str, now: datetime) -> None:
    """Let the audit and open pages know what a person did about a resident's visits."""
    append(db, at=now, who=viewer.audit_name, what=what, about=f"resident:{resident.code}")
    changed(db, resident.unit_id, "resident", resident.code)


def _own_stay(db: Session, viewer: Viewer, resident: Resident, now: datetime) -> StaffStay | None:
    wanted = select(StaffStay).where(
        StaffStay.home_id == resident.home_id,
        StaffStay.person_id == viewer.person_id,
        StaffStay.arrived_at <= now,
        or_(col(StaffStay.left_at).is_(None), col(StaffStay.left_at) > now),
        StaffStay.leaves_by > now,
    )
    return db.exec(wanted).first()


def _planned(resident_id: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - SQLAlchemy's own name for it is longer than the function
    wanted = select(PlannedVisit).where(PlannedVisit.resident_id == resident_id)
    return wanted.where(col(PlannedVisit.cancelled_at).is_(None)).order_by(col(PlannedVisit.begins_at))


def _visit(row: PlannedVisit) -> Visit:
    return Visit(row.code, row.begins_at, row.ends_at, row.what, is_imported=bool(row.uid))
