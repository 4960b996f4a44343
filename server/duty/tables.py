"""Tables of planned shifts and of duty as it was kept."""

import secrets
from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from server.db.types import UtcDateTime


def new_code() -> str:
    """Return an opaque name for URLs and the API."""
    return secrets.token_hex(8)


class Shift(SQLModel, table=True):
    """When somebody is to be on duty. Those of one person never overlap."""

    shift_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(default_factory=new_code, unique=True)
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    from_at: datetime = Field(sa_type=UtcDateTime, index=True)
    to_at: datetime = Field(sa_type=UtcDateTime)


class DutyPeriod(SQLModel, table=True):
    """When somebody was on duty. `unit_id` covers what is below it, too."""

    __tablename__ = "duty_period"
    __table_args__ = (
        # Nobody is on duty twice, whatever two phones of theirs ask at once.
        Index(
            "duty_open",
            "person_id",
            unique=True,
            sqlite_where=text("to_at IS NULL"),
            postgresql_where=text("to_at IS NULL"),
        ),
    )

    duty_period_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(default_factory=new_code, unique=True)
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    from_at: datetime = Field(sa_type=UtcDateTime)
    to_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None while it lasts")
    tested_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When the last test was sent")
    tests: int = Field(default=0, description="How many test alerts were sent")
    successor_id: int | None = Field(
        default=None,
        foreign_key="person.person_id",
        index=True,
        description="Who takes over: this duty ends by itself when theirs begins",
    )


class DutyWatch(SQLModel, table=True):
    """When a unit is next looked at for planned hours with nobody on duty."""

    __tablename__ = "duty_watch"

    unit_id: int = Field(primary_key=True, foreign_key="unit.unit_id", sa_column_kwargs={"autoincrement": False})
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="None while nothing is planned"
    )
    bare_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Since when planned hours have nobody; None while they have"
    )
