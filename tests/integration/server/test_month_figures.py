"""A unit's month from the tables that stand, beside what was counted by hand."""

from datetime import UTC, datetime

import pytest
from builders import DAY, HOUR, MINUTE, T0, viewer
from sqlmodel import Session, select

from server.alerting.rules import FACTS, AlertKind, AlertStatus, Outcome
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.tables import RoutineRow
from server.errors import NotAllowedError, NotFoundError
from server.figures.rules import Month
from server.figures.service import Figures, figures_of
from server.figures.table import as_csv
from server.liveness.tables import Silence
from server.residents.tables import Gateway, Resident
from server.rounds.tables import RoundRow
from server.sensitivity.tables import UnitBudget

JANUARY = Month(2025, 1)
AFTER = datetime(2025, 2, 10, tzinfo=UTC)


def happened(db: Session, who: str, kind: AlertKind, day: int, take: int, outcome: Outcome) -> None:
    resident = db.exec(select(Resident).where(Resident.code == who)).one()
    at = T0 + day * DAY
    db.add(
        AlertRow(
            code=f"{who}{kind}{day}", resident_id=resident.resident_id, unit_id=resident.unit_id, kind=kind,
            severity=FACTS[kind].severity, alert_class=FACTS[kind].alert_class, status=AlertStatus.CLOSED,
            room="bathroom", observed_at=at, raised_at=at, taken_at=at + take * MINUTE, closed_at=at + HOUR,
            outcome=outcome,
        )
    )  # fmt: skip


@pytest.fixture
def january(database: Database) -> Database:
    with database.transaction() as db:
        happened(db, "res-a", AlertKind.BUTTON, 0, 1, Outcome.REAL_EVENT)
        happened(db, "res-a", AlertKind.BUTTON, 1, 3, Outcome.FALSE_ALARM)
        happened(db, "res-a", AlertKind.INACTIVITY, 2, 8, Outcome.WAITING_FOR_VISIT)
        happened(db, "res-a", AlertKind.INACTIVITY, 40, 8, Outcome.REAL_EVENT)  # in February
        happened(db, "res-b", AlertKind.BUTTON, 0, 9, Outcome.FALSE_ALARM)  # another unit
        happened(db, "res-t", AlertKind.BUTTON, 0, 9, Outcome.FALSE_ALARM)  # a simulated home
        fitted = {"fitted_at": T0, "next_fit_at": T0, "days": 9, "parameters": b""}
        db.add(RoutineRow(home_id=1, alerts_since=datetime(2025, 1, 11, tzinfo=UTC).date(), **fitted))
        db.add(UnitBudget(unit_id=1, budget=0.25, set_by=1, set_at=T0))
        gateway = db.exec(select(Gateway).where(Gateway.code == "gw-a")).one()
        gateway.last_heard_at = AFTER
        db.add(Silence(home_id=1, gateway_id=gateway.gateway_id, since=T0, until=T0 + 31 * HOUR))
    return database


def figures(database: Database, who: str = "siri", month: Month = JANUARY, **more: object) -> Figures:
    someone = viewer(database, who)
    with database.reading() as db:
        return figures_of(db, someone, month, AFTER, **more)  # type: ignore[arg-type]


def test_a_month_is_of_its_unit_its_days_and_its_real_homes(january: Database) -> None:
    found = figures(january)

    assert (found.unit, found.homes, found.is_over) == ("nord", 1, True)
    assert (found.alerts.waits.to_take.count, found.alerts.waits.to_take.p50_s) == (3, 180)
    assert (found.alerts.false.part, found.alerts.false.of) == (1, 3)
    assert found.home_weeks == 3
    assert found.alerts_a_home_week == pytest.approx(1 / 3)
    assert found.budget == 0.25
    assert found.silent_gateways is not None
    assert found.silent_gateways.hours == 31
    assert found.silent_gateways.of_hours == 31 * 24
    assert found.silent_sensors is None  # none was ever heard: nobody knows


def test_rounds_are_counted_of_those_whose_time_came(january: Database) -> None:
    assert figures(january).rounds is None
    with january.transaction() as db:
        for hours, signed in ((1, True), (2, False)):
            at = T0 + hours * HOUR
            db.add(RoundRow(code=f"r{hours}", unit_id=1, at=at, signed_at=at + HOUR / 2 if signed else None))

    found = figures(january).rounds

    assert found is not None
    assert (found.signed, found.planned) == (1, 2)


def test_a_month_that_has_not_ended_is_reckoned_up_to_now(january: Database) -> None:
    found = figures(january, month=Month(2025, 2))

    assert not found.is_over
    assert found.until == AFTER
    assert found.alerts.waits.to_take.count == 0  # the alert of 24 February is still to come


def test_simulated_homes_have_figures_of_their_own(january: Database) -> None:
    assert figures(january, "tess", test=True).homes == 2


def test_nobody_reads_another_units_month_and_nurses_and_relatives_none(january: Database) -> None:
    with pytest.raises(NotFoundError):
        figures(january, unit="sor")
    for who in ("maria", "anne"):
        with pytest.raises(NotAllowedError):
            figures(january, who)


def test_the_file_has_numbers_as_norwegian_spreadsheets_read_them_and_says_what_is_unknown(january: Database) -> None:
    lines = as_csv(figures(january)).splitlines()

    assert lines[0] == "\ufeffunit;month;figure;part;value;of"
    assert "nord;2025-01;time_to_take_s;p50;180;3" in lines
    assert "nord;2025-01;false_share;;0,333;3" in lines
    assert "nord;2025-01;silent_sensor_hours;;unknown;unknown" in lines
    assert "Inger" not in "".join(lines)
    assert "Fjellveien" not in "".join(lines)
