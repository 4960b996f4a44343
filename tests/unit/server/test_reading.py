"""A batch is read as far as it can be read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders import DAY, HOUR, PATIENCE, T0, FakeGateway
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.contract.codec import ContractError
from gateway.contract.topics import Upward, UpwardTopic
from server.ingest.reading import read_batch
from server.observations.rules import reckon

TOPIC = UpwardTopic("gw-a", Upward.ROUTINE)
NESTED = b"[" * 100_000
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def document(count: int = 3) -> dict[str, Any]:
    gateway = FakeGateway()
    _, payload = gateway.batch([gateway.motion(T0) for _ in range(count)])
    return dict(json.loads(payload))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"sensor_id": "not an address"}, "sensor_id: String should match pattern '^[0-9a-f]{12}$'"),
        ({"value": float("nan")}, "value: Input should be a finite number"),
        ({"value": float("-inf")}, "value: Input should be a finite number"),
        ({"value": "warm"}, "value: Input should be a valid number"),
        ({"value": None}, "value: Input should be a valid number"),
        ({"rssi_dbm": 2**63}, "rssi_dbm: Input should be less than or equal to 20"),
        ({"kind": "telepathy"}, "kind: Input should be 'motion', 'door'"),
        ({"observed_at": "yesterday"}, "observed_at: Input should be a valid datetime"),
        ({"observed_at": "2025-01-15T09:00:00"}, "observed_at: Input should have timezone info"),
        ({"observed_at": "0001-01-01T00:00:00+14:00"}, "observed_at: a moment outside the calendar"),
        ({"observed_at": "9999-12-31T23:59:59-14:00"}, "observed_at: a moment outside the calendar"),
        ({"room": "\x00"}, "room: String should match pattern"),
        ({"room": [[[[[[1]]]]]]}, "room: Input should be a valid string"),
    ],
)
def test_a_bad_item_costs_only_itself(wrong: dict[str, Any], reason: str) -> None:
    message = document()
    message["observations"][1] |= wrong

    read = read_batch(TOPIC, json.dumps(message).encode())

    assert [fact.seq for fact in read.observations] == [1, 3]
    [bad] = read.bad
    assert bad.seq == 2
    assert bad.reason.startswith(reason)


@pytest.mark.parametrize("seq", [2**63, 2**53, 0, -1, None, "one", 1.5, 1.0, True, [], {}])
def test_an_item_without_a_usable_number_is_told_apart(seq: object) -> None:
    message = document()
    message["observations"][1]["seq"] = seq

    read = read_batch(TOPIC, json.dumps(message).encode())

    assert {fact.seq for fact in read.observations} >= {1, 3}
    assert [bad.seq for bad in read.bad] in ([None], [])


@pytest.mark.parametrize("item", [None, 1, "fact", [], [1], True])
def test_an_item_that_is_no_object_costs_only_itself(item: object) -> None:
    message = document()
    message["observations"][1] = item

    read = read_batch(TOPIC, json.dumps(message).encode())

    assert [fact.seq for fact in read.observations] == [1, 3]
    assert [bad.seq for bad in read.bad] == [None]


def test_a_batch_of_nothing_but_bad_items_is_still_a_batch() -> None:
    message = document()
    for item in message["observations"]:
        item["value"] = "warm"

    read = read_batch(TOPIC, json.dumps(message).encode())

    assert read.observations == ()
    assert [bad.seq for bad in read.bad] == [1, 2, 3]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "message: Invalid JSON"),
        (b"{", "message: Invalid JSON"),
        (b"\xff\xfe\x00", "message: Invalid JSON"),
        (b"[]", "message: "),
        (b"null", "message: "),
        (b'"observations"', "message: "),
        (b"{}", "gateway_id: Field required"),
        (b'{"observations": []}', "gateway_id: Field required"),
        (b'{"observations": {"1": 2}}', "gateway_id: Field required"),
        (b'{"observations": [1, 2]}', "gateway_id: Field required"),
        (NESTED, "message: "),
        (b'{"observations": ' + NESTED + b"]" * 100_000 + b"}", "message: "),
        (b"9" * 5000, "message: "),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else "",
)
def test_what_cannot_be_read_at_all_is_refused_with_the_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(ContractError) as refused:
        read_batch(TOPIC, payload)

    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize("depth", [100, 150, 200, 300, 500, 700, 900, 950, 1000, 1100, 5000])
def test_an_item_however_deeply_nested_is_refused_and_nothing_worse(depth: int) -> None:
    deep = json.dumps(document()).replace('"lounge"', "[" * depth + "]" * depth, 1).encode()

    try:
        read = read_batch(TOPIC, deep)
    except ContractError:
        return
    assert [fact.seq for fact in read.observations] == [2, 3]


@given(
    field=st.sampled_from(["gateway_id", "epoch", "stream", "oldest_seq", "sent_at", "observations"]), value=anything
)
@example(field="sent_at", value="0001-01-01T00:00:00+14:00")
def test_whatever_stands_in_a_field_the_answer_is_a_batch_or_a_contract_error(field: str, value: object) -> None:
    message = document() | {field: value}

    try:
        read = read_batch(TOPIC, json.dumps(message).encode())
    except ContractError:
        return
    assert read.envelope.gateway_id == "gw-a"


@given(value=anything, field=st.sampled_from(sorted(document()["observations"][0])))
def test_whatever_stands_in_an_item_the_others_are_read(value: object, field: str) -> None:
    message = document()
    message["observations"][1][field] = value

    read = read_batch(TOPIC, json.dumps(message).encode())

    assert {1, 3} <= {fact.seq for fact in read.observations}
    assert len(read.observations) + len(read.bad) == 3


@pytest.mark.parametrize("topic", [UpwardTopic("gw-b", Upward.ROUTINE), UpwardTopic("gw-a", Upward.URGENT)])
def test_a_batch_must_come_on_its_own_topic(topic: UpwardTopic) -> None:
    with pytest.raises(ContractError, match="than its topic"):
        read_batch(topic, json.dumps(document()).encode())


moments = st.datetimes(timezones=st.just(UTC))
spans = st.timedeltas()


@given(observed_at=moments, sent_at=moments, synced=st.booleans())
def test_a_moment_is_never_further_ahead_than_our_patience(
    observed_at: datetime, sent_at: datetime, *, synced: bool
) -> None:
    moment = reckon(observed_at, synced=synced, ahead=sent_at - T0, now=T0, patience=PATIENCE)

    assert moment is None or moment.at <= T0 + PATIENCE


@given(minutes=st.integers(0, 5000), off=st.integers(11, 10**7) | st.integers(-(10**7), -11))
def test_a_clock_that_never_heard_the_time_is_moved_by_its_fault(minutes: int, off: int) -> None:
    fault, ago = timedelta(minutes=off), timedelta(minutes=minutes)

    moment = reckon(T0 - ago + fault, synced=False, ahead=fault, now=T0, patience=PATIENCE)

    assert moment is not None
    assert (moment.at, moment.corrected) == (T0 - ago, True)


@pytest.mark.parametrize("synced", [True, False])
def test_a_clock_a_little_off_is_believed(*, synced: bool) -> None:
    moment = reckon(T0 + PATIENCE, synced=synced, ahead=PATIENCE, now=T0, patience=PATIENCE)

    assert moment is not None
    assert (moment.at, moment.corrected) == (T0 + PATIENCE, False)


def test_a_clock_ahead_that_claims_to_be_right_is_not_believed() -> None:
    assert reckon(T0 + HOUR, synced=True, ahead=HOUR, now=T0, patience=PATIENCE) is None


def test_what_was_heard_long_ago_is_believed() -> None:
    moment = reckon(T0 - 30 * DAY, synced=True, ahead=timedelta(0), now=T0, patience=PATIENCE)

    assert moment is not None
    assert moment.at == T0 - 30 * DAY
