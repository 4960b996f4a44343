"""Stores what was measured on bodies, and reads it back by home and time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_
from sqlmodel import Session

from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import VITALS, SensorKind, Vital
from server.db.types import from_ms, to_ms
from server.observations.service import NewFact, StoredFact, insert_once
from server.observations.tables import KIND_NUMBER, KIND_OF, StreamRow
from server.residents.service import home_of
from server.vitals.rules import is_doubtful, mark_of, measured_at
from server.vitals.tables import VITAL


@dataclass(frozen=True, slots=True)
class StoredVital:
    """One value read back. `by_device_clock`: False where `measured_at` is when it was fetched."""

    kind: SensorKind
    value: float
    measured_at: datetime
    by_device_clock: bool
    sensor_id: int
    device_user: int | None
    doubts: tuple[Doubt, ...]
    meal: Meal | None
    missed: SensorKind | None


def store_vitals(db: Session, stream: StreamRow, facts: Sequence[NewFact], patience: timedelta) -> None:
    """Store those of the facts that were measured on a body; the same measurement again changes nothing."""
    measured = [fact for fact in facts if fact.told.kind in VITALS]
    if not measured:
        return
    zone = ZoneInfo(home_of(db, stream.home_id).time_zone)
    rows = [_row(stream, fact, zone, patience) for fact in measured]
    # In one order for all: two gateways of a home that bring the same do not wait for each other in a circle.
    rows.sort(key=lambda row: (row["sensor_id"], row["kind"], row["mark"] or ""))
    insert_once(db, VITAL, rows)


def vitals_since(db: Session, home_id: int, since: datetime) -> list[StoredVital]:
    """Return what was measured in a home from `since` on, oldest first."""
    wanted = select(VITAL).where(VITAL.c.home_id == home_id, VITAL.c.measured_ms >= to_ms(since))
    rows = db.connection().execute(wanted.order_by(VITAL.c.measured_ms, VITAL.c.stream_id, VITAL.c.seq)).mappings()
    return [
        StoredVital(
            kind=KIND_OF[row["kind"]],
            value=row["value"],
            measured_at=from_ms(row["measured_ms"]),
            by_device_clock=row["by_device_clock"],
            sensor_id=row["sensor_id"],
            device_user=row["device_user"],
            doubts=tuple(Doubt(doubt) for doubt in row["doubts"]),
            meal=None if row["meal"] is None else Meal(row["meal"]),
            missed=None if row["missed"] is None else KIND_OF[row["missed"]],
        )
        for row in rows
    ]


# Two variables each, of the 32,766 that SQLite takes.
_MOST_ASKED = 10_000


def without_repeats(db: Session, facts: Iterable[StoredFact]) -> list[tuple[StoredFact, bool]]:
    """Return facts in their order, each with whether its value is doubtful.

    The same measurement fetched again is left out: what was measured once must not count twice.
    """
    every = list(facts)
    keys = [(fact.stream_id, fact.seq) for fact in every if fact.kind in VITALS]
    doubtful: dict[tuple[int, int], bool] = {}
    for start in range(0, len(keys), _MOST_ASKED):
        asked = tuple_(VITAL.c.stream_id, VITAL.c.seq).in_(keys[start : start + _MOST_ASKED])
        for row in db.connection().execute(select(VITAL.c.stream_id, VITAL.c.seq, VITAL.c.doubts).where(asked)):
            doubtful[row.stream_id, row.seq] = is_doubtful([Doubt(doubt) for doubt in row.doubts])
    return [
        (fact, doubtful.get((fact.stream_id, fact.seq), False))
        for fact in every
        if fact.kind not in VITALS or (fact.stream_id, fact.seq) in doubtful
    ]


def _row(stream: StreamRow, fact: NewFact, zone: ZoneInfo, patience: timedelta) -> dict[str, object]:
    said = fact.told.vital or Vital()
    moment = measured_at(said, zone, fact.observed_at, patience)
    return {
        "stream_id": stream.stream_id,
        "seq": fact.told.seq,
        "home_id": stream.home_id,
        "sensor_id": fact.sensor_id,
        "kind": KIND_NUMBER[fact.told.kind],
        "value": fact.told.value,
        "measured_ms": to_ms(moment.at),
        "by_device_clock": moment.by_device_clock,
        "device_sequence": said.sequence,
        "device_user": said.user,
        "doubts": list(said.doubts),
        "meal": said.meal,
        "missed": None if said.missed is None else KIND_NUMBER[said.missed],
        "mark": mark_of(said, fact.told.value),
    }
