"""The health of the service: what waits too long, what is silent, and what is not known."""

from datetime import timedelta

import pytest
from builders import HOUR, MINUTE, T0, FakeGateway, send, viewer
from fakes.channel import FakeChannel

from server.administration.health import Health, health_of
from server.db.session import Database
from server.errors import NotAllowedError
from server.escalation.auditor import look_over_chain
from server.escalation.service import escalate_due, mark_notified
from server.latency.rules import Stage
from server.notifications.dispatch import dispatch_due
from server.notifications.health import note_failed, note_proven, set_up

SECOND = timedelta(seconds=1)


def health(database: Database, seconds: float = 0) -> Health:
    with database.reading() as db:
        return health_of(db, viewer(database, "arne"), T0 + seconds * SECOND)


def queue(found: Health, name: str) -> tuple[int, bool]:
    return next((one.due, one.is_late) for one in found.queues if one.name == name)


def test_of_a_new_service_what_is_not_known_is_unknown_and_nothing_waits(database: Database) -> None:
    found = health(database)

    assert found.store.version
    assert found.store.size_bytes > 0
    assert (found.gateways.last_heard_at, found.gateways.silent) == (None, ())
    assert found.gateways.never_heard == found.gateways.known > 0
    assert not any(one.due or one.is_late for one in found.queues)
    assert {work.name: work.last_at for work in found.works}["tidying"] is None


def test_messages_that_nobody_sends_are_late_after_a_minute_and_gone_when_they_are_sent(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    escalate_due(database, T0)

    due, is_late = queue(health(database, 59), "messages")
    assert due > 0
    assert not is_late
    assert queue(health(database, 61), "messages") == (due, True)

    mark_notified(database, dispatch_due(database, {"app": FakeChannel()}, T0 + MINUTE), T0 + MINUTE)
    found = health(database, 61)
    assert queue(found, "messages") == (0, False)
    [day] = found.latency.days
    assert {step.stage: step.p95 for step in day.steps}[Stage.SENT] == MINUTE


def test_the_auditor_is_late_when_it_has_not_looked_for_two_minutes(database: Database) -> None:
    look_over_chain(database, T0)

    def auditor(seconds: float) -> bool:
        return next(work.is_late for work in health(database, seconds).works if work.name == "auditor")

    assert not auditor(120)
    assert auditor(121)


def test_a_channel_is_told_with_when_it_was_last_proven_and_since_when_it_fails(database: Database) -> None:
    with database.transaction() as db:
        set_up(db, ["push", "sms"])
        note_proven(db, "sms", T0 - HOUR)
        for _ in range(3):
            note_failed(db, "sms", "no answer", T0)

    push, sms = health(database, 120).channels

    assert (push.last_proven_at, push.is_down) == (None, False)
    assert (sms.last_proven_at, sms.failing_since, sms.is_down) == (T0 - HOUR, T0, True)


@pytest.mark.parametrize("name", ["maria", "siri", "anne"])
def test_only_administrators_see_it(database: Database, name: str) -> None:
    with database.reading() as db, pytest.raises(NotAllowedError):
        health_of(db, viewer(database, name), T0)
