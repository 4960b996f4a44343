"""Table of who did what, when and why: append only, each entry sealed with the one before it."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.db.types import BIG_ID, UtcDateTime


class AuditEntry(SQLModel, table=True):
    """One deed or look. Never changed and never deleted before its retention ends."""

    __tablename__ = "audit_entry"

    audit_entry_id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    who: str = Field(description="Person's id and role, or the part of the service that acted")
    what: str
    about: str = Field(index=True, description="Kind and opaque name of the thing, as in alert:k3v9")
    why: str = ""
    seal: str = Field(description="SHA-256 over the seal before and this entry")
