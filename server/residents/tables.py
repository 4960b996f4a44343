"""Tables of residents, their homes, sensors and gateways."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Table
from sqlmodel import JSON, Field, SQLModel

from server.db.types import UtcDateTime


def new_mark() -> str:
    """Return a mark for another configuration."""
    return secrets.token_hex(4)


class Home(SQLModel, table=True):
    """A flat or house that is watched over."""

    home_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    address: str
    time_zone: str
    is_test: bool = False


class Resident(SQLModel, table=True):
    """The person we look after."""

    resident_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    home_id: int = Field(foreign_key="home.home_id", index=True)
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    name: str
    birth_year: int
    phone: str = ""


class Sensor(SQLModel, table=True):
    """A sensor and where it hangs."""

    sensor_id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True, description="BLE address, lower case, no colons")
    home_id: int = Field(foreign_key="home.home_id", index=True)
    room: str
    kinds: list[str] = Field(default_factory=list, sa_type=JSON)
    bind_key: str | None = None
    reads_as: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="What its measurements mean here")
    shown_in_home_assistant: list[str] = Field(
        default_factory=list, sa_type=JSON, description="Kinds the home's own Home Assistant may show"
    )
    home_assistant_entities: dict[str, str] = Field(
        default_factory=dict, sa_type=JSON, description="Entities of the home's own that stand for it, with their kinds"
    )
    last_heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    battery_percent: float | None = None
    rssi_dbm: int | None = None
    expected_interval_s: float | None = Field(default=None, description="How often it speaks; None: as its kind does")
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="When its silence becomes a fault; None: not watched"
    )
    silent_since: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None while it is heard")
    last_proven_at: datetime | None = Field(
        default=None,
        sa_type=UtcDateTime,
        description="When a fact of it was last stored here: the whole way from sensor to server held",
    )
    count_renewed: int = Field(
        default=0, description="How often its encryption counter was let begin anew, after a change of battery"
    )
    troubles: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="Since its gateway started")
    battery_low_since: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None while it is well")
    weak_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Since when it is hardly heard; None while it is heard well"
    )
    removed_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="No longer in the home; what it told stays. None: it hangs there"
    )


SENSOR: Table = Sensor.__table__  # type: ignore[attr-defined]


class Gateway(SQLModel, table=True):
    """The program in a home, as the server knows it."""

    gateway_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Its name on the wire")
    home_id: int = Field(foreign_key="home.home_id", index=True)
    config_version: int = 1
    config_mark: str | None = Field(
        default_factory=new_mark, description="Another one for each change; None before the first since marks came"
    )
    last_heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Server's clock")
    knows_until: datetime | None = Field(
        default=None,
        sa_type=UtcDateTime,
        description="Up to here the server has all the gateway heard; gateway's clock",
    )
    claim: dict[str, Any] | None = Field(
        default=None,
        sa_type=JSON,
        description="What a heartbeat told of facts on their way: when, up to which numbers; and the newest since",
    )
    deaf_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="When its silence becomes a finding"
    )
    boot: str | None = None
    started_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When its program began to listen, by the server's clock"
    )
    software: str | None = None
    clock_synced: bool | None = None
    waiting: int = 0
    troubles: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    oldest_waiting_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Gateway's clock")
    dropped: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="By kind, for want of room")
    radio_steps: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, description="What was done to make a radio hear again, and how often"
    )
    deaf_radios: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="Since when, by name")
    starts: int = Field(default=0, description="Of the program on its present outbox; 0: not told")
    clock_jumps: int = Field(default=0, description="Since the program started")
    clock_ahead_s: float | None = Field(default=None, description="Gateway's clock before ours at its last heartbeat")
    disk_free_mb: int | None = Field(default=None, sa_type=BigInteger)
    secret_hash: str | None = Field(default=None, description="None before it is enrolled, and when it is revoked")
    enrolled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="From here on what it sends is quarantined; None: it may speak"
    )
