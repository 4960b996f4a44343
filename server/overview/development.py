"""How residents' days develop over weeks, from what each night keeps: nothing is reckoned anew for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import load_only
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import Session, col, select

from models.days.kept import Change, DaysKept, Metric
from models.finding import FindingKind
from models.trends.note import Note
from server.access.service import Viewer
from server.access.tables import Person, Role
from server.alerting.rules import AlertClass, AlertKind, Outcome
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.detection.days import changes_kept, days_kept
from server.detection.tables import KeptDays, RoutineRow
from server.errors import NoteError
from server.live.service import changed
from server.overview.service import look_at
from server.overview.tables import DevelopmentNote
from server.residents.tables import Home, Resident

_READERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
LONGEST_NOTE = 2000
_MOST_NOTES = 50
# Alerts are listed from this far back though fewer days are kept: of a new home, none before its first night.
_AT_LEAST = timedelta(weeks=4)
_IN_A_LIST = ("first_day", "figures", "ok", "changes")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A resident and how their last week differs from what is usual for them.

    `days`: None before the first night; in a list they have no quarters. `noted`: the slow changes staff have been told
    of, still open. `changes` lacks what too few days are known of.
    """

    id: str
    name: str
    age: int
    address: str
    days: DaysKept | None
    changes: dict[Metric, Change]
    noted: tuple[FindingKind, ...]

    @property
    def far(self) -> float:
        """The greatest change, in spreads of the person's own days."""
        return max((abs(change.far) for change in self.changes.values()), default=0.0)


@dataclass(frozen=True, slots=True)
class AlertMark:
    """An alert as a mark on the days."""

    id: str
    kind: AlertKind
    at: datetime
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A colleague's note."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Development:
    """A resident's last weeks with what was alerted and noted in them."""

    resident: ChangeView
    time_zone: str
    alerts: tuple[AlertMark, ...]
    notes: tuple[NoteLine, ...]


def list_changes(db: Session, viewer: Viewer, now: datetime) -> list[ChangeView]:
    """Return the residents of the viewer's units, who changed most first.

    Raises:
        NotAllowedError: it is not for relatives and residents.
    """
    viewer.may(*_READERS)
    # Quarter hours are drawn for one resident at a time only.
    views = _views(
        db, col(Resident.unit_id).in_(viewer.units), now, load_only(*(getattr(KeptDays, name) for name in _IN_A_LIST))
    )
    return sorted(views, key=lambda one: (not one.noted, -one.far))


def get_development(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> Development:
    """Return a resident's last weeks. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotAllowedError: it is not for relatives and residents.
        NotFoundError: there is none of that name that this person may see.
    """
    viewer.may(*_READERS)
    resident, home = look_at(db, viewer, resident_id, now)
    [view] = _views(db, col(Resident.resident_id) == resident.resident_id, now)
    since = timedelta(days=0 if view.days is None else len(view.days.ok) + 1)
    alerts = _alerts(db, resident, now - max(since, _AT_LEAST))
    return Development(view, home.time_zone, alerts, _notes(db, resident))


def add_note(db: Session, viewer: Viewer, resident_id: str, text: str, now: datetime) -> None:
    """Note something of a resident's development for colleagues.

    Raises:
        NotAllowedError: it is not for relatives and residents.
        NotFoundError: there is none of that name that this person may see.
        NoteError: it is empty or too long.
    """
    viewer.may(*_READERS)
    resident, _ = look_at(db, viewer, resident_id, now)
    said = text.strip()
    if not 0 < len(said) <= LONGEST_NOTE:
        raise NoteError(LONGEST_NOTE)
    db.add(DevelopmentNote(resident_id=resident.resident_id or 0, person_id=viewer.person_id, at=now, text=said))
    append(db, at=now, who=viewer.audit_name, what="development noted", about=f"resident:{resident.code}")
    changed(db, resident.unit_id, "resident", resident.code)


def _views(db: Session, which: ColumnElement[bool], now: datetime, *options: ORMOption) -> list[ChangeView]:
    wanted = (
        select(Resident, Home.address, KeptDays, RoutineRow.note)
        .join(Home, col(Home.home_id) == Resident.home_id)
        .outerjoin(KeptDays, col(KeptDays.home_id) == Resident.home_id)
        .outerjoin(RoutineRow, col(RoutineRow.home_id) == Resident.home_id)
        .options(*options)
        .where(which)
        .order_by(Resident.name)
    )
    return [_view(resident, address, days, note, now) for resident, address, days, note in db.exec(wanted)]


def _view(
    resident: Resident, address: str, row: KeptDays | None, note: Mapping[str, Any] | None, now: datetime
) -> ChangeView:
    noted = Note.from_json(dict(note)).kinds if note else ()
    return ChangeView(
        id=resident.code,
        name=resident.name,
        age=now.year - resident.birth_year,
        address=address,
        days=None if row is None else days_kept(row.first_day, row.figures, row.__dict__.get("quarters", b""), row.ok),
        changes={} if row is None else changes_kept(row.changes),
        noted=tuple(FindingKind(kind.value) for kind in noted),
    )


def _alerts(db: Session, resident: Resident, since: datetime) -> tuple[AlertMark, ...]:
    wanted = select(AlertRow).where(
        AlertRow.resident_id == resident.resident_id,
        AlertRow.observed_at >= since,
        AlertRow.alert_class != AlertClass.TECHNICAL,
    )
    rows = db.exec(wanted.order_by(col(AlertRow.observed_at).desc()))
    return tuple(AlertMark(row.code, row.kind, row.observed_at, row.outcome) for row in rows)


def _notes(db: Session, resident: Resident) -> tuple[NoteLine, ...]:
    wanted = (
        select(DevelopmentNote, Person.name)
        .join(Person, col(Person.person_id) == DevelopmentNote.person_id)
        .where(DevelopmentNote.resident_id == resident.resident_id)
        .order_by(col(DevelopmentNote.development_note_id).desc())
        .limit(_MOST_NOTES)
    )
    return tuple(NoteLine(row.at, name, row.text) for row, name in db.exec(wanted))
