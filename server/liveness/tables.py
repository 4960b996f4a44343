"""Tables of tests that prove a sensor's way to the server, of silences, and of how batteries run down."""

from datetime import date, datetime

from sqlalchemy import Table
from sqlmodel import Field, SQLModel

from server.db.types import UtcDateTime


class SensorTest(SQLModel, table=True):
    """The last test press or test walk of a sensor. A new test takes the place of the one before."""

    __tablename__ = "sensor_test"

    sensor_id: int = Field(primary_key=True, foreign_key="sensor.sensor_id")
    started_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    started_by: str = Field(description="As the audit names them")
    observed_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When the gateway heard the sensor; None before it has"
    )
    received_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When that was stored here, by our clock"
    )


class Silence(SQLModel, table=True):
    """Some time in which a sensor or a gateway was silent for longer than it may be. Only contact ends it."""

    __tablename__ = "silence"

    silence_id: int | None = Field(default=None, primary_key=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    gateway_id: int | None = Field(default=None, foreign_key="gateway.gateway_id", index=True)
    sensor_id: int | None = Field(default=None, foreign_key="sensor.sensor_id", index=True)
    since: datetime = Field(sa_type=UtcDateTime, description="When it was last heard")
    until: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True, description="None while it lasts")


class BatteryDay(SQLModel, table=True):
    """What a sensor's battery had left on a day (UTC) on which it was told to be another than before."""

    __tablename__ = "battery_day"

    sensor_id: int = Field(primary_key=True, foreign_key="sensor.sensor_id")
    day: date = Field(primary_key=True)
    percent: float


BATTERY_DAY: Table = BatteryDay.__table__  # type: ignore[attr-defined]
