"""Stores the batches of several gateways at once: statements for all of them, not for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.contract.observation import Observation
from gateway.contract.receipt import Receipt
from server.alerting.rules import URGENT_ALERT, is_late
from server.alerting.service import Raised, Reason, raise_in_home
from server.detection.due import make_due
from server.ingest.quarantine import Refused, quarantine, quarantined_above_marks
from server.ingest.reading import ReadBatch
from server.liveness.link_tests import Proofs, take_proofs, tell_proofs, under_test
from server.liveness.service import settle_claims
from server.observations import service as observations
from server.observations.rules import Moment, reckon, walk
from server.observations.service import NewFact, StreamName
from server.observations.tables import ClockState, StreamRow
from server.residents.service import note_proofs, sensors_by_address
from server.residents.tables import Gateway
from server.vitals.service import store_vitals


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that came from a gateway, on its topic."""

    gateway: Gateway
    topic: str
    read: ReadBatch


@dataclass(frozen=True, slots=True)
class Stored:
    """A batch that is on disk once the transaction is. `urgent`: somebody is to hear of it at once."""

    receipt: Receipt
    urgent: bool


@dataclass(slots=True)
class _Taking:
    """A batch being taken in. `have`: the numbers above its stream's mark that are on disk."""

    batch: Batch
    stream: StreamRow
    have: set[int] = field(default_factory=set)
    facts: list[NewFact] = field(default_factory=list)
    calls: list[NewFact] = field(default_factory=list)
    has_moved: bool = False
    urgent: bool = False

    @property
    def told(self) -> tuple[Observation, ...]:
        return self.batch.read.observations

    @property
    def oldest_held(self) -> int:
        """The lowest number the gateway still holds; what it has just sent it holds, whatever it says."""
        bad = [item.seq for item in self.batch.read.bad if item.seq is not None]
        return min([self.batch.read.envelope.oldest_seq, *(fact.seq for fact in self.told), *bad])

    @property
    def is_known(self) -> bool:
        """Whether nothing of it is news: it was stored before, and its gateway waited for the receipt in vain."""
        mark, envelope = self.stream.up_to_seq, self.batch.read.envelope
        return (
            not self.batch.read.bad
            and self.oldest_held <= mark + 1
            and all(fact.seq <= mark for fact in self.told)
            and all(last <= mark for _, last in envelope.gone)
        )


def take_in_batches(db: Session, batches: Sequence[Batch], now: datetime, patience: timedelta) -> list[Stored]:
    """Store batches of different gateways (rows locked), with what follows from them. A repeat changes nothing."""
    names = [
        StreamName(batch.gateway.gateway_id or 0, batch.read.envelope.epoch, batch.read.envelope.stream)
        for batch in batches
    ]
    homes = {name: batch.gateway.home_id for name, batch in zip(names, batches, strict=True)}
    streams = observations.streams_for(db, homes)
    taking = [_Taking(batch, streams[name]) for name, batch in zip(names, batches, strict=True)]
    fresh = [one for one in taking if not one.is_known]
    if fresh:
        _take_in(db, fresh, now, patience)
    return [_stored(one) for one in taking]


def _stored(one: _Taking) -> Stored:
    stream = one.batch.read.envelope.stream
    return Stored(Receipt(epoch=one.stream.epoch, stream=stream, up_to_seq=one.stream.up_to_seq), one.urgent)


def _take_in(db: Session, fresh: Sequence[_Taking], now: datetime, patience: timedelta) -> None:
    _fetch_had(db, fresh)
    _place(db, fresh, now, patience)
    observations.store(db, ((one.stream, one.facts) for one in fresh), now)
    for one in fresh:
        store_vitals(db, one.stream, one.facts, patience)
        _move_mark(one)
    db.flush()
    moved = [one.batch.gateway for one in fresh if one.has_moved]
    settle_claims(db, moved, now)
    make_due(db, {gateway.home_id for gateway in moved}, now)
    # Last: all lock gateway, stream, home, sensor, alert and audit in this order: none waits for another in a circle.
    note_proofs(db, _proofs(fact for one in fresh for fact in one.facts))
    tested = under_test(db, {fact.sensor_id for one in fresh for fact in one.facts})
    for one in fresh:
        proving = [fact for fact in one.facts if fact.sensor_id in tested]
        _tell(db, one, take_proofs(db, proving, now), now)


def _fetch_had(db: Session, fresh: Sequence[_Taking]) -> None:
    by_stream = {one.stream.stream_id: one for one in fresh}
    numbers = {stream_id for stream_id in by_stream if stream_id is not None}
    for above_marks in (observations.stored_above_marks, quarantined_above_marks):
        for stream_id, seq in above_marks(db, numbers):
            by_stream[stream_id].have.add(seq)


