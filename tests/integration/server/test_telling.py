"""By which channels a person is told, one after another, until they have it."""

from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from builders import HOUR, MINUTE, T0, FakeGateway, alerts, rows_of, send, viewer
from fakes.channel import FakeChannel
from sqlmodel import col, select

from server.access.tables import Person
from server.alerting.service import take
from server.db.session import Database
from server.errors import ContactError, NotFoundError
from server.escalation.service import ask_holders
from server.notifications.channel import ChannelError, Message, UnreachableError
from server.notifications.dispatch import dispatch_due
from server.notifications.health import NOT_SET_UP, set_up
from server.notifications.reach import Addresses, own_channels, set_addresses, set_choices, subscribe, unsubscribe
from server.notifications.rules import ACROSS, Level, Subject
from server.notifications.service import Telling, deliveries, give_up, received, tell
from server.notifications.tables import ChannelRow, ContactRow, NotificationRow, PushSubscriptionRow
from server.residents.tables import Home

SECOND = timedelta(seconds=1)
SERVICES = ("https://push.example.org", "https://.below.example.org")


class Failing:
    """A channel that answers with the same failure, and counts."""

    def __init__(self, failure: ChannelError) -> None:
        self.failure = failure
        self.asked = 0

    def send(self, _message: Message) -> None:
        self.asked += 1
        raise self.failure


@pytest.fixture
def maria(database: Database) -> int:
    """Maria can be reached by everything there is."""
    who = viewer(database, "maria")
    with database.transaction() as db:
        set_up(db, ["push", "sms", "call", "email"])
        set_addresses(db, who, Addresses("maria@example.org", "900 00 000"), T0)
        subscribe(db, who, browser("https://push.example.org/1"), SERVICES, T0)
    return who.person_id


def browser(endpoint: str) -> PushSubscriptionRow:
    return PushSubscriptionRow(person_id=0, endpoint=endpoint, p256dh="p", auth="a", made_at=T0)


def all_channels() -> dict[str, FakeChannel]:
    return {name: FakeChannel() for name in ("app", "push", "sms", "call", "email")}


def tell_maria(database: Database, person_id: int, *, subject: Subject = Subject.CHAIN, severity: int = 40) -> None:
    with database.transaction() as db:
        tell(db, Telling(person_id, subject, "abc", 1, severity), T0)


def sent_by(database: Database, until: datetime, channels: dict[str, FakeChannel]) -> list[tuple[int, str]]:
    """Let the time pass; return when each channel was first used, in seconds."""
    used: list[tuple[int, str]] = []
    now = T0
    while now <= until:
        before = {name: channel.attempts for name, channel in channels.items()}
        dispatch_due(database, channels, now)
        used += [
            (int((now - T0).total_seconds()), name)
            for name, channel in channels.items()
            if not before[name] and channel.attempts
        ]
        now += SECOND
    return used


def token_of(database: Database, channel: str) -> str:
    return next(row.token for row in rows_of(database, NotificationRow) if row.channel == channel)


def test_without_a_receipt_the_next_channel_follows_after_fifteen_seconds(database: Database, maria: int) -> None:
    tell_maria(database, maria)

    assert sent_by(database, T0 + 20 * SECOND, all_channels()) == [(0, "app"), (0, "push"), (15, "sms")]


def test_a_receipt_ends_the_search_where_no_answer_is_wanted(database: Database, maria: int) -> None:
    channels = all_channels()
    tell_maria(database, maria)
    dispatch_due(database, channels, T0)
    with database.transaction() as db:
        received(db, token_of(database, "push"), T0 + SECOND)

    assert sent_by(database, T0 + 90 * SECOND, channels) == []
    with database.reading() as db:
        found = deliveries(db, maria, Subject.CHAIN, "abc")
    assert [(one.channel, one.sent_at, one.received_at, one.is_waiting) for one in found] == [
        ("app", T0, None, False),
        ("push", T0, T0 + SECOND, False),
        ("sms", None, None, False),
        ("call", None, None, False),
        ("email", None, None, False),
    ]


def test_an_alert_that_came_and_is_not_answered_goes_on_after_a_minute(database: Database, maria: int) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    alert = str(alerts(database)[0].alert_id)
    with database.transaction() as db:
        tell(db, Telling(maria, Subject.ALERT, alert, 1, 40), T0)
    channels = all_channels()
    dispatch_due(database, channels, T0)
    with database.transaction() as db:
        received(db, token_of(database, "push"), T0 + 2 * SECOND)

    # The gateway's word that it took the SMS has to do for a receipt; then there is a minute to answer again.
    assert sent_by(database, T0 + 125 * SECOND, channels) == [(62, "sms"), (122, "call")]

    with database.transaction() as db:
        give_up(db, Subject.ALERT, alert)
    assert sent_by(database, T0 + 10 * MINUTE, {"email": channels["email"]}) == []


