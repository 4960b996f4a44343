"""Many gateways that fall silent at once are one fault, that of no home; one that does is its home's own."""

from datetime import datetime, timedelta

import pytest
from builders import HOUR, MINUTE, PATIENCE, T0, UNITS, FakeGateway, alerts, home, rows_of, send
from postgres import NewDatabase

from models.trace import Trace
from server.alerting.rules import AlertClass, AlertKind, AlertStatus
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.learning import unseen_of
from server.detection.tables import FindingRow
from server.liveness.service import listen_after_start, raise_for_silent
from server.provisioning import Provisioning, provision

SECOND = timedelta(seconds=1)
LETTERS = "cdefghijklmnop"


def town(database: Database) -> list[FakeGateway]:
    """Fourteen more homes, ten of them in Nord and four in Sør."""
    homes = [home(letter, "nord" if place < 10 else "sor") for place, letter in enumerate(LETTERS)]
    with database.transaction() as db:
        provision(db, Provisioning.model_validate({"units": UNITS, "people": [], "homes": homes}), test_mode=False)
    return [FakeGateway(letter) for letter in LETTERS]


def beat(database: Database, gateways: list[FakeGateway], now: datetime) -> None:
    """Each within a minute, as gateways do."""
    for place, gateway in enumerate(gateways):
        at = now + place * 4 * SECOND
        send(database, gateway.heartbeat(at), at)


def told(database: Database, until: datetime, since: datetime) -> None:
    """Look who is silent each minute."""
    now = since
    while now <= until:
        raise_for_silent(database, now)
        now += MINUTE


def kinds(database: Database) -> list[tuple[AlertKind, AlertStatus]]:
    return [(one.kind, one.status) for one in alerts(database)]


def test_many_that_fall_silent_at_once_are_one_alert_a_unit_and_close_by_themselves(new_database: NewDatabase) -> None:
    database = new_database()
    gateways = town(database)
    beat(database, gateways, T0)

    told(database, T0 + HOUR, T0)

    outages: list[AlertRow] = alerts(database)
    assert [(one.kind, one.alert_class, one.repeats) for one in outages] == [
        (AlertKind.FLEET_OUTAGE, AlertClass.TECHNICAL, 0)
    ] * 2
    assert len({one.unit_id for one in outages}) == 2
    assert [one.reasons[0]["silent_homes"] for one in outages] == [14, 14]
    assert len(rows_of(database, FindingRow)) == 14
    with database.reading() as db:
        home_id = rows_of(database, FindingRow)[0].home_id
        nothing = Trace.of("c", [], [], [], ())
        [unseen] = unseen_of(db, home_id, T0 + HOUR, nothing)
        assert unseen.is_fault
        assert unseen.channel is None

    beat(database, gateways, T0 + HOUR)
    raise_for_silent(database, T0 + HOUR + MINUTE)

    assert kinds(database) == [(AlertKind.FLEET_OUTAGE, AlertStatus.CLOSED)] * 2
    assert all(one.ended_at is not None for one in rows_of(database, FindingRow))


def test_one_that_does_not_come_back_with_the_others_is_then_told_of_by_itself(database: Database) -> None:
    gateways = town(database)
    beat(database, gateways, T0)
    told(database, T0 + HOUR, T0)

    beat(database, gateways[1:], T0 + HOUR)
    for minutes in range(64, 105, 4):
        beat(database, gateways[1:], T0 + minutes * MINUTE)
        raise_for_silent(database, T0 + (minutes + 1) * MINUTE)

    open_ = [one for one in alerts(database) if one.closed_at is None]
    assert [(one.kind, one.repeats) for one in open_] == [(AlertKind.GATEWAY_SILENT, 0)]
    assert open_[0].raised_at >= T0 + HOUR + 30 * MINUTE


@pytest.mark.parametrize("silent", [1, 4])
def test_a_few_that_fall_silent_are_each_told_of(database: Database, silent: int) -> None:
    gateways = town(database)
    for minutes in range(0, 30, 3):
        beat(database, gateways if minutes < 10 else gateways[silent:], T0 + minutes * MINUTE)
        raise_for_silent(database, T0 + minutes * MINUTE)

    assert kinds(database) == [(AlertKind.GATEWAY_SILENT, AlertStatus.REPORTED)] * silent


def test_who_was_silent_before_an_outage_keeps_an_alert_of_their_own(database: Database) -> None:
    gateways = town(database)
    for minutes in range(0, 60, 4):
        beat(database, gateways[1:] if minutes > 5 else gateways, T0 + minutes * MINUTE)
        raise_for_silent(database, T0 + minutes * MINUTE)
    told(database, T0 + 2 * HOUR, T0 + HOUR)

    assert sorted(one.kind for one in alerts(database)) == ["fleet_outage", "fleet_outage", "gateway_silent"]


def test_after_our_own_long_downtime_nobody_is_silent_before_they_had_their_time(database: Database) -> None:
    gateways = town(database)
    beat(database, gateways, T0)
    back = T0 + 3 * HOUR

    listen_after_start(database, back, PATIENCE)
    beat(database, gateways[1:], back + MINUTE)

    assert [raise_for_silent(database, back + minutes * MINUTE) for minutes in (0, 5, 9)] == [0, 0, 0]
    raise_for_silent(database, back + 10 * MINUTE)
    assert kinds(database) == [(AlertKind.GATEWAY_SILENT, AlertStatus.REPORTED)]


def test_a_restart_beside_others_that_listened_gives_nobody_more_time(database: Database) -> None:
    gateways = town(database)
    beat(database, gateways, T0)
    beat(database, gateways[1:], T0 + 9 * MINUTE)

    listen_after_start(database, T0 + 11 * MINUTE, PATIENCE)

    assert raise_for_silent(database, T0 + 11 * MINUTE) == 1