def _proofs(facts: Iterable[NewFact]) -> dict[int, datetime]:
    proofs: dict[int, datetime] = {}
    for fact in facts:
        proofs[fact.sensor_id] = max(fact.observed_at, proofs.get(fact.sensor_id, fact.observed_at))
    return proofs


def _place(db: Session, fresh: Sequence[_Taking], now: datetime, patience: timedelta) -> None:
    """Give each fact its sensor's number and its moment; what has neither goes to quarantine under its own number."""
    sensors = sensors_by_address(db, {one.batch.gateway.home_id for one in fresh})
    for one in fresh:
        ahead = one.batch.read.envelope.sent_at - now
        for fact in {fact.seq: fact for fact in one.told}.values():
            if fact.seq > one.stream.up_to_seq and fact.seq not in one.have:
                one.have.add(fact.seq)
                moment = reckon(fact.observed_at, synced=fact.clock_synced, ahead=ahead, now=now, patience=patience)
                _place_fact(db, one, fact, (sensors.get((one.batch.gateway.home_id, fact.sensor_id)), moment), now)
        _quarantine_bad(db, one, now)


def _place_fact(
    db: Session, one: _Taking, fact: Observation, found: tuple[int | None, Moment | None], now: datetime
) -> None:
    sensor_id, moment = found
    if sensor_id is None:
        _quarantine_fact(db, one, fact, now, "a sensor that is not of this home")
    elif moment is None:
        _quarantine_fact(db, one, fact, now, "its clock is ahead of ours though it says it is synchronised")
        # Whatever a clock says, a call for help is answered: it is dated when it came.
        _sort_call(one, NewFact(fact, sensor_id, now, ClockState.UNSYNCED))
    else:
        clock = ClockState.CORRECTED if moment.corrected else ClockState(int(fact.clock_synced))
        one.facts.append(NewFact(fact, sensor_id, moment.at, clock))
        _sort_call(one, one.facts[-1])


def _quarantine_bad(db: Session, one: _Taking, now: datetime) -> None:
    for item in one.batch.read.bad:
        if item.seq is None or item.seq > one.stream.up_to_seq:
            refused = Refused(one.batch.topic, item.reason, item.payload, one.stream.stream_id, item.seq)
            quarantine(db, refused, now)
        if item.seq is not None:
            one.have.add(item.seq)


def _sort_call(one: _Taking, fact: NewFact) -> None:
    if fact.told.kind in URGENT_ALERT and fact.told.value > 0:
        one.calls.append(fact)


def _quarantine_fact(db: Session, one: _Taking, fact: Observation, now: datetime, reason: str) -> None:
    payload = fact.model_dump_json(exclude_none=True).encode()
    quarantine(db, Refused(one.batch.topic, reason, payload, one.stream.stream_id, fact.seq), now)


def _move_mark(one: _Taking) -> None:
    """Move the stream's mark over everything that is on disk, in quarantine, or gone from the gateway for good."""
    stream, oldest_seq = one.stream, one.oldest_held
    before = mark = stream.up_to_seq
    if oldest_seq - 1 > mark:
        stream.lost += (oldest_seq - 1 - mark) - sum(1 for seq in one.have if seq < oldest_seq)
        mark = oldest_seq - 1
    stream.up_to_seq, passed = walk(mark, one.have, one.batch.read.envelope.gone)
    stream.lost += passed
    one.has_moved = stream.up_to_seq > before


def _tell(db: Session, one: _Taking, proofs: Proofs, now: datetime) -> None:
    calls = [call for call in one.calls if call.told.seq not in proofs.quiet]
    for call in calls:
        _raise_urgent(db, one.batch.gateway, call, now)
    tell_proofs(db, proofs, now)
    one.urgent = bool(calls or proofs.tests)


def _raise_urgent(db: Session, gateway: Gateway, fact: NewFact, now: datetime) -> None:
    kind = URGENT_ALERT[fact.told.kind]
    raised = Raised(
        kind=kind,
        observed_at=fact.observed_at,
        received_at=now,
        room=fact.told.room,
        reasons=(Reason(_REASON_OF.get(kind, kind), {"room": fact.told.room, "times": int(fact.told.value)}),),
        late=is_late(fact.observed_at, now),
    )
    raise_in_home(db, gateway.home_id, raised, now)


_REASON_OF = {"button": "pressed", "pull_cord": "pulled", "water_leak": "water"}
