"""Table of what was measured on a body."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, SmallInteger, String, Table
from sqlmodel import SQLModel

# One row beside each such observation, under the same key. `mark` is the same for the same measurement fetched again,
# None where the device gives neither time nor number. Written by core insert only.
VITAL = Table(
    "vital",
    SQLModel.metadata,
    Column("stream_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("home_id", Integer, nullable=False),
    Column("sensor_id", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("value", Float, nullable=False),
    Column("measured_ms", BigInteger, nullable=False),
    Column("by_device_clock", Boolean, nullable=False),
    Column("device_sequence", Integer, nullable=True),
    Column("device_user", SmallInteger, nullable=True),
    Column("doubts", JSON, nullable=False),
    Column("meal", String(32), nullable=True),
    Column("missed", SmallInteger, nullable=True),
    Column("mark", String, nullable=True),
    Index("vital_by_time", "home_id", "measured_ms"),
    Index("vital_once", "sensor_id", "kind", "mark", unique=True),
)
