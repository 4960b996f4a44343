"""What the models are told of a home: that somebody did something, in which room, and what could not be seen."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from gateway.contract.observation import SensorKind
from models.activity import Activity, shows_activity
from models.sight import Eye, Sight, sight
from server.observations.service import StoredFact
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


def activities_of(db: Session, facts: Sequence[StoredFact]) -> list[Activity]:
    """Return the activities among facts, in their order. A sensor may hang in another home by now."""
    shown = [fact for fact in facts if shows_activity(fact.kind, fact.value)]
    if not shown:
        return []
    numbers = {"sensor_ids": list({fact.sensor_id for fact in shown})}
    rooms: dict[int, str] = {row.sensor_id: row.room for row in db.connection().execute(_ROOMS, numbers)}
    return [Activity(fact.observed_at, rooms[fact.sensor_id], fact.kind) for fact in shown]
