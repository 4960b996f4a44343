"""Screens on walls: made by staff, opened once with a code typed at the screen, ended whenever somebody says so.

No address ever holds a secret: the code is typed in a form, and the token lives in a cookie that no script reads.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from server.access.service import Viewer, units_below
from server.access.tables import Role, Unit
from server.audit.service import append
from server.board.tables import BoardScreen
from server.enrolment.rules import ALPHABET, plain, written
from server.errors import NotFoundError, WrongCodeError, WrongCredentialsError

# Who may hang up a screen and take it down.
_KEEPERS: Final = (Role.STAFF, Role.TESTER, Role.ADMIN)
CODE_LASTS: Final = timedelta(minutes=30)
_CODE_LENGTH: Final = 12  # 59 bits within half an hour
_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """What somebody before a wall sees: these units. `screen`: which screen it is; None: a person's own session."""

    unit_ids: frozenset[int]
    unit_name: str
    screen: str | None = None


@dataclass(frozen=True, slots=True)
class ScreenView:
    """A screen as those who keep it see it. `seen_at`: when it was last proven to show the unit."""

    id: str
    name: str
    unit_name: str
    is_open: bool
    seen_at: datetime | None
    made_at: datetime


def make_screen(db: Session, viewer: Viewer, name: str, now: datetime) -> str:
    """Return the code that opens a new screen of the viewer's unit, within half an hour and once.

    Raises:
        NotAllowedError: this role keeps no screens.
    """
    viewer.may(*_KEEPERS)
    code = "".join(secrets.choice(ALPHABET) for _ in range(_CODE_LENGTH))
    row = BoardScreen(
        code=secrets.token_hex(8), unit_id=viewer.unit_id, name=name.strip(), made_by=viewer.person_id, made_at=now,
        one_time_hash=_digest(code), one_time_ends_at=now + CODE_LASTS,
    )  # fmt: skip
    db.add(row)
    append(db, at=now, who=viewer.audit_name, what="screen made", about=f"screen:{row.code}")
    return written(code)


def open_screen(db: Session, typed: str, now: datetime) -> str:
    """Return the token of the screen whose code was typed.

    Raises:
        WrongCodeError: the code is wrong, was used, or is too old.
    """
    hashed = _digest(plain(typed))
    row = db.exec(select(BoardScreen).where(BoardScreen.one_time_hash == hashed).with_for_update()).first()
    if row is None or row.revoked_at is not None or row.one_time_ends_at <= now:
        raise WrongCodeError
    token = secrets.token_urlsafe(32)
    row.one_time_hash, row.token_hash, row.seen_at = None, _digest(token), now
    db.add(row)
    append(db, at=now, who=f"screen:{row.code}", what="screen opened", about=f"screen:{row.code}")
    return token


def close_screen(db: Session, viewer: Viewer, screen: str, now: datetime) -> None:
    """End a screen: from now on it shows nothing. Harmless twice.

    Raises:
        NotFoundError: there is none of that name in the viewer's units.
    """
    viewer.may(*_KEEPERS)
    wanted = select(BoardScreen).where(BoardScreen.code == screen, col(BoardScreen.unit_id).in_(viewer.units))
    row = db.exec(wanted.with_for_update()).first()
    if row is None:
        raise NotFoundError("screen")
    if row.revoked_at is None:
        row.revoked_at, row.token_hash, row.one_time_hash = now, None, None
        db.add(row)
        append(db, at=now, who=viewer.audit_name, what="screen ended", about=f"screen:{row.code}")


def list_screens(db: Session, viewer: Viewer) -> list[ScreenView]:
    """Return the screens of the viewer's units that have not been ended."""
    viewer.may(*_KEEPERS, Role.NURSE)
    wanted = (
        select(BoardScreen, Unit.name)
        .join(Unit, col(Unit.unit_id) == BoardScreen.unit_id)
        .where(col(BoardScreen.unit_id).in_(viewer.units), col(BoardScreen.revoked_at).is_(None))
        .order_by(BoardScreen.name)
    )
    return [
        ScreenView(row.code, row.name, unit, row.token_hash is not None, row.seen_at, row.made_at)
        for row, unit in db.exec(wanted)
    ]


def watched_by(db: Session, token: str) -> Watched:
    """Return what the screen with this token shows.

    Raises:
        WrongCredentialsError: there is none, or it was ended.
    """
    found = db.exec(
        select(BoardScreen, Unit)
        .join(Unit, col(Unit.unit_id) == BoardScreen.unit_id)
        .where(BoardScreen.token_hash == _digest(token), col(BoardScreen.revoked_at).is_(None))
    ).first()
    if found is None:
        raise WrongCredentialsError
    screen, unit = found
    return Watched(units_below(db, screen.unit_id), unit.name, screen.code)


def note_seen(db: Session, screen: str, now: datetime) -> None:
    """Note that a screen asked: so its own silence can be seen. Once a minute is enough."""
    row = db.exec(select(BoardScreen).where(BoardScreen.code == screen)).first()
    if row is not None and (row.seen_at is None or now - row.seen_at >= _NOTED_EVERY):
        row.seen_at = now
        db.add(row)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
