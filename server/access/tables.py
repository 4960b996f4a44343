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
    RESIDENT = "resident"  # sees what is known of themselves, and with whom it is shared
    TESTER = "tester"
    ADMIN = "admin"


# Whoever is not at work here: they see what they were promised of one resident, and no alerts.
PRIVATE_ROLES = frozenset({Role.RELATIVE, Role.RESIDENT})


class UnitKind(StrEnum):
    """What a unit is in a municipality."""

    MUNICIPALITY = "municipality"
    ZONE = "zone"
    CARE_HOME = "care_home"
    TEAM = "team"


class Unit(SQLModel, table=True):
    """A municipality, a zone or care home in it, or a team there. Who belongs to a unit sees what is below it too."""

    unit_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    kind: UnitKind = Field(default=UnitKind.TEAM, sa_type=EnumText(UnitKind))
    parent_id: int | None = Field(
        default=None, foreign_key="unit.unit_id", index=True, description="None at the top of the tree"
    )


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
    resident_id: int | None = Field(default=None, description="Who they are, for a resident's own account")
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="From here on nobody signs in by it, and nobody is told by it"
    )


class SignIn(SQLModel, table=True):
    """One signed-in browser. Only the hash of its token is kept."""

    token_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)


class StandIn(SQLModel, table=True):
    """Somebody may see a unit that is not theirs, with those below it: they were told of an alert there. It ends."""

    __tablename__ = "stand_in"
    __table_args__ = (UniqueConstraint("person_id", "unit_id"),)

    stand_in_id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.person_id")
    unit_id: int = Field(foreign_key="unit.unit_id")
    ends_at: datetime = Field(sa_type=UtcDateTime)


class RelativeOf(SQLModel, table=True):
    """Which residents a relative may follow."""

    __table_args__ = (UniqueConstraint("person_id", "resident_id"),)

    relative_of_id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    resident_id: int = Field(index=True)
