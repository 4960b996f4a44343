"""How the sensors of a unit are: heard, proven, strong, and what troubles them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Role
from server.liveness.rules import is_battery_told, is_unproven, is_weak
from server.liveness.tables import SensorTest
from server.residents.tables import Home, Sensor


@dataclass(frozen=True, slots=True)
class SensorView:
    """One sensor. Times in UTC; None where it has not happened.

    `proven_at`: when a fact of it was last stored here, so that its whole way held. `is_unproven`: never, or longer ago
    than thirty days. `is_weak`: hardly heard for a day or more.
    """

    sensor_id: str
    home: str
    address: str
    time_zone: str
    room: str
    kinds: tuple[str, ...]
    is_encrypted: bool
    last_heard_at: datetime | None
    silent_since: datetime | None
    proven_at: datetime | None
    is_unproven: bool
    rssi_dbm: int | None
    is_weak: bool
    battery_percent: float | None
    is_battery_low: bool
    troubles: dict[str, int]
    test: SensorTest | None


def list_sensors(db: Session, viewer: Viewer, now: datetime, home: str | None = None) -> list[SensorView]:
    """Return every sensor of the viewer's unit, home by home; with `home` those of that one.

    Raises:
        NotAllowedError: relatives do not see it.
    """
    viewer.may(Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
    wanted = (
        select(Sensor, Home, SensorTest)
        .join(Home, col(Home.home_id) == Sensor.home_id)
        .outerjoin(SensorTest, col(SensorTest.sensor_id) == col(Sensor.sensor_id))
        .where(col(Home.unit_id).in_(viewer.units), col(Sensor.removed_at).is_(None))
        .order_by(Home.code, Sensor.room, Sensor.address)
    )
    if home is not None:
        wanted = wanted.where(Home.code == home)
    return [_view(sensor, place, test, now) for sensor, place, test in db.exec(wanted)]


def unproven_sensors(db: Session, now: datetime) -> list[tuple[Sensor, str]]:
    """Return every sensor whose way was never proven or too long ago, with its home's code."""
    wanted = select(Sensor, Home.code).join(Home, col(Home.home_id) == Sensor.home_id)
    wanted = wanted.where(col(Sensor.removed_at).is_(None))
    rows = db.exec(wanted.order_by(Home.code, Sensor.room, Sensor.address))
    return [(sensor, home) for sensor, home in rows if is_unproven(sensor.last_proven_at, now)]


def _view(sensor: Sensor, home: Home, test: SensorTest | None, now: datetime) -> SensorView:
    return SensorView(
        sensor_id=sensor.address,
        home=home.code,
        address=home.address,
        time_zone=home.time_zone,
        room=sensor.room,
        kinds=tuple(sensor.kinds),
        is_encrypted=sensor.bind_key is not None,
        last_heard_at=sensor.last_heard_at,
        silent_since=sensor.silent_since,
        proven_at=sensor.last_proven_at,
        is_unproven=is_unproven(sensor.last_proven_at, now),
        rssi_dbm=sensor.rssi_dbm,
        is_weak=is_weak(sensor.weak_since, now),
        battery_percent=sensor.battery_percent,
        is_battery_low=is_battery_told(sensor.battery_low_since, sensor.battery_percent, now),
        troubles=sensor.troubles,
        test=test,
    )
