"""A sensor that falls silent is a fault that somebody is told of, until it is heard again."""

from datetime import datetime, timedelta

from builders import BUTTON, DAY, HOUR, MINUTE, MOTION, T0, WARMTH, FakeGateway, alerts, rows_of, send, sensor
from sqlmodel import Session, select

from gateway.contract.heartbeat import SensorHealth
from server.alerting.rules import AlertKind, AlertStatus
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.liveness.sensors import raise_for_silent_sensors
from server.residents.tables import Home, Sensor


def beat(database: Database, at: datetime, *heard: tuple[str, datetime], **different: object) -> None:
    """Let gateway a tell when it last heard some of its sensors."""
    sensors = tuple(
        SensorHealth(sensor_id=sensor("a", place), last_heard_at=moment, rssi_dbm=-70, battery_percent=40)
        for place, moment in heard
    )
    send(database, FakeGateway().heartbeat(at, sensors=sensors, **different), at)


def everything(at: datetime) -> list[tuple[str, datetime]]:
    return [(place, at) for place in ("01", "02", "03", "04", "05")]


def silent_alerts(database: Database) -> list[AlertRow]:
    return [alert for alert in alerts(database) if alert.kind is AlertKind.SENSOR_SILENT]


def sensor_row(database: Database, place: str) -> Sensor:
    return next(row for row in rows_of(database, Sensor) if row.address == sensor("a", place))


def test_a_thermometer_is_missed_after_three_hours_and_a_motion_sensor_after_a_day(database: Database) -> None:
    beat(database, T0, *everything(T0))
    late = T0 + 3 * HOUR + MINUTE
    beat(database, late)

    assert raise_for_silent_sensors(database, T0 + 3 * HOUR - MINUTE) == 0
    assert raise_for_silent_sensors(database, late) == 1
    (alert,) = silent_alerts(database)
    assert [(why["key"], why["room"], why["kinds"]) for why in alert.reasons] == [
        ("sensor_silent", "kitchen", ["temperature"])
    ]
    assert alert.national_code is None

    beat(database, T0 + DAY + MINUTE)
    raise_for_silent_sensors(database, T0 + DAY + MINUTE)
    (alert,) = silent_alerts(database)
    assert alert.reasons[0] == {"key": "home_unseen"}  # the motion sensor was the only one that could see anybody
    assert [why["sensor"][-2:] for why in alert.reasons[1:]] == ["01", "02", "03", "04", "05"]


def test_a_silence_is_judged_only_up_to_when_the_home_is_known(database: Database) -> None:
    beat(database, T0, *everything(T0))
    late = T0 + 4 * HOUR
    send(database, FakeGateway().heartbeat(T0 + HOUR), late)  # on its way for three hours

    assert raise_for_silent_sensors(database, late) == 0
    beat(database, late + MINUTE)
    assert raise_for_silent_sensors(database, late + MINUTE) == 1


def test_only_real_contact_ends_it_and_what_still_is_silent_stays_named(database: Database) -> None:
    beat(database, T0, *everything(T0))
    late = T0 + DAY + MINUTE
    beat(database, late)
    raise_for_silent_sensors(database, late)

    beat(database, late + MINUTE, *[(place, T0) for place, _ in everything(T0)])  # an old moment is no contact
    assert len(silent_alerts(database)[0].reasons) == 6
    beat(database, late + 2 * MINUTE, (WARMTH, late + 2 * MINUTE))
    (alert,) = silent_alerts(database)
    assert [why["sensor"][-2:] for why in alert.reasons[1:]] == ["01", "02", "03", "04"]
    assert alert.status is AlertStatus.REPORTED
    beat(database, late + 3 * MINUTE, *everything(late + 3 * MINUTE))

    assert silent_alerts(database)[0].status is AlertStatus.CLOSED
    assert sensor_row(database, WARMTH).silent_since is None


def test_a_fault_that_somebody_closed_comes_again_while_it_lasts(database: Database) -> None:
    beat(database, T0, *everything(T0))
    late = T0 + 4 * HOUR
    beat(database, late, (MOTION, late))
    raise_for_silent_sensors(database, late)
    with database.transaction() as db:
        row = db.exec(select(AlertRow)).one()
        row.status, row.closed_at = AlertStatus.CLOSED, late
        db.add(row)

    beat(database, late + DAY, *[(place, late + DAY) for place in ("01", "02", "03", "04")])
    raise_for_silent_sensors(database, late + DAY)

    assert [alert.status for alert in silent_alerts(database)] == [AlertStatus.CLOSED, AlertStatus.REPORTED]


def test_a_gateway_that_hears_nothing_blames_no_sensor(database: Database) -> None:
    beat(database, T0, *everything(T0))
    late = T0 + 2 * DAY
    beat(database, late, deaf_since=T0 + MINUTE)

    assert raise_for_silent_sensors(database, late) == 0
    assert silent_alerts(database) == []


def test_after_a_new_start_each_sensor_has_its_time_to_speak(database: Database) -> None:
    beat(database, T0, *everything(T0))
    back = T0 + 3 * DAY
    beat(database, back, boot_id="00000002")

    assert raise_for_silent_sensors(database, back + HOUR) == 0
    beat(database, back + 4 * HOUR, boot_id="00000002")
    assert raise_for_silent_sensors(database, back + 4 * HOUR) == 1


def test_a_sensor_that_was_never_heard_is_missed_too(database: Database) -> None:
    beat(database, T0)
    beat(database, T0 + 4 * HOUR)

    assert raise_for_silent_sensors(database, T0 + 4 * HOUR) == 1


def test_a_stated_interval_counts_also_in_a_test_home_and_none_there_means_not_watched(database: Database) -> None:
    with database.transaction() as db:
        _make_a_test_home(db, interval_of_motion=60)
    beat(database, T0, *everything(T0))
    beat(database, T0 + 2 * DAY)

    assert raise_for_silent_sensors(database, T0 + 2 * DAY) == 1
    (alert,) = silent_alerts(database)
    assert [why["sensor"][-2:] for why in alert.reasons[1:]] == [MOTION]


def _make_a_test_home(db: Session, interval_of_motion: float) -> None:
    home = db.exec(select(Home).where(Home.code == "home-a")).one()
    home.is_test = True
    row = db.exec(select(Sensor).where(Sensor.address == sensor("a", MOTION))).one()
    row.expected_interval_s = interval_of_motion
    db.add_all([home, row])


def test_a_heartbeat_leaves_strength_and_battery_and_a_wrong_clock_is_put_right(database: Database) -> None:
    wrong = timedelta(days=900)
    send(
        database,
        FakeGateway().heartbeat(
            T0 - wrong,
            clock_synced=False,
            sensors=(SensorHealth(sensor_id=sensor("a", BUTTON), last_heard_at=T0 - wrong - HOUR, rssi_dbm=-81),),
        ),
        T0,
    )

    row = sensor_row(database, BUTTON)
    assert (row.last_heard_at, row.rssi_dbm) == (T0 - HOUR, -81)


def test_a_test_press_proves_the_whole_way_of_its_sensor_and_of_no_other(database: Database) -> None:
    gateway = FakeGateway()
    press = gateway.press(T0)
    send(database, gateway.batch([press]), T0 + MINUTE)

    assert sensor_row(database, BUTTON).last_proven_at == T0
    assert sensor_row(database, MOTION).last_proven_at is None
    send(database, gateway.batch([gateway.press(T0 - HOUR)]), T0 + MINUTE)  # late news is no newer proof
    assert sensor_row(database, BUTTON).last_proven_at == T0
