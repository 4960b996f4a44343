"""Tables of planned visits, of the calendars they come from, and of staff who are with a resident."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from server.db.types import UtcDateTime

BY_HAND = ""


class CalendarEvent(SQLModel, table=True):
    """One event of an imported calendar, that may recur: it is kept so that later times of it can be planned, too."""

    __tablename__ = "calendar_event"
    __table_args__ = (UniqueConstraint("resident_id", "uid"),)

    calendar_event_id: int | None = Field(default=None, primary_key=True)
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    uid: str = Field(description="The event's own name (RFC 5545): the same again is the same event")
    sequence: int = Field(default=0, description="Its version: an older one changes nothing")
    text: str = Field(description="The event with its exceptions and time zones, as iCalendar")
    imported_by: int = Field(foreign_key="person.person_id")
    imported_at: datetime = Field(sa_type=UtcDateTime)
    planned_until: datetime = Field(sa_type=UtcDateTime, description="Its times are planned up to here")
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="When to plan further ahead; None: it has ended"
    )


class PlannedVisit(SQLModel, table=True):
    """Somebody is to come to a resident at a time."""

    __tablename__ = "planned_visit"
    __table_args__ = (UniqueConstraint("resident_id", "uid", "occurrence"),)

    planned_visit_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    begins_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    what: str = Field(description="Who comes or what for, in few words")
    uid: str = Field(default=BY_HAND, description="The calendar event it comes from; of one entered by hand its code")
    occurrence: str = Field(default="", description="Which of a recurring event's times it is")
    entered_by: int = Field(foreign_key="person.person_id")
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffStay(SQLModel, table=True):
    """Somebody of staff is with a resident, as they said themselves."""

    __tablename__ = "staff_stay"

    staff_stay_id: int | None = Field(default=None, primary_key=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    person_id: int = Field(foreign_key="person.person_id")
    arrived_at: datetime = Field(sa_type=UtcDateTime, index=True)
    leaves_by: datetime = Field(sa_type=UtcDateTime, description="A stay nobody ends is over by then")
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
