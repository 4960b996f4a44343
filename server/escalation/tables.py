"""Tables of escalation policies and of each alert's way through one."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from server.db.types import UtcDateTime


class PolicyRow(SQLModel, table=True):
    """What a unit has decided about some alerts. It holds for the units below too, until one has its own."""

    __tablename__ = "escalation_policy"
    __table_args__ = (UniqueConstraint("unit_id", "about"),)

    policy_id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.unit_id")
    about: str = Field(default="person", description="A kind of alert, or a class of them")
    steps: list[dict[str, Any]] = Field(sa_type=JSON)
    quiet: dict[str, str] | None = Field(default=None, sa_type=JSON, description="start and end, as 22:00")
    version: int = 1


class EscalationRow(SQLModel, table=True):
    """One alert's way through its policy, as the policy stood when the alert was raised."""

    __tablename__ = "escalation"

    alert_id: int = Field(primary_key=True, foreign_key="alert.alert_id")
    steps: list[dict[str, Any]] = Field(sa_type=JSON)
    quiet: dict[str, str] | None = Field(default=None, sa_type=JSON)
    last_step: int | None = None
    rounds: int = Field(default=0, description="How many times somebody was to be told")
    began_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When its first step was due, the last time it began"
    )
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="None once somebody has the alert"
    )


class ChainCheckRow(SQLModel, table=True):
    """When the chain is next looked over for alerts that should have moved and did not: one row."""

    __tablename__ = "chain_check"

    chain_check_id: int = Field(default=1, primary_key=True)
    due_at: datetime = Field(sa_type=UtcDateTime)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
