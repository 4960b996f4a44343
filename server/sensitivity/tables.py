"""Tables of what people set and how they rated."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.alerting.rules import AlertKind
from server.db.types import EnumText, UtcDateTime
from server.sensitivity.rules import Rating


class UnitBudget(SQLModel, table=True):
    """False alerts a home and week that a unit is ready to bear."""

    __tablename__ = "unit_budget"

    unit_id: int = Field(primary_key=True, foreign_key="unit.unit_id")
    budget: float
    set_by: int = Field(foreign_key="person.person_id")
    set_at: datetime = Field(sa_type=UtcDateTime)


class HomeBudget(SQLModel, table=True):
    """The same for one home, whatever its unit's is."""

    __tablename__ = "home_budget"

    home_id: int = Field(primary_key=True, foreign_key="home.home_id")
    budget: float
    set_by: int = Field(foreign_key="person.person_id")
    set_at: datetime = Field(sa_type=UtcDateTime)


class AlertRating(SQLModel, table=True):
    """What an alert was worth. The last word counts; the audit keeps the others."""

    __tablename__ = "alert_rating"

    alert_id: int = Field(primary_key=True, foreign_key="alert.alert_id")
    rating: Rating | None = Field(
        default=None, sa_type=EnumText(Rating), description="None: withdrawn, and its outcome counts for nothing either"
    )
    rated_by: int = Field(foreign_key="person.person_id")
    rated_at: datetime = Field(sa_type=UtcDateTime)


class KindMuting(SQLModel, table=True):
    """A kind of which nobody is told in a home for a time. What is noticed meanwhile is kept, and shown as muted."""

    __tablename__ = "kind_muting"

    kind_muting_id: int | None = Field(default=None, primary_key=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    kind: AlertKind = Field(sa_type=EnumText(AlertKind))
    until: datetime = Field(sa_type=UtcDateTime, description="It ends by itself")
    why: str
    set_by: int = Field(foreign_key="person.person_id")
    set_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
