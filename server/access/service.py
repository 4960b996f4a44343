"""Signing in and out, and what a person may see."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Select, bindparam
from sqlalchemy import select as select_rows
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from server.access.tables import Person, RelativeOf, Role, SignIn, StandIn, Unit
from server.audit.service import append
from server.db.session import Database
from server.errors import NotAllowedError, NotFoundError, TooManyAttemptsError, WrongCredentialsError

# After this many wrong passwords in a row a pause follows, doubling each time: 2 s, 4 s ... at most 15 min.
_FREE_ATTEMPTS = 5
_LONGEST_PAUSE = timedelta(minutes=15)

# Who may be asked to stand in for a unit that is not theirs: the administration of each stays its own.
HELPERS = (Role.NURSE, Role.TESTER)

_HASHER = PasswordHasher()
# Checked when the user name is unknown, so that both refusals take the same time.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who looks or acts, as every access decision sees them.

    `units`: their own and all below it, and while they stand in for another one, that. `residents`: whom a relative may
    follow; of a resident, themselves.
    """

    person_id: int
    username: str
    name: str
    role: Role
    unit_id: int
    unit_name: str
    language: str
    units: frozenset[int] = frozenset()
    residents: frozenset[int] = frozenset()

    def may(self, *roles: Role) -> None:
        """Let the listed roles pass.

        Raises:
            NotAllowedError: this person has none of them.
        """
        if self.role not in roles:
            raise NotAllowedError(self.role)

    @property
    def audit_name(self) -> str:
        """How the audit names this person: id and role, never the name."""
        return f"person:{self.person_id}:{self.role}"


def hash_password(password: str) -> str:
    """Return the Argon2id hash to store."""
    return _HASHER.hash(password)


def sign_in(database: Database, username: str, password: str, now: datetime, lasts: timedelta) -> str:
    """Return a new token.

    Raises:
        WrongCredentialsError: user name or password is wrong; counted.
        TooManyAttemptsError: this account must wait after wrong passwords.
    """
    with database.reading() as db:
        person = db.exec(select(Person).where(Person.username == username)).first()
    if person is not None and person.locked_until is not None and now < person.locked_until:
        raise TooManyAttemptsError(int((person.locked_until - now).total_seconds()) + 1)
    # Slow by design, so it is done while no transaction is open: nobody's alarm waits for somebody's password.
    is_right = _matches(person, password)
    if person is None or person.closed_at is not None:
        raise WrongCredentialsError
    token = secrets.token_urlsafe(32)
    with database.transaction() as db:
        account = db.get_one(Person, person.person_id, with_for_update=True)
        if is_right:
            account.failures, account.locked_until = 0, None
            db.add(SignIn(token_hash=_digest(token), person_id=_id(account), ends_at=now + lasts))
            db.exec(delete(SignIn).where(col(SignIn.ends_at) < now))
        else:
            _count_failure(account, now)
    if not is_right:
        raise WrongCredentialsError
    return token


def sign_out(db: Session, token: str) -> None:
    """Forget a token. Harmless when it is not known."""
    db.exec(delete(SignIn).where(col(SignIn.token_hash) == _digest(token)))


def viewer_of(db: Session, token: str, now: datetime) -> Viewer:
    """Return whose token this is.

    Raises:
        WrongCredentialsError: nobody's, or it has run out.
    """
    found = db.exec(
        select(Person, Unit, SignIn)
        .join(SignIn, col(SignIn.person_id) == Person.person_id)
        .join(Unit, col(Unit.unit_id) == Person.unit_id)
        .where(SignIn.token_hash == _digest(token))
    ).first()
    if found is None or found[2].ends_at <= now or found[0].closed_at is not None:
        raise WrongCredentialsError
    return _viewer(db, found[0], found[1], now)


