"""Reads a batch as far as it can be read: one bad item never costs the others. Pure."""

import json
from dataclasses import dataclass

from pydantic import ValidationError

from gateway.contract.codec import ContractError, first_fault, from_json
from gateway.contract.heartbeat import Heartbeat, Presence
from gateway.contract.observation import Observation, ObservationBatch
from gateway.contract.topics import Upward, UpwardTopic, read_upward

_LARGEST_SEQ = 2**53
_OF_ANOTHER = "it speaks for another gateway than its topic"


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item with something wrong with it. `seq` is None when that is its number."""

    seq: int | None
    reason: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A batch and the items of it that could not be read."""

    envelope: ObservationBatch
    observations: tuple[Observation, ...]
    bad: tuple[BadItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """What a message is. `told` is None where it cannot be read as what its topic says; `fault` is why."""

    topic: UpwardTopic | None
    told: ReadBatch | Heartbeat | Presence | None = None
    fault: str = ""


def read_message(topic: str, payload: bytes) -> ReadMessage:
    """Read a message as far as it can be read."""
    try:
        speaker = read_upward(topic)
    except ValueError:
        return ReadMessage(None, fault="no gateway sends on this topic")
    try:
        return ReadMessage(speaker, _read(speaker, payload))
    except ContractError as fault:
        return ReadMessage(speaker, fault=str(fault))


def _read(topic: UpwardTopic, payload: bytes) -> ReadBatch | Heartbeat | Presence:
    if topic.what is not Upward.HEARTBEAT and topic.what is not Upward.PRESENCE:
        return read_batch(topic, payload)
    told: Heartbeat | Presence
    told = from_json(Heartbeat, payload) if topic.what is Upward.HEARTBEAT else from_json(Presence, payload)
    if told.gateway_id != topic.gateway_id:
        raise ContractError(_OF_ANOTHER)
    return told


def read_batch(topic: UpwardTopic, payload: bytes) -> ReadBatch:
    """Read a batch that came on `topic`.

    Raises:
        ContractError: nothing of it can be used, or it speaks for another gateway or stream than its topic.
    """
    try:
        batch = from_json(ObservationBatch, payload)
    except ContractError as fault:
        read = _item_by_item(payload, fault)
    else:
        read = ReadBatch(batch, batch.observations)
    if read.envelope.gateway_id != topic.gateway_id:
        raise ContractError(_OF_ANOTHER)
    if str(read.envelope.stream) != str(topic.what):
        raise ContractError("it speaks for another stream than its topic")
    return read


def _item_by_item(payload: bytes, fault: ContractError) -> ReadBatch:
    try:
        document = json.loads(payload)
        items = document["observations"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise fault from None
    if not isinstance(items, list) or not items:
        raise fault
    good: list[Observation] = []
    bad: list[BadItem] = []
    try:
        for item in items:
            _sort(item, good, bad)
        envelope = ObservationBatch.model_validate({**document, "observations": good[:1] or [_STAND_IN]})
    except (ValidationError, RecursionError):
        raise fault from None
    return ReadBatch(envelope, tuple(good), tuple(bad))


def _sort(item: object, good: list[Observation], bad: list[BadItem]) -> None:
    text = json.dumps(item)
    try:
        good.append(Observation.model_validate_json(text))
    except ValidationError as error:
        bad.append(BadItem(_number_of(item), first_fault(error), text.encode()))


def _number_of(item: object) -> int | None:
    seq = item.get("seq") if isinstance(item, dict) else None
    return seq if type(seq) is int and 1 <= seq < _LARGEST_SEQ else None


# Lets an envelope be read on its own when not one of its items could be.
_STAND_IN = {
    "seq": 1, "sensor_id": "0" * 12, "room": "none", "kind": "motion", "value": 0.0,
    "observed_at": "2000-01-01T00:00:00Z", "clock_synced": True,
}  # fmt: skip
