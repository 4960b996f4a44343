"""What stored facts tell the models: that somebody did something, and in which room."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.activity import Activity, shows_activity
from server.observations.service import StoredFact
from server.residents.tables import Sensor


def activities_of(db: Session, facts: Sequence[StoredFact]) -> list[Activity]:
    """Return the activities among facts, in their order. A sensor may hang in another home by now."""
    shown = [fact for fact in facts if shows_activity(fact.kind, fact.value)]
    wanted = select(Sensor.sensor_id, Sensor.room).where(col(Sensor.sensor_id).in_({f.sensor_id for f in shown}))
    rooms = dict(db.exec(wanted).all())
    return [Activity(fact.observed_at, rooms[fact.sensor_id], fact.kind) for fact in shown]
