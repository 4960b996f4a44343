"""Stores facts once, and reads them back by home and time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col
from sqlmodel import select as select_row

from gateway.contract.observation import Observation, SensorKind
from server.db.types import from_ms, to_ms
from server.observations.tables import KIND_NUMBER, KIND_OF, OBSERVATION, STREAM, ClockState, StreamRow


@dataclass(frozen=True, slots=True)
class StoredFact:
    """One fact read back."""

    stream_id: int
    seq: int
    sensor_id: int
    kind: SensorKind
    value: float
    observed_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class StreamName:
    """Which sequence of which gateway's outbox."""

    gateway_id: int
    epoch: str
    stream: str


def streams_for(db: Session, homes: Mapping[StreamName, int]) -> dict[StreamName, StreamRow]:
    """Return the rows of some streams (and the homes they are of), making those that are new.

    Locked for this transaction on PostgreSQL, in one order for all.
    """
    found = _streams_named(db, homes)
    new = [_new_stream(name, home_id) for name, home_id in homes.items() if name not in found]
    if not new:
        return found
    insert_once(db, STREAM, new)
    return _streams_named(db, homes)


def _streams_named(db: Session, names: Collection[StreamName]) -> dict[StreamName, StreamRow]:
    wanted = select_row(StreamRow).where(
        col(StreamRow.gateway_id).in_({name.gateway_id for name in names}),
        col(StreamRow.epoch).in_({name.epoch for name in names}),
        col(StreamRow.stream).in_({name.stream for name in names}),
    )
    rows = db.exec(wanted.order_by(col(StreamRow.stream_id)).with_for_update())
    found = {StreamName(row.gateway_id, row.epoch, row.stream): row for row in rows}
    return {name: found[name] for name in names if name in found}


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact about to be stored: as it was told, its sensor's number here, and when it happened by our reckoning."""

    told: Observation
    sensor_id: int
    observed_at: datetime
    clock: ClockState


def store(db: Session, told: Iterable[tuple[StreamRow, Sequence[NewFact]]], received_at: datetime) -> None:
    """Store facts of some streams; what is there already stays as it is."""
    received_ms = to_ms(received_at)
    rows: list[dict[str, object]] = [
        {
            "stream_id": stream.stream_id,
            "seq": fact.told.seq,
            "home_id": stream.home_id,
            "sensor_id": fact.sensor_id,
            "kind": KIND_NUMBER[fact.told.kind],
            "value": fact.told.value,
            "observed_ms": to_ms(fact.observed_at),
            "received_ms": received_ms,
            "clock": fact.clock,
            "rssi_dbm": fact.told.rssi_dbm,
        }
        for stream, facts in told
        for fact in facts
    ]
    if rows:
        insert_once(db, OBSERVATION, rows)


_ABOVE_MARKS = (
    select(OBSERVATION.c.stream_id, OBSERVATION.c.seq)
    .join(STREAM, (STREAM.c.stream_id == OBSERVATION.c.stream_id) & (OBSERVATION.c.seq > STREAM.c.up_to_seq))
    .where(STREAM.c.stream_id.in_(bindparam("stream_ids", expanding=True)))
)


def stored_above_marks(db: Session, stream_ids: Collection[int]) -> list[tuple[int, int]]:
    """Return (stream, number) of what these streams have stored above their marks: out of turn, before a gap."""
    rows = db.connection().execute(_ABOVE_MARKS, {"stream_ids": list(stream_ids)})
    return [(stream_id, seq) for stream_id, seq in rows]


_BETWEEN = (
    select(OBSERVATION)
    .where(
        OBSERVATION.c.stream_id == bindparam("stream"),
        OBSERVATION.c.seq > bindparam("after"),
        OBSERVATION.c.seq <= bindparam("up_to"),
    )
    .order_by(OBSERVATION.c.seq)
    .limit(bindparam("most"))
)


def facts_between(db: Session, stream_id: int, after: int, up_to: int, most: int) -> list[StoredFact]:
    """Return the first `most` facts of one stream numbered in (after, up_to], in the order they were heard."""
    within = {"stream": stream_id, "after": after, "up_to": up_to, "most": most}
    return [_fact(row) for row in db.connection().execute(_BETWEEN, within).mappings()]


def facts_since(db: Session, home_id: int, since: datetime, until: datetime) -> list[StoredFact]:
    """Return a home's facts observed in [since, until), in that order."""
    wanted = select(OBSERVATION).where(
        OBSERVATION.c.home_id == home_id,
        OBSERVATION.c.observed_ms >= to_ms(since),
        OBSERVATION.c.observed_ms < to_ms(until),
    )
    return [_fact(row) for row in db.connection().execute(wanted.order_by(OBSERVATION.c.observed_ms)).mappings()]