def test_once_somebody_has_an_alert_no_other_channel_rings_for_it(database: Database, maria: int) -> None:
    gateway, who = FakeGateway(), viewer(database, "maria")
    send(database, gateway.batch([gateway.press(T0)]), T0)
    alert = alerts(database)[0]
    with database.transaction() as db:
        tell(db, Telling(maria, Subject.ALERT, str(alert.alert_id), 1, 40), T0)
    channels = all_channels()
    dispatch_due(database, channels, T0)
    with database.transaction() as db:
        take(db, who, alert.code, 1, T0 + 10 * SECOND)

    assert sent_by(database, T0 + 90 * SECOND, channels) == []
    assert [row.due_at for row in rows_of(database, NotificationRow)] == [None] * 5
    assert ask_holders(database, T0 + HOUR) == 1
    with database.transaction() as db:
        tell(db, Telling(maria, Subject.STILL_ON_IT, str(alert.alert_id), 2, 40), T0 + HOUR)
    dispatch_due(database, channels, T0 + HOUR)
    assert channels["push"].attempts == 2, "whoever has it is asked by every channel"


def test_an_open_page_does_not_keep_the_telephone_quiet(database: Database, maria: int) -> None:
    channels = all_channels()
    tell_maria(database, maria)
    dispatch_due(database, {"app": channels["app"]}, T0)
    with database.transaction() as db:
        received(db, token_of(database, "app"), T0)

    assert sent_by(database, T0 + SECOND, channels)[0] == (0, "push")


def test_a_telephone_that_cannot_be_pushed_to_any_more_gives_way_at_once(database: Database, maria: int) -> None:
    gone = Failing(UnreachableError("gone"))
    tell_maria(database, maria)

    channels = {**all_channels(), "push": gone}
    for seconds in range(3):
        dispatch_due(database, channels, T0 + seconds * SECOND)

    assert gone.asked == 1
    assert channels["sms"].attempts == 1
    with database.reading() as db:
        push = next(one for one in deliveries(db, maria, Subject.CHAIN, "abc") if one.channel == "push")
    assert (push.failed, push.is_waiting) == ("gone", False)


def test_a_channel_that_fails_for_a_while_is_tried_again_and_delays_no_other(database: Database, maria: int) -> None:
    failing = Failing(ChannelError("answered 500"))
    channels = {**all_channels(), "push": failing}
    tell_maria(database, maria)

    for seconds in range(31):
        dispatch_due(database, channels, T0 + seconds * SECOND)

    assert failing.asked == 5  # at 0, 2, 6, 14 and 30 s
    assert (channels["sms"].attempts, channels["call"].attempts) == (1, 0)


def test_a_provider_that_wants_to_be_left_alone_is(database: Database, maria: int) -> None:
    busy = Failing(ChannelError("answered 429", timedelta(seconds=40)))
    tell_maria(database, maria)

    for seconds in range(45):
        dispatch_due(database, {"push": busy}, T0 + seconds * SECOND)

    assert busy.asked == 2


def test_news_nobody_answers_is_not_sent_for_ever(database: Database, maria: int) -> None:
    failing = Failing(ChannelError("answered 500"))
    tell_maria(database, maria)

    for minutes in range(120):
        dispatch_due(database, {"push": failing}, T0 + minutes * MINUTE)

    assert failing.asked == 12


def test_what_is_not_grave_stays_in_the_app_unless_one_asks_for_more(database: Database, maria: int) -> None:
    tell_maria(database, maria, severity=20)
    assert [row.channel for row in rows_of(database, NotificationRow)] == ["app"]

    who = viewer(database, "maria")
    with database.transaction() as db:
        set_choices(db, who, {Level.NOTICE: ["email", "push"]}, T0)
        tell(db, Telling(maria, Subject.MESSAGE, "def", 1, 20), T0)

    assert [row.channel for row in rows_of(database, NotificationRow) if row.about == "def"] == ["app", "email", "push"]


def test_whoever_chose_one_channel_is_told_by_it_and_the_app_only(database: Database, maria: int) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db:
        set_choices(db, who, {Level.CRITICAL: ["sms"]}, T0)
    tell_maria(database, maria)

    assert [row.channel for row in rows_of(database, NotificationRow)] == ["app", "sms"]


def test_where_there_is_no_address_there_is_no_message(database: Database, maria: int) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db:
        set_addresses(db, who, Addresses(), T0)
        unsubscribe(db, who, "https://push.example.org/1", T0)
    tell_maria(database, maria)

    assert [row.channel for row in rows_of(database, NotificationRow)] == ["app"]


def test_telling_the_same_again_changes_nothing(database: Database, maria: int) -> None:
    tell_maria(database, maria)
    before = [row.model_dump() for row in rows_of(database, NotificationRow)]

    tell_maria(database, maria)

    assert [row.model_dump() for row in rows_of(database, NotificationRow)] == before


def test_what_waits_for_a_channel_that_was_taken_away_is_given_up_in_writing(database: Database, maria: int) -> None:
    tell_maria(database, maria)

    with database.transaction() as db:
        set_up(db, ["push", "call", "email"])
        set_up(db, ["push", "call", "email"])

    [sms] = [row for row in rows_of(database, NotificationRow) if row.channel == "sms"]
    assert (sms.due_at, sms.failed) == (None, NOT_SET_UP)
    assert [row.name for row in rows_of(database, ChannelRow)] == ["call", "email", "push"]


