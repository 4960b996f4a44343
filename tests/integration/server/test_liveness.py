"""A gateway that is silent or deaf is a fault that is told, and its home is never called well."""

from concurrent.futures import ThreadPoolExecutor

from builders import (
    HOUR,
    MINUTE,
    T0,
    FakeGateway,
    alerts,
    rows_of,
    send,
)  # fmt: skip
from postgres import NewDatabase
from sqlmodel import update
from watching import hear, status, tell

from gateway.contract.heartbeat import StreamHead
from server.alerting.rules import AlertClass, AlertStatus
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.liveness.service import listen_anew, raise_for_silent
from server.overview.rules import Status
from server.residents.tables import Gateway


def test_who_stood_still_gives_every_gateway_its_time_anew_before_any_is_called_silent(database: Database) -> None:
    hear(database, FakeGateway(), T0)

    listen_anew(database, T0 + HOUR, 10 * MINUTE)

    counts = [raise_for_silent(database, T0 + HOUR + minutes * MINUTE) for minutes in (0, 9, 10)]
    assert counts == [0, 0, 1]


def test_a_quiet_night_under_a_watchful_gateway_is_known(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    for minutes in range(0, 180, 5):
        hear(database, gateway, T0 + minutes * MINUTE)

    assert status(database, T0 + 3 * HOUR) is Status.LEARNING
    assert status(database, T0 + 4 * HOUR) is Status.UNKNOWN


def test_a_silent_gateway_raises_one_technical_alert_and_it_closes_when_heard_again(database: Database) -> None:
    gateway = FakeGateway()
    hear(database, gateway, T0)
    tell(database, gateway, [gateway.motion(T0)], T0)

    counts = [raise_for_silent(database, T0 + minutes * MINUTE) for minutes in (9, 10, 11, 30)]
    assert counts == [0, 1, 0, 0]
    assert [(a.kind, a.alert_class, a.national_code) for a in alerts(database)] == [
        ("gateway_silent", AlertClass.TECHNICAL, None)
    ]
    assert status(database, T0 + HOUR) is Status.TECHNICAL
    send(database, gateway.presence(), T0 + HOUR)

    assert [(alert.status, alert.closed_at, alert.outcome) for alert in alerts(database)] == [
        (AlertStatus.CLOSED, T0 + HOUR, "technical")
    ]
    assert raise_for_silent(database, T0 + 71 * MINUTE) == 1


def test_a_gateway_that_lives_and_hears_nothing_is_told_of_once_and_again_after_a_day(database: Database) -> None:
    gateway = FakeGateway()
    hear(database, gateway, T0)

    for minutes in (5, 10, 11, 12, 60):
        hear(database, gateway, T0 + minutes * MINUTE, deaf_since=T0)
    [alert] = alerts(database)
    assert (alert.kind, alert.alert_class, alert.repeats) == ("gateway_deaf", AlertClass.TECHNICAL, 0)
    assert alert.raised_at == T0 + 11 * MINUTE
    assert status(database, T0 + HOUR) is Status.TECHNICAL
    with database.transaction() as db:  # somebody closes it, and it goes on
        db.exec(update(AlertRow).values(status=AlertStatus.CLOSED, closed_at=T0 + HOUR))
    hear(database, gateway, T0 + 2 * HOUR, deaf_since=T0)
    assert len(alerts(database)) == 1
    hear(database, gateway, T0 + 25 * HOUR, deaf_since=T0)
    assert len(alerts(database)) == 2

    hear(database, gateway, T0 + 26 * HOUR)

    assert [alert.status for alert in alerts(database)] == [AlertStatus.CLOSED, AlertStatus.CLOSED]


def test_a_gateway_going_silent_while_it_is_heard_leaves_no_alert_behind(new_postgres: NewDatabase) -> None:
    database, gateway = new_postgres(), FakeGateway()
    hear(database, gateway, T0)

    with ThreadPoolExecutor(2) as workers:
        for minutes in range(10, 410, 20):
            now = T0 + minutes * MINUTE
            both = [
                workers.submit(raise_for_silent, database, now),
                workers.submit(send, database, gateway.heartbeat(now), now),
            ]
            for work in both:
                work.result()

    assert [alert.status for alert in alerts(database) if alert.closed_at is None] == []
    assert rows_of(database, Gateway)[0].due_at is not None


def test_a_gateway_never_heard_is_unknown_and_never_normal(database: Database) -> None:
    assert status(database, T0) is Status.UNKNOWN


def test_a_heartbeat_may_tell_of_streams_in_any_order(database: Database) -> None:
    gateway = FakeGateway()
    heads = tuple(StreamHead(stream=stream, last_seq=0, waiting=3) for stream in ("routine", "urgent"))

    hear(database, gateway, T0, heads=heads)

    row = rows_of(database, Gateway)[0]
    assert (row.knows_until, row.waiting) == (T0, 6)


def test_a_home_is_known_up_to_the_last_heartbeat_once_what_all_of_them_told_of_has_come(database: Database) -> None:
    gateway = FakeGateway()
    early = gateway.motion(T0)
    hear(database, gateway, T0 + MINUTE)
    late = gateway.motion(T0 + 2 * MINUTE)
    for minutes in (3, 4, 5):
        hear(database, gateway, T0 + minutes * MINUTE)

    tell(database, gateway, [early], T0 + 5 * MINUTE)
    known = [rows_of(database, Gateway)[0].knows_until]
    tell(database, gateway, [late], T0 + 5 * MINUTE)
    known += [rows_of(database, Gateway)[0].knows_until]

    assert known == [T0 + MINUTE, T0 + 5 * MINUTE]
