"""A test press proves the way from the button to the server, and never hides a call for help."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import BUTTON, DAY, MINUTE, MOTION, REAL, SMOKE, T0, FakeGateway, alerts, rows_of, send, sensor, viewer
from click.testing import CliRunner

from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import Observation
from server.audit.tables import AuditEntry
from server.cli import server
from server.db.session import Database
from server.errors import NotAllowedError, NotFoundError
from server.liveness.link_tests import end_test, renew_count, sensor_at, start_test, tended
from server.liveness.tables import SensorTest
from server.liveness.views import list_sensors, unproven_sensors
from server.residents.service import config_of, gateway_named
from server.residents.tables import Gateway

TEN_MINUTES = timedelta(minutes=10)


def begin(database: Database, place: str = BUTTON, at: datetime = T0) -> None:
    with database.transaction() as db:
        start_test(db, sensor_at(db, sensor("a", place)), "operator", TEN_MINUTES, at)


def told(database: Database, *facts: Observation) -> list[str]:
    """Send each fact by itself, a second after it was heard; return the kinds of alerts that are then there."""
    for fact in facts:
        send(database, FakeGateway().batch([fact]), fact.observed_at + timedelta(seconds=1))
    return [str(alert.kind) for alert in alerts(database)]


def test_one_press_in_the_test_proves_the_way_and_wakes_nobody(database: Database) -> None:
    gateway = FakeGateway()
    begin(database)

    assert told(database, gateway.press(T0 + MINUTE)) == []

    [test] = rows_of(database, SensorTest)
    assert (test.observed_at, test.received_at) == (T0 + MINUTE, T0 + MINUTE + timedelta(seconds=1))
    deeds = [entry.what for entry in rows_of(database, AuditEntry)]
    assert deeds == ["sensor test started", "sensor test received"]


def test_a_press_sent_again_stays_the_same_test(database: Database) -> None:
    gateway = FakeGateway()
    press = gateway.press(T0 + MINUTE)
    begin(database)

    assert told(database, press, press) == []


def test_a_second_press_in_the_test_is_a_call(database: Database) -> None:
    gateway = FakeGateway()
    begin(database)

    assert told(database, gateway.press(T0 + MINUTE), gateway.press(T0 + 2 * MINUTE)) == ["button"]


def test_two_presses_that_come_together_are_a_call_too(database: Database) -> None:
    gateway = FakeGateway()
    begin(database)

    send(database, gateway.batch([gateway.press(T0 + MINUTE), gateway.press(T0 + MINUTE)]), T0 + 2 * MINUTE)

    assert [alert.kind for alert in alerts(database)] == ["button"]


@pytest.mark.parametrize("how", [{"value": 2.0}, {"value": 3.0}, {"value": 4.0}, {"clock_synced": False}])
def test_a_press_that_is_held_or_double_or_of_an_unsure_moment_is_a_call(
    database: Database, how: dict[str, object]
) -> None:
    gateway = FakeGateway()
    begin(database)

    assert told(database, gateway.press(T0 + MINUTE, **how)) == ["button"]


@pytest.mark.parametrize("at", [T0 - MINUTE, T0 + TEN_MINUTES, T0 + DAY])
def test_a_press_before_or_after_the_test_is_a_call(database: Database, at: datetime) -> None:
    gateway = FakeGateway()
    begin(database)

    assert told(database, gateway.press(at)) == ["button"]


def test_a_press_during_the_test_of_another_sensor_is_a_call(database: Database) -> None:
    gateway = FakeGateway()
    begin(database, MOTION)

    assert told(database, gateway.press(T0 + MINUTE)) == ["button"]


def test_smoke_during_its_own_test_is_smoke(database: Database) -> None:
    gateway = FakeGateway()
    begin(database, SMOKE)

    assert told(database, gateway.fact(SMOKE, T0 + MINUTE)) == ["smoke"]
    assert rows_of(database, SensorTest)[0].observed_at == T0 + MINUTE


def test_a_test_walk_proves_a_motion_sensor(database: Database) -> None:
    gateway = FakeGateway()
    begin(database, MOTION)

    assert told(database, gateway.motion(T0 + MINUTE)) == []
    assert rows_of(database, SensorTest)[0].observed_at == T0 + MINUTE


def test_after_a_test_was_ended_every_press_is_a_call(database: Database) -> None:
    gateway = FakeGateway()
    begin(database)
    with database.transaction() as db:
        end_test(db, sensor_at(db, sensor("a", BUTTON)), "operator", T0 + MINUTE)

    assert told(database, gateway.press(T0 + 2 * MINUTE)) == ["button"]


def test_a_new_test_waits_for_a_new_press(database: Database) -> None:
    gateway = FakeGateway()
    begin(database)
    told(database, gateway.press(T0 + MINUTE))
    begin(database, at=T0 + DAY)

    assert told(database, gateway.press(T0 + DAY + MINUTE)) == []
    assert rows_of(database, SensorTest)[0].observed_at == T0 + DAY + MINUTE


def test_sensors_never_proven_or_not_for_thirty_days_are_listed(database: Database) -> None:
    gateway = FakeGateway()
    told(database, gateway.press(T0), gateway.motion(T0 + 5 * DAY))

    def unproven(now: datetime) -> set[str]:
        with database.reading() as db:
            return {row.address[-2:] for row, home in unproven_sensors(db, now) if home == "home-a"}

    assert unproven(T0 + 30 * DAY) == {"02", "04", "05"}
    assert unproven(T0 + 30 * DAY + MINUTE) == {"02", BUTTON, "04", "05"}


def test_only_those_who_tend_the_units_sensors_may_try_them(database: Database) -> None:
    nurse, relative, elsewhere = (viewer(database, name) for name in ("maria", "anne", "per"))
    button = sensor("a", BUTTON)

    with database.reading() as db:
        assert tended(db, nurse, button).home.code == "home-a"
        with pytest.raises(NotAllowedError):
            tended(db, relative, button)
        with pytest.raises(NotFoundError):
            tended(db, elsewhere, button)
        with pytest.raises(NotAllowedError):
            list_sensors(db, relative, T0)


def test_a_new_battery_is_audited_and_told_to_the_gateway(database: Database) -> None:
    before = config(database)
    with database.transaction() as db:
        renew_count(db, sensor_at(db, sensor("a", BUTTON)), "person:1:nurse", T0)
    after = config(database)

    assert after.version == before.version + 1
    assert after.mark != before.mark
    assert {one.sensor_id: one.count_renewed for one in after.sensors}[sensor("a", BUTTON)] == 1
    assert sum(one.count_renewed for one in after.sensors) == 1
    [entry] = rows_of(database, AuditEntry)
    assert (entry.who, entry.what) == ("person:1:nurse", "sensor has a new battery")


def config(database: Database) -> HomeConfig:
    with database.reading() as db:
        gateway = gateway_named(db, "gw-a")
        assert gateway is not None
        return config_of(db, gateway)


def test_a_gateway_that_remembers_more_than_a_restored_database_is_sent_a_higher_version(database: Database) -> None:
    gateway = FakeGateway()
    ours = config(database)

    received = send(database, gateway.heartbeat(T0, config_version=90, config_mark="0000000b"), T0)

    assert received.wants_config
    assert config(database).version == 91
    assert config(database).mark != ours.mark
    again = send(
        database, gateway.heartbeat(T0 + MINUTE, config_version=91, config_mark=config(database).mark), T0 + MINUTE
    )
    assert not again.wants_config
    assert [entry.what for entry in rows_of(database, AuditEntry)] == ["configuration renewed"]


def test_another_configuration_of_the_same_version_is_replaced_and_one_without_a_mark_is_trusted(
    database: Database,
) -> None:
    gateway = FakeGateway()
    version = config(database).version

    assert not send(database, gateway.heartbeat(T0, config_version=version), T0).wants_config
    assert send(database, gateway.heartbeat(T0, config_version=version, config_mark="0000000b"), T0).wants_config
    assert rows_of(database, Gateway)[0].config_version == version + 1


def test_an_operator_does_the_same_at_the_console(tmp_path: Path) -> None:
    (tmp_path / "town.json").write_text(json.dumps(REAL))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(server, [*arguments, "--data", str(tmp_path)])
        return result.exit_code, result.output

    assert run("provision", str(tmp_path / "town.json"))[0] == 0
    code, listed = run("unproven")
    assert (code, len(listed.splitlines())) == (1, 10)
    assert f"{sensor('a', BUTTON)}  bedroom  home-a" in listed
    assert run("test-sensor", sensor("a", BUTTON), "--minutes", "3")[0] == 0
    assert run("new-battery", sensor("a", BUTTON))[0] == 0
    assert run("new-battery", "000000000000") == (1, "Error: There is no such sensor.\n")
    database = Database(f"sqlite:///{tmp_path / 'livsrytme.db'}")
    whats = [entry.what for entry in rows_of(database, AuditEntry)]
    database.close()
    assert whats == ["sensor test started", "sensor has a new battery"]
