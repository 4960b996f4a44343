"""Tables of alerts and their logs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Table, text
from sqlmodel import JSON, Field, SQLModel

from server.alerting.life import Cause, Measure
from server.alerting.rules import AlertClass, AlertKind, AlertStatus, LogEvent, Outcome
from server.db.types import EnumText, UtcDateTime


def _open_once(name: str, columns: tuple[str, ...], where: str) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class AlertRow(SQLModel, table=True):
    """Something somebody must answer: about a resident, a home nobody lives in (a corridor), or a whole unit."""

    __tablename__ = "alert"
    __table_args__ = (
        # One open alert for each subject and kind, whoever raises it and however many processes run.
        _open_once("alert_open", ("resident_id", "kind"), "closed_at IS NULL"),
        _open_once("alert_open_home", ("home_id", "kind"), "closed_at IS NULL AND resident_id IS NULL"),
        _open_once(
            "alert_open_unit", ("unit_id", "kind", "is_test"),
            "closed_at IS NULL AND resident_id IS NULL AND home_id IS NULL",
        ),
    )  # fmt: skip

    alert_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    resident_id: int | None = Field(
        default=None, foreign_key="resident.resident_id", index=True, description="None: it is about no one person"
    )
    home_id: int | None = Field(
        default=None, foreign_key="home.home_id", index=True, description="None: it is about the whole unit"
    )
    is_test: bool = Field(default=False, description="Of simulated homes: it reaches test people only")
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
    happening: str | None = Field(
        default=None, index=True, description="Shared by alerts of one happening in a home; None: it stands alone"
    )
    due_at: datetime | None = Field(
        default=None,
        sa_type=UtcDateTime,
        index=True,
        description="When whoever has it is asked, or once asked, when it goes back to the queue; None: nobody has it",
    )
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None: not asked, or answered")
    offered_to: int | None = Field(default=None, description="The person it was forwarded to, until somebody takes it")
    offered_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Until then nobody else is told; None: it was not forwarded"
    )
    confirmed_by: int | None = Field(default=None, description="Who agreed that a repeated call needs no visit")
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    observed_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    raised_at: datetime = Field(sa_type=UtcDateTime, index=True)
    waiting_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Raised, or back in the queue; None while somebody has it"
    )
    notified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When a device first said that it has the message"
    )
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_by: int | None = Field(default=None, foreign_key="person.person_id")
    on_the_way_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: int | None = Field(default=None, description="None: open, or the service closed it")
    outcome: Outcome | None = Field(default=None, sa_type=EnumText(Outcome))
    cause: Cause | None = Field(default=None, sa_type=EnumText(Cause))
    measure: Measure | None = Field(default=None, sa_type=EnumText(Measure))
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
    detail: str | None = Field(default=None, description="To whom it was forwarded; which cause or measure")
