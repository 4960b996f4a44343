"""What the models are told of a home: what was heard in which room, and what could not be seen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from gateway.contract.observation import SensorKind
from models.presence import Fact
from models.sight import Eye, Sight, sight
from models.technical.findings import Suspect
from models.trace import Channel, Trace
from server.detection.tables import BABBLES, Equipment
from server.observations.service import StoredFact, facts_since
from server.residents.service import rooms_of
from server.residents.tables import SENSOR, Sensor
from server.vitals.service import without_repeats


def sight_of(db: Session, home_id: int) -> Sight:
    """Return what the home's sensors can see now, without those that are silent, or suspected to see nothing."""
    return sight(eyes_of(db, home_id))


def eyes_of(db: Session, home_id: int) -> tuple[Eye, ...]:
    """Return the home's sensors, and which of them are silent now, or suspected to see nothing."""
    rows = db.exec(select(Sensor).where(Sensor.home_id == home_id, col(Sensor.removed_at).is_(None)))
    known = db.get(Equipment, home_id)
    doubted = {(kind, room) for kind, room, *_ in known.suspected} if known else set()
    return tuple(_eye(row.room, row.kinds, row.reads_as, row.silent_since, doubted) for row in rows)


def blind_homes(db: Session, home_ids: Collection[int]) -> set[int]:
    """Return which of these homes nothing sees now, as `sight_of` tells of one."""
    doubted = {
        home_id: {(one.channel.kind, one.channel.room) for one in ones}
        for home_id, ones in suspects_in(db, home_ids).items()
    }
    doubtful = set(doubted) | homes_with_silent(db, home_ids)
    eyes: dict[int, list[Eye]] = {home_id: [] for home_id in doubtful}
    hung = select_rows(SENSOR.c.home_id, SENSOR.c.room, SENSOR.c.kinds, SENSOR.c.reads_as, SENSOR.c.silent_since)
    hung = hung.where(SENSOR.c.home_id.in_(doubtful), SENSOR.c.removed_at.is_(None))
    for home_id, room, kinds, reads_as, silent_since in db.connection().execute(hung):
        eyes[home_id].append(_eye(room, kinds, reads_as, silent_since, doubted.get(home_id, ())))
    return {home_id for home_id, ones in eyes.items() if sight(ones).is_blind}


_KINDS = frozenset(SensorKind)


def _eye(
    room: str,
    kinds: Sequence[str],
    reads_as: Mapping[str, str],
    silent_since: datetime | None,
    doubted: Collection[tuple[str, str]],
) -> Eye:
    meant = {reads_as.get(kind, kind) for kind in kinds}
    meanings = frozenset(SensorKind(kind) for kind in meant if kind in _KINDS)
    is_doubted = any((kind, room) in doubted for kind in meanings)
    return Eye(room, meanings, is_doubted or silent_since is not None)


_SUSPECTED = select(Equipment.home_id, Equipment.suspected).where(
    col(Equipment.home_id).in_(bindparam("home_ids", expanding=True))
)


def suspects_in(db: Session, home_ids: Collection[int]) -> dict[int, tuple[Suspect, ...]]:
    """Return the sensors that are suspected of a fault, for each of these homes that has any."""
    rows = db.connection().execute(_SUSPECTED, {"home_ids": list(home_ids)})
    return {home_id: suspects_of(suspected) for home_id, suspected in rows if suspected}


def suspects_of(suspected: Sequence[Sequence[Any]]) -> tuple[Suspect, ...]:
    """Read what `Equipment.suspected` holds."""
    return tuple(
        Suspect(Channel(SensorKind(kind), room), known_s, state == BABBLES) for kind, room, known_s, state in suspected
    )


_SILENT = (
    select(Sensor.home_id)
    .where(col(Sensor.home_id).in_(bindparam("home_ids", expanding=True)), col(Sensor.silent_since).is_not(None))
    .distinct()
)


def homes_with_silent(db: Session, home_ids: Collection[int]) -> set[int]:
    """Return which of these homes have a sensor that is silent: all others are seen as they always are."""
    return set(db.connection().execute(_SILENT, {"home_ids": list(home_ids)}).scalars())


def facts_of(db: Session, facts: Sequence[StoredFact]) -> list[Fact]:
    """Return facts as the models are told them, in their order. A sensor may hang in another home by now."""
    if not facts:
        return []
    rooms = rooms_of(db, {fact.sensor_id for fact in facts})
    return [
        Fact(fact.observed_at, rooms[fact.sensor_id], fact.kind, fact.value, doubted=is_doubtful)
        for fact, is_doubtful in without_repeats(db, facts)
    ]


def trace_of(db: Session, home_id: int, since: datetime, until: datetime) -> Trace:
    """Return what was heard in a home in [since, until), as the models learn from it: without doubtful values."""
    heard = facts_since(db, home_id, since, until)
    rows = [fact for fact, is_doubtful in without_repeats(db, heard) if not is_doubtful]
    rooms = rooms_of(db, {row.sensor_id for row in rows}) if rows else {}
    channels = sorted({Channel(row.kind, rooms[row.sensor_id]) for row in rows})
    number = {channel: place for place, channel in enumerate(channels)}
    return Trace.of(
        str(home_id),
        [int(row.observed_at.timestamp()) for row in rows],
        [number[Channel(row.kind, rooms[row.sensor_id])] for row in rows],
        [row.value for row in rows],
        channels,
    )
