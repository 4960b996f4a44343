"""The thread between a resident's relatives and the team. Kept words are audited by their name, never in logs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select, update

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.audit.service import append
from server.errors import NotAllowedError, NotFoundError, UnfitError
from server.live.service import changed
from server.relatives.rules import Category
from server.relatives.service import CARERS, resident_for, shared_with
from server.relatives.tables import Agreement, ThreadMessage, ThreadSeen
from server.relatives.words import tell_relatives
from server.residents.tables import Resident

MOST_SHOWN: Final = 100
LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. `is_mine`: the reader's own; `is_new`: not seen before this look."""

    id: str
    at: datetime
    by: str
    of_team: bool
    is_mine: bool
    is_new: bool
    text: str


def in_thread(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> Resident:
    """Return a resident whose thread this person may read and write in: the team, the resident, who agreed to.

    Raises:
        NotFoundError: there is none of that name that this person may see.
        NotAllowedError: messages were not agreed with this relative.
    """
    resident, _ = resident_for(db, viewer, resident_id)
    if viewer.role is Role.RELATIVE and resident.resident_id not in shared_with(db, viewer, Category.MESSAGES, now):
        raise NotAllowedError("messages were not agreed")
    return resident


def write(db: Session, viewer: Viewer, resident_id: str, text: str, now: datetime, once: str = "") -> str:
    """Add a message and return its name. `once`: a name the page chose, so that a form sent twice is one message.

    Raises:
        NotFoundError, NotAllowedError: as `in_thread`.
        UnfitError: there is nothing in it, or too much.
    """
    resident = in_thread(db, viewer, resident_id, now)
    if not text.strip() or len(text) > LONGEST:
        raise UnfitError({"text": "empty" if not text.strip() else "too_long"})
    if once and db.exec(select(ThreadMessage).where(ThreadMessage.code == once)).first() is not None:
        return once
    code = once or secrets.token_hex(8)
    of_team = viewer.role in CARERS
    db.add(
        ThreadMessage(
            code=code, resident_id=resident.resident_id or 0, person_id=viewer.person_id, of_team=of_team, at=now,
            text=text.strip(),
        )
    )  # fmt: skip
    append(db, at=now, who=viewer.audit_name, what="message written", about=f"message:{code}", why=resident.code)
    changed(db, resident.unit_id, "resident", resident.code)
    if of_team:
        tell_relatives(db, resident.resident_id or 0, Category.MESSAGES, code, now)
    return code


def read_thread(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> list[MessageView]:
    """Return the newest messages as `peek` does, and note that they have been seen. The look is audited.

    Raises:
        NotFoundError, NotAllowedError: as `in_thread`.
    """
    resident = in_thread(db, viewer, resident_id, now)
    append(db, at=now, who=viewer.audit_name, what="read messages", about=f"resident:{resident.code}", why="follow-up")
    shown = peek(db, viewer, resident)
    if shown:
        newest = db.exec(select(ThreadMessage.thread_message_id).where(ThreadMessage.code == shown[-1].id)).one()
        _note_seen(db, viewer, resident.resident_id or 0, newest or 0, now)
    return shown


def peek(db: Session, viewer: Viewer, resident: Resident) -> list[MessageView]:
    """Return the newest messages, oldest first; they stay as new as they were. The caller asked `in_thread`.

    A relative sees what was written since something was first agreed with them.
    """
    number = resident.resident_id or 0
    wanted = _visible(db, viewer, number)
    newest = db.exec(wanted.order_by(col(ThreadMessage.thread_message_id).desc()).limit(MOST_SHOWN)).all()
    seen = db.get(ThreadSeen, (viewer.person_id, number))
    return [_view(viewer, message, person, seen.up_to if seen else 0) for message, person in reversed(newest)]


def unread_by_resident(db: Session, viewer: Viewer, now: datetime) -> Mapping[str, int]:
    """Return how many messages wait in each resident's thread: for the team, until one of them reads it."""
    if viewer.role in CARERS:
        wanted = (
            select(Resident.code, func.count())
            .join(ThreadMessage, col(ThreadMessage.resident_id) == Resident.resident_id)
            .where(
                col(Resident.unit_id).in_(viewer.units), ~col(ThreadMessage.of_team),
                col(ThreadMessage.read_at).is_(None),
            )
            .group_by(col(Resident.code))
        )  # fmt: skip
        return dict(db.exec(wanted).all())
    counts = {}
    is_relative = viewer.role is Role.RELATIVE
    for number in shared_with(db, viewer, Category.MESSAGES, now) if is_relative else viewer.residents:
        seen = db.get(ThreadSeen, (viewer.person_id, number))
        visible = db.exec(_visible(db, viewer, number).where(ThreadMessage.person_id != viewer.person_id)).all()
        new = sum((message.thread_message_id or 0) > (seen.up_to if seen else 0) for message, _ in visible)
        if new:
            counts[db.get_one(Resident, number).code] = new
    return counts


def _visible(db: Session, viewer: Viewer, resident_id: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - SQLAlchemy's own name for it is longer than the function
    wanted = (
        select(ThreadMessage, Person)
        .join(Person, col(Person.person_id) == ThreadMessage.person_id)
        .where(ThreadMessage.resident_id == resident_id)
    )
    if viewer.role is not Role.RELATIVE:
        return wanted
    since = db.exec(
        select(Agreement.since).where(Agreement.person_id == viewer.person_id, Agreement.resident_id == resident_id)
    ).first()
    if since is None:
        raise NotFoundError("agreement")
    return wanted.where(ThreadMessage.at >= since)


def _view(viewer: Viewer, message: ThreadMessage, person: Person, seen_up_to: int) -> MessageView:
    is_mine = message.person_id == viewer.person_id
    is_new = message.read_at is None and not message.of_team if viewer.role in CARERS else (
        (message.thread_message_id or 0) > seen_up_to and not is_mine
    )  # fmt: skip
    return MessageView(message.code, message.at, person.name, message.of_team, is_mine, is_new, message.text)


def _note_seen(db: Session, viewer: Viewer, resident_id: int, up_to: int, now: datetime) -> None:
    if viewer.role not in CARERS:
        db.merge(ThreadSeen(person_id=viewer.person_id, resident_id=resident_id, up_to=up_to))
        return
    unread = (
        (col(ThreadMessage.resident_id) == resident_id)
        & ~col(ThreadMessage.of_team)
        & col(ThreadMessage.read_at).is_(None)
        & (col(ThreadMessage.thread_message_id) <= up_to)
    )
    db.exec(update(ThreadMessage).where(unread).values(read_by=viewer.person_id, read_at=now))
