"""Tables of simulated homes and of what testers asked of them."""

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Field, SQLModel

from server.db.types import EnumText, UtcDateTime
from server.simulations.rules import OrderOutcome, Verb


class SimulationRow(SQLModel, table=True):
    """A home as its simulator last told of it: no history is kept."""

    __tablename__ = "simulation"

    home_id: int = Field(primary_key=True, foreign_key="home.home_id")
    plan: dict[str, Any] = Field(sa_type=JSON)
    state: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="None before the first")
    truth: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    heard_at: datetime = Field(sa_type=UtcDateTime, description="Real time, whatever the world's time is")


class OrderRow(SQLModel, table=True):
    """One order of a tester."""

    __tablename__ = "simulation_order"

    order_id: int | None = Field(default=None, primary_key=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    verb: Verb = Field(sa_type=EnumText(Verb))
    argument: str
    asked_by: str = Field(description="As the audit names people")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When its outcome was told")
    outcome: OrderOutcome | None = Field(default=None, sa_type=EnumText(OrderOutcome))
    said: str = Field(default="", description="The simulator's reason, where it refused")
