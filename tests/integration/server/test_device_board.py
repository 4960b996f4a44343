"""The board of devices: no click ends a fault, and who is at risk stands first."""

from datetime import datetime, timedelta

import pytest
from builders import (
    BUTTON,
    DAY,
    HOUR,
    MINUTE,
    MOTION,
    PATIENCE,
    T0,
    FakeGateway,
    rows_of,
    send,
    sensor,
    viewer,
)  # fmt: skip
from sqlmodel import col, select

from gateway.contract.heartbeat import SensorHealth
from server.alerting.rules import FACTS, AlertKind, AlertStatus, Outcome
from server.alerting.tables import AlertRow
from server.board.devices import DeviceBoard, HomeBoard, device_board
from server.board.links import LinkKind, list_links
from server.board.marks import NewMark, mark, wake
from server.board.rules import Fault, MarkKind, Risk
from server.db.session import Database
from server.errors import MarkError, NotAllowedError, NotFoundError
from server.liveness.sensors import raise_for_silent_sensors
from server.liveness.service import raise_for_silent
from server.liveness.tables import BatteryDay, Silence
from server.residents.tables import Resident, Sensor

_MOTION, _BUTTON = sensor("a", MOTION), sensor("a", BUTTON)


def board(database: Database, now: datetime, who: str = "siri") -> DeviceBoard:
    someone = viewer(database, who)
    with database.reading() as db:
        return device_board(db, someone, now, PATIENCE)


def home_a(database: Database, now: datetime) -> HomeBoard:
    return next(one for one in board(database, now).homes if one.home == "home-a")


def faults(home: HomeBoard, device: str) -> list[Fault]:
    return [fault.fault for one in home.devices if one.id == device for fault in one.faults]


def hear(database: Database, now: datetime, *heard: str, **health: object) -> None:
    told = tuple(SensorHealth(**{"sensor_id": address, "last_heard_at": now, **health}) for address in heard)
    send(database, FakeGateway().heartbeat(now, sensors=told), now)


def all_silent_but_the_gateway(database: Database) -> datetime:
    """Let home-a's sensors be heard once and then no more, while its gateway lives on; return when."""
    hear(database, T0, _MOTION, _BUTTON)
    now = T0
    while now < T0 + 3 * DAY:
        now += 12 * HOUR
        hear(database, now)
        raise_for_silent_sensors(database, now)
    return now


def test_a_silent_sensor_stays_a_fault_whatever_people_click_until_it_is_heard(database: Database) -> None:
    now = all_silent_but_the_gateway(database)
    home = home_a(database, now)
    assert Fault.SENSOR_SILENT in faults(home, _MOTION)
    assert home.risks == (Risk.CANNOT_CALL, Risk.NOT_SEEN)

    siri = viewer(database, "siri")
    with database.transaction() as db:
        for alert in db.exec(select(AlertRow).where(AlertRow.kind == AlertKind.SENSOR_SILENT)):
            alert.closed_at, alert.status, alert.outcome = now, AlertStatus.CLOSED, Outcome.TECHNICAL
        mark(db, siri, _MOTION, NewMark(MarkKind.SNOOZE, Fault.SENSOR_SILENT, "ny kommer i morgen", DAY), now)
    snoozed = home_a(database, now + MINUTE)
    assert Fault.SENSOR_SILENT in faults(snoozed, _MOTION)
    [fault] = [f for one in snoozed.devices if one.id == _MOTION for f in one.faults if f.fault is Fault.SENSOR_SILENT]
    assert [(said.who, said.why, said.until) for said in fault.marks] == [("Siri", "ny kommer i morgen", now + DAY)]

    hear(database, now + HOUR, _MOTION)
    assert Fault.SENSOR_SILENT not in faults(home_a(database, now + HOUR), _MOTION)


def test_a_snooze_is_over_after_contact_though_its_time_is_not(database: Database) -> None:
    now = all_silent_but_the_gateway(database)
    siri = viewer(database, "siri")
    with database.transaction() as db:
        mark(db, siri, _MOTION, NewMark(MarkKind.SNOOZE, Fault.SENSOR_SILENT, "bestilt", 7 * DAY), now)
    hear(database, now + HOUR, _MOTION)
    later = now + HOUR
    while later < now + 3 * DAY:
        later += 12 * HOUR
        hear(database, later)
        raise_for_silent_sensors(database, later)

    [device] = [one for one in home_a(database, later).devices if one.id == _MOTION]
    assert (device.faults[0].fault, device.faults[0].is_snoozed) == (Fault.SENSOR_SILENT, False)


