"""Tables of digital supervision: who is to be looked at and when, the rounds, and what was seen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from server.db.types import EnumText, UtcDateTime
from server.rounds.rules import Mark


class LookPlan(SQLModel, table=True):
    """When a resident is to be looked at: clock times of the home's own zone, on these weekdays, between two dates."""

    __tablename__ = "look_plan"

    look_plan_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in the API")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    times: list[int] = Field(sa_type=JSON, description="Minutes of the day, whole quarter-hours")
    days: list[int] = Field(sa_type=JSON, description="Weekdays, Monday 0")
    from_date: date
    until_date: date = Field(description="The last day")
    basis: str = Field(description="The decision or consent it rests on")
    replaces_visit: bool = Field(description="Without it somebody would come in person: such a look saves a visit")
    set_by: int = Field(foreign_key="person.person_id")
    set_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Ended by somebody before its day")


class RoundRow(SQLModel, table=True):
    """The looks of one unit at one time. One is always there ahead, so that none can be forgotten."""

    __tablename__ = "supervision_round"
    __table_args__ = (UniqueConstraint("unit_id", "at"),)

    round_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="When something must be done about it; None: nothing"
    )
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signed_by: int | None = Field(default=None, foreign_key="person.person_id")
    alert_id: int | None = Field(
        default=None, foreign_key="alert.alert_id", description="That nobody had signed it in time; None: not told"
    )


class LookRow(SQLModel, table=True):
    """One resident in one round: what was shown, and what somebody made of it."""

    __tablename__ = "look"
    __table_args__ = (UniqueConstraint("round_id", "resident_id"),)

    look_id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="supervision_round.round_id", index=True)
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    mark: Mark = Field(sa_type=EnumText(Mark))
    replaces_visit: bool
    shown: dict[str, Any] = Field(sa_type=JSON, description="What was known at that moment")
    marked_at: datetime = Field(sa_type=UtcDateTime)
    marked_by: int = Field(foreign_key="person.person_id")
    visited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    visited_by: int | None = Field(default=None, foreign_key="person.person_id")
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="When a needed visit is overdue; None: it is not"
    )
