"""Tables of follow-up plans, what each day brought, and what people entered."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from server.db.types import EnumText, UtcDateTime
from server.follow_up.rules import ActivityKind, GoalKind, Occasion


class FollowUpPlan(SQLModel, table=True):
    """A resident's plan. One at a time; earlier ones are kept."""

    __tablename__ = "follow_up_plan"

    plan_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in the API and the audit")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    occasion: Occasion = Field(sa_type=EnumText(Occasion))
    starts_on: date
    ends_on: date = Field(description="The last local day")
    made_by: int = Field(foreign_key="person.person_id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    followed_until: date | None = Field(default=None, description="The last local day that was looked at; None: none")
    told_week: int = Field(default=0, description="The last week whose summary was told")
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True, description="None once it is over")


class PlanGoal(SQLModel, table=True):
    """One goal of a plan."""

    __tablename__ = "plan_goal"
    __table_args__ = (UniqueConstraint("plan_id", "kind"),)

    plan_goal_id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="follow_up_plan.plan_id")
    kind: GoalKind = Field(sa_type=EnumText(GoalKind))
    target: float
    usual: float | None = Field(default=None, description="Before the plan; None: not known")


class PlanDay(SQLModel, table=True):
    """What was measured of one local day: values by kind of goal. What is not known is not in it."""

    __tablename__ = "plan_day"

    plan_id: int = Field(primary_key=True, foreign_key="follow_up_plan.plan_id")
    day: date = Field(primary_key=True)
    measured: dict[str, float] = Field(default_factory=dict, sa_type=JSON)


class EnteredActivity(SQLModel, table=True):
    """Something that people know of and sensors do not: a volunteer's visit, a walk with a neighbour."""

    __tablename__ = "entered_activity"

    entered_activity_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in the API and the audit")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    kind: ActivityKind = Field(sa_type=EnumText(ActivityKind))
    day: date
    with_whom: str = ""
    entered_by: int = Field(foreign_key="person.person_id")
    entered_at: datetime = Field(sa_type=UtcDateTime)
