"""The audit as those read it who must answer for a unit: what its people did, and what was done about its residents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import Session, col, exists, select

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.alerting.tables import AlertRow
from server.audit.checking import check_newest, whole_at
from server.audit.service import append
from server.audit.tables import AuditEntry
from server.residents.tables import Gateway, Home, Resident

PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. `who`: a user name; `resident`: an opaque name. None: whatever it is.

    `before`: entries older than the one of this number, for the next page.
    """

    who: str | None = None
    resident: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of entries, the newest first. `broken_at`: the first entry found altered; None: what was checked holds.

    `whole_at`: when the whole log was last found as it was written; None: not yet.
    """

    entries: tuple[AuditEntry, ...]
    names: dict[str, str]
    broken_at: int | None
    whole_at: datetime | None


def read_trail(db: Session, viewer: Viewer, wanted: Wanted, now: datetime) -> Trail:
    """Return a page of the audit. That it was read is audited, too, so `db` must be a writing transaction.

    The chain is checked where it is new and where it is shown; the rest in the background: an alteration anywhere is
    everybody's business.

    Raises:
        NotAllowedError: only administrators may.
    """
    viewer.may(Role.ADMIN)
    found = select(AuditEntry).where(or_(_by_our_people(viewer), *_about_ours(viewer)))
    for condition in _conditions(db, viewer, wanted):
        found = found.where(condition)
    entries = db.exec(found.order_by(col(AuditEntry.audit_entry_id).desc()).limit(PAGE)).all()
    broken_at = check_newest(db, entries)
    append(db, at=now, who=viewer.audit_name, what="audit read", about=f"resident:{wanted.resident or '*'}")
    return Trail(tuple(entries), _names(db, entries), broken_at, whole_at(db))


def _conditions(db: Session, viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.who:
        theirs = select(Person.person_id).where(Person.username == wanted.who, col(Person.unit_id).in_(viewer.units))
        conditions.append(col(AuditEntry.who).like(f"person:{db.exec(theirs).first() or 0}:%"))
    if wanted.resident:
        conditions.append(_about_resident(wanted.resident))
    if wanted.from_at is not None:
        conditions.append(col(AuditEntry.at) >= wanted.from_at)
    if wanted.to_at is not None:
        conditions.append(col(AuditEntry.at) < wanted.to_at)
    if wanted.before is not None:
        conditions.append(col(AuditEntry.audit_entry_id) < wanted.before)
    return conditions


def _about_resident(code: str) -> ColumnElement[bool]:
    """Return whether an entry is about a resident, or about an alert of theirs."""
    alerts = (
        select(AlertRow.alert_id)
        .join(Resident, col(Resident.resident_id) == AlertRow.resident_id)
        .where(Resident.code == code, "alert:" + col(AlertRow.code) == AuditEntry.about)
    )
    return or_(col(AuditEntry.about) == f"resident:{code}", exists(alerts))


def _by_our_people(viewer: Viewer) -> ColumnElement[bool]:
    number = cast(col(Person.person_id), String)
    mine = select(Person.person_id).where(
        col(Person.unit_id).in_(viewer.units), col(AuditEntry.who).like("person:" + number + ":%")
    )
    return exists(mine)


def _about_ours(viewer: Viewer) -> list[ColumnElement[bool]]:
    residents = select(Resident.resident_id).where(
        col(Resident.unit_id).in_(viewer.units), "resident:" + col(Resident.code) == AuditEntry.about
    )
    alerts = select(AlertRow.alert_id).where(
        col(AlertRow.unit_id).in_(viewer.units), "alert:" + col(AlertRow.code) == AuditEntry.about
    )
    gateways = (
        select(Gateway.gateway_id)
        .join(Home, col(Home.home_id) == Gateway.home_id)
        .where(col(Home.unit_id).in_(viewer.units), "gateway:" + col(Gateway.code) == AuditEntry.about)
    )
    homes = select(Home.home_id).where(
        col(Home.unit_id).in_(viewer.units), "home:" + col(Home.code) == AuditEntry.about
    )
    return [exists(one) for one in (residents, alerts, gateways, homes)]


def _names(db: Session, entries: Sequence[AuditEntry]) -> dict[str, str]:
    """Return the names of people by how the audit calls them, for the reader's eyes only."""
    called = {entry.who for entry in entries if entry.who.startswith("person:")}
    numbers = {int(one.split(":")[1]) for one in called}
    people = {one.person_id: one.name for one in db.exec(select(Person).where(col(Person.person_id).in_(numbers)))}
    return {one: people.get(int(one.split(":")[1]), one) for one in called}
