"""Table of absences and pauses."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.absences.rules import AbsenceKind
from server.db.types import EnumText, UtcDateTime


class Absence(SQLModel, table=True):
    """Some time in which a resident's home is not judged as on other days. It always has an end."""

    absence_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    kind: AbsenceKind = Field(sa_type=EnumText(AbsenceKind))
    begins_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", description="Why, in the words of who set it; for staff and the resident")
    set_by: int = Field(foreign_key="person.person_id")
    is_own: bool = Field(default=False, description="The resident paused by themselves")
    set_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: int | None = Field(
        default=None, foreign_key="person.person_id", description="Who ended it early; None: it ends by itself"
    )
    remind_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="When people are to be reminded; None: they were"
    )
    back_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Since when movement looks as if the resident is home again"
    )
