"""Table of what staff note of a resident's development."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.db.types import UtcDateTime


class DevelopmentNote(SQLModel, table=True):
    """A note about how a resident's days develop, for colleagues. It is never changed; a later one may correct it."""

    __tablename__ = "development_note"

    development_note_id: int | None = Field(default=None, primary_key=True)
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    person_id: int = Field(foreign_key="person.person_id")
    at: datetime = Field(sa_type=UtcDateTime)
    text: str
