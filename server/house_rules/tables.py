"""Tables of what was agreed for residents, each version of it, and each time it held."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from server.db.types import UtcDateTime


class HouseRuleRow(SQLModel, table=True):
    """A rule agreed on for one resident. Off until somebody has seen what it would have brought."""

    __tablename__ = "house_rule"

    house_rule_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    content: dict[str, Any] = Field(sa_type=JSON)
    reason: str = Field(description="Why it was agreed, in people's words")
    owner_id: int = Field(foreign_key="person.person_id", description="Who answers for it")
    version: int = Field(default=1, description="Rises with each change of what it says")
    is_on: bool = False
    rehearsed_version: int | None = Field(default=None, description="Which version was tried on the past")
    muted_until: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Judged, and nobody is told")
    muted_by: int | None = Field(default=None, foreign_key="person.person_id")
    muted_why: str = ""
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judged_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Home's time; windows that ended by then are done with"
    )
    wakes_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Home's time before which silence cannot make it hold"
    )
    unseen: list[Any] = Field(
        default_factory=list, sa_type=JSON, description="When it could not be judged: [since s, until s or null]"
    )


class HouseRuleChange(SQLModel, table=True):
    """What was done to a rule, and how it then read. Never changed."""

    __tablename__ = "house_rule_change"

    house_rule_change_id: int | None = Field(default=None, primary_key=True)
    house_rule_id: int = Field(foreign_key="house_rule.house_rule_id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: int = Field(foreign_key="person.person_id")
    what: str
    version: int
    content: dict[str, Any] = Field(sa_type=JSON)
    why: str = ""


class HouseRuleFiring(SQLModel, table=True):
    """A rule held in one window: at most once, however many processes look."""

    __tablename__ = "house_rule_firing"
    __table_args__ = (UniqueConstraint("house_rule_id", "window_begin"),)

    house_rule_firing_id: int | None = Field(default=None, primary_key=True)
    house_rule_id: int = Field(foreign_key="house_rule.house_rule_id", index=True)
    window_begin: datetime = Field(sa_type=UtcDateTime)
    window_end: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    alert_id: int | None = Field(default=None, foreign_key="alert.alert_id", description="None: nobody was told")
