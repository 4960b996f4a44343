"""Tables of hand-overs and their notes."""

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Field, SQLModel

from server.db.types import UtcDateTime
from server.duty.tables import new_code


class Handover(SQLModel, table=True):
    """What one shift of a unit tells the next. Signed by both it never changes."""

    handover_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(default_factory=new_code, unique=True)
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    listed: dict[str, Any] | None = Field(
        default=None, sa_type=JSON, description="How things stood when the leaving signed; None before"
    )
    left_by: int | None = Field(default=None, foreign_key="person.person_id")
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_by: int | None = Field(default=None, foreign_key="person.person_id")
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HandoverNote(SQLModel, table=True):
    """One thing somebody wants the next shift to know."""

    __tablename__ = "handover_note"

    handover_note_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(default_factory=new_code, unique=True)
    handover_id: int = Field(foreign_key="handover.handover_id", index=True)
    person_id: int = Field(foreign_key="person.person_id")
    at: datetime = Field(sa_type=UtcDateTime)
    text: str
