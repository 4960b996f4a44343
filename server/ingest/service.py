"""From messages to stored facts, an urgent alert and receipts, in one transaction."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DataError
from sqlmodel import Session

from gateway.contract.heartbeat import Heartbeat, Presence
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Upward, read_upward
from server.db.session import Database
from server.ingest.batches import Batch, take_in_batches
from server.ingest.quarantine import Refused, quarantine
from server.ingest.reading import ReadBatch, ReadMessage, read_message
from server.liveness.service import Beat, hear_heartbeats, hear_presences
from server.residents.service import gateways_named
from server.residents.tables import Gateway


@dataclass(frozen=True, slots=True)
class Received:
    """What follows from a message once it is on disk."""

    gateway_code: str | None = None
    receipt: Receipt | None = None
    urgent: bool = False
    wants_config: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as the broker gave it."""

    topic: str
    payload: bytes


# What one commit may hold: an urgent message waits for no longer than this takes, some tens of milliseconds.
MOST_TOGETHER = 50
# A gateway that connects says so and how it is in two messages, so among fifty gateways there are fifty to pass.
_MOST_PASSED = 2 * MOST_TOGETHER
_ALONE = {None, Upward.URGENT}


def next_group(line: deque[Arrived]) -> list[Arrived]:
    """Take from the front of a line (not empty) what may be taken in together.

    Messages of different gateways: the next one of the same stays behind in its place, so that each is taken in after
    what its gateway sent before, and one that has much to say holds up no other. And alone what is urgent: it waits for
    no neighbour, and holds the audit's chain for no other.
    """
    group, stay = [line.popleft()], deque[Arrived]()
    speaker, what = _told_by(group[0])
    speakers = {speaker}
    while line and len(group) < MOST_TOGETHER and len(stay) < _MOST_PASSED and what not in _ALONE:
        speaker, what = _told_by(line[0])
        if what in _ALONE:
            break
        (stay if speaker in speakers else group).append(line.popleft())
        speakers.add(speaker)
    line.extendleft(reversed(stay))
    return group


def _told_by(message: Arrived) -> tuple[str, Upward | None]:
    try:
        topic = read_upward(message.topic)
    except ValueError:
        return "", None
    return topic.gateway_id, topic.what


def receive(database: Database, topic: str, payload: bytes, now: datetime, patience: timedelta) -> Received:
    """Take in one message. When this returns it is on disk: as facts, or in quarantine with the reason.

    Taking it in again changes nothing and gives the same receipt. `patience`: how far a gateway's clock may be from
    ours.
    """
    [received] = receive_together(database, [Arrived(topic, payload)], now, patience)
    return received


def receive_together(
    database: Database, messages: Sequence[Arrived], now: datetime, patience: timedelta
) -> list[Received]:
    """Take in messages of different gateways in one transaction, each as `receive` does.

    Raises:
        Exception: nothing of them was stored. Where there are several, one of them may be to blame: take each alone.
    """
    read = [read_message(message.topic, message.payload) for message in messages]
    try:
        with database.transaction() as db:
            return _take_in(db, messages, read, now, patience)
    except (DataError, OverflowError) as error:
        if len(messages) > 1:
            raise
        reason = f"it holds a value that cannot be stored ({type(error).__name__})"
    with database.transaction() as db:
        quarantine(db, Refused(messages[0].topic, reason, messages[0].payload), now)
    return [Received()]


def _take_in(
    db: Session, messages: Sequence[Arrived], read: Sequence[ReadMessage], now: datetime, patience: timedelta
) -> list[Received]:
    gateways = gateways_named(db, {one.topic.gateway_id for one in read if one.topic is not None})
    received = [Received()] * len(messages)
    batches: dict[int, Batch] = {}
    beats: dict[int, Beat] = {}
    presences: list[tuple[Gateway, Presence]] = []
    for place, (message, one) in enumerate(zip(messages, read, strict=True)):
        gateway, refusal = _speaker(one, gateways)
        if gateway is None or one.told is None:
            quarantine(db, Refused(message.topic, refusal, message.payload), now)
        elif isinstance(one.told, ReadBatch):
            batches[place] = Batch(gateway, message.topic, one.told)
        elif isinstance(one.told, Heartbeat):
            beats[place] = Beat(gateway, one.told)
        else:
            presences.append((gateway, one.told))
            received[place] = Received(gateway.code)  # its heartbeat follows, and asks for what it lacks
    hear_presences(db, presences, now, patience)
    heard = hear_heartbeats(db, list(beats.values()), now, patience) if beats else []
    for (place, beat), up_to_date in zip(beats.items(), heard, strict=True):
        received[place] = Received(beat.gateway.code, wants_config=not up_to_date)
    stored = take_in_batches(db, list(batches.values()), now, patience) if batches else []
    for (place, batch), one_stored in zip(batches.items(), stored, strict=True):
        received[place] = Received(batch.gateway.code, one_stored.receipt, one_stored.urgent)
    return received


def _speaker(one: ReadMessage, gateways: Mapping[str, Gateway]) -> tuple[Gateway | None, str]:
    """Return the gateway whose message it is, or None and why it is refused."""
    if one.topic is None:
        return None, one.fault
    gateway = gateways.get(one.topic.gateway_id)
    if gateway is None:
        return None, "no such gateway"
    if gateway.revoked_at is not None:
        return None, "its enrolment was withdrawn"
    return gateway, one.fault
