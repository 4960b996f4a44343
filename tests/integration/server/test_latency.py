"""The watchdog of the chain: it tells when alerts are slow, is not told of by itself, and ends by itself."""

from datetime import datetime, timedelta

import pytest
from builders import HOUR, MINUTE, T0, FakeGateway, alerts, send, viewer
from fakes.channel import FakeChannel

from server.alerting.rules import AlertKind, AlertStatus, Outcome
from server.alerting.service import Ending, close, take
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.errors import NotAllowedError
from server.escalation.service import escalate_due, mark_notified
from server.latency.rules import Stage
from server.latency.service import slow_now, watch_chain
from server.latency.views import latency_of
from server.notifications.dispatch import dispatch_due

SECOND = timedelta(seconds=1)


def press(database: Database, at: datetime = T0, letter: str = "a", delay: timedelta = timedelta()) -> None:
    gateway = FakeGateway(letter, epoch=f"{int(at.timestamp()):08x}")
    send(database, gateway.batch([gateway.press(at)]), at + delay)


def respond(database: Database, now: datetime) -> None:
    escalate_due(database, now)
    mark_notified(database, dispatch_due(database, {"app": FakeChannel()}, now), now)


def warnings(database: Database) -> list[AlertRow]:
    return [alert for alert in alerts(database) if alert.kind is AlertKind.CHAIN_SLOW]


def test_a_chain_that_stands_still_is_told_of_once_and_ends_by_itself(database: Database) -> None:
    press(database)
    assert watch_chain(database, T0 + 15 * SECOND) == 0

    for seconds in range(16, 60, 4):
        watch_chain(database, T0 + seconds * SECOND)

    [warning] = warnings(database)
    assert (warning.resident_id, warning.home_id, warning.repeats, warning.is_test) == (None, None, 0, False)
    with database.reading() as db:
        assert slow_now(db, {warning.unit_id}, T0 + MINUTE) is not None
    respond(database, T0 + MINUTE)
    assert warnings(database)[0].notified_at == T0 + MINUTE, "it goes its way to people as any other alert"

    assert watch_chain(database, T0 + 10 * MINUTE) == 0
    assert watch_chain(database, T0 + 11 * MINUTE) == 1

    [warning] = warnings(database)
    assert (warning.status, warning.outcome, warning.due_at) == (AlertStatus.CLOSED, Outcome.TECHNICAL, None)


def test_alerts_that_are_sent_at_once_raise_no_warning(database: Database) -> None:
    press(database)
    respond(database, T0)

    assert sum(watch_chain(database, T0 + minutes * MINUTE) for minutes in range(20)) == 0


def test_whoever_closed_the_warning_is_not_told_again_at_once(database: Database) -> None:
    maria = viewer(database, "maria")
    press(database)
    watch_chain(database, T0 + 20 * SECOND)
    found = alerts(database)
    with database.transaction() as db:
        for alert in found:
            close(db, maria, alert.code, 1, Ending(Outcome.TECHNICAL), T0 + 30 * SECOND)

    assert watch_chain(database, T0 + MINUTE) == 0
    press(database, T0 + HOUR)
    watch_chain(database, T0 + HOUR + MINUTE)

    assert len(warnings(database)) == 2


def test_late_calls_from_two_homes_are_the_chains_fault_and_from_one_home_its_own(database: Database) -> None:
    press(database, T0, "a", HOUR)
    respond(database, T0 + HOUR)
    watch_chain(database, T0 + HOUR)
    assert warnings(database) == []
    assert [alert.late for alert in alerts(database)] == [True]


def test_what_a_nurse_took_from_the_page_before_any_channel_had_it_came(database: Database) -> None:
    maria = viewer(database, "maria")
    press(database)
    with database.transaction() as db:
        take(db, maria, alerts(database)[0].code, 1, T0 + 3 * SECOND)

    assert watch_chain(database, T0 + MINUTE) == 0


def test_latencies_are_told_by_day_and_unit_and_only_of_the_viewers_own(database: Database) -> None:
    maria, per, anne = (viewer(database, name) for name in ("maria", "per", "anne"))
    press(database)
    respond(database, T0 + 4 * SECOND)
    with database.transaction() as db:
        take(db, maria, alerts(database)[0].code, 1, T0 + MINUTE)

    with database.reading() as db:
        [day] = latency_of(db, maria, 7, T0 + HOUR).days
        assert latency_of(db, per, 7, T0 + HOUR).days == ()
        assert latency_of(db, maria, 1, T0 + 24 * HOUR).days == ()
        with pytest.raises(NotAllowedError):
            latency_of(db, anne, 7, T0)

    assert (day.day, day.unit, day.alerts, day.late) == (T0.date(), "nord", 1, 0)
    assert {one.stage: one.p95 for one in day.steps}[Stage.SENT] == 4 * SECOND
    assert {one.stage: one.p50 for one in day.steps}[Stage.TAKEN] == MINUTE
