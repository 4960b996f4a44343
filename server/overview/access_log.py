"""Who has looked at a resident, and done what about them: for the resident, and for staff who must account for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, or_, select

from server.access.service import Viewer
from server.access.tables import Person, Role, Unit
from server.alerting.tables import AlertRow
from server.audit.tables import AuditEntry
from server.overview.service import look_at
from server.residents.tables import Resident

# By law the resident, and who acts for them, may read it; staff and administrators answer for it.
READERS: Final = (Role.STAFF, Role.ADMIN, Role.RESIDENT)
PAGE: Final = 100
# A resident who looks at what is known of themselves is no news to them.
_NOT_THEIR_OWN: Final = or_(~col(AuditEntry.who).endswith(f":{Role.RESIDENT}"), col(AuditEntry.what) != "looked at")


@dataclass(frozen=True, slots=True)
class Access:
    """One look or deed. `name`, `role`, `unit`: of the person; None where the service acted by itself.

    `number`: its place in the log, to go on from.
    """

    number: int
    at: datetime
    what: str
    why: str
    name: str | None
    role: Role | None
    unit: str | None


def access_log(db: Session, viewer: Viewer, resident_id: str, now: datetime, before: int | None = None) -> list[Access]:
    """Return a page of the log about a resident, the newest first. The look is audited, but not a resident's own.

    Raises:
        NotAllowedError: this role does not read it.
        NotFoundError: there is no such resident for this person.
    """
    viewer.may(*READERS)
    resident, _ = look_at(db, viewer, resident_id, now)
    alerts = select(AlertRow.code).where(AlertRow.resident_id == resident.resident_id)
    names = [f"resident:{resident.code}", *(f"alert:{code}" for code in db.exec(alerts))]
    wanted = select(AuditEntry).where(col(AuditEntry.about).in_(names), _NOT_THEIR_OWN)
    if before is not None:
        wanted = wanted.where(col(AuditEntry.audit_entry_id) < before)
    entries = db.exec(wanted.order_by(col(AuditEntry.audit_entry_id).desc()).limit(PAGE)).all()
    people = _people(db, entries)
    return [_access(entry, people.get(_number(entry.who))) for entry in entries]


def own_log(db: Session, viewer: Viewer, now: datetime, before: int | None = None) -> list[Access]:
    """Return the same for a resident who is signed in. Raises as `access_log`."""
    viewer.may(Role.RESIDENT)
    code = db.exec(select(Resident.code).where(col(Resident.resident_id).in_(viewer.residents))).first()
    return access_log(db, viewer, code or "", now, before)


def _people(db: Session, entries: Sequence[AuditEntry]) -> dict[int, tuple[Person, str]]:
    numbers = {number for entry in entries if (number := _number(entry.who))}
    wanted = select(Person, Unit.name).join(Unit, col(Unit.unit_id) == Person.unit_id)
    return {
        person.person_id or 0: (person, unit)
        for person, unit in db.exec(wanted.where(col(Person.person_id).in_(numbers)))
    }


def _number(who: str) -> int:
    kind, _, rest = who.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "person" and number.isdigit() else 0


def _access(entry: AuditEntry, person: tuple[Person, str] | None) -> Access:
    name, role, unit = (person[0].name, person[0].role, person[1]) if person else (None, None, None)
    return Access(entry.audit_entry_id or 0, entry.at, entry.what, entry.why, name, role, unit)