def test_a_receipt_counts_once_and_a_made_up_one_never(database: Database, maria: int) -> None:
    tell_maria(database, maria)
    token = token_of(database, "push")

    with database.transaction() as db:
        received(db, token, T0 + SECOND)
        received(db, token, T0 + MINUTE)
        with pytest.raises(NotFoundError):
            received(db, "made-up", T0)

    assert [row.received_at for row in rows_of(database, NotificationRow) if row.token == token] == [T0 + SECOND]


@pytest.mark.parametrize("channel", ["app", "push", "sms", "call", "email"])
def test_news_of_a_simulated_home_reach_no_real_person_by_any_channel(
    database: Database, maria: int, channel: str
) -> None:
    channels = all_channels()
    with database.transaction() as db:
        home = db.exec(select(Home).where(col(Home.is_test))).one()
        tell(db, Telling(maria, Subject.MESSAGE, "abc", 1, 40, home_id=home.home_id, channels=(channel,)), T0)

    for seconds in range(100):
        dispatch_due(database, channels, T0 + seconds * SECOND)

    assert [fake.attempts for fake in channels.values()] == [0] * 5
    assert {row.failed for row in rows_of(database, NotificationRow)} == {ACROSS}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("900 00 000", "+4790000000"),
        ("+47 90 00 00 00", "+4790000000"),
        ("0046 70-123 45 67", "+46701234567"),
        (" ", ""),
    ],
)
def test_a_telephone_number_is_kept_as_it_is_dialled_from_anywhere(database: Database, typed: str, kept: str) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db:
        set_addresses(db, who, Addresses(phone=typed), T0)

    assert [row.phone for row in rows_of(database, ContactRow)] == [kept]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Addresses(phone="12"), "phone"),
        (Addresses(phone="+47 ni hundre"), "phone"),
        (Addresses(email="maria"), "email"),
        (Addresses(email="a@b.no\r\nBcc: c@d.no"), "email"),
        (Addresses(email="a@b.no, c@d.no"), "email"),
    ],
)
def test_what_is_no_address_is_refused(database: Database, wanted: Addresses, field: str) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db, pytest.raises(ContactError) as caught:
        set_addresses(db, who, wanted, T0)

    assert caught.value.field == field
    assert rows_of(database, ContactRow) == []


@pytest.mark.parametrize("names", [["pigeon"], ["sms", "sms"]])
def test_a_channel_there_is_not_cannot_be_chosen(database: Database, maria: int, names: list[str]) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db, pytest.raises(ContactError):
        set_choices(db, who, {Level.CRITICAL: names}, T0)


@pytest.mark.parametrize(
    ("endpoint", "is_taken"),
    [
        ("https://push.example.org/abc", True),
        ("https://one.below.example.org/abc", True),
        ("https://below.example.org/abc", False),
        ("http://push.example.org/abc", False),
        ("https://push.example.org.evil.example/abc", False),
        ("https://push.example.org@evil.example/abc", False),
        ("https://evil.example?.below.example.org/abc", False),
        ("https://127.0.0.1/abc", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_pushed_to(database: Database, endpoint: str, *, is_taken: bool) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db, nullcontext() if is_taken else pytest.raises(ContactError):
        subscribe(db, who, browser(endpoint), SERVICES, T0)

    assert bool(rows_of(database, PushSubscriptionRow)) is is_taken


def test_a_browser_belongs_to_whoever_signed_in_on_it_last(database: Database, maria: int) -> None:
    who, ola = viewer(database, "maria"), viewer(database, "ola")
    with database.transaction() as db:
        subscribe(db, ola, browser("https://push.example.org/1"), SERVICES, T0)
        unsubscribe(db, who, "https://push.example.org/1", T0)

    assert [row.person_id for row in rows_of(database, PushSubscriptionRow)] == [ola.person_id]
    with database.reading() as db:
        assert "push" not in own_channels(db, who).works


def test_a_drawer_of_old_telephones_is_not_pushed_to(database: Database, maria: int) -> None:
    who = viewer(database, "maria")
    with database.transaction() as db:
        for number in range(2, 9):
            subscribe(db, who, browser(f"https://push.example.org/{number}"), SERVICES, T0)

    kept = [row.endpoint.rpartition("/")[2] for row in rows_of(database, PushSubscriptionRow)]
    assert kept == ["4", "5", "6", "7", "8"]


def test_one_persons_settings_are_their_own(database: Database, maria: int) -> None:
    who, ola = viewer(database, "maria"), viewer(database, "ola")
    with database.reading() as db:
        mine, olas = own_channels(db, who), own_channels(db, ola)

    assert mine.orders[Level.CRITICAL] == ("push", "sms", "call", "email")
    assert olas.orders[Level.CRITICAL] == ()
    assert olas.addresses == Addresses()
    assert {row.username for row in rows_of(database, Person) if row.person_id == maria} == {"maria"}
