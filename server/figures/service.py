"""Gathers what the figures of a unit and a month are reckoned from. Each table is asked once, by index."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from server.access.service import Viewer, units_below
from server.access.tables import Role, Unit
from server.alerting.tables import ALERT
from server.detection.tables import RoutineRow
from server.errors import NotFoundError
from server.figures.rules import AlertFigures, Month, Told, alert_figures, home_weeks, hours_within
from server.liveness.tables import Silence
from server.residents.tables import Gateway, Home, Resident, Sensor
from server.rounds.figures import RoundsSigned, rounds_signed, visits_saved
from server.sensitivity.rules import RATEABLE, USUAL_BUDGET
from server.sensitivity.tables import HomeBudget, UnitBudget

READERS: Final = (Role.STAFF, Role.TESTER, Role.ADMIN)
_HOUR: Final = timedelta(hours=1)
# Months are those of the calendar on the wall of the service, wherever a home may be.
ZONE: Final = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Silent:
    """For how many hours devices were silent, all together, of how many they could have spoken."""

    hours: float
    of_hours: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A unit's month. Of what is None nobody knows. `budget`: false alerts a home-week the homes' budgets allow.

    `until`: where the month has not ended, up to when it was reckoned.
    """

    unit: str
    unit_name: str
    month: Month
    until: datetime
    is_over: bool
    homes: int
    alerts: AlertFigures
    home_weeks: float | None
    alerts_a_home_week: float | None
    budget: float | None
    silent_gateways: Silent | None
    silent_sensors: Silent | None
    rounds: RoundsSigned | None
    visits_saved: int | None


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit to choose."""

    code: str
    name: str


def units_to_choose(db: Session, viewer: Viewer) -> list[UnitName]:
    """Return the units whose figures this person may see, their own first."""
    rows = db.exec(select(Unit).where(col(Unit.unit_id).in_(viewer.units)).order_by(Unit.name)).all()
    return [UnitName(row.code, row.name) for row in sorted(rows, key=lambda row: row.unit_id != viewer.unit_id)]


def figures_of(
    db: Session, viewer: Viewer, month: Month, now: datetime, *, unit: str | None = None, test: bool = False
) -> Figures:
    """Return the figures of a unit with all below it; without `unit` of the viewer's own. `test`: of simulated homes.

    Raises:
        NotAllowedError: figures are for staff, testers and administrators.
        NotFoundError: there is no such unit, or not for this person.
    """
    viewer.may(*READERS)
    chosen = _unit(db, viewer, unit)
    begin, end = month.span(ZONE)
    until = min(end, max(begin, now.astimezone(ZONE)))
    units = units_below(db, chosen.unit_id or 0)
    homes = {row[0]: row[1] for row in db.exec(_homes(units, test=test))}
    alerts = alert_figures(_told(db, units, begin, until, homes), ZONE)
    watched = select_rows(col(RoutineRow.alerts_since)).where(col(RoutineRow.home_id).in_(homes))
    days = db.connection().execute(watched).scalars()
    weeks = home_weeks((day for day in days if day is not None), begin, until)
    rounds = rounds_signed(db, units, begin, until)
    return Figures(
        unit=chosen.code,
        unit_name=chosen.name,
        month=month,
        until=until,
        is_over=until == end,
        homes=len(homes),
        alerts=alerts,
        home_weeks=weeks,
        alerts_a_home_week=None if weeks is None else alerts.budgeted / weeks,
        budget=_budget(db, homes),
        silent_gateways=_silent(db, homes, begin, until, of_gateways=True),
        silent_sensors=_silent(db, homes, begin, until, of_gateways=False),
        rounds=rounds if rounds.planned else None,
        visits_saved=visits_saved(db, units, begin, until) if rounds.planned else None,
    )


def _unit(db: Session, viewer: Viewer, code: str | None) -> Unit:
    if code is None:
        return db.get_one(Unit, viewer.unit_id)
    found = db.exec(select(Unit).where(Unit.code == code, col(Unit.unit_id).in_(viewer.units))).first()
    if found is None:
        raise NotFoundError("unit")
    return found


def _homes(units: Iterable[int], *, test: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as in overview.service
    wanted = select(Home.home_id, Home.unit_id).where(col(Home.unit_id).in_(units))
    return wanted if test else wanted.where(col(Home.is_test).is_(False))


_COLUMNS = (
    "kind", "alert_class", "severity", "raised_at", "taken_at", "arrived_at", "closed_at", "outcome", "repeats",
)  # fmt: skip


def _told(
    db: Session, units: Iterable[int], begin: datetime, until: datetime, homes: Iterable[int | None]
) -> Iterable[Told]:
    wanted = (
        select_rows(*(ALERT.c[name] for name in _COLUMNS), ALERT.c.notified_at, ALERT.c.room, Home.home_id, Home.code)  # type: ignore[call-overload]
        .select_from(ALERT)
        .outerjoin(Resident, col(Resident.resident_id) == ALERT.c.resident_id)
        .outerjoin(Home, col(Home.home_id) == func.coalesce(col(Resident.home_id), ALERT.c.home_id))
        .where(ALERT.c.unit_id.in_(units), ALERT.c.raised_at >= begin, ALERT.c.raised_at < until)
    )
    ours = set(homes)
    for row in db.connection().execute(wanted).mappings():
        if row["home_id"] is None or row["home_id"] in ours:
            place = f"{row['code']}/{row['room']}" if row["code"] and row["room"] else ""
            facts = {name: row[name] for name in _COLUMNS}
            yield Told(**facts, sent_at=row["notified_at"], place=place, is_budgeted=row["kind"] in RATEABLE)


def _budget(db: Session, homes: dict[int | None, int]) -> float | None:
    """Return the mean of what the homes' budgets allow; None: there are no homes."""
    if not homes:
        return None
    own = {row.home_id: row.budget for row in db.exec(select(HomeBudget).where(col(HomeBudget.home_id).in_(homes)))}
    of_unit = {row.unit_id: row.budget for row in db.exec(select(UnitBudget))}
    return sum(own.get(home or 0, of_unit.get(unit, USUAL_BUDGET)) for home, unit in homes.items()) / len(homes)


def _silent(
    db: Session, homes: Iterable[int | None], begin: datetime, until: datetime, *, of_gateways: bool
) -> Silent | None:
    """Return how long devices were silent; None: there are none, or none was ever heard."""
    table = Gateway if of_gateways else Sensor
    column = col(Silence.gateway_id) if of_gateways else col(Silence.sensor_id)
    ours = list(homes)
    heard = select(func.count()).where(col(table.home_id).in_(ours), col(table.last_heard_at).is_not(None))
    devices = db.exec(heard).one()
    if not devices or until <= begin:
        return None
    wanted = select(Silence.since, Silence.until).where(
        col(Silence.home_id).in_(ours), column.is_not(None), col(Silence.since) < until,
        col(Silence.until).is_(None) | (col(Silence.until) > begin),
    )  # fmt: skip
    # In UTC: by the clock on the wall a month with a change of it is an hour wrong.
    first, last = begin.astimezone(UTC), until.astimezone(UTC)
    return Silent(hours_within(db.exec(wanted), first, last), devices * (last - first) / _HOUR)
