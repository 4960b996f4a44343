"""What the detector notices does not depend on when it looks, and only the present calls people."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from builders import (
    DAY,
    DOOR,
    HOUR,
    MINUTE,
    PATIENCE,
    SMOKE,
    T0,
    WARMTH,
    FakeGateway,
    alerts,
    findings,
    rows_of,
    send,
)  # fmt: skip
from postgres import NewDatabase
from sqlmodel import col, update
from watching import hear, look, status, tell

from gateway.contract.observation import Observation
from models.stays.routine import StayRoutine
from server.alerting.rules import AlertClass, AlertStatus, LogEvent
from server.alerting.tables import AlertLogRow
from server.db.session import Database
from server.detection.learning import fit_due
from server.detection.service import look_at_due
from server.detection.tables import HomeWatch, RoutineRow
from server.liveness.service import raise_for_silent
from server.overview.rules import Status
from server.residents.tables import Sensor

LIMIT = 12 * HOUR  # the silence that is too long where nothing is learned yet
AWAY = timedelta(seconds=StayRoutine.default().limits().away)  # and the absence


def watch_of_home_a(database: Database) -> HomeWatch:
    """Return the detector's place in home-a."""
    watches: list[HomeWatch] = rows_of(database, HomeWatch)
    return next(watch for watch in watches if watch.home_id == 1)


