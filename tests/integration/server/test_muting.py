"""Pauses, absences and staff who are there: what is not told then, and what always is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import (
    DAY,
    DOOR,
    HOUR,
    MINUTE,
    SMOKE,
    T0,
    FakeGateway,
    alerts,
    findings,
    give_account,
    rows_of,
    send,
    viewer,
)  # fmt: skip
from sqlmodel import col, update
from watching import hear, look, tell

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from server.absences.rules import AbsenceKind, OwnPause, Span
from server.absences.service import Held, Wanted, end, pause, set_absence
from server.absences.tables import Absence
from server.db.session import Database
from server.detection.facts import trace_of
from server.detection.learning import days_of, unseen_of
from server.detection.muting import strange_spans, without_absences
from server.detection.rules import Stretch, stretches
from server.detection.tables import FindingRow, HomeWatch
from server.liveness.sensors import raise_for_silent_sensors
from server.residents.tables import Sensor
from server.visits.service import arrive, enter_visit, leave

LIMIT = 12 * HOUR  # the silence that is too long where nothing is learned yet


def say(database: Database, kind: AbsenceKind, begins: timedelta, ends: timedelta) -> str:
    maria = viewer(database, "maria")
    with database.transaction() as db:
        return set_absence(db, maria, "res-a", Wanted(kind, T0 + begins, T0 + ends), T0).code


def hear_on(database: Database, gateway: FakeGateway, begin: timedelta, end: timedelta) -> None:
    for minutes in range(int(begin / MINUTE), int(end / MINUTE) + 1, 10):
        hear(database, gateway, T0 + minutes * MINUTE)


def muted(database: Database) -> list[tuple[str, str, datetime | None]]:
    return [(row.kind, row.muted_by, row.muted_until) for row in rows_of(database, FindingRow)]


@pytest.mark.parametrize("kind", [AbsenceKind.PAUSE, AbsenceKind.AWAY, AbsenceKind.HOSPITAL])
def test_a_silence_during_an_absence_is_nobodys_and_counts_anew_from_its_end(
    database: Database, kind: AbsenceKind
) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    say(database, kind, HOUR, 14 * HOUR)

    hear_on(database, gateway, HOUR, 14 * HOUR + LIMIT - 10 * MINUTE)
    assert alerts(database) == []
    hear_on(database, gateway, 14 * HOUR + LIMIT, 14 * HOUR + LIMIT + 10 * MINUTE)

    [alert] = alerts(database)
    assert (alert.kind, alert.observed_at) == ("inactivity", T0 + 14 * HOUR + LIMIT)


def test_a_pause_that_is_ended_early_watches_again_within_minutes(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.motion(T0)], T0)
    code = say(database, AbsenceKind.PAUSE, HOUR, 10 * DAY)
    hear_on(database, gateway, HOUR, 2 * HOUR)
    with database.transaction() as db:
        end(db, maria, code, T0 + 2 * HOUR)

    hear_on(database, gateway, 2 * HOUR, 2 * HOUR + LIMIT + 20 * MINUTE)

    [alert] = alerts(database)
    assert timedelta(0) <= alert.observed_at - (T0 + 2 * HOUR + LIMIT) <= 10 * MINUTE  # by the next heartbeat


def test_urgent_calls_come_through_every_pause(database: Database) -> None:
    gateway = FakeGateway()
    for kind in (AbsenceKind.PAUSE, AbsenceKind.AWAY, AbsenceKind.HOSPITAL):
        say(database, kind, timedelta(0), DAY)

    for fact in (gateway.press(T0 + HOUR), gateway.fact(SMOKE, T0 + HOUR)):
        send(database, gateway.batch([fact], sent_at=T0 + HOUR), T0 + HOUR)
        look(database, T0 + HOUR)

    assert {alert.kind for alert in alerts(database)} == {"button", "smoke"}


def test_movement_in_a_pause_is_not_looked_at_nor_learned_from(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    say(database, AbsenceKind.PAUSE, HOUR, 3 * HOUR)
    before = rows_of(database, HomeWatch)[0].state["stays"]["presence"][0]

    tell(database, gateway, [gateway.motion(T0 + 2 * HOUR)], T0 + 2 * HOUR)

    assert rows_of(database, HomeWatch)[0].state["stays"]["presence"][0] == before
    held = (Held(AbsenceKind.PAUSE, Span(T0 + HOUR, T0 + 3 * HOUR)),)
    with database.reading() as db:
        trace = trace_of(db, 1, T0 - DAY, T0 + DAY)
        assert trace.at.tolist() == [int((T0 + after).timestamp()) for after in (timedelta(0), 2 * HOUR)]
        assert without_absences(trace, held).at.tolist() == [int(T0.timestamp())]
        [unseen] = unseen_of(db, 1, T0 + DAY, trace)
    assert (unseen.known_at, unseen.until) == tuple(int((T0 + hours * HOUR).timestamp()) for hours in (1, 3))


def test_days_away_and_with_guests_teach_nothing_and_a_pause_only_what_it_covers() -> None:
    held = [
        Held(kind, Span(T0 + start * DAY, T0 + (start + 1) * DAY))
        for start, kind in ((0, AbsenceKind.AWAY), (2, AbsenceKind.PAUSE), (4, AbsenceKind.GUESTS))
    ]

    days = days_of(strange_spans(held), ZoneInfo("Europe/Oslo"))

    first = T0.date().toordinal()
    assert days == {first, first + 1, first + 4, first + 5}


def test_staff_who_are_there_mute_what_rests_on_movement_until_they_leave(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.motion(T0)], T0)
    with database.transaction() as db:
        arrive(db, maria, "res-a", T0 + LIMIT - MINUTE)

    hear_on(database, gateway, LIMIT, LIMIT + HOUR)
    assert alerts(database) == []
    assert muted(database) == [("inactivity", "said", T0 + LIMIT - MINUTE + 2 * HOUR)]
    with database.transaction() as db:
        leave(db, maria, "res-a", T0 + LIMIT + HOUR)
    hear_on(database, gateway, LIMIT + HOUR, LIMIT + HOUR + 10 * MINUTE)

    assert [alert.kind for alert in alerts(database)] == ["inactivity"]


@pytest.mark.parametrize(("opened", "told"), [((28,), False), ((19,), True)])
def test_the_door_of_a_carer_who_leaves_is_not_the_resident_leaving_at_night(
    database: Database, opened: tuple[int, ...], *, told: bool
) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.fact(DOOR, T0 + minute * MINUTE) for minute in opened], T0 + 32 * MINUTE)
    with database.transaction() as db:
        arrive(db, maria, "res-a", T0)
        leave(db, maria, "res-a", T0 + 30 * MINUTE)
        began, noticed = T0 + opened[-1] * MINUTE, T0 + HOUR
        kind = FindingKind.LEFT_AT_NIGHT
        db.add(FindingRow(home_id=1, kind=kind, started_at=began, noticed_at=noticed, reasons=[{"key": "left"}]))

    hear_on(database, gateway, HOUR, 3 * HOUR)

    assert [alert.kind for alert in alerts(database)] == (["left_at_night"] if told else [])
    assert muted(database)[0][1] == ("" if told else "staff_left")


def test_a_planned_visit_hides_no_silence_for_nobody_may_have_come(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.motion(T0)], T0)
    with database.transaction() as db:
        enter_visit(db, maria, "res-a", T0 + LIMIT - HOUR, T0 + LIMIT + HOUR, "Kveldsstell", T0)

    hear(database, gateway, T0 + LIMIT)

    assert [alert.kind for alert in alerts(database)] == ["inactivity"]


def test_movement_in_two_rooms_of_who_is_away_asks_whether_they_are_back_and_one_movement_does_not(
    database: Database,
) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0)], T0)
    say(database, AbsenceKind.HOSPITAL, HOUR, 10 * DAY)

    tell(
        database, gateway, [gateway.motion(T0 + HOUR + 20 * MINUTE), gateway.fact("02", T0 + 1.5 * HOUR)], T0 + 2 * HOUR
    )
    tell(database, gateway, [gateway.motion(T0 + DAY)], T0 + DAY)
    assert rows_of(database, Absence)[0].back_at is None
    tell(database, gateway, [gateway.fact("02", T0 + DAY + 5 * MINUTE)], T0 + DAY + 5 * MINUTE)

    [absence] = rows_of(database, Absence)
    assert (absence.back_at, absence.remind_at) == (T0 + DAY + 5 * MINUTE, T0 + DAY + 5 * MINUTE)


def test_staff_who_water_the_flowers_are_not_taken_for_the_resident(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.motion(T0)], T0)
    say(database, AbsenceKind.AWAY, HOUR, 10 * DAY)
    with database.transaction() as db:
        arrive(db, maria, "res-a", T0 + DAY)

    facts = [gateway.fact("02", T0 + DAY + MINUTE), gateway.motion(T0 + DAY + 2 * MINUTE)]
    tell(database, gateway, facts, T0 + DAY + 2 * MINUTE)

    assert rows_of(database, Absence)[0].back_at is None


def test_a_sensor_the_resident_put_away_in_their_own_pause_is_no_fault_but_a_smoke_alarm_is(
    database: Database,
) -> None:
    give_account(database)
    gateway, person = FakeGateway(), viewer(database, "inger")
    hear(database, gateway, T0)
    with database.transaction() as db:
        pause(db, person, OwnPause.FOUR_HOURS, T0)
        db.exec(update(Sensor).where(col(Sensor.home_id) == 1).values(due_at=T0 + HOUR))
    hear(database, gateway, T0 + 2 * HOUR)

    raise_for_silent_sensors(database, T0 + 2 * HOUR)

    silent = {row.kinds[0] for row in rows_of(database, Sensor) if row.silent_since and row.home_id == 1}
    assert silent == {SensorKind.BUTTON, SensorKind.SMOKE}
    later = {row.kinds[0]: row.due_at for row in rows_of(database, Sensor) if row.home_id == 1}
    assert later[SensorKind.MOTION] > T0 + 4 * HOUR


def test_time_is_cut_where_a_pause_begins_and_ends() -> None:
    span = Span(T0 + HOUR, T0 + 2 * HOUR)

    assert stretches(T0, T0 + 3 * HOUR, [span]) == [
        Stretch(T0 + HOUR, is_paused=False),
        Stretch(T0 + 2 * HOUR, is_paused=True),
        Stretch(T0 + 2 * HOUR, is_paused=False),
        Stretch(T0 + 3 * HOUR, is_paused=False),
    ]
    assert stretches(T0 + HOUR, T0 + 1.5 * HOUR, [span]) == [Stretch(T0 + 1.5 * HOUR, is_paused=True)]
    assert stretches(None, T0 + HOUR, [span]) == [Stretch(T0 + HOUR, is_paused=False)]
    assert stretches(T0, T0, []) == [Stretch(T0, is_paused=False)]


def test_findings_are_kept_though_nobody_was_told(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.motion(T0)], T0)
    with database.transaction() as db:
        arrive(db, maria, "res-a", T0 + LIMIT - MINUTE)
    hear(database, gateway, T0 + LIMIT)

    tell(database, gateway, [gateway.motion(T0 + LIMIT + MINUTE)], T0 + LIMIT + MINUTE)

    assert findings(database) == [(FindingKind.INACTIVITY, T0, T0 + LIMIT, T0 + LIMIT + MINUTE, False)]
