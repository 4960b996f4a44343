"""The people who sign in: made, changed, given a new password, closed. None is ever deleted: the audit names them."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from server.access.service import Viewer, hash_password
from server.access.tables import Person, Role, SignIn, Unit
from server.audit.service import append
from server.errors import NotFoundError, UnfitError

_LANGUAGES = frozenset({"nb", "nn", "en"})
_USERNAME = re.compile(r"[a-z0-9._-]{2,100}")
_LONGEST_NAME = 80
_PASSWORD_BYTES = 9


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody with an account. `closed_at` None: they may sign in."""

    username: str
    name: str
    role: Role
    unit: str
    unit_name: str
    language: str
    closed_at: datetime | None
    is_test: bool


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """What an account is to be. `username` counts only for a new one: nobody's changes."""

    username: str
    name: str
    role: str
    unit: str
    language: str = "nb"


def list_people(db: Session, viewer: Viewer) -> list[PersonView]:
    """Return everybody in the viewer's units by name, those with closed accounts last.

    Raises:
        NotAllowedError: only administrators may.
    """
    viewer.may(Role.ADMIN)
    wanted = select(Person, Unit).join(Unit, col(Unit.unit_id) == Person.unit_id)
    rows = db.exec(wanted.where(col(Person.unit_id).in_(viewer.units)).order_by(Person.name)).all()
    return sorted((_view(person, unit) for person, unit in rows), key=lambda one: one.closed_at is not None)


def find_person(db: Session, viewer: Viewer, username: str) -> PersonView:
    """Return one of them.

    Raises:
        NotAllowedError, NotFoundError: as `change_person`.
    """
    person = _person(db, viewer, username)
    return _view(person, db.get_one(Unit, person.unit_id))


def make_person(db: Session, viewer: Viewer, wanted: WantedPerson, now: datetime) -> str:
    """Make an account; return its first password, which is told once. Audited.

    Raises:
        NotAllowedError: only administrators may.
        UnfitError: it cannot be made so; by field.
    """
    viewer.may(Role.ADMIN)
    username = wanted.username.strip().lower()
    faults = _faults(db, viewer, wanted)
    if not _USERNAME.fullmatch(username):
        faults["username"] = "signs"
    elif db.exec(select(Person).where(Person.username == username)).first() is not None:
        faults["username"] = "taken"
    if faults:
        raise UnfitError(faults)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    admin = db.get_one(Person, viewer.person_id)
    person = Person(
        username=username,
        name="",
        role=Role(wanted.role),
        unit_id=0,
        password_hash=hash_password(password),
        is_test=admin.is_test,
    )
    _fill(db, person, wanted)
    db.add(person)
    db.flush()
    append(db, at=now, who=viewer.audit_name, what="account made", about=f"person:{person.person_id}", why=person.role)
    return password


def change_person(db: Session, viewer: Viewer, username: str, wanted: WantedPerson, now: datetime) -> None:
    """Change somebody's name, role, unit or language. Their open sign-ins end where the role or unit is another.

    Raises:
        NotAllowedError: only administrators may.
        NotFoundError: there is nobody of that name in the viewer's units.
        UnfitError: it cannot be so; by field. Nobody takes their own role away.
    """
    person = _person(db, viewer, username)
    faults = _faults(db, viewer, wanted)
    if person.person_id == viewer.person_id and wanted.role != person.role:
        faults["role"] = "own"
    if faults:
        raise UnfitError(faults)
    before = person.role, person.unit_id
    _fill(db, person, wanted)
    db.add(person)
    db.flush()
    why = f"{before[0]} to {person.role}" if person.role != before[0] else ""
    append(db, at=now, who=viewer.audit_name, what="account changed", about=f"person:{person.person_id}", why=why)
    if (person.role, person.unit_id) != before and person.person_id != viewer.person_id:
        _sign_out(db, person)


def reset_password(db: Session, viewer: Viewer, username: str, now: datetime) -> str:
    """Give somebody a new password, which is told once; all their sign-ins end. Audited, without the password.

    Raises:
        NotAllowedError, NotFoundError: as `change_person`.
    """
    person = _person(db, viewer, username)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    person.password_hash, person.failures, person.locked_until = hash_password(password), 0, None
    db.add(person)
    _sign_out(db, person)
    append(db, at=now, who=viewer.audit_name, what="password reset", about=f"person:{person.person_id}")
    return password


def close_account(db: Session, viewer: Viewer, username: str, now: datetime) -> int:
    """Close an account: nobody signs in by it, and nobody is told by it. Return the person's number. Audited.

    Raises:
        NotAllowedError, NotFoundError: as `change_person`.
        UnfitError: nobody closes their own.
    """
    person = _person(db, viewer, username)
    if person.person_id == viewer.person_id:
        raise UnfitError({"username": "own"})
    if person.closed_at is None:
        person.closed_at = now
        db.add(person)
        _sign_out(db, person)
        append(db, at=now, who=viewer.audit_name, what="account closed", about=f"person:{person.person_id}")
    return person.person_id or 0


def reopen_account(db: Session, viewer: Viewer, username: str, now: datetime) -> None:
    """Open a closed account again. Raises as `change_person`."""
    person = _person(db, viewer, username)
    if person.closed_at is not None:
        person.closed_at = None
        db.add(person)
        append(db, at=now, who=viewer.audit_name, what="account opened again", about=f"person:{person.person_id}")


def _person(db: Session, viewer: Viewer, username: str) -> Person:
    viewer.may(Role.ADMIN)
    wanted = select(Person).where(Person.username == username, col(Person.unit_id).in_(viewer.units))
    person = db.exec(wanted.with_for_update()).first()
    if person is None:
        raise NotFoundError("person")
    return person


def _faults(db: Session, viewer: Viewer, wanted: WantedPerson) -> dict[str, str]:
    faults: dict[str, str] = {}
    name = wanted.name.strip()
    if not name or len(name) > _LONGEST_NAME:
        faults["name"] = "too_long" if name else "missing"
    if wanted.role not in set(Role):
        faults["role"] = "missing"
    if wanted.language not in _LANGUAGES:
        faults["language"] = "missing"
    if _unit_id(db, viewer, wanted.unit) is None:
        faults["unit"] = "no_unit"
    return faults


def _unit_id(db: Session, viewer: Viewer, code: str) -> int | None:
    return db.exec(select(Unit.unit_id).where(Unit.code == code, col(Unit.unit_id).in_(viewer.units))).first()


def _fill(db: Session, person: Person, wanted: WantedPerson) -> None:
    person.name, person.role, person.language = " ".join(wanted.name.split()), Role(wanted.role), wanted.language
    person.unit_id = db.exec(select(Unit.unit_id).where(Unit.code == wanted.unit)).one() or 0


def _sign_out(db: Session, person: Person) -> None:
    db.exec(delete(SignIn).where(col(SignIn.person_id) == person.person_id))


def _view(person: Person, unit: Unit) -> PersonView:
    return PersonView(
        person.username,
        person.name,
        person.role,
        unit.code,
        unit.name,
        person.language,
        person.closed_at,
        person.is_test,
    )
