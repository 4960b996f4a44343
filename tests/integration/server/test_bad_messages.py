"""What cannot be stored is kept with the reason, and costs nothing else."""

import json
from typing import Any

import pytest
from builders import DAY, HOUR, MINUTE, PATIENCE, T0, FakeGateway, alerts, reasons, rows_of, send, stored

from server.db.session import Database
from server.ingest.service import receive
from server.ingest.tables import QuarantineRow
from server.residents.tables import Gateway

TOPIC = "livsrytme/1/gateway/gw-a/up/routine"
NESTED = b"[" * 100_000


def with_bad_item(gateway: FakeGateway, **wrong: object) -> tuple[str, bytes]:
    """Return a batch of three whose middle one has something wrong with it."""
    topic, payload = gateway.batch([gateway.motion(T0) for _ in range(3)])
    document = json.loads(payload)
    document["observations"][1] |= wrong
    return topic, json.dumps(document).encode()


def numbers(database: Database) -> list[int]:
    """Return the stored facts' numbers."""
    return [row[1] for row in stored(database)]


@pytest.mark.parametrize(
    "wrong", [{"value": float("nan")}, {"rssi_dbm": 2**63}, {"room": "\x00"}, {"sensor_id": "Inger Solberg"}], ids=str
)
def test_a_bad_item_goes_to_quarantine_and_the_others_are_stored(database: Database, wrong: dict[str, Any]) -> None:
    receipts = [send(database, with_bad_item(FakeGateway(), **wrong), T0).receipt for _ in range(2)]

    assert numbers(database) == [1, 3]
    [reason] = reasons(database)
    assert reason.startswith(next(iter(wrong)))
    assert "Inger" not in reason
    assert [receipt.up_to_seq for receipt in receipts if receipt] == [3, 3]


@pytest.mark.parametrize("seq", [2**63, None])
def test_an_item_without_a_usable_number_costs_only_itself(database: Database, seq: object) -> None:
    receipt = send(database, with_bad_item(FakeGateway(), seq=seq), T0).receipt

    assert numbers(database) == [1, 3]
    assert len(reasons(database)) == 1
    assert receipt is not None
    assert receipt.up_to_seq == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe\x00",
        b"{}",
        b"[" * 100_000,
        b'{"observations": ' + b"[" * 700 + b"]" * 700 + b"}",
        b"\0" * 900_000,
    ],
    ids=["empty", "not text", "nothing in it", "nested", "nested a little less", "huge"],
)
def test_a_message_that_cannot_be_read_is_kept_with_the_reason(database: Database, payload: bytes) -> None:
    received = receive(database, TOPIC, payload, T0, PATIENCE)

    assert received.receipt is None
    [row] = rows_of(database, QuarantineRow)
    assert row.reason
    assert row.payload == payload[: 64 * 1024]


def test_an_empty_batch_is_kept_with_the_reason(database: Database) -> None:
    topic, payload = FakeGateway().batch([FakeGateway().motion(T0)])
    document = json.loads(payload) | {"observations": []}

    receive(database, topic, json.dumps(document).encode(), T0, PATIENCE)

    assert reasons(database) == ["observations: Tuple should have at least 1 item after validation, not 0"]


def test_the_same_bad_message_again_is_counted_not_kept_twice(database: Database) -> None:
    for _ in range(3):
        receive(database, TOPIC, b"{", T0, PATIENCE)

    assert [row.times for row in rows_of(database, QuarantineRow)] == [3]


def test_an_unknown_sensor_is_kept_and_the_mark_passes_over_it(database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0), gateway.motion(T0, sensor_id="ffffffffffff"), gateway.motion(T0)]

    receipts = [send(database, gateway.batch(facts), T0).receipt for _ in range(2)]

    assert numbers(database) == [1, 3]
    assert reasons(database) == ["a sensor that is not of this home"]
    assert [receipt.up_to_seq for receipt in receipts if receipt] == [3, 3]


def test_an_unknown_gateway_is_kept(database: Database) -> None:
    stranger = FakeGateway("z")

    received = send(database, stranger.batch([stranger.motion(T0)]), T0)

    assert received.gateway_code is None
    assert reasons(database) == ["no such gateway"]


@pytest.mark.parametrize(
    "topic",
    ["livsrytme/1/gateway/gw-a/down/receipt", "x" * 60_000],
    ids=lambda topic: topic[:30],
)
def test_a_foreign_topic_is_kept(database: Database, topic: str) -> None:
    gateway = FakeGateway()
    _, payload = gateway.batch([gateway.motion(T0)])

    receive(database, topic, payload, T0, PATIENCE)

    assert reasons(database) == ["no gateway sends on this topic"]
    assert stored(database) == []


