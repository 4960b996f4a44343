"""From a message to stored facts, an urgent alert and a receipt, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DataError
from sqlmodel import Session

from gateway.contract.codec import ContractError
from gateway.contract.observation import Observation
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Upward, UpwardTopic, read_upward
from server.alerting.rules import URGENT_ALERT, is_late
from server.alerting.service import Raised, Reason, raise_alert
from server.db.session import Database
from server.detection.tables import HomeWatch
from server.errors import ServerError
from server.ingest.quarantine import Refused, numbers_after, quarantine
from server.ingest.reading import ReadBatch, read_batch
from server.liveness.link_tests import take_proofs, tell_proofs
from server.liveness.service import hear_heartbeat, hear_presence, settle_claim
from server.observations import service as observations
from server.observations.rules import reckon, walk
from server.observations.service import NewFact
from server.observations.tables import ClockState, StreamRow
from server.residents.service import gateway_named, note_proofs, residents_of, sensors_by_address
from server.residents.tables import Gateway
from server.vitals.service import store_vitals


class _RefusedError(ServerError):
    """The whole message goes to quarantine; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Received:
    """What follows from a message once it is on disk."""

    gateway_code: str | None = None
    receipt: Receipt | None = None
    urgent: bool = False
    wants_config: bool = False


@dataclass(frozen=True, slots=True)
class _Message:
    topic: str
    payload: bytes
    now: datetime
    patience: timedelta


def receive(database: Database, topic: str, payload: bytes, now: datetime, patience: timedelta) -> Received:
    """Take in one message. When this returns it is on disk: as facts, or in quarantine with the reason.

    Taking it in again changes nothing and gives the same receipt. `patience`: how far a gateway's clock may be from
    ours.
    """
    message = _Message(topic, payload, now, patience)
    try:
        with database.transaction() as db:
            return _take_in(db, message)
    except (_RefusedError, ContractError) as refusal:
        reason = str(refusal)
    except (DataError, OverflowError) as error:
        reason = f"it holds a value that cannot be stored ({type(error).__name__})"
    with database.transaction() as db:
        quarantine(db, Refused(topic, reason, payload), now)
    return Received()


def _take_in(db: Session, message: _Message) -> Received:
    try:
        topic = read_upward(message.topic)
    except ValueError:
        raise _RefusedError("no gateway sends on this topic") from None
    gateway = gateway_named(db, topic.gateway_id)
    if gateway is None:
        raise _RefusedError("no such gateway")
    if gateway.revoked_at is not None:
        raise _RefusedError("its enrolment was withdrawn")
    if topic.what is Upward.HEARTBEAT:
        up_to_date = hear_heartbeat(db, gateway, message.payload, message.now, message.patience)
        return Received(gateway.code, wants_config=not up_to_date)
    if topic.what is Upward.PRESENCE:
        here = hear_presence(db, gateway, message.payload, message.now, message.patience)
        return Received(gateway.code, wants_config=here)
    return _take_in_batch(db, gateway, topic, message)


def _take_in_batch(db: Session, gateway: Gateway, topic: UpwardTopic, message: _Message) -> Received:
    batch = read_batch(topic, message.payload)
    envelope = batch.envelope
    stream = observations.stream_for(db, gateway.gateway_id or 0, gateway.home_id, envelope.epoch, envelope.stream)
    before = stream.up_to_seq
    fresh = _not_yet_taken_in(db, stream, batch.observations)
    placed = _place(db, gateway, stream, fresh, message, ahead=envelope.sent_at - message.now)
    observations.store(db, stream, placed.facts, message.now)
    store_vitals(db, stream, placed.facts, message.patience)
    _quarantine_items(db, stream, batch, message)
    _move_mark(db, stream, _oldest_held(batch), envelope.gone)
    settle_claim(db, gateway)
    if stream.up_to_seq > before:
        _make_due(db, gateway.home_id, message.now)
    # Last: all lock stream, gateway, home, sensor, alert and audit in this order: none waits for another in a circle.
    note_proofs(db, _proofs(placed.facts))
    proofs = take_proofs(db, placed.facts, message.now)
    calls = [call for call in placed.calls if call.told.seq not in proofs.quiet]
    for call in calls:
        _raise_urgent(db, gateway, call, message.now)
    tell_proofs(db, proofs, message.now)
    receipt = Receipt(epoch=stream.epoch, stream=envelope.stream, up_to_seq=stream.up_to_seq)
    return Received(gateway.code, receipt, urgent=bool(calls or proofs.tests))


