"""Tables of what the detector remembers of each home and what it noticed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import JSON, Field, SQLModel

from server.db.types import UtcDateTime


class HomeWatch(SQLModel, table=True):
    """The detector's place in one home: when it must look again, and the state it carries on from."""

    __tablename__ = "home_watch"

    home_id: int = Field(primary_key=True, foreign_key="home.home_id")
    due_at: datetime | None = Field(
        default=None,
        sa_type=UtcDateTime,
        index=True,
        description="Server's clock; None while there is nothing new to look at",
    )
    wakes_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Home's time at which silence itself would become a finding"
    )
    state: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    seen_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Home's time the state stands at"
    )
    looked_at: dict[str, int] = Field(
        default_factory=dict,
        sa_type=JSON,
        description="Number of each stream up to which everything was looked at. Kept here and not with the streams: "
        "ingest locks a stream and then the home, and detection must not lock them the other way round",
    )


class RoutineRow(SQLModel, table=True):
    """What was learned of one home: parameters only, at most 64 KiB, and what the next night goes on from."""

    __tablename__ = "routine"

    home_id: int = Field(primary_key=True, foreign_key="home.home_id")
    fitted_at: datetime = Field(sa_type=UtcDateTime)
    next_fit_at: datetime = Field(sa_type=UtcDateTime, index=True)
    days: int
    parameters: bytes = Field(sa_type=LargeBinary)
    diary: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="The highest scores of its days")
    note: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="A slow change staff were told of")
    life_since: date | None = Field(default=None, description="From when its life is another one; None: always so")
    alerts_since: date | None = Field(default=None, description="First day on which something could be told")


class KeptDays(SQLModel, table=True):
    """A home's last weeks as people look at them, written anew each night. See `models.days.kept`."""

    __tablename__ = "kept_days"

    home_id: int = Field(primary_key=True, foreign_key="home.home_id")
    first_day: date = Field(description="Local; the days follow without gaps")
    figures: bytes = Field(sa_type=LargeBinary, description="float32, little-endian, one row a day")
    quarters: bytes = Field(sa_type=LargeBinary, description="96 bytes a day")
    ok: bytes = Field(sa_type=LargeBinary, description="One byte a day: 1 where it shows ordinary life")
    changes: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, description="Of each metric: usual, spread, lately"
    )


# How a suspected sensor stands: it may be silent, it is (and only its being heard would change that), it babbles.
DOUBTED, SILENT, BABBLES = "doubted", "silent", "babbles"


class Equipment(SQLModel, table=True):
    """What is known of how a home's sensors behave. Its moments are the home's time."""

    __tablename__ = "equipment"

    home_id: int = Field(primary_key=True, foreign_key="home.home_id")
    ask_at: datetime = Field(sa_type=UtcDateTime, index=True, description="When to ask after them again")
    counted_until: datetime = Field(sa_type=UtcDateTime, description="Up to here it was counted how often each spoke")
    looked_until: datetime = Field(sa_type=UtcDateTime, description="Up to here its weeks were looked at whole")
    usual: list[Any] = Field(
        default_factory=list, sa_type=JSON, description="Of each: kind, room, last heard (s), longest silence, an hour"
    )
    suspected: list[Any] = Field(
        default_factory=list,
        sa_type=JSON,
        description="Each: kind, room, since when it is known (s), and how it stands",
    )


class FindingRow(SQLModel, table=True):
    """Something noticed, with its reasons; kept whether or not it became an alert."""

    __tablename__ = "finding"
    __table_args__ = (
        # What lasts is asked for all the time, and is little beside what is over.
        Index(
            "finding_lasting",
            "finding_class",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    finding_id: int | None = Field(default=None, primary_key=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    kind: str
    finding_class: str = Field(default="person", description="person, trend or technical")
    subject: str = Field(default="", description="Which of several (a door, a measure); empty: there is one")
    room: str | None = None
    p_value: float | None = Field(default=None, description="How often ordinary days bring as much; None: a fixed rule")
    learned_days: int = 0
    started_at: datetime = Field(sa_type=UtcDateTime)
    noticed_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    evidence: list[int] = Field(
        default_factory=list, sa_type=JSON, description="Observed times in ms of the facts it rests on"
    )
    alert_id: int | None = None
    muted_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Nobody is told before then; None: it was never held back"
    )
    muted_by: str = Field(default="", description="Why it was held back, as `Known`; empty: it was not")
