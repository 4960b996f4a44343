"""Tables of what is agreed with relatives, what they are told, and what they and the team tell each other."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from server.db.types import EnumText, UtcDateTime
from server.relatives.rules import Basis, Category, Word


class Agreement(SQLModel, table=True):
    """What is shared with one relative of one resident. The last word holds; the audit keeps the others."""

    __table_args__ = (UniqueConstraint("person_id", "resident_id"),)

    agreement_id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.person_id")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    categories: list[str] = Field(default_factory=list, sa_type=JSON)
    tells_of_alerts: bool = Field(default=False, description="One of the categories that tell of alerts is agreed")
    least_delay: int = Field(default=0, description="Minutes, as agreed")
    own_delay: int = Field(default=0, description="Minutes, as the relative wishes; the longer of the two holds")
    quiet_from: int | None = Field(default=None, description="Minutes after local midnight; None: no quiet hours")
    quiet_until: int | None = None
    ends_on: date | None = Field(default=None, description="The last local day it holds; None: no end")
    basis: Basis | None = Field(default=None, sa_type=EnumText(Basis))
    asked_to_step: bool = Field(default=False, description="The service wants them as a step of its policy")
    agrees_to_step: bool = Field(default=False, description="The relative wants to be one")
    since: datetime = Field(sa_type=UtcDateTime, description="When it was first noted: what is older is not shown")
    noted_by: int = Field(foreign_key="person.person_id")
    noted_at: datetime = Field(sa_type=UtcDateTime)


class AlertTelling(SQLModel, table=True):
    """How far one relative has been told of one alert."""

    __tablename__ = "alert_telling"
    __table_args__ = (UniqueConstraint("alert_id", "person_id"),)

    alert_telling_id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.alert_id")
    person_id: int = Field(foreign_key="person.person_id", index=True)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None: until the alert changes")
    saw_closed: bool = Field(default=False, description="Whether the alert was closed at the last look")
    told: Word | None = Field(default=None, sa_type=EnumText(Word))
    round: int = Field(default=0, description="Messages sent; each is sent once")
    until: datetime = Field(sa_type=UtcDateTime, index=True, description="After this nothing more comes of it")


class RelativeWord(SQLModel, table=True):
    """One message to one relative that waits for the end of their quiet hours."""

    __tablename__ = "relative_word"

    once: str = Field(primary_key=True, description="Category, about and person: it is told once")
    person_id: int = Field(foreign_key="person.person_id")
    resident_id: int = Field(foreign_key="resident.resident_id")
    category: Category = Field(sa_type=EnumText(Category))
    about: str = Field(description="Opaque name of what it is about")
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True, description="None once it is gone")


class StepAsked(SQLModel, table=True):
    """A relative was asked to go to the resident, as a step of a policy."""

    __tablename__ = "step_asked"
    __table_args__ = (UniqueConstraint("alert_id", "person_id"),)

    step_asked_id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.alert_id")
    person_id: int = Field(foreign_key="person.person_id", index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    goes: bool | None = Field(default=None, description="None: no answer yet")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ThreadMessage(SQLModel, table=True):
    """A message in the thread between a resident's relatives and the team."""

    __tablename__ = "thread_message"

    thread_message_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in the API and the audit")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    person_id: int = Field(foreign_key="person.person_id")
    of_team: bool
    at: datetime = Field(sa_type=UtcDateTime)
    text: str
    read_by: int | None = Field(default=None, foreign_key="person.person_id", description="The first of the team")
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ThreadSeen(SQLModel, table=True):
    """Up to which message a relative has seen a thread."""

    __tablename__ = "thread_seen"

    person_id: int = Field(primary_key=True, foreign_key="person.person_id")
    resident_id: int = Field(primary_key=True, foreign_key="resident.resident_id")
    up_to: int


class Task(SQLModel, table=True):
    """Something small that somebody promised to do."""

    task_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in the API and the audit")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    title: str
    person_id: int | None = Field(
        default=None, foreign_key="person.person_id", description="The relative who does it; None: the team"
    )
    until: date = Field(description="The last local day on which it is of use")
    made_by: int = Field(foreign_key="person.person_id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    done_by: int | None = Field(default=None, foreign_key="person.person_id")
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Company(SQLModel, table=True):
    """A relative says when they are with the resident."""

    company_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    person_id: int = Field(foreign_key="person.person_id")
    begins_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
