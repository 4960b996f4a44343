"""Plans visits from calendars: an event that comes again is the same; one that changed or is cancelled does so here."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from server.access.service import Viewer
from server.db.session import Database
from server.errors import CalendarError
from server.residents.tables import Home, Resident
from server.visits.calendar_file import CalendarFile, Fault, FiledEvent, daily, merged, occurrences
from server.visits.service import CARERS, resident_of, tell
from server.visits.tables import CalendarEvent, PlannedVisit

# So far ahead visits are planned of an event that recurs, and this often some more.
AHEAD: Final = timedelta(days=60)
_PLANS_EVERY: Final = timedelta(days=7)
_MOST_NEW: Final = 20_000
_MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought: visits that are new, that changed, and that are off. `faults`: what was left out."""

    new: int
    changed: int
    cancelled: int
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Count:
    new: int = 0
    changed: int = 0
    cancelled: int = 0


def import_calendar(
    db: Session, viewer: Viewer, resident_id: str | None, file: CalendarFile, now: datetime
) -> Imported:
    """Plan visits by a calendar. The same file again changes nothing, and an older version of an event does not either.

    `resident_id`: whose calendar it is. None: it is the unit's, and each event says whom it is about, by
    `X-LIVSRYTME-RESIDENT` or by a `LOCATION` that is one home's address.

    Raises:
        NotAllowedError: only staff plan visits here.
        NotFoundError: there is no such resident in the viewer's units.
        CalendarError: it holds more visits than anybody could make: nothing of it is used.
    """
    viewer.may(*CARERS)
    one = resident_of(db, viewer, resident_id) if resident_id is not None else None
    everybody = [] if one else _everybody(db, viewer)
    count, faults, touched = _Count(), list(file.faults), {}
    for event in file.events:
        resident = one or _whom(everybody, event)
        if resident is None:
            faults.append(Fault(event.line, "nobody of ours"))
        elif _take_up(db, viewer, resident, event, now, count):
            touched[resident.resident_id] = resident
    for resident in touched.values():
        tell(db, viewer, resident, "visits imported", now)
    return Imported(count.new, count.changed, count.cancelled, tuple(sorted(faults, key=lambda fault: fault.line)))


def plan_daily(db: Session, resident: Resident, what: str, first: datetime, length: timedelta, by: int) -> None:
    """Plan a visit for each day from `first` on, by the clock of its own zone. The same again changes nothing.

    `by`: the number of the person who answers for it.
    """
    number, uid = resident.resident_id or 0, f"daily-{first:%H%M}"
    text = daily(uid, what, first, length)
    wanted = select(CalendarEvent).where(CalendarEvent.resident_id == number, CalendarEvent.uid == uid)
    row = db.exec(wanted).first() or CalendarEvent(
        resident_id=number, uid=uid, text="", imported_by=by, imported_at=first, planned_until=first
    )
    if row.text != text:
        row.text, row.planned_until, row.due_at = text, first, first
        db.add(row)


def plan_ahead_due(database: Database, now: datetime) -> int:
    """Plan more visits of the recurring events whose time has come; return of how many. A repeat changes nothing."""
    with database.transaction() as db:
        wanted = select(CalendarEvent).where(col(CalendarEvent.due_at) <= now)
        rows = db.exec(
            wanted.order_by(col(CalendarEvent.calendar_event_id)).limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            _plan(db, row, row.planned_until, now, _Count())
            row.planned_until, row.due_at = now + AHEAD, now + _PLANS_EVERY
            db.add(row)
    return len(rows)


def _everybody(db: Session, viewer: Viewer) -> list[tuple[Resident, Home]]:
    wanted = select(Resident, Home).join(Home, col(Home.home_id) == Resident.home_id)
    return list(db.exec(wanted.where(col(Resident.unit_id).in_(viewer.units))))


def _whom(everybody: Sequence[tuple[Resident, Home]], event: FiledEvent) -> Resident | None:
    if event.whom:
        return next((resident for resident, _ in everybody if resident.code == event.whom), None)
    there = [resident for resident, home in everybody if _plain(home.address) == _plain(event.where)]
    return there[0] if len(there) == 1 else None


def _plain(address: str) -> str:
    return " ".join(address.casefold().replace(",", " ").split())


def _take_up(db: Session, viewer: Viewer, resident: Resident, event: FiledEvent, now: datetime, count: _Count) -> bool:
    """Take an event into a resident's plan; return whether that changed anything."""
    number = resident.resident_id or 0
    wanted = select(CalendarEvent).where(CalendarEvent.resident_id == number, CalendarEvent.uid == event.uid)
    row = db.exec(wanted.with_for_update()).first()
    text = event.text if row is None or event.has_master else merged(row.text, event.text)
    if row is not None and (row.text == text or (event.has_master and event.sequence < row.sequence)):
        return False
    if row is None:
        row = CalendarEvent(
            resident_id=number, uid=event.uid, text="", imported_by=viewer.person_id, imported_at=now, planned_until=now
        )
    row.text, row.sequence, row.imported_by, row.imported_at = text, event.sequence, viewer.person_id, now
    recurs = event.recurs or (not event.has_master and row.due_at is not None)
    row.planned_until, row.due_at = now + AHEAD, now + _PLANS_EVERY if recurs else None
    db.add(row)
    return _plan(db, row, now, now, count)


def _plan(db: Session, row: CalendarEvent, begin: datetime, now: datetime, count: _Count) -> bool:
    """Let the plan from `begin` on be what the event says; return whether that changed anything."""
    resident = db.get_one(Resident, row.resident_id)
    zone = ZoneInfo(db.get_one(Home, resident.home_id).time_zone)
    wanted = {one.name: one for one in occurrences(row.text, zone, begin, now + AHEAD)}
    planned = select(PlannedVisit).where(PlannedVisit.resident_id == row.resident_id, PlannedVisit.uid == row.uid)
    concerned = or_(col(PlannedVisit.ends_at) > begin, col(PlannedVisit.occurrence).in_(wanted))
    known = {visit.occurrence: visit for visit in db.exec(planned.where(concerned))}
    before = count.new + count.changed + count.cancelled
    for name, visit in known.items():
        if name not in wanted and visit.cancelled_at is None:
            visit.cancelled_at, count.cancelled = now, count.cancelled + 1
            db.add(visit)
    for name, one in wanted.items():
        old = known.get(name)
        if old is None:
            db.add(
                PlannedVisit(
                    code=secrets.token_hex(8), resident_id=row.resident_id, begins_at=one.begins_at,
                    ends_at=one.ends_at, what=one.what, uid=row.uid, occurrence=name, entered_by=row.imported_by,
                )
            )  # fmt: skip
            count.new += 1
            if count.new > _MOST_NEW:
                raise CalendarError("too many visits")
        elif (old.begins_at, old.ends_at, old.what, old.cancelled_at) != (one.begins_at, one.ends_at, one.what, None):
            old.begins_at, old.ends_at, old.what, old.cancelled_at = one.begins_at, one.ends_at, one.what, None
            db.add(old)
            count.changed += 1
    return count.new + count.changed + count.cancelled > before
