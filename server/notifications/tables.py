"""Tables of messages to people: the outbox they leave by, and the ways each person can be reached."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Field, SQLModel

from server.db.types import EnumText, UtcDateTime
from server.notifications.rules import Subject


class NotificationRow(SQLModel, table=True):
    """One message to one person by one channel."""

    __tablename__ = "notification"

    notification_id: int | None = Field(default=None, primary_key=True)
    once: str = Field(
        unique=True, description="Subject, round, person and channel: the same message is never queued twice"
    )
    subject: Subject = Field(default=Subject.ALERT, sa_type=EnumText(Subject))
    about: str = Field(index=True, description="Opaque name of what it is about; of an alert its number")
    round_: int = Field(default=0, sa_column_kwargs={"name": "round"})
    severity: int
    alert_id: int | None = Field(default=None, foreign_key="alert.alert_id", index=True)
    home_id: int | None = Field(default=None, description="The home it concerns, where no alert says so")
    person_id: int = Field(foreign_key="person.person_id", index=True)
    channel: str
    place: int = Field(default=0, description="0: the app, beside the others; 1, 2 …: which of the others comes first")
    token: str | None = Field(default=None, unique=True, description="Opaque; by it a device says that it came")
    queued_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="None once it is gone or given up"
    )
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When the channel took it")
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When the device said so")
    failed: str | None = Field(default=None, description="What the channel said the last time; None when all is well")


class ContactRow(SQLModel, table=True):
    """Where one person can be reached outside the app."""

    __tablename__ = "contact"

    person_id: int = Field(primary_key=True, foreign_key="person.person_id")
    email: str = ""
    phone: str = Field(default="", description="With the country's code: +47 …; without spaces")


class ChannelChoiceRow(SQLModel, table=True):
    """The channels a person chose for one level, in the order they are tried. No row: the safe defaults."""

    __tablename__ = "channel_choice"

    person_id: int = Field(primary_key=True, foreign_key="person.person_id")
    level: int = Field(primary_key=True)
    channels: list[str] = Field(default_factory=list, sa_type=JSON)


class PushSubscriptionRow(SQLModel, table=True):
    """One browser that a person lets us push to."""

    __tablename__ = "push_subscription"
    __table_args__ = (UniqueConstraint("endpoint"),)

    push_subscription_id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.person_id", index=True)
    endpoint: str
    p256dh: str
    auth: str
    made_at: datetime = Field(sa_type=UtcDateTime)


class ChannelRow(SQLModel, table=True):
    """One channel this installation has, and when it was last seen to work."""

    __tablename__ = "channel"

    name: str = Field(primary_key=True)
    last_proven_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When its provider last took a message"
    )
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = Field(default=0, description="In a row, whoever they were for")
    failed: str | None = None


class VapidKeyRow(SQLModel, table=True):
    """This installation's key towards push services: one row. Browsers' subscriptions are bound to it."""

    __tablename__ = "vapid_key"

    vapid_key_id: int = Field(primary_key=True)
    private_pem: str
