"""One month of one unit, written out and counted by hand: the file must say just that. Figures: docs/figures.md."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import sensor, viewer
from postgres import NewDatabase
from sqlmodel import Session, select

from server.alerting.rules import FACTS, AlertKind, AlertStatus, Outcome
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.tables import RoutineRow
from server.figures.rules import Month
from server.figures.service import figures_of
from server.figures.table import as_csv
from server.liveness.tables import Silence
from server.residents.tables import Gateway, Resident, Sensor
from server.rounds.rules import Mark
from server.rounds.tables import LookRow, RoundRow
from server.sensitivity.tables import UnitBudget

MARCH = Month(2025, 3)
AFTER = datetime(2025, 4, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BUTTON, SILENCE, GATEWAY = AlertKind.BUTTON, AlertKind.INACTIVITY, AlertKind.GATEWAY_SILENT
REAL, FALSE, KNOWN = Outcome.REAL_EVENT, Outcome.FALSE_ALARM, Outcome.KNOWN_REASON
VISIT, TEST, TECHNICAL = Outcome.WAITING_FOR_VISIT, Outcome.TEST, Outcome.TECHNICAL

# who, what, where, raised (UTC), sent after s, taken after min, there after min, how it ended, repeats
_HAPPENED = [
    # Half past midnight on 1 March by the clock on the wall:
    ("res-a", BUTTON, "bathroom", "02-28 23:30", 0.2, 1, None, KNOWN, 0),
    ("res-a", BUTTON, "bathroom", "03-01 10:00", 0.2, 1, 5, REAL, 2),
    ("res-a", BUTTON, "bedroom", "03-01 12:00", 0.4, 2, 10, FALSE, 0),
    ("res-a", BUTTON, "bedroom", "03-02 09:00", 0.1, 3, None, FALSE, 0),
    ("res-a", BUTTON, "bedroom", "03-02 19:00", 0.3, 4, None, VISIT, 1),
    ("res-a", SILENCE, "lounge", "03-03 08:00", 1.0, 10, 20, FALSE, 0),
    ("res-a", SILENCE, "lounge", "03-03 20:00", 2.0, None, None, None, 0),
    ("res-a", BUTTON, "bedroom", "03-04 10:00", 0.1, 30, 40, TEST, 5),  # counted nowhere
    ("res-a", GATEWAY, None, "03-05 10:00", 0.1, 60, None, TECHNICAL, 0),
    ("res-a", BUTTON, "bedroom", "03-31 22:30", 0.1, 9, None, FALSE, 0),  # April by the clock on the wall
    ("res-b", BUTTON, "bedroom", "03-10 10:00", 0.1, 9, 9, FALSE, 9),  # another unit's
    ("res-t", BUTTON, "bedroom", "03-10 10:00", 0.1, 9, 9, FALSE, 9),  # a simulated home's
]

# Seven about people: sent after .1 .2 .2 .3 .4 1 2 s; six taken after 1 1 2 3 4 10 min, three there after 5 10 20.
_COUNTED = """\
alerts_raised;person;7;
alerts_raised;technical;1;
time_to_send_s;p50;0,3;7
time_to_send_s;p95;2;7
time_to_take_s;p50;120;6
time_to_take_s;p95;600;6
time_to_arrive_s;p50;600;3
time_to_arrive_s;p95;1200;3
repeats;;3;
false_share;;0,5;6
false_share_of_kind;button;0,4;5
false_share_of_kind;inactivity;1;1
false_share_of_sensor;button home-a/bedroom;0,667;3
waiting_for_visit_share;;0,167;6
alerts_a_home_week;;0,667;3
budget_a_home_week;;0,25;
silent_gateway_hours;;31;743
silent_sensor_hours;;48;1486
rounds_signed;;2;3
visits_saved;;1;
time_to_send_s;2025-03-01 p50;0,2;3
time_to_send_s;2025-03-01 p95;0,4;3
time_to_take_s;2025-03-01 p50;60;3
time_to_take_s;2025-03-01 p95;120;3
time_to_arrive_s;2025-03-01 p50;300;2
time_to_arrive_s;2025-03-01 p95;600;2
time_to_send_s;2025-03-02 p50;0,1;2
time_to_send_s;2025-03-02 p95;0,3;2
time_to_take_s;2025-03-02 p50;180;2
time_to_take_s;2025-03-02 p95;240;2
time_to_send_s;2025-03-03 p50;1;2
time_to_send_s;2025-03-03 p95;2;2
time_to_take_s;2025-03-03 p50;600;1
time_to_take_s;2025-03-03 p95;600;1
time_to_arrive_s;2025-03-03 p50;1200;1
time_to_arrive_s;2025-03-03 p95;1200;1
"""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=UTC)


def happen(db: Session) -> None:
    people = {one.code: one for one in db.exec(select(Resident))}
    for number, (who, kind, room, raised, sent, taken, there, outcome, repeats) in enumerate(_HAPPENED):
        at, facts = moment(raised), FACTS[kind]
        db.add(
            AlertRow(
                code=f"a{number}", resident_id=people[who].resident_id, unit_id=people[who].unit_id, kind=kind,
                severity=facts.severity, alert_class=facts.alert_class, room=room, repeats=repeats,
                status=AlertStatus.REPORTED if outcome is None else AlertStatus.CLOSED, outcome=outcome,
                observed_at=at, raised_at=at, notified_at=at + timedelta(seconds=sent),
                taken_at=None if taken is None else at + taken * MINUTE,
                arrived_at=None if there is None else at + there * MINUTE,
                closed_at=None if outcome is None else at + HOUR,
            )
        )  # fmt: skip


def fall_silent(db: Session) -> None:
    """One gateway and two sensors of home-a were ever heard; the month has 743 hours, for the clocks change in it."""
    gateway = db.exec(select(Gateway).where(Gateway.code == "gw-a")).one()
    sensors = [db.exec(select(Sensor).where(Sensor.address == sensor("a", place))).one() for place in ("01", "02")]
    for one in (gateway, *sensors):
        one.last_heard_at = AFTER
    silent = [
        (None, gateway.gateway_id, "03-03 00:00", "03-04 07:00"),  # 31 h
        (sensors[0].sensor_id, None, "02-27 00:00", "03-01 01:00"),  # the month begins at 23:00 UTC: 2 h
        (sensors[1].sensor_id, None, "03-30 00:00", "04-02 00:00"),  # and ends at 22:00 UTC: 46 h
    ]
    for of_sensor, of_gateway, since, until in silent:
        db.add(
            Silence(
                home_id=gateway.home_id, gateway_id=of_gateway, sensor_id=of_sensor, since=moment(since),
                until=moment(until),
            )
        )  # fmt: skip


def make_rounds(db: Session) -> None:
    """Three rounds, two of them signed; of the looks in those one was seen and took the place of a visit."""
    planned = (("03-01 10:00", True, Mark.SEEN), ("03-02 10:00", True, Mark.VISIT), ("03-03 10:00", False, Mark.SEEN))
    for number, (at, signed, mark) in enumerate(planned):
        row = RoundRow(code=f"r{number}", unit_id=1, at=moment(at), signed_at=moment(at) + HOUR / 2 if signed else None)
        db.add(row)
        db.flush()
        db.add(
            LookRow(
                round_id=row.round_id or 0, resident_id=1, mark=mark, replaces_visit=True, shown={},
                marked_at=moment(at), marked_by=1,
            )
        )  # fmt: skip


@pytest.fixture
def march(new_sqlite: NewDatabase) -> Database:
    database = new_sqlite()
    with database.transaction() as db:
        happen(db)
        fall_silent(db)
        make_rounds(db)
        fitted = {"fitted_at": AFTER, "next_fit_at": AFTER, "days": 9, "parameters": b""}
        db.add(RoutineRow(home_id=1, alerts_since=date(2025, 3, 11), **fitted))  # three weeks of the month
        db.add(UnitBudget(unit_id=1, budget=0.25, set_by=1, set_at=AFTER))
    return database


def test_the_file_of_a_month_says_what_was_counted_by_hand(march: Database) -> None:
    siri = viewer(march, "siri")
    with march.reading() as db:
        told = as_csv(figures_of(db, siri, MARCH, AFTER))

    assert told.splitlines()[1:] == [f"nord;2025-03;{line}" for line in _COUNTED.splitlines()]
