"""What the models are told of a home: what was heard in which room, and what could not be seen."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from gateway.contract.observation import SensorKind
from models.presence import Fact
from models.sight import Eye, Sight, sight
from models.trace import Channel, Trace
from server.observations.service import StoredFact, facts_since
from server.residents.tables import Sensor


def sight_of(db: Session, home_id: int) -> Sight:
    """Return what the home's sensors can see now, with those that are known to be silent left out."""
    rows = db.exec(select(Sensor).where(Sensor.home_id == home_id))
    return sight(Eye(row.room, _meanings(row), row.silent_since is not None) for row in rows)


_ROOMS = select(Sensor.sensor_id, Sensor.room).where(col(Sensor.sensor_id).in_(bindparam("sensor_ids", expanding=True)))
_SILENT = (
    select(Sensor.home_id)
    .where(col(Sensor.home_id).in_(bindparam("home_ids", expanding=True)), col(Sensor.silent_since).is_not(None))
    .distinct()
)


def homes_with_silent(db: Session, home_ids: Collection[int]) -> set[int]:
    """Return which of these homes have a sensor that is silent: all others are seen as they always are."""
    return set(db.connection().execute(_SILENT, {"home_ids": list(home_ids)}).scalars())


def _meanings(sensor: Sensor) -> frozenset[SensorKind]:
    known = set(SensorKind)
    meant = {sensor.reads_as.get(kind, kind) for kind in sensor.kinds}
    return frozenset(SensorKind(kind) for kind in meant if kind in known)


def facts_of(db: Session, facts: Sequence[StoredFact]) -> list[Fact]:
    """Return facts as the models are told them, in their order. A sensor may hang in another home by now."""
    if not facts:
        return []
    rooms = _rooms(db, {fact.sensor_id for fact in facts})
    return [Fact(fact.observed_at, rooms[fact.sensor_id], fact.kind, fact.value) for fact in facts]


def trace_of(db: Session, home_id: int, since: datetime, until: datetime) -> Trace:
    """Return what was heard in a home in [since, until), as the models learn from it."""
    rows = facts_since(db, home_id, since, until)
    rooms = _rooms(db, {row.sensor_id for row in rows}) if rows else {}
    channels = sorted({Channel(row.kind, rooms[row.sensor_id]) for row in rows})
    number = {channel: place for place, channel in enumerate(channels)}
    return Trace.of(
        str(home_id),
        [int(row.observed_at.timestamp()) for row in rows],
        [number[Channel(row.kind, rooms[row.sensor_id])] for row in rows],
        [row.value for row in rows],
        channels,
    )


def _rooms(db: Session, sensor_ids: Collection[int]) -> dict[int, str]:
    rows = db.connection().execute(_ROOMS, {"sensor_ids": list(sensor_ids)})
    return {row.sensor_id: row.room for row in rows}
