"""Table of tests that prove a sensor's way to the server."""

from datetime import datetime

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
