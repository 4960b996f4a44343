"""A server that dies between a yes and its own commit: the message goes once more, and can be known again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_string, policy

import pytest
from builders import MINUTE, T0, FakeGateway, alerts, rows_of, send, viewer
from fakes.providers import Act, Provider, PushService, running_relay
from hand_clock import HandClock

from server.db.session import Database
from server.notifications.channel import Channel
from server.notifications.dispatch import attempt, claim, dispatch_due
from server.notifications.email import EmailChannel
from server.notifications.health import set_up
from server.notifications.hooks import HookChannel
from server.notifications.push import PushChannel
from server.notifications.reach import Addresses, set_addresses, subscribe
from server.notifications.rules import Subject
from server.notifications.service import Telling, tell
from server.notifications.tables import NotificationRow, PushSubscriptionRow


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@contextmanager
def push_service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()


def told_of_a_call(database: Database, channel: str) -> None:
    """Maria is told of a call for help by one channel and the app."""
    maria, gateway = viewer(database, "maria"), FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    number = str(alerts(database)[0].alert_id)
    with database.transaction() as db:
        set_up(db, [channel])
        set_addresses(db, maria, Addresses("maria@example.org", "90000000"), T0)
        tell(db, Telling(maria.person_id, Subject.ALERT, number, 1, 40, channels=(channel,)), T0)


def dies_after_the_yes(database: Database, name: str, channel: Channel) -> None:
    """A worker hands its message over and is gone before it can write that down; another one goes on."""
    [claimed] = claim(database, [name], T0)
    assert attempt(channel, claimed) is None
    assert dispatch_due(database, {name: channel}, T0 + timedelta(seconds=59)) == [], "its lease holds"
    assert len(dispatch_due(database, {name: channel}, T0 + MINUTE)) == 1
    assert dispatch_due(database, {name: channel}, T0 + 5 * MINUTE) == []


def token_of(database: Database, channel: str) -> str:
    return next(row.token for row in rows_of(database, NotificationRow) if row.channel == channel)


def test_a_gateway_that_minds_the_key_rings_once(database: Database, provider: Provider) -> None:
    told_of_a_call(database, "sms")

    dies_after_the_yes(database, "sms", HookChannel(provider.url))

    token = token_of(database, "sms")
    assert [request.headers["idempotency-key"] for request in provider.requests] == [f'"{token}"'] * 2
    assert [request.json()["id"] for request in provider.requests] == [token] * 2
    assert provider.requests[0].body == provider.requests[1].body


def test_the_key_is_the_same_whenever_a_gateway_is_tried_again_and_another_for_another_message(
    database: Database, provider: Provider
) -> None:
    told_of_a_call(database, "sms")
    maria, alert = viewer(database, "maria").person_id, str(alerts(database)[0].alert_id)
    with database.transaction() as db:
        tell(db, Telling(maria, Subject.ALERT, alert, 2, 40, channels=("sms",)), T0)
    provider.script = [Act(503), Act(503), Act(breaks=True)]
    channel = HookChannel(provider.url)

    for minutes in range(10):
        dispatch_due(database, {"sms": channel}, T0 + minutes * MINUTE)

    keys = [request.headers["idempotency-key"] for request in provider.requests]
    assert len(keys) == 5
    assert len(set(keys)) == 2


def test_a_second_push_takes_the_place_of_the_first(database: Database) -> None:
    with push_service() as service:
        said = service.subscription()
        row = PushSubscriptionRow(person_id=0, endpoint=said["endpoint"], made_at=T0, **said["keys"])
        maria = viewer(database, "maria")
        with database.transaction() as db:
            subscribe(db, maria, row, [service.url], T0)
        told_of_a_call(database, "push")

        dies_after_the_yes(database, "push", PushChannel(database, HandClock(T0), "mailto:drift@example.org"))

        alert = alerts(database)[0].code
        assert [request.headers["topic"] for request in service.requests] == [alert] * 2
        assert len(alert) <= 32, "RFC 8030: a topic is no longer"
        assert [(one["tag"], one["token"]) for one in service.opened()] == [(alert, token_of(database, "push"))] * 2


def test_a_letter_sent_twice_is_one_letter_to_the_mailbox(database: Database) -> None:
    told_of_a_call(database, "email")
    with running_relay() as (relay, url):
        dies_after_the_yes(database, "email", EmailChannel(url, "livsrytme@example.org"))

    letters = [message_from_string(text, policy=policy.default) for _, text in relay.letters]
    assert [letter["Message-ID"] for letter in letters] == [f"<{token_of(database, 'email')}@example.org>"] * 2
    assert letters[0].get_content() == letters[1].get_content()
