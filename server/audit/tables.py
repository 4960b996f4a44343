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


class AuditCheck(SQLModel, table=True):
    """How far the chain was checked by one of two looks: at what is newest, and round the whole of it."""

    __tablename__ = "audit_check"

    name: str = Field(primary_key=True)
    checked_to: int = Field(default=0, sa_type=BIG_ID, description="The last entry that was checked; 0: none")
    seal: str = Field(description="Its seal: it must still be there when the look goes on")
    broken_at: int | None = Field(default=None, sa_type=BIG_ID, description="The first entry found altered")
    whole_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When a round ended that found every entry as it was"
    )