def counts_by_step(
    db: Session,
    home_ids: Collection[int],
    since: datetime,
    steps: int,
    step: timedelta,
    kinds: Mapping[SensorKind, bool],
) -> dict[int, list[int]]:
    """Return by home how many facts of these kinds came in each of `steps` spans of `step` from `since` on.

    `kinds`: whether each counts only above zero. A home without any has none.
    """
    if not home_ids:
        return {}
    at, span_ms = OBSERVATION.c.observed_ms - to_ms(since), step // timedelta(milliseconds=1)
    place = ((at - at % span_ms) / span_ms).label("place")  # whole before it is divided: databases round differently
    always = [KIND_NUMBER[kind] for kind, above_zero in kinds.items() if not above_zero]
    above_zero = [KIND_NUMBER[kind] for kind, only in kinds.items() if only]
    counts = OBSERVATION.c.kind.in_(always) | (OBSERVATION.c.kind.in_(above_zero) & (OBSERVATION.c.value > 0))
    wanted = select(OBSERVATION.c.home_id, place, func.count()).where(
        OBSERVATION.c.home_id.in_(home_ids),
        OBSERVATION.c.observed_ms >= to_ms(since),
        OBSERVATION.c.observed_ms < to_ms(since + steps * step),
        counts,
    )
    found: dict[int, list[int]] = {}
    for home_id, number, times in db.connection().execute(wanted.group_by(OBSERVATION.c.home_id, place)):
        found.setdefault(home_id, [0] * steps)[int(number)] = times
    return found


_COUNTED = (
    select(
        OBSERVATION.c.sensor_id, OBSERVATION.c.kind, func.count().label("times"),
        func.max(OBSERVATION.c.observed_ms).label("last_ms"),
    )
    .where(
        OBSERVATION.c.home_id == bindparam("home"),
        OBSERVATION.c.observed_ms >= bindparam("since"),
        OBSERVATION.c.observed_ms < bindparam("until"),
    )
    .group_by(OBSERVATION.c.sensor_id, OBSERVATION.c.kind)
)  # fmt: skip


def counts_between(
    db: Session, home_id: int, since: datetime, until: datetime
) -> dict[tuple[int, SensorKind], tuple[int, datetime]]:
    """Return how often each sensor of a home told of each kind in [since, until), and when last."""
    within = {"home": home_id, "since": to_ms(since), "until": to_ms(until)}
    rows = db.connection().execute(_COUNTED, within)
    return {(row.sensor_id, KIND_OF[row.kind]): (row.times, from_ms(row.last_ms)) for row in rows}


def count_by_stream(db: Session, gateway_ids: Collection[int]) -> dict[int, int]:
    """Return how many facts of each stream of these gateways are stored."""
    wanted = (
        select(OBSERVATION.c.stream_id, func.count())
        .join(STREAM, STREAM.c.stream_id == OBSERVATION.c.stream_id)
        .where(STREAM.c.gateway_id.in_(gateway_ids))
        .group_by(OBSERVATION.c.stream_id)
    )
    return {row[0]: row[1] for row in db.connection().execute(wanted)}


def streams_of(db: Session, gateway_ids: Collection[int]) -> list[StreamRow]:
    """Return the streams of these gateways, oldest outbox first."""
    wanted = select_row(StreamRow).where(col(StreamRow.gateway_id).in_(gateway_ids))
    return list(db.exec(wanted.order_by(col(StreamRow.stream_id))))


def _fact(row: RowMapping) -> StoredFact:
    return StoredFact(
        stream_id=row["stream_id"],
        seq=row["seq"],
        sensor_id=row["sensor_id"],
        kind=KIND_OF[row["kind"]],
        value=row["value"],
        observed_at=from_ms(row["observed_ms"]),
        received_at=from_ms(row["received_ms"]),
    )


def _new_stream(name: StreamName, home_id: int) -> dict[str, object]:
    return {
        "gateway_id": name.gateway_id, "home_id": home_id, "epoch": name.epoch, "stream": name.stream,
        "up_to_seq": 0, "lost": 0,
    }  # fmt: skip


def insert_once(db: Session, table: object, rows: list[dict[str, object]]) -> None:
    """Insert rows; one whose key is taken changes nothing."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.connection().execute(insert(table).on_conflict_do_nothing(), rows)  # type: ignore[arg-type]
