"""Stores facts once, and reads them back by home and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session
from sqlmodel import select as select_row

from gateway.contract.observation import Observation, SensorKind
from server.db.types import from_ms, to_ms
from server.observations.tables import KIND_NUMBER, KIND_OF, OBSERVATION, ClockState, StreamRow


@dataclass(frozen=True, slots=True)
class StoredFact:
    """One fact read back."""

    seq: int
    sensor_id: int
    kind: SensorKind
    value: float
    observed_at: datetime
    received_at: datetime


def stream_for(db: Session, gateway_id: int, home_id: int, epoch: str, stream: str) -> StreamRow:
    """Return the row of a stream, making it when it is new. Locked for this transaction on PostgreSQL."""
    wanted = select_row(StreamRow).where(
        StreamRow.gateway_id == gateway_id, StreamRow.epoch == epoch, StreamRow.stream == stream
    )
    row = db.exec(wanted.with_for_update()).first()
    if row is not None:
        return row
    insert_once(db, StreamRow.__table__, [_new_stream(gateway_id, home_id, epoch, stream)])  # type: ignore[attr-defined]
    return db.exec(wanted.with_for_update()).one()


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact about to be stored: as it was told, its sensor's number here, and when it happened by our reckoning."""

    told: Observation
    sensor_id: int
    observed_at: datetime
    clock: ClockState


def store(db: Session, stream: StreamRow, facts: Sequence[NewFact], received_at: datetime) -> None:
    """Store facts; what is there already stays as it is."""
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
        for fact in facts
    ]
    if rows:
        insert_once(db, OBSERVATION, rows)


def already_stored(db: Session, stream: StreamRow, seqs: Sequence[int]) -> set[int]:
    """Return which of these numbers are stored."""
    wanted = select(OBSERVATION.c.seq).where(OBSERVATION.c.stream_id == stream.stream_id, OBSERVATION.c.seq.in_(seqs))
    return set(db.connection().execute(wanted).scalars())


def numbers_after(db: Session, stream: StreamRow, after: int) -> list[int]:
    """Return the stored numbers above `after`, rising."""
    wanted = select(OBSERVATION.c.seq).where(OBSERVATION.c.stream_id == stream.stream_id, OBSERVATION.c.seq > after)
    return list(db.connection().execute(wanted.order_by(OBSERVATION.c.seq)).scalars())


def facts_between(db: Session, stream: StreamRow, after: int, up_to: int, most: int) -> list[StoredFact]:
    """Return the first `most` facts of one stream numbered in (after, up_to], in the order they were heard."""
    wanted = select(OBSERVATION).where(
        OBSERVATION.c.stream_id == stream.stream_id, OBSERVATION.c.seq > after, OBSERVATION.c.seq <= up_to
    )
    return [_fact(row) for row in db.connection().execute(wanted.order_by(OBSERVATION.c.seq).limit(most)).mappings()]


def facts_since(db: Session, home_id: int, since: datetime, until: datetime) -> list[StoredFact]:
    """Return a home's facts observed in [since, until), in that order."""
    wanted = select(OBSERVATION).where(
        OBSERVATION.c.home_id == home_id,
        OBSERVATION.c.observed_ms >= to_ms(since),
        OBSERVATION.c.observed_ms < to_ms(until),
    )
    return [_fact(row) for row in db.connection().execute(wanted.order_by(OBSERVATION.c.observed_ms)).mappings()]


def count_by_stream(db: Session, gateway_id: int) -> dict[int, int]:
    """Return how many facts of each stream of a gateway are stored."""
    wanted = (
        select(OBSERVATION.c.stream_id, func.count())
        .join(StreamRow, StreamRow.stream_id == OBSERVATION.c.stream_id)  # type: ignore[arg-type]
        .where(StreamRow.gateway_id == gateway_id)  # type: ignore[arg-type]
        .group_by(OBSERVATION.c.stream_id)
    )
    return {row[0]: row[1] for row in db.connection().execute(wanted)}


def streams_of(db: Session, gateway_id: int) -> list[StreamRow]:
    """Return the streams of a gateway, oldest outbox first."""
    return list(db.exec(select_row(StreamRow).where(StreamRow.gateway_id == gateway_id).order_by(StreamRow.stream_id)))  # type: ignore[arg-type]


def _fact(row: object) -> StoredFact:
    fields = dict(row)  # type: ignore[call-overload]
    return StoredFact(
        seq=fields["seq"],
        sensor_id=fields["sensor_id"],
        kind=KIND_OF[fields["kind"]],
        value=fields["value"],
        observed_at=from_ms(fields["observed_ms"]),
        received_at=from_ms(fields["received_ms"]),
    )


def _new_stream(gateway_id: int, home_id: int, epoch: str, stream: str) -> dict[str, object]:
    return {
        "gateway_id": gateway_id, "home_id": home_id, "epoch": epoch, "stream": stream,
        "up_to_seq": 0, "lost": 0,
    }  # fmt: skip


def insert_once(db: Session, table: object, rows: list[dict[str, object]]) -> None:
    """Insert rows; one whose key is taken changes nothing."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.connection().execute(insert(table).on_conflict_do_nothing(), rows)  # type: ignore[arg-type]
