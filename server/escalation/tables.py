"""Tables of escalation policies and of each alert's way through one."""

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Field, SQLModel

from server.db.types import UtcDateTime


class PolicyRow(SQLModel, table=True):
    """The policy of one unit."""

    __tablename__ = "policy"

    unit_id: int = Field(primary_key=True, foreign_key="unit.unit_id")
    steps: list[dict[str, Any]] = Field(sa_type=JSON)


class EscalationRow(SQLModel, table=True):
    """One alert's way through its policy, as the policy stood when the alert was raised."""

    __tablename__ = "escalation"

    alert_id: int = Field(primary_key=True, foreign_key="alert.alert_id")
    steps: list[dict[str, Any]] = Field(sa_type=JSON)
    last_step: int | None = None
    rounds: int = Field(default=0, description="How many times somebody was to be told")
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="None once somebody has the alert"
    )