def test_how_long_devices_were_silent_is_kept_and_ends_with_contact(database: Database) -> None:
    now = all_silent_but_the_gateway(database)
    lasting = [row for row in rows_of(database, Silence) if row.until is None]
    assert [row.since for row in lasting].count(T0) == 2  # movement and button; the others were never heard
    hear(database, now + HOUR, _MOTION)

    ended = [row.until for row in rows_of(database, Silence) if row.until is not None]
    assert ended == [now + HOUR]


def test_a_silent_gateway_is_kept_once_and_what_it_listens_to_is_at_risk(database: Database) -> None:
    hear(database, T0)
    late = T0 + 2 * PATIENCE
    for _ in range(2):
        raise_for_silent(database, late)

    home = home_a(database, late)
    assert faults(home, "gw-a") == [Fault.GATEWAY_SILENT]
    assert home.risks[0] is Risk.NOBODY_LISTENS
    [row] = rows_of(database, Silence)
    assert (row.since, row.until) == (T0, None)
    hear(database, late + MINUTE)
    assert rows_of(database, Silence)[0].until == late + MINUTE


def test_who_fell_stands_before_who_did_not(database: Database) -> None:
    hear(database, T0)
    send(database, FakeGateway("t").heartbeat(T0), T0)
    with database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-t")).one()
        facts = FACTS[AlertKind.FALL]
        row = AlertRow(
            code="fall", resident_id=resident.resident_id, unit_id=resident.unit_id, kind=AlertKind.FALL,
            severity=facts.severity, alert_class=facts.alert_class, status=AlertStatus.CLOSED,
            observed_at=T0 - 90 * DAY, raised_at=T0 - 90 * DAY, closed_at=T0 - 90 * DAY, outcome=Outcome.REAL_EVENT,
        )  # fmt: skip
        db.add(row)

    found = board(database, T0 + 2 * PATIENCE).homes

    assert [one.home for one in found] == ["home-t", "home-a"]
    assert Risk.FELL in found[0].risks


def test_a_battery_is_forecast_from_what_it_told(database: Database) -> None:
    for week in range(7):
        at = T0 + 7 * week * DAY
        hear(database, at, _MOTION, battery_percent=50 - 5 * week)
        hear(database, at + HOUR, _MOTION, battery_percent=50 - 5 * week)  # says the same again: no news

    found = board(database, T0 + 42 * DAY).batteries
    assert [(one.sensor_id, one.percent) for one in found] == [(_MOTION, 20)]
    assert timedelta(days=13) < found[0].lasts < timedelta(days=15)
    assert len(rows_of(database, BatteryDay)) == 7


def test_marks_need_a_reason_and_an_end_within_a_week(database: Database) -> None:
    siri = viewer(database, "siri")
    for why, lasts, field in (("  ", DAY, "why"), ("x" * 301, DAY, "why"), ("fine", 8 * DAY, "days")):
        with pytest.raises(MarkError) as told, database.transaction() as db:
            mark(db, siri, _MOTION, NewMark(MarkKind.COMMENT, Fault.UNPROVEN, why, lasts), T0)
        assert told.value.field == field


def test_of_other_units_devices_nothing_is_known_and_private_roles_see_no_board(database: Database) -> None:
    said = NewMark(MarkKind.COMMENT, Fault.UNPROVEN, "hm", DAY)
    per, anne = viewer(database, "per"), viewer(database, "anne")
    with pytest.raises(NotFoundError), database.transaction() as db:
        mark(db, per, _MOTION, said, T0)
    with pytest.raises(NotAllowedError), database.transaction() as db:
        wake(db, anne, _MOTION, T0)

    assert {one.home for one in board(database, T0, "per").homes} == {"home-b"}
    with database.reading() as db, pytest.raises(NotAllowedError):
        device_board(db, anne, T0, PATIENCE)


def test_the_link_from_homes_is_proven_by_the_newest_sign_of_life(database: Database) -> None:
    siri = viewer(database, "siri")
    hear(database, T0)
    with database.reading() as db:
        before = list_links(db, siri, T0 + MINUTE, PATIENCE)[0]
        after = list_links(db, siri, T0 + 2 * PATIENCE, PATIENCE)[0]

    assert (before.kind, before.proven_at, before.is_down) == (LinkKind.GATEWAYS, T0, False)
    assert after.is_down


def test_a_home_without_a_fault_is_not_on_the_board(database: Database) -> None:
    hear(database, T0)
    with database.transaction() as db:
        for row in db.exec(select(Sensor).where(col(Sensor.home_id) == 1)):
            row.last_proven_at = T0

    found = board(database, T0 + MINUTE)

    assert "home-a" not in {one.home for one in found.homes}
    assert found.homes_in_all == 2
