"""Checks the audit chain a part at a time, so that no look costs more the longer the log grows.

Three looks together leave no entry unchecked: what is shown is checked as it is read; what is new, at each reading; and
a round goes through the whole log again and again in the background.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from server.audit.service import FIRST_SEAL, sealed
from server.audit.tables import AuditCheck, AuditEntry

_NEWEST, _ROUND = "newest", "round"
# Some tenths of a second of one core.
_OF_A_ROUND = 20_000


def check_newest(db: Session, shown: Collection[AuditEntry]) -> int | None:
    """Check what was written since the last time, and what is shown; return the first entry found altered, or None.

    What was once found stays found until it holds again.
    """
    mark = _mark(db, _NEWEST)
    _go_on(db, mark, None)
    found = [number for number in (mark.broken_at, _mark(db, _ROUND).broken_at) if number is not None]
    found += [one.audit_entry_id or 0 for one in shown if not _holds(db, one)]
    return min(found, default=None)


def check_round(db: Session, now: datetime, most: int = _OF_A_ROUND) -> None:
    """Go on with the round through the whole log by so many entries; at its end it begins again."""
    mark = _mark(db, _ROUND)
    if _go_on(db, mark, most) and mark.broken_at is None:
        mark.whole_at, mark.checked_to, mark.seal = now, 0, FIRST_SEAL


def whole_at(db: Session) -> datetime | None:
    """Return when a round last ended that found every entry as it was; None: none has yet."""
    return _mark(db, _ROUND).whole_at


def first_broken(db: Session) -> int | None:
    """Return the first entry that was altered, by a check of them all; None: the whole chain holds."""
    mark = AuditCheck(name="once", seal=FIRST_SEAL)
    _go_on(db, mark, None)
    return mark.broken_at


def _go_on(db: Session, mark: AuditCheck, most: int | None) -> bool:
    """Check entries from a mark on and move it; return whether it is at the end."""
    if mark.broken_at is not None:
        broken = db.get(AuditEntry, mark.broken_at)
        if broken is None or not _holds(db, broken):
            return False
        mark.broken_at, mark.checked_to, mark.seal = None, 0, FIRST_SEAL  # somebody put it right: look anew
    stands_at = db.get(AuditEntry, mark.checked_to) if mark.checked_to else None
    if mark.checked_to and (stands_at is None or stands_at.seal != mark.seal):
        mark.broken_at = mark.checked_to
        return False
    wanted = select(AuditEntry).where(col(AuditEntry.audit_entry_id) > mark.checked_to)
    count = 0
    for entry in db.exec(wanted.order_by(col(AuditEntry.audit_entry_id)).limit(most)):
        number = entry.audit_entry_id or 0
        if entry.seal != sealed(mark.seal, entry):
            mark.broken_at = number
            return False
        mark.checked_to, mark.seal = number, entry.seal
        count += 1
    return most is None or count < most


def _holds(db: Session, entry: AuditEntry) -> bool:
    earlier = select(AuditEntry.seal).where(col(AuditEntry.audit_entry_id) < entry.audit_entry_id)
    before = db.exec(earlier.order_by(col(AuditEntry.audit_entry_id).desc()).limit(1)).first()
    return entry.seal == sealed(before or FIRST_SEAL, entry)


def _mark(db: Session, name: str) -> AuditCheck:
    row = db.get(AuditCheck, name, with_for_update=True)
    if row is None:
        row = AuditCheck(name=name, seal=FIRST_SEAL)
        db.add(row)
        db.flush()
    return row
