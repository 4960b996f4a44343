"""A relative is with the resident: shown to staff at the resident and at alerts.

It is no staff presence and mutes nothing: visitors already live in what was learned of a home.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.audit.service import append
from server.errors import NotFoundError, UnfitError
from server.live.service import changed
from server.relatives.service import resident_for
from server.relatives.tables import Company
from server.residents.tables import Resident

_LONGEST: Final = timedelta(days=3)
_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CompanyView:
    """Somebody is, or will be, with a resident from one moment to another."""

    id: str
    resident_id: str
    name: str
    begins_at: datetime
    ends_at: datetime
    is_mine: bool = False


def keep_company(
    db: Session, viewer: Viewer, resident_id: str, begins_at: datetime, ends_at: datetime, now: datetime
) -> str:
    """Note when a relative is with the resident; return its name. The same span again is the same note.

    Raises:
        NotAllowedError: only relatives keep company.
        NotFoundError: this is nobody's relative here.
        UnfitError: it is no span, or is too long or too far ahead.
    """
    viewer.may(Role.RELATIVE)
    resident, _ = resident_for(db, viewer, resident_id)
    if not begins_at < ends_at <= begins_at + _LONGEST or ends_at <= now or begins_at > now + _AHEAD:
        raise UnfitError({"until": "no_span"})
    same = select(Company).where(
        Company.person_id == viewer.person_id, Company.resident_id == resident.resident_id,
        Company.begins_at == begins_at, Company.ends_at == ends_at,
    )  # fmt: skip
    row = db.exec(same).first()
    if row is not None:
        return row.code
    row = Company(
        code=secrets.token_hex(8), resident_id=resident.resident_id or 0, person_id=viewer.person_id,
        begins_at=begins_at, ends_at=ends_at,
    )  # fmt: skip
    db.add(row)
    _tell(db, viewer, row, resident, "company noted", now)
    return row.code


def leave(db: Session, viewer: Viewer, company_id: str, now: datetime) -> None:
    """End one's company now, or call off what is still ahead. Harmless when it has ended.

    Raises:
        NotFoundError: there is none of that name that is this person's own.
    """
    wanted = select(Company).where(Company.code == company_id, Company.person_id == viewer.person_id)
    row = db.exec(wanted.with_for_update()).first()
    if row is None:
        raise NotFoundError("company")
    if row.ends_at <= now:
        return
    row.begins_at, row.ends_at = min(row.begins_at, now), now
    _tell(db, viewer, row, db.get_one(Resident, row.resident_id), "company ended", now)


def company_of(db: Session, resident_ids: Collection[int], at: datetime, viewer: Viewer) -> list[CompanyView]:
    """Return who is with these residents at a moment or comes later, the soonest first."""
    rows = db.exec(
        select(Company, Person, Resident.code)
        .join(Person, col(Person.person_id) == Company.person_id)
        .join(Resident, col(Resident.resident_id) == Company.resident_id)
        .where(col(Company.resident_id).in_(resident_ids), col(Company.ends_at) > at)
        .order_by(col(Company.begins_at), col(Company.company_id))
    )
    return [
        CompanyView(row.code, code, person.name, row.begins_at, row.ends_at, person.person_id == viewer.person_id)
        for row, person, code in rows
    ]


def _tell(db: Session, viewer: Viewer, row: Company, resident: Resident, what: str, now: datetime) -> None:
    append(db, at=now, who=viewer.audit_name, what=what, about=f"company:{row.code}", why=resident.code)
    changed(db, resident.unit_id, "resident", resident.code)
