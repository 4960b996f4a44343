"""A provider that hangs delays nobody else, servers send each message once, and a channel that fails is told of."""

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from builders import MINUTE, T0, alerts, rows_of, viewer
from fakes.channel import FakeChannel
from fakes.providers import Provider
from hand_clock import HandClock
from postgres import NewDatabase

from gateway.contract.clock import SystemClock
from server.alerting.rules import AlertClass, AlertKind, AlertStatus, Outcome
from server.db.session import Database
from server.live.tables import ChangeRow
from server.notifications.channel import AppChannel, ChannelError, Message
from server.notifications.dispatch import Claimed, claim, dispatch_due
from server.notifications.health import see_to_channels, set_up
from server.notifications.hooks import HookChannel
from server.notifications.reach import Addresses, set_addresses
from server.notifications.rules import Subject
from server.notifications.sender import Sender
from server.notifications.service import Telling, tell
from server.notifications.setting_up import open_channels
from server.notifications.tables import ChannelRow, NotificationRow
from server.settings import ServerSettings

SECOND = timedelta(seconds=1)
PATIENCE_S = 60.0


def reachable(database: Database, *channels: str) -> int:
    maria = viewer(database, "maria")
    with database.transaction() as db:
        set_up(db, channels)
        set_addresses(db, maria, Addresses("maria@example.org", "90000000"), T0)
    return maria.person_id


def queue(database: Database, person_id: int, channel: str, count: int) -> None:
    with database.transaction() as db:
        for number in range(count):
            telling = Telling(person_id, Subject.MESSAGE, f"{channel}-{number}", 1, 40, channels=(channel,))
            tell(db, telling, T0)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)  # threads' progress can only be asked for


