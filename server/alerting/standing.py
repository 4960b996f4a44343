"""Where an alert stands, and what is written when it is moved."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from server.access.service import Viewer
from server.access.tables import Person
from server.alerting import life
from server.alerting.rules import LogEvent, Standing
from server.alerting.tables import AlertLogRow, AlertRow
from server.audit.service import append
from server.live.service import changed
from server.residents.tables import Home

UNIT_ZONE = "Europe/Oslo"


@dataclass(frozen=True, slots=True)
class Calls:
    """When somebody called lately; `needs_visit`: again, and nobody has been there since."""

    at: tuple[datetime, ...] = ()
    needs_visit: bool = False


def calls_of(db: Session, row: AlertRow) -> Calls:
    """Return the calls an alert is one of: presses and pulls by the same resident, or in the same home of nobody's."""
    if row.kind not in life.CALLS or row.home_id is None:
        return Calls()
    same = col(AlertRow.home_id) == row.home_id
    if row.resident_id is not None:
        same = col(AlertRow.resident_id) == row.resident_id
    since = row.raised_at - life.REPEAT_WITHIN
    told = select(AlertLogRow.at).join(AlertRow, col(AlertRow.alert_id) == AlertLogRow.alert_id)
    called = told.where(
        same,
        col(AlertRow.kind).in_(life.CALLS),
        col(AlertLogRow.event).in_((LogEvent.RAISED, LogEvent.REPEATED)),
        AlertLogRow.at >= since,
    )
    came = told.where(same, AlertLogRow.event == LogEvent.ARRIVED, AlertLogRow.at >= since)
    calls = tuple(db.exec(called))
    return Calls(calls, life.needs_visit(calls, tuple(db.exec(came))))


def hold(row: AlertRow, now: datetime) -> None:
    """Give an alert that somebody has its next step and a time: to be asked after."""
    row.waiting_since = row.offered_to = row.offered_until = row.asked_at = None
    row.due_at = life.ask_at(row.alert_class, row.severity, row.status, now)


def let_wait(row: AlertRow, now: datetime) -> None:
    """Let an alert wait for somebody; its escalation begins anew."""
    row.waiting_since, row.taken_by, row.taken_at = now, None, None
    row.due_at = row.asked_at = row.offered_to = row.offered_until = row.on_the_way_at = None


def rest(row: AlertRow) -> None:
    """Take from an alert that is over what was to happen next."""
    row.waiting_since = row.due_at = row.asked_at = row.offered_to = row.offered_until = None


def note_delivered(db: Session, alert_id: int, at: datetime) -> None:
    """Note that a device has a message about an alert; only the first time counts."""
    untold = (col(AlertRow.alert_id) == alert_id) & col(AlertRow.delivered_at).is_(None)
    db.exec(update(AlertRow).where(untold).values(delivered_at=at))


def zone_of(db: Session, row: AlertRow) -> ZoneInfo:
    """Return the time zone in which people read an alert: its home's; a unit has no address, and Norway's."""
    return ZoneInfo(UNIT_ZONE if row.home_id is None else db.get_one(Home, row.home_id).time_zone)


def standing_of(db: Session, row: AlertRow) -> Standing:
    """Return where an alert stands and who has it."""
    name = db.get_one(Person, row.taken_by).name if row.taken_by else ""
    return Standing(row.status, row.version, row.taken_by, name, row.taken_at)


def write_down(
    db: Session,
    viewer: Viewer,
    row: AlertRow,
    after: Standing,
    event: LogEvent,
    now: datetime,
    *,
    detail: str | None = None,
) -> None:
    """Let an alert stand where a person has brought it, in its log and in the audit."""
    row.status, row.version = after.status, after.version
    db.add(row)
    log_line(db, row, now, event, viewer.name, detail)
    append(db, at=now, who=viewer.audit_name, what=f"alert {event}", about=f"alert:{row.code}")
    changed(db, row.unit_id, "alert", row.code)


def log_line(
    db: Session, row: AlertRow, at: datetime, event: LogEvent, by: str | None = None, detail: str | None = None
) -> None:
    """Add a line to an alert's log."""
    db.add(AlertLogRow(alert_id=row.alert_id or 0, at=at, event=event, by=by, detail=detail))