def test_a_silence_that_lasts_too_long_raises_one_alert(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    for minutes in range(0, 13 * 60, 30):
        hear(database, gateway, T0 + minutes * MINUTE)

    [alert] = alerts(database)
    assert (alert.kind, alert.observed_at, alert.repeats, alert.room) == ("inactivity", T0 + LIMIT, 0, "lounge")
    assert alert.reasons[0]["key"] == "no_movement_for"
    assert alert.reasons[0]["minutes"] == 720
    assert findings(database) == [("inactivity", T0, T0 + LIMIT, None, True)]


def test_no_alert_comes_a_moment_too_early(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    hear(database, gateway, T0 + LIMIT - timedelta(seconds=1))

    assert alerts(database) == []


def test_warmth_is_no_sign_of_life(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    tell(database, gateway, [gateway.fact(WARMTH, T0 + LIMIT, 21.5)], T0 + LIMIT)

    assert len(alerts(database)) == 1


def test_activity_after_a_silence_ceases_it_and_leaves_the_alert_to_people(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    hear(database, gateway, T0 + 13 * HOUR)

    tell(database, gateway, [gateway.motion(T0 + 14 * HOUR)], T0 + 14 * HOUR)

    assert findings(database) == [("inactivity", T0, T0 + LIMIT, T0 + 14 * HOUR, True)]
    assert [alert.status for alert in alerts(database)] == [AlertStatus.REPORTED]
    assert [line.event for line in rows_of(database, AlertLogRow)] == [LogEvent.RAISED, LogEvent.CEASED]


def test_a_late_fact_from_before_a_silence_does_not_end_it(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    hear(database, gateway, T0 + 13 * HOUR)

    facts = [gateway.motion(T0 - HOUR), gateway.motion(T0 + 14 * HOUR)]
    tell(database, gateway, facts, T0 + 14 * HOUR)

    assert findings(database) == [("inactivity", T0, T0 + LIMIT, T0 + 14 * HOUR, True)]


def test_a_silence_long_past_is_kept_and_nobody_is_sent(database: Database) -> None:
    gateway = FakeGateway()
    facts = [gateway.motion(T0), gateway.motion(T0 + DAY), gateway.motion(T0 + 3 * DAY)]

    tell(database, gateway, facts, T0 + 3 * DAY)

    assert alerts(database) == []
    assert findings(database) == [
        ("inactivity", T0, T0 + LIMIT, T0 + DAY, False),
        ("inactivity", T0 + DAY, T0 + DAY + LIMIT, T0 + 3 * DAY, False),
    ]


def test_a_silence_found_in_a_backlog_that_still_lasts_calls_people_once_the_backlog_is_through(
    database: Database,
) -> None:
    gateway = FakeGateway()
    now = T0 + 2 * DAY
    tell(database, gateway, [gateway.motion(T0), gateway.fact(WARMTH, T0 + 20 * HOUR, 21.0)], now)
    assert alerts(database) == []

    hear(database, gateway, now)
    hear(database, gateway, now + MINUTE)

    assert [(alert.kind, alert.observed_at, alert.repeats) for alert in alerts(database)] == [
        ("inactivity", T0 + LIMIT, 0)
    ]
    assert findings(database) == [("inactivity", T0, T0 + LIMIT, None, True)]


def a_life(gateway: FakeGateway) -> list[Observation]:
    """Return five days with two silences that are too long, an absence, and a night."""
    hours = [0, 1, 2, 3, 16, 17, 18, 26, 27, 30, 47, 48, 49, 50, 60, 61, 75, 76, 80, 92, 93, 110, 111]
    facts = [gateway.motion(T0 + hour * HOUR) for hour in hours[:10]]
    facts.append(gateway.fact(DOOR, facts[-1].observed_at + MINUTE))
    return facts + [gateway.motion(T0 + hour * HOUR) for hour in hours[10:]]


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("size", [1, 5, 100])
def test_findings_do_not_depend_on_batches_or_restarts(new_database: NewDatabase, size: int, *, restarts: bool) -> None:
    database, gateway = new_database(), FakeGateway()
    facts = a_life(gateway)

    for start in range(0, len(facts), size):
        piece = facts[start : start + size]
        again = Database(database.url) if restarts else database
        tell(again, gateway, piece, piece[-1].observed_at + MINUTE)
        if restarts:
            again.close()

    assert [(start, noticed, ended) for _, start, noticed, ended, _ in findings(database)] == [
        (T0 + 3 * HOUR, T0 + 15 * HOUR, T0 + 16 * HOUR),
        (T0 + 30 * HOUR + MINUTE, T0 + 30 * HOUR + MINUTE + AWAY, T0 + 47 * HOUR),
        (T0 + 61 * HOUR, T0 + 73 * HOUR, T0 + 75 * HOUR),
        (T0 + 80 * HOUR, T0 + 92 * HOUR, T0 + 92 * HOUR),
        (T0 + 93 * HOUR, T0 + 105 * HOUR, T0 + 110 * HOUR),
    ]


def test_a_long_backlog_is_worked_through_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.detection.service._MOST_FACTS", 3)
    gateway = FakeGateway()
    send(database, gateway.batch(a_life(gateway)), T0 + 5 * DAY)

    looks = 0
    while look_at_due(database, T0 + 5 * DAY, PATIENCE):
        looks += 1

    assert looks == 8
    assert len(findings(database)) == 5


def test_a_heartbeat_tells_nothing_until_all_it_told_of_has_come(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    on_its_way = gateway.batch([gateway.motion(T0 + 11 * HOUR)])

    hear(database, gateway, T0 + 13 * HOUR)
    assert alerts(database) == []
    send(database, on_its_way, T0 + 13 * HOUR)
    look(database, T0 + 13 * HOUR)

    assert alerts(database) == []
    assert watch_of_home_a(database).seen_until == T0 + 13 * HOUR


def test_an_outbox_that_is_no_more_does_not_hold_back_knowledge_for_ever(database: Database) -> None:
    before, after = FakeGateway(), FakeGateway(epoch="0000000b")
    tell(database, before, [before.motion(T0)], T0)
    before.motion(T0)  # never sent: the file was damaged
    hear(database, before, T0 + HOUR)

    hear(database, after, T0 + 13 * HOUR)

    assert len(alerts(database)) == 1


def test_the_mark_passing_over_a_gap_lets_the_detector_look(database: Database) -> None:
    gateway = FakeGateway()
    gap, beyond = gateway.motion(T0, sensor_id="ffffffffffff"), gateway.motion(T0)
    tell(database, gateway, [beyond], T0)
    assert watch_of_home_a(database).seen_until is None

    tell(database, gateway, [gap], T0)

    assert watch_of_home_a(database).seen_until == T0


def test_an_urgent_fact_that_overtakes_a_backlog_proves_no_silence(database: Database) -> None:
    gateway = FakeGateway()
    now = T0 + DAY
    tell(database, gateway, [gateway.motion(T0)], T0)

    tell(database, gateway, [gateway.fact(SMOKE, now)], now)

    assert [alert.kind for alert in alerts(database)] == ["smoke"]


def test_a_radio_that_hears_nothing_proves_no_silence(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    hear(database, gateway, T0 + 13 * HOUR, deaf_since=T0 + HOUR)

    assert [alert.alert_class for alert in alerts(database)] == [AlertClass.TECHNICAL]
    assert status(database, T0 + 13 * HOUR) is Status.TECHNICAL


def test_a_gateway_whose_clock_runs_ahead_proves_no_silence(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    hear(database, gateway, T0 + MINUTE, sent_at=T0 + DAY)

    assert alerts(database) == []
    assert status(database, T0 + HOUR) is Status.UNKNOWN


def test_a_gateway_that_does_not_know_the_time_still_proves_a_silence(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)

    hear(database, gateway, T0 + 13 * HOUR, sent_at=T0.replace(year=1970), clock_synced=False)

    assert len(alerts(database)) == 1


def test_a_home_whose_look_fails_does_not_keep_the_others_from_being_looked_at(database: Database) -> None:
    broken, sound = FakeGateway("a"), FakeGateway("b")
    send(database, broken.batch([broken.motion(T0)]), T0)
    send(database, sound.batch([sound.motion(T0)]), T0 + MINUTE)
    with database.transaction() as db:
        db.exec(update(HomeWatch).where(col(HomeWatch.home_id) == 1).values(state={"rhythm": {"first": "nonsense"}}))

    with pytest.raises(KeyError):
        look_at_due(database, T0 + MINUTE, PATIENCE)
    look(database, T0 + MINUTE)

    assert {watch.home_id: watch.seen_until for watch in rows_of(database, HomeWatch)} == {1: None, 2: T0, 3: None}


def test_a_sensor_that_moved_to_another_home_costs_no_look(database: Database) -> None:
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.motion(T0)]), T0)
    with database.transaction() as db:
        db.exec(update(Sensor).values(home_id=2))

    look(database, T0)
    fit_due(database)

    assert watch_of_home_a(database).seen_until == T0
    assert len(rows_of(database, RoutineRow)) == 1


def test_ingest_and_detection_of_one_home_never_wait_for_each_other_in_a_circle(new_postgres: NewDatabase) -> None:
    database, gateway = new_postgres(), FakeGateway()
    messages = [
        message
        for minute in range(40)
        for message in (
            gateway.batch([gateway.motion(T0 + minute * MINUTE)]),
            gateway.heartbeat(T0 + minute * MINUTE),
            gateway.batch([gateway.press(T0 + minute * MINUTE)]),
        )
    ]
    now = T0 + 40 * MINUTE

    def take_in(part: int) -> None:
        for message in messages[part::2]:
            send(database, message, now)

    def keep_looking() -> None:
        for _ in range(120):
            look_at_due(database, now, PATIENCE)
            raise_for_silent(database, now + HOUR)

    with ThreadPoolExecutor(3) as workers:
        for work in [workers.submit(take_in, 0), workers.submit(take_in, 1), workers.submit(keep_looking)]:
            work.result()

    look(database, now)
    assert watch_of_home_a(database).looked_at == {"1": 40, "2": 40} or watch_of_home_a(database).due_at is None


def test_two_findings_of_one_silence_are_one_alert_of_the_kind_that_says_most(database: Database) -> None:
    gateway = FakeGateway()
    with database.transaction() as db:
        db.exec(update(Sensor).where(col(Sensor.room) == "lounge").values(room="bathroom"))
    tell(database, gateway, [gateway.motion(T0)], T0)

    for hours in range(1, 15):
        hear(database, gateway, T0 + hours * HOUR)

    assert [one.kind for one in alerts(database)] == ["long_in_bathroom"]
    assert [kind for kind, *_ in findings(database)] == ["long_in_bathroom", "inactivity"]

    tell(database, gateway, [gateway.fact(DOOR, T0 + 15 * HOUR)], T0 + 15 * HOUR)

    assert len(alerts(database)) == 1
    assert all(ended for *_, ended, _ in findings(database))


def test_a_home_is_let_alone_while_nothing_can_be_found_in_it_and_looked_at_in_time_all_the_same(
    database: Database,
) -> None:
    gateway = FakeGateway()
    went = [gateway.fact(DOOR, T0 + minutes * MINUTE) for minutes in (19, 28)]
    tell(database, gateway, went, T0 + 30 * MINUTE)

    for minutes in range(30, 30 + 8 * 60, 10):
        hear(database, gateway, T0 + minutes * MINUTE)

    watch = watch_of_home_a(database)
    assert watch.seen_until == went[-1].observed_at, "heartbeats alone cost no look"
    assert watch.wakes_at is not None
    assert status(database, T0 + 8 * HOUR) is not Status.UNKNOWN, "pages know it by the gateway, not by the last look"
    hear(database, gateway, watch.wakes_at - MINUTE)
    assert alerts(database) == []
    hear(database, gateway, watch.wakes_at + MINUTE)
    assert [alert.kind for alert in alerts(database)] == ["not_returned"]
