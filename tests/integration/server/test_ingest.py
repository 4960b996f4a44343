"""What gateways send is stored once, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

from builders import DOOR, HOUR, MINUTE, SMOKE, T0, FakeGateway, alerts, marks, send, send_all, stored
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres import NewDatabase

from gateway.contract.observation import Observation
from server.db.session import Database

Message = tuple[str, bytes]


def test_the_same_batch_twice_is_stored_once_and_gives_the_same_receipt(database: Database) -> None:
    gateway = FakeGateway()
    batch = gateway.batch([gateway.motion(T0), gateway.motion(T0)])

    first, second = send(database, batch, T0), send(database, batch, T0)

    assert len(stored(database)) == 2
    assert first.receipt is not None
    assert first.receipt.up_to_seq == 2
    assert second.receipt == first.receipt


def in_pieces(gateway: FakeGateway, facts: list[Observation], random: Random) -> list[Message]:
    """Cut facts into batches, send some twice and shuffle them."""
    cuts = sorted(random.sample(range(1, len(facts)), random.randint(0, len(facts) - 1)))
    pieces = [facts[start:end] for start, end in zip([0, *cuts], [*cuts, len(facts)], strict=True)]
    messages = [gateway.batch(piece) for piece in pieces]
    messages += random.choices(messages, k=random.randint(0, 4))
    random.shuffle(messages)
    return messages


@settings(max_examples=12)
@given(random=st.randoms(use_true_random=False), count=st.integers(2, 12))
def test_any_order_and_repetition_and_split_of_batches_ends_in_the_same_rows(
    new_database: NewDatabase, random: Random, count: int
) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0 + number * MINUTE) for number in range(count)]
    database = new_database()

    send_all(database, in_pieces(gateway, facts, random), T0 + HOUR)

    assert [(row[1], row[5]) for row in stored(database)] == [
        (number + 1, int((T0 + number * MINUTE).timestamp() * 1000)) for number in range(count)
    ]
    assert marks(database) == {"0000000a/routine": (count, 0)}


def test_a_receipt_never_covers_what_is_missing(database: Database) -> None:
    gateway = FakeGateway()
    first, second, third = (gateway.batch([gateway.motion(T0)]) for _ in range(3))

    received = [send(database, message, T0).receipt for message in (third, first, second)]

    assert [receipt.up_to_seq for receipt in received if receipt] == [0, 1, 3]


def test_what_a_gateway_no_longer_has_is_counted_as_lost(database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0) for _ in range(10)]
    send(database, gateway.batch(facts[:2]), T0)
    send(database, gateway.batch(facts[4:5]), T0)

    receipt = send(database, gateway.batch(facts[7:], oldest_seq=8), T0).receipt

    assert receipt is not None
    assert receipt.up_to_seq == 10
    assert marks(database) == {"0000000a/routine": (10, 4)}  # 3, 4, 6 and 7


def test_a_gateway_cannot_disown_the_facts_it_is_sending(database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0) for _ in range(3)]

    receipts = [send(database, gateway.batch([fact], oldest_seq=2**53 - 1), T0).receipt for fact in facts]

    assert [receipt.up_to_seq for receipt in receipts if receipt] == [1, 2, 3]
    assert len(stored(database)) == 3


def test_however_many_numbers_are_lost_they_can_be_counted(database: Database) -> None:
    gateway = FakeGateway()
    far = 2**53 - 1

    send(database, gateway.batch([gateway.motion(T0, seq=far)], oldest_seq=far), T0)

    assert marks(database) == {"0000000a/routine": (far, far - 1)}


def test_a_new_outbox_starts_a_new_stream(database: Database) -> None:
    before, after = FakeGateway(), FakeGateway(epoch="0000000b")
    send(database, before.batch([before.motion(T0)]), T0)

    receipt = send(database, after.batch([after.motion(T0)]), T0).receipt

    assert receipt is not None
    assert (receipt.epoch, receipt.up_to_seq) == ("0000000b", 1)
    assert len(stored(database)) == 2


def test_urgent_facts_have_a_mark_of_their_own(database: Database) -> None:
    gateway = FakeGateway()
    gateway.motion(T0)  # still on its way

    receipt = send(database, gateway.batch([gateway.press(T0)]), T0).receipt

    assert receipt is not None
    assert (receipt.stream, receipt.up_to_seq) == ("urgent", 1)


def test_two_workers_with_the_same_batches_store_each_fact_once(new_postgres: NewDatabase) -> None:
    database = new_postgres()
    gateway = FakeGateway()
    routine = [gateway.batch([gateway.motion(T0), gateway.fact(DOOR, T0)]) for _ in range(20)]
    urgent = [gateway.batch([gateway.press(T0)]) for _ in range(10)]

    with ThreadPoolExecutor(4) as workers:
        given_to = [workers.submit(send_all, database, messages, T0) for messages in (routine, routine, urgent, urgent)]
        for work in given_to:
            work.result()

    assert len(stored(database)) == 50
    assert marks(database) == {"0000000a/routine": (40, 0), "0000000a/urgent": (10, 0)}
    assert [alert.repeats for alert in alerts(database)] == [9]


def test_a_press_raises_an_alert_in_the_same_breath(database: Database) -> None:
    gateway = FakeGateway()

    received = send(database, gateway.batch([gateway.press(T0)]), T0 + timedelta(seconds=1))

    assert received.urgent
    [alert] = alerts(database)
    assert (alert.kind, alert.national_code, alert.severity, alert.room) == ("button", "4.13", 40, "bedroom")
    assert (alert.observed_at, alert.received_at, alert.late) == (T0, T0 + timedelta(seconds=1), False)


def test_a_detector_that_reports_clear_calls_nobody(database: Database) -> None:
    gateway = FakeGateway()

    send(database, gateway.batch([gateway.fact(SMOKE, T0, 0.0)]), T0)

    assert alerts(database) == []


def test_a_press_that_comes_late_is_labelled_late(database: Database) -> None:
    gateway = FakeGateway()

    send(database, gateway.batch([gateway.press(T0)]), T0 + 3 * HOUR)

    assert [(alert.late, alert.observed_at) for alert in alerts(database)] == [(True, T0)]


def test_a_press_now_after_a_late_one_is_not_called_late(database: Database) -> None:
    gateway = FakeGateway()
    now = T0 + 3 * HOUR
    send(database, gateway.batch([gateway.press(T0)]), now)

    send(database, gateway.batch([gateway.press(now)]), now)

    assert [(alert.late, alert.repeats) for alert in alerts(database)] == [(False, 1)]


def test_a_second_press_is_counted_on_the_open_alert(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)

    send(database, gateway.batch([gateway.press(T0 + MINUTE)]), T0 + MINUTE)

    assert [(alert.repeats, alert.version, alert.observed_at) for alert in alerts(database)] == [(1, 2, T0)]


def test_the_same_press_sent_again_is_no_second_press(database: Database) -> None:
    gateway = FakeGateway()
    gateway.press(T0)  # lost on its way, so the mark stands still and the next one is sent again and again
    batch = gateway.batch([gateway.press(T0)])

    send_all(database, [batch] * 3, T0)

    assert [alert.repeats for alert in alerts(database)] == [0]


def test_each_kind_of_call_has_an_alert_of_its_own(database: Database) -> None:
    gateway = FakeGateway()

    send(database, gateway.batch([gateway.press(T0), gateway.fact(SMOKE, T0)]), T0)

    assert sorted(alert.kind for alert in alerts(database)) == ["button", "smoke"]
