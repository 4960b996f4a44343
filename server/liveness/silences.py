"""Keeps how long devices were silent, and what their batteries had left: what figures and forecasts are made of."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select, update

from server.liveness.tables import BATTERY_DAY, Silence
from server.observations.service import insert_once
from server.residents.tables import Gateway, Sensor


def begin_silences(db: Session, gateways: Sequence[Gateway] = (), sensors: Sequence[Sensor] = ()) -> None:
    """Note that devices (rows locked) are silent since they were last heard. Of one that is noted, nothing is."""
    open_ = select(Silence.gateway_id, Silence.sensor_id).where(col(Silence.until).is_(None))
    mine = or_(
        col(Silence.gateway_id).in_([gateway.gateway_id for gateway in gateways]),
        col(Silence.sensor_id).in_([sensor.sensor_id for sensor in sensors]),
    )
    known = set(db.exec(open_.where(mine)).all()) if gateways or sensors else set()
    rows = [
        Silence(home_id=one.home_id, gateway_id=one.gateway_id, since=one.last_heard_at)
        for one in gateways
        if one.last_heard_at is not None and (one.gateway_id, None) not in known
    ]
    rows += [
        Silence(home_id=one.home_id, sensor_id=one.sensor_id, since=one.silent_since)
        for one in sensors
        if one.silent_since is not None and (None, one.sensor_id) not in known
    ]
    db.add_all(rows)


def end_silences(
    db: Session, now: datetime, gateways: Sequence[int | None] = (), sensors: Sequence[int | None] = ()
) -> None:
    """Note that devices (by number) are heard again. Harmless of those that were not silent."""
    for column, numbers in ((col(Silence.gateway_id), gateways), (col(Silence.sensor_id), sensors)):
        if numbers:
            db.exec(update(Silence).where(column.in_(numbers), col(Silence.until).is_(None)).values(until=now))


def note_batteries_left(db: Session, percents: Mapping[int, float], now: datetime) -> None:
    """Keep what the batteries of these sensors (by number) have left: the first word of a day counts."""
    rows: list[dict[str, object]] = [
        {"sensor_id": number, "day": now.date(), "percent": percent} for number, percent in sorted(percents.items())
    ]
    if rows:
        insert_once(db, BATTERY_DAY, rows)
