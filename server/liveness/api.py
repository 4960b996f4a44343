"""Routes for those who tend sensors: how each is, a test of its way to the server, a new battery."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from server.access.api import NowDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.liveness.link_tests import end_test, renew_count, start_test, tended
from server.liveness.views import SensorView, list_sensors

router = APIRouter(prefix="/api/sensors", tags=["sensors"])


class TestIn(BaseModel):
    """How long the sensor is tried."""

    minutes: int = Field(default=10, ge=1, le=60)


class TestOut(BaseModel):
    """A test press or test walk: the first fact of the sensor heard in it is the proof."""

    model_config = ConfigDict(from_attributes=True)

    started_at: datetime
    ends_at: datetime
    observed_at: datetime | None = Field(description="When the gateway heard it; None before it has")
    received_at: datetime | None = Field(description="When that was stored here")


class SensorHealthOut(BaseModel):
    """A sensor and how it is. `proven_at`: when a fact of it last came all the way and was stored."""

    sensor_id: str
    home: str
    room: str
    kinds: list[str]
    last_heard_at: datetime | None
    silent_since: datetime | None
    proven_at: datetime | None
    is_unproven: bool = Field(description="Never proven, or not for thirty days")
    rssi_dbm: int | None
    is_weak: bool = Field(description="Hardly heard for a day or more")
    battery_percent: float | None
    is_battery_low: bool
    troubles: dict[str, int] = Field(description="Of this sensor alone, since its gateway started")
    test: TestOut | None = Field(description="The last one; None where it was never tried")


@router.get("")
def get_sensors(viewer: ViewerDep, db: ReadDep, now: NowDep, *, unproven: bool = False) -> list[SensorHealthOut]:
    """List the unit's sensors; with `unproven` only those whose way was not proven in thirty days."""
    return [_out(sensor) for sensor in list_sensors(db, viewer, now) if sensor.is_unproven or not unproven]


@router.post("/{sensor_id}/test")
def post_test(
    viewer: ViewerDep, database: DatabaseDep, request: Request, now: NowDep, sensor_id: str, test: TestIn
) -> TestOut:
    """Try a sensor: one press or movement of it within the minutes asked for proves its way, and wakes nobody.

    Pressed twice or held it is a call, as it is outside the test. Smoke, water and fall sensors always call.
    """
    with database.transaction() as db:
        lasts = timedelta(minutes=test.minutes)
        started = start_test(db, tended(db, viewer, sensor_id), viewer.audit_name, lasts, now)
    request.app.state.feed.wake()
    return TestOut.model_validate(started)


@router.delete("/{sensor_id}/test", status_code=204)
def delete_test(viewer: ViewerDep, database: DatabaseDep, request: Request, now: NowDep, sensor_id: str) -> None:
    """End a test before its time. Harmless where none is open."""
    with database.transaction() as db:
        end_test(db, tended(db, viewer, sensor_id), viewer.audit_name, now)
    request.app.state.feed.wake()


@router.post("/{sensor_id}/new-battery", status_code=204)
def post_new_battery(viewer: ViewerDep, database: DatabaseDep, request: Request, now: NowDep, sensor_id: str) -> None:
    """Tell that the battery was changed: the gateway lets the next packet set the encryption counter, once."""
    with database.transaction() as db:
        renew_count(db, tended(db, viewer, sensor_id), viewer.audit_name, now)
    request.app.state.feed.wake()


def _out(sensor: SensorView) -> SensorHealthOut:
    test = None if sensor.test is None else TestOut.model_validate(sensor.test)
    fields = {name: getattr(sensor, name) for name in SensorHealthOut.model_fields if name != "test"}
    return SensorHealthOut(**fields, test=test)
