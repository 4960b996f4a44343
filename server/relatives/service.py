"""What is agreed with each relative, and who may be told or asked at a moment."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, RelativeOf, Role
from server.audit.service import append
from server.errors import NotFoundError, UnfitError
from server.live.service import changed
from server.relatives.rules import (
    UNWRITTEN,
    Agreed,
    Basis,
    Category,
    Quiet,
    Wanted,
    Wishes,
    faults_in_times,
    faults_of,
)
from server.relatives.tables import Agreement
from server.residents.tables import Home, Resident

# Whoever is there when a resident says "do not tell my son" can see to it at once.
CARERS: Final = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
_OF_ALERTS: Final = frozenset({Category.HANDLED, Category.CRITICAL})


@dataclass(frozen=True, slots=True)
class AgreementView:
    """What is agreed with a relative, as everybody whom it concerns may read it.

    `basis`, `noted_by`, `noted_at`: None where nothing was ever noted and the status alone is shown. `least_delay`: as
    agreed; `agreed.delay` is the longer of it and the relative's own wish.
    """

    person_id: int
    name: str
    agreed: Agreed
    least_delay: timedelta
    basis: Basis | None
    asked_to_step: bool
    agrees_to_step: bool
    noted_by: str | None
    noted_at: datetime | None


def agreed_with(row: Agreement | None) -> Agreed:
    """Return what a row says; of none, what holds where nothing was noted."""
    if row is None:
        return UNWRITTEN
    quiet = None if row.quiet_from is None or row.quiet_until is None else Quiet(row.quiet_from, row.quiet_until)
    return Agreed(
        frozenset(Category(one) for one in row.categories),
        timedelta(minutes=max(row.least_delay, row.own_delay)),
        quiet,
        row.ends_on,
        row.asked_to_step and row.agrees_to_step,
    )


def who_may_be_told(db: Session, resident_id: int, category: Category, at: datetime) -> list[int]:
    """Return the relatives with whom a category is shared on that day.

    Their delay and quiet hours are not heeded here: `server.relatives.words.tell_relatives` does that.
    """
    return [
        person_id
        for person_id, agreed, zone in relatives_of(db, resident_id)
        if agreed.allows(category, at.astimezone(zone).date())
    ]


def who_take_a_step(db: Session, resident_id: int, at: datetime) -> list[int]:
    """Return the relatives who, and the service too, agreed that they are asked to go there, and are so at `at`."""
    return [person_id for person_id, agreed, zone in relatives_of(db, resident_id) if agreed.may_be_asked(at, zone)]


def relatives_of(db: Session, resident_id: int) -> list[tuple[int, Agreed, ZoneInfo]]:
    """Return a resident's relatives, what holds with each, and the home's zone; test people for test homes only."""
    rows = db.exec(
        select(RelativeOf.person_id, Agreement, Home.time_zone)
        .join(Person, col(Person.person_id) == RelativeOf.person_id)
        .join(Resident, col(Resident.resident_id) == RelativeOf.resident_id)
        .join(Home, col(Home.home_id) == Resident.home_id)
        .outerjoin(
            Agreement,
            (col(Agreement.person_id) == RelativeOf.person_id) & (col(Agreement.resident_id) == RelativeOf.resident_id),
        )
        .where(RelativeOf.resident_id == resident_id, Person.is_test == Home.is_test)
        .order_by(col(RelativeOf.person_id))
    )
    return [(person_id, agreed_with(row), ZoneInfo(zone)) for person_id, row, zone in rows]


def shared_with(db: Session, viewer: Viewer, category: Category, at: datetime) -> frozenset[int]:
    """Return the residents of whom a category is shared with this relative on that day."""
    return frozenset(
        resident_id
        for resident_id in viewer.residents
        for person_id, agreed, zone in relatives_of(db, resident_id)
        if person_id == viewer.person_id and agreed.allows(category, at.astimezone(zone).date())
    )


def agreements_of(db: Session, resident_id: int) -> list[AgreementView]:
    """Return what is agreed with each relative of a resident, by name."""
    rows = db.exec(
        select(Person, Agreement)
        .join(RelativeOf, col(RelativeOf.person_id) == Person.person_id)
        .outerjoin(
            Agreement,
            (col(Agreement.person_id) == Person.person_id) & (col(Agreement.resident_id) == RelativeOf.resident_id),
        )
        .where(RelativeOf.resident_id == resident_id)
        .order_by(Person.name)
    )
    return [_view(db, person, row) for person, row in rows]


def agreements_for(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> list[AgreementView]:
    """Return what is shared with whom: for a relative their own. The look is audited.

    Raises:
        NotFoundError: there is none of that name that this person may see.
    """
    resident, _ = resident_for(db, viewer, resident_id)
    append(db, at=now, who=viewer.audit_name, what="looked at", about=f"resident:{resident.code}", why="sharing")
    views = agreements_of(db, resident.resident_id or 0)
    return [one for one in views if viewer.role is not Role.RELATIVE or one.person_id == viewer.person_id]


def agreement_with(db: Session, person_id: int, resident_id: int) -> AgreementView:
    """Return what is agreed with one relative.

    Raises:
        NotFoundError: this is nobody's relative here.
    """
    found = next((one for one in agreements_of(db, resident_id) if one.person_id == person_id), None)
    if found is None:
        raise NotFoundError("relative")
    return found


def resident_for(db: Session, viewer: Viewer, resident_id: str) -> tuple[Resident, ZoneInfo]:
    """Return a resident this person has to do with, and the home's zone. Whoever shows anything of them audits it.

    Raises:
        NotFoundError: there is none of that name that this person may see.
    """
    wanted = select(Resident, Home.time_zone).join(Home, col(Home.home_id) == Resident.home_id)
    is_theirs = (
        col(Resident.unit_id).in_(viewer.units)
        if viewer.role in CARERS
        else col(Resident.resident_id).in_(viewer.residents)
    )
    found = db.exec(wanted.where(Resident.code == resident_id, is_theirs)).first()
    if found is None:
        raise NotFoundError("resident")
    return found[0], ZoneInfo(found[1])


def agree(db: Session, viewer: Viewer, resident_id: str, person_id: int, wanted: Wanted, now: datetime) -> None:
    """Note what a resident, or a decision for them, shares with a relative. Noting the same again changes nothing.

    Raises:
        NotAllowedError: relatives and residents do not write agreements.
        NotFoundError: there is no such resident or relative here.
        UnfitError: it cannot be saved so; by field.
    """
    viewer.may(*CARERS)
    resident, zone = resident_for(db, viewer, resident_id)
    agreement_with(db, person_id, resident.resident_id or 0)
    faults = faults_of(wanted, now.astimezone(zone).date())
    if faults:
        raise UnfitError(faults)
    row = _row(db, person_id, resident)
    before = None if row is None else _said(row)
    row = row or _new(person_id, resident, viewer, now)
    row.categories = sorted(wanted.categories)
    row.tells_of_alerts = bool(wanted.categories & _OF_ALERTS)
    row.basis, row.ends_on = wanted.basis, wanted.ends_on
    row.least_delay, row.asked_to_step = wanted.delay or 0, wanted.asked_to_step
    row.quiet_from, row.quiet_until = wanted.quiet_from, wanted.quiet_until
    if _said(row) == before:
        return
    row.noted_by, row.noted_at = viewer.person_id, now
    _save(db, viewer, row, resident, "agreement noted", now)


def withdraw(db: Session, viewer: Viewer, resident_id: str, person_id: int, now: datetime) -> None:
    """Share nothing more with a relative, from this moment. The resident may do it, and staff for them; twice is once.

    Raises:
        NotAllowedError: relatives withdraw nothing.
        NotFoundError: there is no such resident or relative here.
    """
    viewer.may(*CARERS, Role.RESIDENT)
    resident, _ = resident_for(db, viewer, resident_id)
    agreement_with(db, person_id, resident.resident_id or 0)
    row = _row(db, person_id, resident)
    if row is not None and not row.categories and not row.asked_to_step:
        return
    row = row or _new(person_id, resident, viewer, now)
    row.categories, row.tells_of_alerts, row.asked_to_step = [], False, False
    row.noted_by, row.noted_at = viewer.person_id, now
    _save(db, viewer, row, resident, "agreement withdrawn", now)


def wish(db: Session, viewer: Viewer, resident_id: str, wishes: Wishes, now: datetime) -> None:
    """Let a relative say when to be told, and whether to be asked to go there. Saying it twice changes nothing.

    Raises:
        NotAllowedError: these are a relative's own wishes.
        NotFoundError: there is no such resident, or nothing was noted yet that wishes could be about.
        UnfitError: it cannot be saved so; by field.
    """
    viewer.may(Role.RELATIVE)
    resident, _ = resident_for(db, viewer, resident_id)
    faults = faults_in_times(wishes)
    if faults:
        raise UnfitError(faults)
    row = _row(db, viewer.person_id, resident)
    if row is None:
        raise NotFoundError("agreement")
    before = _said(row)
    row.own_delay, row.agrees_to_step = wishes.delay or 0, wishes.agrees_to_step
    row.quiet_from, row.quiet_until = wishes.quiet_from, wishes.quiet_until
    if _said(row) != before:
        _save(db, viewer, row, resident, "wishes noted", now)


def _view(db: Session, person: Person, row: Agreement | None) -> AgreementView:
    noted_by = None if row is None else db.get_one(Person, row.noted_by).name
    return AgreementView(
        person.person_id or 0,
        person.name,
        agreed_with(row),
        timedelta(minutes=row.least_delay if row else 0),
        row.basis if row else None,
        asked_to_step=bool(row and row.asked_to_step),
        agrees_to_step=bool(row and row.agrees_to_step),
        noted_by=noted_by,
        noted_at=row.noted_at if row else None,
    )


def _row(db: Session, person_id: int, resident: Resident) -> Agreement | None:
    wanted = select(Agreement).where(Agreement.person_id == person_id, Agreement.resident_id == resident.resident_id)
    return db.exec(wanted.with_for_update()).first()


def _new(person_id: int, resident: Resident, viewer: Viewer, now: datetime) -> Agreement:
    return Agreement(
        person_id=person_id, resident_id=resident.resident_id or 0, since=now, noted_by=viewer.person_id, noted_at=now
    )


def _said(row: Agreement) -> tuple[tuple[str, ...], Basis | None, date | None, tuple[int | bool | None, ...]]:
    numbers = (row.least_delay, row.own_delay, row.quiet_from, row.quiet_until, row.asked_to_step, row.agrees_to_step)
    return tuple(row.categories), row.basis, row.ends_on, numbers


def _save(db: Session, viewer: Viewer, row: Agreement, resident: Resident, what: str, now: datetime) -> None:
    db.add(row)
    db.flush()
    shared = " ".join(row.categories) or "nothing"
    why = f"person:{row.person_id} {shared}; {row.basis or 'no basis'}; until {row.ends_on}"
    append(db, at=now, who=viewer.audit_name, what=what, about=f"resident:{resident.code}", why=why)
    changed(db, resident.unit_id, "resident", resident.code)
