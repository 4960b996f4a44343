"""Tables of people who sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from server.db.types import EnumText, UtcDateTime


class Role(StrEnum):
    """What a person is to the service."""

    NURSE = "nurse"
    RELATIVE = "relative"
    STAFF = "staff"  # of the service centre: reviews trends
    TESTER = "tester"
    ADMIN = "admin"


class Unit(SQLModel, table=True):
    """A zone, a care home or a team."""

    unit_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str


class Person(SQLModel, table=True):
    """Somebody who can sign in and be told things."""

    person_id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    name: str
    role: Role = Field(sa_type=EnumText(Role))
    unit_id: int = Field(foreign_key="unit.unit_id")
    language: str = "nb"
    password_hash: str
    is_test: bool = False
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignIn(SQLModel, table=True):
    """One signed-in browser. Only the hash of its token is kept."""

    token_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)


class RelativeOf(SQLModel, table=True):
    """Which residents a relative may follow."""

    __table_args__ = (UniqueConstraint("person_id", "resident_id"),)

    relative_of_id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    resident_id: int = Field(index=True)
