"""A battery that wants changing is told of once and closes by itself; a weak signal is shown, and wakes nobody."""

from datetime import datetime

import pytest
from builders import BUTTON, DAY, HOUR, MINUTE, MOTION, T0, FakeGateway, alerts, rows_of, send, sensor, viewer
from sqlmodel import select

from gateway.contract.heartbeat import SensorHealth, Trouble
from server.alerting.rules import AlertClass, AlertKind, AlertStatus
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.liveness.rules import battery_low_since, is_battery_told, is_weak, weak_since
from server.liveness.views import SensorView, list_sensors
from server.residents.tables import Sensor


def beat(database: Database, at: datetime, place: str = BUTTON, **health: object) -> None:
    told = SensorHealth(**{"sensor_id": sensor("a", place), "last_heard_at": at, **health})
    send(database, FakeGateway().heartbeat(at, sensors=(told,)), at)


def batteries(database: Database) -> list[AlertRow]:
    return [alert for alert in alerts(database) if alert.kind is AlertKind.BATTERY_LOW]


def seen(database: Database, place: str, now: datetime) -> SensorView:
    maria = viewer(database, "maria")
    with database.reading() as db:
        return next(one for one in list_sensors(db, maria, now) if one.sensor_id == sensor("a", place))


def test_a_low_battery_is_told_after_two_days_once_and_ends_with_the_new_one(database: Database) -> None:
    for hours in (0, 24, 47):
        beat(database, T0 + hours * HOUR, battery_percent=14)
    assert batteries(database) == []

    for hours in (48, 49, 72):
        beat(database, T0 + hours * HOUR, battery_percent=13)
    [alert] = batteries(database)
    assert (alert.alert_class, alert.national_code, alert.repeats) == (AlertClass.TECHNICAL, None, 0)
    assert alert.reasons == [
        {"key": "battery_low", "sensor": sensor("a", BUTTON), "room": "bedroom", "kinds": ["button"]}
    ]

    beat(database, T0 + 4 * DAY, battery_percent=25)  # a warm day is no new battery
    assert batteries(database)[0].status is AlertStatus.REPORTED
    beat(database, T0 + 5 * DAY, battery_percent=100)
    assert batteries(database)[0].status is AlertStatus.CLOSED


def test_a_flat_battery_cannot_wait_and_another_one_joins_the_same_alert(database: Database) -> None:
    beat(database, T0, battery_percent=5)
    beat(database, T0 + MINUTE, MOTION, battery_percent=3)

    [alert] = batteries(database)
    assert [why["sensor"][-2:] for why in alert.reasons] == [MOTION, BUTTON]


def test_a_battery_that_somebody_closed_and_nobody_changed_is_told_again_after_a_day(database: Database) -> None:
    beat(database, T0, battery_percent=5)
    with database.transaction() as db:
        row = db.exec(select(AlertRow)).one()
        row.status, row.closed_at = AlertStatus.CLOSED, T0
        db.add(row)

    beat(database, T0 + HOUR, battery_percent=5)
    assert len(batteries(database)) == 1
    beat(database, T0 + 2 * HOUR, MOTION, battery_percent=5)  # another sensor is other news
    assert len(batteries(database)) == 2
    beat(database, T0 + DAY + 3 * HOUR, battery_percent=5)
    assert len(batteries(database)) == 2  # the second one is open


@pytest.mark.parametrize(
    ("before", "percent", "after"),
    [
        (None, 15.0, T0), (None, 16.0, None), (T0 - DAY, 15.0, T0 - DAY), (T0 - DAY, 29.0, T0 - DAY),
        (T0 - DAY, 30.0, None), (T0 - DAY, None, T0 - DAY),
    ],
)  # fmt: skip
def test_a_battery_stays_low_until_it_reads_like_a_new_one(
    before: datetime | None, percent: float | None, after: datetime | None
) -> None:
    assert battery_low_since(before, percent, T0) == after
    assert not is_battery_told(None, 1, T0)


def test_a_sensor_hardly_heard_for_a_day_is_shown_and_wakes_nobody(database: Database) -> None:
    beat(database, T0, rssi_dbm=-95)
    beat(database, T0 + DAY, rssi_dbm=-90)  # neither weak nor well: nothing changes

    assert seen(database, BUTTON, T0 + DAY).is_weak
    assert not seen(database, BUTTON, T0 + 23 * HOUR).is_weak
    assert alerts(database) == []
    beat(database, T0 + DAY + MINUTE, rssi_dbm=-70)
    assert not seen(database, BUTTON, T0 + 3 * DAY).is_weak
    assert weak_since(None, None, T0) is None
    assert not is_weak(None, T0)


def test_troubles_stand_at_their_sensor_also_where_nothing_of_it_could_be_used(database: Database) -> None:
    beat(database, T0, last_heard_at=None, troubles={Trouble.WRONG_KEY: 7})

    shown = seen(database, BUTTON, T0)
    assert (shown.troubles, shown.last_heard_at) == ({"wrong_key": 7}, None)
    assert seen(database, MOTION, T0).troubles == {}
    beat(database, T0 + MINUTE)
    assert [row.troubles for row in rows_of(database, Sensor)][:5] == [{}] * 5
