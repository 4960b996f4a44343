"""Tables of alerts and their logs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Table, text
from sqlmodel import JSON, Field, SQLModel

from server.alerting.rules import AlertClass, AlertKind, AlertStatus, LogEvent, Outcome
from server.db.types import EnumText, UtcDateTime


class AlertRow(SQLModel, table=True):
    """Something somebody must answer."""

    __tablename__ = "alert"
    __table_args__ = (
        # One open alert for each resident and kind, whoever raises it and however many processes run.
        Index(
            "alert_open",
            "resident_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    alert_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    resident_id: int = Field(foreign_key="resident.resident_id", index=True)
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    kind: AlertKind = Field(sa_type=EnumText(AlertKind))
    national_code: str | None = None
    severity: int
    alert_class: AlertClass = Field(sa_type=EnumText(AlertClass))
    status: AlertStatus = Field(sa_type=EnumText(AlertStatus))
    room: str | None = None
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    repeats: int = 0
    late: bool = False
    version: int = 1
    observed_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    raised_at: datetime = Field(sa_type=UtcDateTime, index=True)
    notified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_by: int | None = Field(default=None, foreign_key="person.person_id")
    on_the_way_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: Outcome | None = Field(default=None, sa_type=EnumText(Outcome))
    note: str = ""


ALERT: Table = AlertRow.__table__  # type: ignore[attr-defined]


class AlertLogRow(SQLModel, table=True):
    """One line in an alert's log."""

    __tablename__ = "alert_log"

    alert_log_id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.alert_id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    event: LogEvent = Field(sa_type=EnumText(LogEvent))
    by: str | None = Field(default=None, description="Name of the person; None when the service did it")
