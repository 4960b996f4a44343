"""How long alerts took, by day and unit, as people see it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import PRIVATE_ROLES, Unit
from server.alerting.rules import AlertClass
from server.alerting.standing import UNIT_ZONE
from server.alerting.tables import AlertRow
from server.errors import NotAllowedError
from server.latency.rules import Latency, Slow, Times, latencies
from server.latency.service import slow_now


@dataclass(frozen=True, slots=True)
class DayOfUnit:
    """One day of one unit, by the day its alerts were raised on; `late`: how many reached us late."""

    day: date
    unit: str
    alerts: int
    late: int
    steps: tuple[Latency, ...]


@dataclass(frozen=True, slots=True)
class LatencyView:
    """How quick the chain is. `slow` None: it is as quick as it should be."""

    slow: Slow | None
    days: tuple[DayOfUnit, ...]


def latency_of(db: Session, viewer: Viewer, days: int, now: datetime) -> LatencyView:
    """Return the last days (today is one) of the viewer's units, the newest first. Slow trends are left out.

    Raises:
        NotAllowedError: relatives and residents see no alerts.
    """
    if viewer.role in PRIVATE_ROLES:
        raise NotAllowedError(viewer.role)
    zone = ZoneInfo(UNIT_ZONE)
    midnight = datetime.combine(now.astimezone(zone).date() - timedelta(days=days - 1), datetime.min.time(), zone)
    wanted = (
        select(AlertRow, Unit.code)
        .join(Unit, col(Unit.unit_id) == AlertRow.unit_id)
        .where(
            col(AlertRow.unit_id).in_(viewer.units),
            AlertRow.raised_at >= midnight,
            col(AlertRow.alert_class) != AlertClass.TREND,
        )
    )
    found: dict[tuple[date, str], list[AlertRow]] = defaultdict(list)
    for row, unit in db.exec(wanted):
        found[row.raised_at.astimezone(zone).date(), unit].append(row)
    told = tuple(
        DayOfUnit(day, unit, len(rows), sum(row.late for row in rows), tuple(latencies([_times(row) for row in rows])))
        for (day, unit), rows in sorted(found.items(), key=lambda one: (-one[0][0].toordinal(), one[0][1]))
    )
    return LatencyView(slow_now(db, viewer.units, now), told)


def _times(row: AlertRow) -> Times:
    return Times(
        row.observed_at, row.received_at, row.raised_at, row.notified_at, row.delivered_at, row.shown_at, row.taken_at,
        row.arrived_at, row.closed_at,
    )  # fmt: skip
