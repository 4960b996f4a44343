"""Each way out of the house, against a real server of its kind that misbehaves by a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_string, policy

import pytest
from builders import T0, rows_of, viewer
from fakes.providers import Act, Provider, PushService, closed_port, running_relay
from hand_clock import HandClock

from server.db.session import Database
from server.notifications import email, post
from server.notifications.channel import Channel, ChannelError, Message, UnreachableError
from server.notifications.dispatch import dispatch_due
from server.notifications.email import EmailChannel
from server.notifications.health import set_up
from server.notifications.hooks import AppriseChannel, HookChannel
from server.notifications.push import PushChannel, public_key
from server.notifications.reach import Addresses, set_addresses, subscribe
from server.notifications.rules import Subject
from server.notifications.service import Telling, tell
from server.notifications.tables import PushSubscriptionRow

FALL = Message(1, "token-1", 1, Subject.ALERT, "7", 40, "c0ffee", "nn", "maria@example.org", "+4790000000")


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here waits eight seconds for a server that hangs on purpose."""
    monkeypatch.setattr(post, "PATIENCE_S", 0.6)
    monkeypatch.setattr(email, "_PATIENCE_S", 0.6)


def push_channel(database: Database, service: PushService, *names: str) -> PushChannel:
    """Let maria's browsers take pushes."""
    maria = viewer(database, "maria")
    for name in names or ("one",):
        said = service.subscription(name)
        row = PushSubscriptionRow(person_id=0, endpoint=said["endpoint"], made_at=T0, **said["keys"])
        with database.transaction() as db:
            subscribe(db, maria, row, [service.url], T0)
    return PushChannel(database, HandClock(T0), "mailto:drift@example.org")


def message_for(database: Database) -> Message:
    return Message(1, "token-1", viewer(database, "maria").person_id, Subject.ALERT, "7", 40, "c0ffee", "nn")


@contextmanager
def raises(kind: type[ChannelError], text: str) -> Iterator[pytest.ExceptionInfo[ChannelError]]:
    with pytest.raises(kind, match=text) as caught:
        yield caught
    assert type(caught.value) is kind


def test_a_push_is_signed_sealed_and_says_nothing_of_whom(database: Database, service: PushService) -> None:
    push_channel(database, service).send(message_for(database))

    [told] = service.opened()
    assert told == {
        "title": "Nytt kritisk varsel", "body": "Opne appen.", "language": "nn", "tag": "c0ffee",
        "url": "/alerts/c0ffee", "is_critical": True, "token": "token-1",
    }  # fmt: skip
    [claims] = service.claims()
    with database.transaction() as db:
        key = public_key(db)
    assert claims == {
        "sub": "mailto:drift@example.org",
        "aud": service.url,
        "exp": int((T0 + timedelta(hours=12)).timestamp()),
        "key": key,
    }
    [request] = service.requests
    headers = {name: request.headers[name] for name in ("ttl", "urgency", "topic", "content-encoding")}
    assert headers == {"ttl": "120", "urgency": "high", "topic": "c0ffee", "content-encoding": "aes128gcm"}
    assert b"varsel" not in request.body


def test_an_installation_keeps_its_key(database: Database, service: PushService) -> None:
    channel = push_channel(database, service)

    channel.send(message_for(database))
    channel.send(message_for(database))

    assert len({claims["key"] for claims in service.claims()}) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_withdrawn_is_forgotten(database: Database, service: PushService, status: int) -> None:
    channel = push_channel(database, service)
    service.script = [Act(status)]

    with raises(UnreachableError, "no browser"):
        channel.send(message_for(database))

    assert rows_of(database, PushSubscriptionRow) == []
    with raises(UnreachableError, "no browser"):
        channel.send(message_for(database))