def _proofs(facts: Sequence[NewFact]) -> dict[int, datetime]:
    proofs: dict[int, datetime] = {}
    for fact in facts:
        proofs[fact.sensor_id] = max(fact.observed_at, proofs.get(fact.sensor_id, fact.observed_at))
    return proofs


def _not_yet_taken_in(db: Session, stream: StreamRow, told: Sequence[Observation]) -> list[Observation]:
    fresh = {fact.seq: fact for fact in told if fact.seq > stream.up_to_seq}
    if not fresh:
        return []
    have = observations.already_stored(db, stream, list(fresh))
    have.update(numbers_after(db, stream.stream_id or 0, stream.up_to_seq))
    return [fact for seq, fact in fresh.items() if seq not in have]


def _oldest_held(batch: ReadBatch) -> int:
    """Return the lowest number the gateway still holds; what it has just sent it holds, whatever it says."""
    sent = [fact.seq for fact in batch.observations] + [item.seq for item in batch.bad if item.seq is not None]
    return min([batch.envelope.oldest_seq, *sent])


@dataclass(frozen=True, slots=True)
class _Placed:
    """What is to be stored, and who is to be helped."""

    facts: list[NewFact]
    calls: list[NewFact]


def _place(
    db: Session, gateway: Gateway, stream: StreamRow, told: list[Observation], message: _Message, ahead: timedelta
) -> _Placed:
    """Give each fact its sensor's number and its moment; what has neither goes to quarantine under its own number."""
    placed = _Placed([], [])
    if not told:
        return placed
    sensors = sensors_by_address(db, gateway.home_id)
    for fact in told:
        moment = reckon(
            fact.observed_at, synced=fact.clock_synced, ahead=ahead, now=message.now, patience=message.patience
        )
        if fact.sensor_id not in sensors:
            _quarantine_fact(db, stream, fact, message, "a sensor that is not of this home")
        elif moment is None:
            _quarantine_fact(db, stream, fact, message, "its clock is ahead of ours though it says it is synchronised")
            # Whatever a clock says, a call for help is answered: it is dated when it came.
            _sort_call(placed, NewFact(fact, sensors[fact.sensor_id], message.now, ClockState.UNSYNCED))
        else:
            clock = ClockState.CORRECTED if moment.corrected else ClockState(int(fact.clock_synced))
            placed.facts.append(NewFact(fact, sensors[fact.sensor_id], moment.at, clock))
            _sort_call(placed, placed.facts[-1])
    return placed


def _sort_call(placed: _Placed, fact: NewFact) -> None:
    if fact.told.kind in URGENT_ALERT and fact.told.value > 0:
        placed.calls.append(fact)


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
    for resident in residents_of(db, gateway.home_id):
        raise_alert(db, resident, raised, now)


_REASON_OF = {"button": "pressed", "pull_cord": "pulled", "water_leak": "water"}


def _quarantine_items(db: Session, stream: StreamRow, batch: ReadBatch, message: _Message) -> None:
    for item in batch.bad:
        if item.seq is None or item.seq > stream.up_to_seq:
            refused = Refused(message.topic, item.reason, item.payload, stream.stream_id, item.seq)
            quarantine(db, refused, message.now)


def _quarantine_fact(db: Session, stream: StreamRow, fact: Observation, message: _Message, reason: str) -> None:
    payload = fact.model_dump_json(exclude_none=True).encode()
    quarantine(db, Refused(message.topic, reason, payload, stream.stream_id, fact.seq), message.now)


def _move_mark(db: Session, stream: StreamRow, oldest_seq: int, gone: Sequence[tuple[int, int]]) -> None:
    """Move the stream's mark over everything that is on disk, in quarantine, or gone from the gateway for good."""
    stored = set(observations.numbers_after(db, stream, stream.up_to_seq))
    stored.update(numbers_after(db, stream.stream_id or 0, stream.up_to_seq))
    mark = stream.up_to_seq
    if oldest_seq - 1 > mark:
        stream.lost += (oldest_seq - 1 - mark) - sum(1 for seq in stored if seq < oldest_seq)
        mark = oldest_seq - 1
    stream.up_to_seq, passed = walk(mark, stored, gone)
    stream.lost += passed
    db.add(stream)
    db.flush()


def _make_due(db: Session, home_id: int, now: datetime) -> None:
    watch = db.get(HomeWatch, home_id, with_for_update=True)
    if watch is not None and (watch.due_at is None or watch.due_at > now):
        watch.due_at = now
