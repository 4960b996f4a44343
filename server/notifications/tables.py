"""Table of messages to people: the outbox they leave by."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.db.types import UtcDateTime


class NotificationRow(SQLModel, table=True):
    """One message to one person by one channel."""

    __tablename__ = "notification"

    notification_id: int | None = Field(default=None, primary_key=True)
    once: str = Field(
        unique=True, description="Alert, round, person and channel: the same message is never queued twice"
    )
    alert_id: int = Field(foreign_key="alert.alert_id", index=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    channel: str
    queued_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="None once it is gone or given up"
    )
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When the channel took it")
    failed: str | None = Field(default=None, description="What the channel said the last time; None when all is well")
