"""Writes and checks the audit chain."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from server.audit.tables import AuditEntry

_FIRST_SEAL = "0" * 64
# Any constant will do: it names the lock that makes PostgreSQL's writers take turns at the chain's end.
_CHAIN_LOCK = 7_204_551


def append(db: Session, *, at: datetime, who: str, what: str, about: str, why: str = "") -> None:
    """Add an entry in the caller's transaction. A repeat adds a second entry."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    last = db.exec(select(AuditEntry.seal).order_by(col(AuditEntry.audit_entry_id).desc()).limit(1)).first()
    entry = AuditEntry(at=at, who=who, what=what, about=about, why=why, seal="")
    entry.seal = _seal(last or _FIRST_SEAL, entry)
    db.add(entry)
    db.flush()


def first_broken(db: Session) -> int | None:
    """Return the number of the first entry that was altered, or None when the whole chain holds."""
    before = _FIRST_SEAL
    for entry in db.exec(select(AuditEntry).order_by(col(AuditEntry.audit_entry_id))):
        if entry.seal != _seal(before, entry):
            return entry.audit_entry_id
        before = entry.seal
    return None


def _seal(before: str, entry: AuditEntry) -> str:
    content = json.dumps([before, entry.at.isoformat(), entry.who, entry.what, entry.about, entry.why])
    return hashlib.sha256(content.encode()).hexdigest()
