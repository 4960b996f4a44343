"""Keeps what could not be stored, with the reason, where people can see it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from server.access.service import Viewer
from server.access.tables import Role
from server.ingest.tables import QuarantineRow
from server.observations.tables import StreamRow

# A payload longer than this is cut: enough to see what it is, never enough to fill the disk.
_LONGEST_PAYLOAD = 64 * 1024
_LONGEST_TEXT = 500
_MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be stored. `stream_id` and `seq` when it is one item of a readable batch."""

    topic: str
    reason: str
    payload: bytes
    stream_id: int | None = None
    seq: int | None = None


def quarantine(db: Session, refused: Refused, now: datetime) -> None:
    """Keep a message with the reason. The same message again is counted, not kept twice."""
    payload, topic, reason = refused.payload[:_LONGEST_PAYLOAD], _storable(refused.topic), _storable(refused.reason)
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"received_at": now, "topic": topic, "reason": reason, "payload": payload, "times": 1}
    if refused.seq is not None:
        item = {**row, "stream_id": refused.stream_id, "seq": refused.seq}
        db.connection().execute(
            insert(QuarantineRow).values(**item).on_conflict_do_nothing(index_elements=["stream_id", "seq"])
        )
        return
    digest = hashlib.sha256(f"{topic}\0{reason}\0".encode() + payload).hexdigest()
    once = insert(QuarantineRow).values(**row, digest=digest)
    db.connection().execute(
        once.on_conflict_do_update(index_elements=["digest"], set_={"times": QuarantineRow.times + 1})
    )


def _storable(text: str) -> str:
    """Return a text that any database can hold: PostgreSQL refuses the character of number 0."""
    return text[:_LONGEST_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")


_ABOVE_MARKS = (
    select(QuarantineRow.stream_id, QuarantineRow.seq)
    .join(
        StreamRow,
        (col(StreamRow.stream_id) == QuarantineRow.stream_id) & (col(QuarantineRow.seq) > StreamRow.up_to_seq),
    )
    .where(col(StreamRow.stream_id).in_(bindparam("stream_ids", expanding=True)))
)


def quarantined_above_marks(db: Session, stream_ids: Collection[int]) -> list[tuple[int, int]]:
    """Return (stream, number) of what of these streams is in quarantine above their marks."""
    rows = db.connection().execute(_ABOVE_MARKS, {"stream_ids": list(stream_ids)})
    return [(stream_id, seq) for stream_id, seq in rows]


def count_by_stream(db: Session) -> dict[int, int]:
    """Return how many items of each stream are quarantined."""
    counts = select(QuarantineRow.stream_id, func.count()).group_by(col(QuarantineRow.stream_id))
    return {stream_id: count for stream_id, count in db.exec(counts) if stream_id is not None}


def list_quarantined(db: Session, viewer: Viewer) -> list[QuarantineRow]:
    """Return what was quarantined, newest first.

    Raises:
        NotAllowedError: only testers and administrators see it.
    """
    viewer.may(Role.TESTER, Role.ADMIN)
    return list(db.exec(select(QuarantineRow).order_by(col(QuarantineRow.quarantine_id).desc()).limit(_MOST_LISTED)))