def test_a_batch_on_another_gateways_topic_is_kept_and_tells_nothing_of_that_home(database: Database) -> None:
    gateway = FakeGateway()
    _, payload = gateway.batch([gateway.press(T0)])

    receive(database, "livsrytme/1/gateway/gw-b/up/urgent", payload, T0, PATIENCE)

    assert reasons(database) == ["it speaks for another gateway than its topic"]
    assert alerts(database) == []


def test_a_heartbeat_on_another_gateways_topic_keeps_nobody_alive(database: Database) -> None:
    _, payload = FakeGateway("a").heartbeat(T0)
    _, here = FakeGateway("a").presence()

    receive(database, "livsrytme/1/gateway/gw-b/up/heartbeat", payload, T0, PATIENCE)
    receive(database, "livsrytme/1/gateway/gw-b/up/presence", here, T0, PATIENCE)

    assert reasons(database) == ["it speaks for another gateway than its topic"] * 2
    assert [row.last_heard_at for row in rows_of(database, Gateway)] == [None] * 3


def test_a_batch_of_the_wrong_stream_is_kept(database: Database) -> None:
    gateway = FakeGateway()
    _, payload = gateway.batch([gateway.motion(T0)])

    receive(database, "livsrytme/1/gateway/gw-a/up/urgent", payload, T0, PATIENCE)

    assert reasons(database) == ["it speaks for another stream than its topic"]


@pytest.mark.parametrize(
    "troubles", [{"\x00": 1}, {"replayed": 0}, {"replayed": 2**63}], ids=["an unknown one", "none", "very many"]
)
def test_a_heartbeat_that_cannot_be_read_never_stops_ingest(database: Database, troubles: dict[str, int]) -> None:
    topic, payload = FakeGateway().heartbeat(T0)
    document = json.loads(payload) | {"troubles": troubles}

    receive(database, topic, json.dumps(document).encode(), T0, PATIENCE)

    assert len(reasons(database)) + len(rows_of(database, Gateway)) >= 3


def test_a_name_no_database_can_store_never_stops_ingest(database: Database) -> None:
    topic, payload = FakeGateway().heartbeat(T0, software="0.1\x00")

    receive(database, topic, payload, T0, PATIENCE)

    assert rows_of(database, Gateway)[0].last_heard_at == T0 or reasons(database)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_at_the_end_of_the_calendar_never_stops_ingest(database: Database, moment: str) -> None:
    topic, payload = FakeGateway().batch([FakeGateway().motion(T0, clock_synced=False)])
    document = json.loads(payload)
    document["observations"][0]["observed_at"] = moment

    for sent_at in ("0001-01-01T00:00:00Z", "2025-01-15T09:00:00Z", "9999-12-31T23:59:59Z"):
        receive(database, topic, json.dumps(document | {"sent_at": sent_at}).encode(), T0, PATIENCE)

    assert len(reasons(database)) + len(stored(database)) == 1


def test_a_clock_that_never_heard_the_time_is_corrected_by_the_servers(database: Database) -> None:
    gateway = FakeGateway()
    birth = T0.replace(year=1970)
    facts = [gateway.motion(birth + minute * MINUTE, clock_synced=False) for minute in range(3)]

    send(database, gateway.batch(facts, sent_at=birth + 5 * MINUTE), T0)

    assert [row[5] for row in stored(database)] == [
        int((T0 - minutes * MINUTE).timestamp() * 1000) for minutes in (5, 4, 3)
    ]


def test_a_clock_ahead_that_claims_to_be_right_goes_to_quarantine(database: Database) -> None:
    gateway = FakeGateway()

    receipt = send(database, gateway.batch([gateway.motion(T0 + DAY)]), T0).receipt

    assert reasons(database) == ["its clock is ahead of ours though it says it is synchronised"]
    assert stored(database) == []
    assert receipt is not None
    assert receipt.up_to_seq == 1


def test_a_call_for_help_is_answered_whatever_its_clock_says(database: Database) -> None:
    gateway = FakeGateway()
    gateway.press(T0)  # still on its way, so that the next one is sent again
    batch = gateway.batch([gateway.press(T0 + DAY)])

    for _ in range(3):
        send(database, batch, T0 + HOUR)

    assert [(alert.observed_at, alert.repeats) for alert in alerts(database)] == [(T0 + HOUR, 0)]
    assert len(reasons(database)) == 1
