"""Messages to relatives: queued when something happens, sent when their quiet hours are over."""

from datetime import datetime
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.db.session import Database
from server.notifications.rules import Subject
from server.notifications.service import Telling, tell
from server.relatives.rules import Category
from server.relatives.service import relatives_of
from server.relatives.tables import RelativeWord
from server.residents.tables import Resident

# By push and what else there is, as a relative set it: who agreed to be told counts on it.
SEVERITY: Final = 30
_MOST_AT_ONCE: Final = 100


def tell_relatives(
    db: Session, resident_id: int, category: Category, about: str, now: datetime, only: int | None = None
) -> None:
    """Tell everybody with whom a category is shared, or `only` one of them, of something new; not in quiet hours.

    In the caller's transaction; a repeat with the same `about` (an opaque name) changes nothing. The message says that
    there is something, never what.
    """
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    for person_id, agreed, zone in relatives_of(db, resident_id):
        if not agreed.allows(category, now.astimezone(zone).date()) or only not in {None, person_id}:
            continue
        due_at = agreed.quiet.after(now, zone) if agreed.quiet else now
        row = {
            "once": f"{category}:{about}:{person_id}", "person_id": person_id, "resident_id": resident_id,
            "category": category, "about": about, "due_at": due_at,
        }  # fmt: skip
        db.connection().execute(insert(RelativeWord).values(**row).on_conflict_do_nothing())


def tell_words_due(database: Database, now: datetime) -> int:
    """Send what has waited long enough, if it is agreed still; return how much. Harmless at any time and twice."""
    with database.transaction() as db:
        wanted = select(RelativeWord).where(col(RelativeWord.due_at) <= now).order_by(col(RelativeWord.due_at))
        rows = db.exec(wanted.limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
        for row in rows:
            _send(db, row, now)
    return len(rows)


def _send(db: Session, row: RelativeWord, now: datetime) -> None:
    row.due_at = None
    for person_id, agreed, zone in relatives_of(db, row.resident_id):
        if person_id == row.person_id and agreed.allows(row.category, now.astimezone(zone).date()):
            say(db, person_id, row.resident_id, row.about, 1, now)


def say(db: Session, person_id: int, resident_id: int, about: str, round_: int, now: datetime) -> None:
    """Tell one relative that there is something to see, in the caller's transaction."""
    home_id = db.get_one(Resident, resident_id).home_id
    tell(db, Telling(person_id, Subject.MESSAGE, about, round_, SEVERITY, home_id=home_id), now)