class Hanging:
    """A provider that does not answer until the test lets it."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.over = threading.Event()

    def send(self, _message: Message) -> None:
        self.begun.release()
        assert self.over.wait(PATIENCE_S)


class Down:
    """A provider that takes nothing from anybody."""

    def send(self, _message: Message) -> None:
        raise ChannelError("answered 500")


def test_a_provider_that_hangs_delays_neither_its_own_other_messages_nor_other_channels(database: Database) -> None:
    person_id = reachable(database, "sms", "email")
    queue(database, person_id, "email", 3)
    queue(database, person_id, "sms", 1)
    clock, hanging, sms = HandClock(T0), Hanging(), FakeChannel()
    told: list[list[int]] = []
    slow = Sender(database, clock, "email", hanging, told.append)
    quick = Sender(database, clock, "sms", sms, told.append)

    assert (slow.start_due(), quick.start_due()) == (3, 1)
    for _ in range(3):
        assert hanging.begun.acquire(timeout=PATIENCE_S)
    wait_until(lambda: len(sms.taken) == 1)
    assert slow.start_due() == 0
    hanging.over.set()
    slow.close()
    quick.close()

    assert {row.sent_at for row in rows_of(database, NotificationRow) if row.channel != "app"} == {T0}
    assert told == [[]] * 4


def test_more_messages_than_threads_wait_their_turn_and_all_go(database: Database) -> None:
    queue(database, reachable(database, "sms"), "sms", 40)
    hanging = Hanging()
    sender = Sender(database, HandClock(T0), "sms", hanging, lambda _: None)

    assert sender.start_due() == 16
    assert sender.start_due() == 0
    hanging.over.set()
    wait_until(lambda: sender.start_due() == 0 and hanging.begun.acquire(timeout=0) is False)
    sender.close()

    assert all(row.sent_at for row in rows_of(database, NotificationRow) if row.channel == "sms")


def _serve(url: str, hook: str, count: int) -> None:
    """Do what one server does, until nothing is left to send."""
    database = Database(url)
    sender = Sender(database, SystemClock(), "sms", HookChannel(hook), lambda _: None)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        sender.start_due()
        if sum(row.sent_at is not None for row in rows_of(database, NotificationRow)) == count:
            break
        time.sleep(0.02)  # the other process's progress can only be asked for
    sender.close()
    database.close()


@pytest.mark.timeout(300)
def test_two_servers_send_each_message_once(new_postgres: NewDatabase) -> None:
    database, gateway, count = new_postgres(), Provider(), 60
    queue(database, reachable(database, "sms"), "sms", count)
    spawn = multiprocessing.get_context("spawn")
    servers = [spawn.Process(target=_serve, args=(database.url, gateway.url, count)) for _ in range(2)]

    for server in servers:
        server.start()
    for server in servers:
        server.join(4 * PATIENCE_S)
    gateway.stop()

    assert [server.exitcode for server in servers] == [0, 0]
    sent = Counter(request.json()["id"] for request in gateway.requests)
    assert len(sent) == count
    assert set(sent.values()) == {1}


def test_a_worker_that_is_slower_than_its_lease_and_its_successor_put_a_message_on_the_feed_once(
    new_postgres: NewDatabase,
) -> None:
    database, count = new_postgres(), 40
    queue(database, reachable(database, "app"), "app", count)
    slow, successor = (claim(database, ["app"], now) for now in (T0, T0 + 2 * MINUTE))
    together = threading.Barrier(2)

    def send(claimed: list[Claimed]) -> None:
        channel = AppChannel(database)
        for one in claimed:
            together.wait(PATIENCE_S)
            channel.send(one.message)

    with ThreadPoolExecutor(2) as workers:
        for running in [workers.submit(send, claimed) for claimed in (slow, successor)]:
            running.result()

    feed = Counter(row.name for row in rows_of(database, ChangeRow) if row.what == "notification")
    assert len(feed) == len(slow) == count
    assert set(feed.values()) == {1}


def test_a_channel_that_reaches_nobody_becomes_a_technical_alert_until_it_does(database: Database) -> None:
    person_id = reachable(database, "sms", "email")
    queue(database, person_id, "sms", 1)

    for seconds in range(120):
        dispatch_due(database, {"sms": Down()}, T0 + seconds * SECOND)
        see_to_channels(database, T0 + seconds * SECOND)

    down = alerts(database)
    assert {alert.kind for alert in down} == {AlertKind.CHANNEL_DOWN}
    assert {(alert.unit_id, alert.raised_at, alert.repeats) for alert in down} == {
        (1, T0 + 60 * SECOND, 0), (2, T0 + 60 * SECOND, 0),
    }  # fmt: skip
    assert down[0].alert_class is AlertClass.TECHNICAL
    assert down[0].reasons == [{"key": "channel_down", "channel": "sms", "since": T0.isoformat()}]
    assert not down[0].is_test

    dispatch_due(database, {"sms": FakeChannel()}, T0 + 10 * MINUTE)
    assert see_to_channels(database, T0 + 10 * MINUTE)

    assert {(alert.status, alert.outcome) for alert in alerts(database)} == {(AlertStatus.CLOSED, Outcome.TECHNICAL)}
    [_, sms] = rows_of(database, ChannelRow)
    assert (sms.last_proven_at, sms.failing_since, sms.failures, sms.failed) == (T0 + 10 * MINUTE, None, 0, None)
    assert not see_to_channels(database, T0 + 11 * MINUTE)


def test_one_persons_bad_number_is_no_fault_of_the_channel(database: Database) -> None:
    queue(database, reachable(database, "sms"), "sms", 2)

    for seconds in range(0, 300, 10):
        dispatch_due(database, {"sms": Down()} if seconds == 0 else {}, T0 + seconds * SECOND)
        see_to_channels(database, T0 + seconds * SECOND)

    assert alerts(database) == []


ALL = {
    "push_contact": "mailto:drift@example.org",
    "smtp": "smtp://127.0.0.1:25",
    "mail_from": "livsrytme@example.org",
    "channels": {"sms": "json://127.0.0.1/{phone}", "call": "http://127.0.0.1/call"},
}


def test_in_test_mode_nothing_leaves_the_house_whatever_is_set_up(database: Database) -> None:
    clock = HandClock(T0)

    assert set(open_channels(ServerSettings(**ALL), database, clock)) == {"push", "email", "sms", "call"}
    assert open_channels(ServerSettings(**ALL, test_mode=True), database, clock) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": {"app": "http://127.0.0.1"}},
        {"channels": {"SMS!": "http://127.0.0.1"}},
        {"channels": {"sms": "json://127.0.0.1/send"}},
        {"push_contact": "drift@example.org"},
        {"smtp": "127.0.0.1"},
        {"smtp": "smtp://127.0.0.1"},
    ],
)
def test_settings_that_could_reach_nobody_are_refused_at_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ServerSettings(**wrong)