def viewer_as(db: Session, person_id: int) -> Viewer:
    """Return a person as the one who looks, so that others can be shown exactly what that person sees.

    Raises:
        NotFoundError: there is no such person.
    """
    person = db.get(Person, person_id)
    if person is None:
        raise NotFoundError("person")
    return _viewer(db, person, db.get_one(Unit, person.unit_id), None)


def let_stand_in(db: Session, person_id: int, unit_id: int, now: datetime, until: datetime) -> None:
    """Let somebody see a unit and what is below it until then, in the caller's transaction. Audited; harmless twice."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    wanted = insert(StandIn).values(person_id=person_id, unit_id=unit_id, ends_at=until)
    later = wanted.on_conflict_do_update(index_elements=["person_id", "unit_id"], set_={"ends_at": until})
    db.connection().execute(later)
    append(db, at=now, who="service", what="stands in", about=f"unit:{unit_id}", why=f"person:{person_id}")


def _viewer(db: Session, person: Person, unit: Unit, now: datetime | None) -> Viewer:
    """`now` None: as at home, wherever they stand in."""
    followed: set[int] = set()
    if person.role is Role.RELATIVE:
        followed |= set(db.exec(select(RelativeOf.resident_id).where(RelativeOf.person_id == person.person_id)))
    if person.resident_id is not None:
        followed.add(person.resident_id)
    units = units_below(db, person.unit_id)
    if now is not None and person.role in HELPERS:
        helped = select(StandIn.unit_id).where(StandIn.person_id == person.person_id, StandIn.ends_at > now)
        units = units.union(*(units_below(db, number) for number in db.exec(helped).all()))
    return Viewer(
        _id(person),
        person.username,
        person.name,
        person.role,
        person.unit_id,
        unit.name,
        person.language,
        units,
        frozenset(followed),
    )


def _below() -> Select[int]:
    top = select_rows(col(Unit.unit_id)).where(col(Unit.unit_id) == bindparam("unit")).cte("below", recursive=True)
    # A set, so that two units set above each other by mistake end nobody's request.
    below = top.union(select_rows(col(Unit.unit_id)).where(col(Unit.parent_id) == top.c.unit_id))
    return select_rows(below.c.unit_id)


# Made once: every request asks it.
_BELOW = _below()


def units_below(db: Session, unit_id: int) -> frozenset[int]:
    """Return the numbers of a unit and of all below it."""
    return frozenset(db.connection().execute(_BELOW, {"unit": unit_id}).scalars())


def units_above(db: Session, unit_id: int) -> tuple[int, ...]:
    """Return the numbers of a unit and of all above it, the nearest first."""
    above = select(Unit.unit_id, Unit.parent_id).where(Unit.unit_id == unit_id).cte("above", recursive=True)
    # A set, as below.
    above = above.union(select(Unit.unit_id, Unit.parent_id).where(Unit.unit_id == above.c.parent_id))
    parents: dict[int, int | None] = dict(db.exec(select(above.c.unit_id, above.c.parent_id)).all())
    found: dict[int, None] = {}
    nearest: int | None = unit_id
    while nearest in parents and nearest not in found:
        found[nearest] = None
        nearest = parents[nearest]
    return tuple(found)


def set_language(db: Session, viewer: Viewer, language: str) -> None:
    """Remember the language a person reads."""
    person = db.get_one(Person, viewer.person_id)
    person.language = language


def _matches(person: Person | None, password: str) -> bool:
    try:
        return _HASHER.verify(person.password_hash if person else _NOBODY, password)
    except VerifyMismatchError:
        return False


def _count_failure(person: Person, now: datetime) -> None:
    person.failures += 1
    over = person.failures - _FREE_ATTEMPTS
    if over >= 0:
        person.locked_until = now + min(_LONGEST_PAUSE, timedelta(seconds=2 ** min(over + 1, 12)))


def _id(person: Person) -> int:
    if person.person_id is None:
        raise LookupError("a person without a number was never stored")
    return person.person_id


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
