"""A sensor that lives on the air and sees nothing, and one that fires by itself, are told of as faults."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from builders import HOUR, MINUTE, FakeGateway, alerts, findings, rows_of, send
from lived import bring, facts_of, move_in
from postgres import NewDatabase
from sqlmodel import update
from watching import hear, look

from gateway.contract.observation import Observation
from models.trace import Trace
from server.alerting.rules import AlertKind, AlertStatus
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection import equipment
from server.detection.equipment import ask_due
from server.detection.facts import sight_of, suspects_in
from server.detection.learning import fit_due
from server.detection.tables import Equipment
from server.liveness.behaviour import raise_for_behaviour
from server.residents.tables import Sensor
from tests.unit.models.technical.homes_of_chance import BEDROOM, CHANNELS, FIRST, LIVING, home, without

DAY_S, HOUR_S = 86_400, 3600
BEGIN = FIRST + 18 * DAY_S + 9 * HOUR_S
END = BEGIN + 30 * HOUR_S


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def live(database: Database, gateway: FakeGateway, facts: list[Observation]) -> None:
    """Let facts come day by day, and each night the lesson."""
    while facts:
        end = facts[0].observed_at + timedelta(days=1)
        today = [fact for fact in facts if fact.observed_at < end]
        del facts[: len(today)]
        bring(database, gateway, today, today[-1].observed_at)
        fit_due(database)


def by_the_hour(database: Database, gateway: FakeGateway, facts: list[Observation], until: int) -> None:
    """Let facts come hour by hour, with a heartbeat; then the sensors are asked after."""
    while facts and facts[0].observed_at < moment(until):
        end = facts[0].observed_at + HOUR
        now = [fact for fact in facts if fact.observed_at < end]
        del facts[: len(now)]
        bring(database, gateway, now, now[-1].observed_at)
        hear(database, gateway, now[-1].observed_at)
        ask_due(database)
        look(database, now[-1].observed_at)
        raise_for_behaviour(database, now[-1].observed_at)


def of_sensors(database: Database) -> list[AlertRow]:
    return [one for one in alerts(database) if one.kind in {AlertKind.SENSOR_SILENT, AlertKind.SENSOR_FLAPPING}]


def split(gateway: FakeGateway, trace: Trace, at: int) -> tuple[list[Observation], list[Observation]]:
    facts = facts_of(gateway, trace)
    return [one for one in facts if one.observed_at < moment(at)], [
        one for one in facts if one.observed_at >= moment(at)
    ]


@pytest.fixture
def weeks_looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the looks at whole weeks."""
    looks: list[int] = []
    real = equipment.home_faults

    def counted(trace: Trace, *rest: object) -> object:
        looks.append(trace.at.size)
        return real(trace, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(equipment, "home_faults", counted)
    return looks


def test_a_sensor_that_sees_nothing_is_told_of_once_until_it_is_heard(
    new_database: NewDatabase, weeks_looked_at: list[int]
) -> None:
    database, gateway = new_database(), FakeGateway()
    move_in(database, CHANNELS)
    before, after = split(gateway, without(home("a", 30, seed=1), BEGIN, END, (LIVING,)), BEGIN)
    live(database, gateway, before)
    weeks_looked_at.clear()

    by_the_hour(database, gateway, after, END - HOUR_S)

    [alert] = of_sensors(database)
    assert (alert.kind, alert.room, alert.status) == (AlertKind.SENSOR_SILENT, "living_room", AlertStatus.REPORTED)
    assert alert.reasons[0]["key"] == "sensor_silent"
    assert moment(BEGIN) < alert.observed_at <= alert.raised_at < moment(END)
    assert len(weeks_looked_at) <= 6  # of 30 hours
    with database.reading() as db:
        [suspect] = suspects_in(db, [1])[1]
        assert (suspect.channel, suspect.babbles) == (CHANNELS[LIVING], False)
        assert sight_of(db, 1).unseen_rooms == ("living_room",)

    by_the_hour(database, gateway, after, END + 12 * HOUR_S)
    hear(database, gateway, moment(END + 12 * HOUR_S))

    [alert] = of_sensors(database)
    assert (alert.status, alert.repeats) == (AlertStatus.CLOSED, 0)
    [(kind, started, _, ended, told)] = [one for one in findings(database) if one[0] == "sensor_silent"]
    assert (kind, told) == ("sensor_silent", True)
    assert started <= moment(BEGIN)
    assert ended is not None
    assert moment(END) <= ended
    with database.reading() as db:
        assert suspects_in(db, [1]) == {}


def test_a_sensor_of_which_nothing_is_heard_is_not_told_of_twice(database: Database) -> None:
    gateway = FakeGateway()
    move_in(database, CHANNELS)
    before, after = split(gateway, without(home("a", 30, seed=1), BEGIN, END, (LIVING,)), BEGIN)
    live(database, gateway, before)
    with database.transaction() as db:
        db.exec(update(Sensor).where(Sensor.room == "living_room").values(silent_since=moment(BEGIN)))

    by_the_hour(database, gateway, after, END - HOUR_S)

    assert of_sensors(database) == []  # the supervision of signs of life tells of it, and was not asked here
    assert [one[0] for one in findings(database) if one[0].startswith("sensor")] == ["sensor_silent"]


def test_a_sensor_that_fires_by_itself_is_told_of_within_two_hours_and_tells_of_nobody(database: Database) -> None:
    gateway = FakeGateway()
    move_in(database, CHANNELS)
    lived = home("a", 30, seed=1)
    extra = BEGIN + np.cumsum(np.random.default_rng(1).integers(3, 60, 400))
    numbers = np.append(lived.channel, np.full(extra.size, BEDROOM))
    trace = Trace.of("a", np.append(lived.at, extra), numbers, np.ones(numbers.size), CHANNELS)
    before, after = split(gateway, trace, BEGIN)
    live(database, gateway, before)

    by_the_hour(database, gateway, after, BEGIN + 3 * HOUR_S)

    [alert] = of_sensors(database)
    assert (alert.kind, alert.room) == (AlertKind.SENSOR_FLAPPING, "bedroom")
    assert alert.raised_at <= moment(BEGIN + 2 * HOUR_S)
    with database.reading() as db:
        assert [(one.channel.room, one.babbles) for one in suspects_in(db, [1])[1]] == [("bedroom", True)]

    by_the_hour(database, gateway, after, BEGIN + 12 * HOUR_S)
    hear(database, gateway, moment(BEGIN + 12 * HOUR_S))

    assert of_sensors(database)[0].status is AlertStatus.CLOSED


def test_what_lasts_is_told_again_a_day_after_somebody_closed_it(database: Database) -> None:
    gateway = FakeGateway()
    move_in(database, CHANNELS)
    before, after = split(gateway, without(home("a", 30, seed=1), BEGIN, END, (LIVING,)), BEGIN)
    live(database, gateway, before)
    by_the_hour(database, gateway, after, END - HOUR_S)
    closed = of_sensors(database)[0].raised_at + MINUTE
    with database.transaction() as db:
        db.exec(update(AlertRow).values(status=AlertStatus.CLOSED, closed_at=closed))

    counts = [raise_for_behaviour(database, closed + hours * HOUR) for hours in (0, 23, 24, 25)]

    assert counts == [0, 0, 1, 0]


def test_asking_again_changes_nothing(database: Database) -> None:
    gateway = FakeGateway()
    move_in(database, CHANNELS)
    before, _ = split(gateway, without(home("a", 30, seed=1), BEGIN, END, (LIVING,)), END - 2 * HOUR_S)
    live(database, gateway, before)
    known = findings(database)
    with database.transaction() as db:
        db.exec(update(Equipment).values(ask_at=moment(FIRST)))

    ask_due(database)
    send(database, gateway.heartbeat(moment(END)), moment(END))
    ask_due(database)

    assert findings(database) == known
    assert len(rows_of(database, Equipment)) == 1
