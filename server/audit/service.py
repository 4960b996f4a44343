"""Writes the audit chain."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from server.audit.tables import AuditEntry

FIRST_SEAL = "0" * 64
# Any constant will do: it names the lock that makes PostgreSQL's writers take turns at the chain's end.
_CHAIN_LOCK = 7_204_551


def append(db: Session, *, at: datetime, who: str, what: str, about: str, why: str = "") -> None:
    """Add an entry in the caller's transaction. A repeat adds a second entry."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    last = db.exec(select(AuditEntry.seal).order_by(col(AuditEntry.audit_entry_id).desc()).limit(1)).first()
    entry = AuditEntry(at=at, who=who, what=what, about=about, why=why, seal="")
    entry.seal = sealed(last or FIRST_SEAL, entry)
    db.add(entry)
    db.flush()


def sealed(before: str, entry: AuditEntry) -> str:
    """Return the seal of an entry that follows one with the seal `before`."""
    content = json.dumps([before, entry.at.isoformat(), entry.who, entry.what, entry.about, entry.why])
    return hashlib.sha256(content.encode()).hexdigest()