def test_one_browser_that_is_gone_does_not_keep_the_message_from_the_other(
    database: Database, service: PushService
) -> None:
    channel = push_channel(database, service, "old", "new")
    service.script = [Act(410)]

    channel.send(message_for(database))

    assert [request.path for request in service.requests] == ["/push/old", "/push/new"]
    assert [row.endpoint for row in rows_of(database, PushSubscriptionRow)] == [f"{service.url}/push/new"]


def test_one_browser_that_fails_does_not_make_the_other_ring_twice(database: Database, service: PushService) -> None:
    channel = push_channel(database, service, "ill", "well")
    service.script = [Act(500), Act(201)]

    channel.send(message_for(database))

    assert len(service.requests) == 2


FAULTS = [
    (Act(500), "answered 500", None),
    (Act(403), "answered 403", None),
    (Act(301, {"Location": "http://169.254.169.254/"}), "answered 301", None),
    (Act(429, {"Retry-After": "37"}), "answered 429", timedelta(seconds=37)),
    (
        Act(503, {"Retry-After": "Fri, 01 Jan 2100 00:01:00 GMT", "Date": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        "answered 503",
        None,
    ),
    (Act(429, {"Retry-After": "soon"}), "answered 429", None),
    (Act(breaks=True), "RemoteProtocolError", None),
    (Act(hangs=True), "no answer within", None),
    (Act(drips=True), "no answer within", None),
]


@pytest.mark.parametrize(("fault", "text", "wait"), FAULTS, ids=[text for _, text, _ in FAULTS])
def test_a_push_service_that_fails_is_a_failure_that_passes(
    database: Database, service: PushService, fault: Act, text: str, wait: timedelta | None
) -> None:
    channel = push_channel(database, service)
    service.script = [fault]

    with raises(ChannelError, text) as caught:
        channel.send(message_for(database))

    if wait is not None:
        assert caught.value.wait == wait
    assert len(rows_of(database, PushSubscriptionRow)) == 1
    assert "127.0.0.1" not in str(caught.value)
    service.script = []
    channel.send(message_for(database))


@pytest.mark.parametrize(("fault", "text", "wait"), FAULTS, ids=[text for _, text, _ in FAULTS])
def test_a_hook_that_fails_is_a_failure_that_passes(
    provider: Provider, fault: Act, text: str, wait: timedelta | None
) -> None:
    channel = HookChannel(f"{provider.url}/send")
    provider.script = [fault]

    with raises(ChannelError, text) as caught:
        channel.send(FALL)

    if wait is not None:
        assert caught.value.wait == wait
    channel.send(FALL)


def test_a_hook_is_told_whom_to_reach_and_nothing_of_why(provider: Provider) -> None:
    HookChannel(provider.url.replace("http://", "http://livsrytme:s%40crt@") + "/send").send(FALL)

    [request] = provider.requests
    assert request.path == "/send"
    assert request.headers["authorization"] == "Basic bGl2c3J5dG1lOnNAY3J0"
    assert request.json() == {
        "to": "+4790000000", "text": "Nytt kritisk varsel. Opne appen.", "language": "nn", "id": "token-1",
        "severity": 40,
    }  # fmt: skip


def test_a_number_the_hook_cannot_reach_is_not_tried_again(provider: Provider) -> None:
    provider.script = [Act(422)]

    with raises(UnreachableError, "cannot be reached"):
        HookChannel(provider.url).send(FALL)


def test_a_hook_at_a_wrong_address_says_so(provider: Provider) -> None:
    provider.script = [Act(404)]

    with raises(ChannelError, "is the address right"):
        HookChannel(provider.url).send(FALL)


@pytest.mark.parametrize(
    "channel",
    [
        HookChannel(f"http://127.0.0.1:{closed_port()}/"),
        AppriseChannel(f"json://127.0.0.1:{closed_port()}/{{phone}}"),
        EmailChannel(f"smtp://127.0.0.1:{closed_port()}", "livsrytme@example.org"),
    ],
    ids=["hook", "apprise", "email"],
)
def test_a_provider_that_is_not_there_is_a_failure_that_passes(channel: Channel) -> None:
    with pytest.raises(ChannelError) as caught:
        channel.send(FALL)

    assert type(caught.value) is ChannelError


def test_an_sms_goes_by_apprise_to_the_persons_number(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    channel = AppriseChannel(provider.url.replace("http", "json") + "/sms/{phone}")

    channel.send(FALL)

    [request] = provider.requests
    assert request.path == "/sms/+4790000000"
    assert request.json()["message"] == "Nytt kritisk varsel. Opne appen."
    assert "4790000000" not in caplog.text


@pytest.mark.parametrize("fault", [Act(429), Act(500), Act(breaks=True)], ids=["429", "500", "breaks"])
def test_an_sms_gateway_that_fails_is_a_failure_that_passes(provider: Provider, fault: Act) -> None:
    channel = AppriseChannel(provider.url.replace("http", "json") + "/sms/{phone}")
    provider.script = [fault]

    with raises(ChannelError, "did not take it"):
        channel.send(FALL)

    channel.send(FALL)


def test_an_address_apprise_does_not_know_says_so() -> None:
    with raises(ChannelError, "does not understand"):
        AppriseChannel("nothing-of-the-kind://{phone}").send(FALL)


def test_a_letter_says_that_something_came_and_where_to_look() -> None:
    with running_relay() as (relay, url):
        EmailChannel(url, "livsrytme@example.org", "https://livsrytme.example.org").send(FALL)

    [(to, text)] = relay.letters
    letter = message_from_string(text, policy=policy.default)
    assert to == ["maria@example.org"]
    assert letter["subject"] == "Livsrytme: Nytt kritisk varsel"
    assert letter["message-id"] == "<token-1@example.org>"
    body = letter.get_content().replace("\r\n", "\n").strip()
    assert body == "Nytt kritisk varsel. Opne appen.\n\nhttps://livsrytme.example.org"


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("451 later", "answered 451"),
        ("554 no", "answered 554"),
        ("RCPT 450 busy", "answered 450"),
        ("break", "relay failed"),
    ],
)
def test_a_relay_that_fails_is_a_failure_that_passes(act: str, text: str) -> None:
    with running_relay() as (relay, url):
        relay.script = [act]
        channel = EmailChannel(url, "livsrytme@example.org")

        with raises(ChannelError, text):
            channel.send(FALL)

        channel.send(FALL)
    assert len(relay.letters) == 1


def test_a_mailbox_that_is_not_there_is_not_tried_again() -> None:
    with running_relay() as (relay, url):
        relay.script = ["RCPT 550 no such user"]

        with raises(UnreachableError, "no such mailbox"):
            EmailChannel(url, "livsrytme@example.org").send(FALL)


def test_a_relay_that_hangs_is_not_waited_for(provider: Provider) -> None:
    """A web server waits for the client to speak, as a relay does that never greets."""
    with raises(ChannelError, "relay failed"):
        EmailChannel(provider.url.replace("http", "smtp"), "livsrytme@example.org").send(FALL)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.5", False), ("mail.example.org", False)],
)
def test_only_to_this_very_machine_does_mail_go_unencrypted(host: str, *, is_here: bool) -> None:
    assert email.is_here(host) is is_here


def test_a_push_subscription_that_has_run_out_is_forgotten_and_the_next_channel_rings_in_the_same_second(
    database: Database, service: PushService, provider: Provider
) -> None:
    channels: dict[str, Channel] = {"push": push_channel(database, service), "sms": HookChannel(provider.url)}
    service.script = [Act(410)]
    maria = viewer(database, "maria")
    with database.transaction() as db:
        set_up(db, list(channels))
        set_addresses(db, maria, Addresses("", "90000000"), T0)
        tell(db, Telling(maria.person_id, Subject.CHAIN, "abc", 1, 40), T0)

    for _ in range(2):
        dispatch_due(database, channels, T0)

    assert rows_of(database, PushSubscriptionRow) == []
    assert [request.json()["to"] for request in provider.requests] == ["+4790000000"]
