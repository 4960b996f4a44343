"""Tables of stored facts: the hot ones, with integer keys and times in milliseconds."""

from enum import IntEnum

from sqlalchemy import BigInteger, Column, Float, Index, Integer, SmallInteger, Table
from sqlmodel import Field, SQLModel

from gateway.contract.observation import SensorKind

# Kinds as small numbers on disk. Append only: a number is never given a new meaning.
_KINDS = (
    SensorKind.MOTION, SensorKind.DOOR, SensorKind.BED, SensorKind.CHAIR, SensorKind.BUTTON, SensorKind.PULL_CORD,
    SensorKind.FALL, SensorKind.SMOKE, SensorKind.WATER_LEAK, SensorKind.TEMPERATURE, SensorKind.HUMIDITY,
    SensorKind.LIGHT, SensorKind.POWER, SensorKind.SYSTOLIC, SensorKind.DIASTOLIC, SensorKind.MEAN_ARTERIAL,
    SensorKind.HEART_RATE, SensorKind.OXYGEN_SATURATION, SensorKind.BODY_TEMPERATURE, SensorKind.WEIGHT,
    SensorKind.GLUCOSE, SensorKind.MEASURED_NOTHING,
)  # fmt: skip
KIND_NUMBER = {kind: number for number, kind in enumerate(_KINDS, start=1)}
KIND_OF = {number: kind for kind, number in KIND_NUMBER.items()}


class ClockState(IntEnum):
    """Whether the gateway's clock could be trusted when a fact was heard."""

    UNSYNCED = 0
    SYNCED = 1
    CORRECTED = 2  # moved by the offset between the gateway's clock and ours


class StreamRow(SQLModel, table=True):
    """One sequence of one gateway's outbox, and how far the server has it."""

    __tablename__ = "stream"
    __table_args__ = (Index("stream_name", "gateway_id", "epoch", "stream", unique=True),)

    stream_id: int | None = Field(default=None, primary_key=True)
    gateway_id: int = Field(foreign_key="gateway.gateway_id")
    home_id: int = Field(foreign_key="home.home_id", index=True)
    epoch: str
    stream: str
    up_to_seq: int = Field(
        default=0, sa_type=BigInteger, description="Everything up to here is on disk or known to be lost"
    )
    lost: int = Field(default=0, sa_type=BigInteger, description="Numbers the gateway let go before we had them")


STREAM: Table = StreamRow.__table__  # type: ignore[attr-defined]

# A clustered table: 32 bytes a row and a home's day in one read (SQLite WITHOUT ROWID). Written by core insert only.
OBSERVATION = Table(
    "observation",
    SQLModel.metadata,
    Column("stream_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("home_id", Integer, nullable=False),
    Column("sensor_id", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("value", Float, nullable=False),
    Column("observed_ms", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("clock", SmallInteger, nullable=False),
    Column("rssi_dbm", SmallInteger, nullable=True),
    Index("observation_by_time", "home_id", "observed_ms"),
    sqlite_with_rowid=False,
)
