"""How residents' days develop over weeks, from what each night keeps: nothing is reckoned anew for a page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy import select as select_rows
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
    views = _views(db, col(Resident.unit_id).in_(viewer.units), now, has_quarters=False)
    return sorted(views, key=lambda one: (not one.noted, -one.far))


def get_development(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> Development:
    """Return a resident's last weeks. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotAllowedError: it is not for relatives and residents.
        NotFoundError: there is none of that name that this person may see.
    """
    viewer.may(*_READERS)
    resident, home = look_at(db, viewer, resident_id, now)
    [view] = _views(db, col(Resident.resident_id) == resident.resident_id, now, has_quarters=True)
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


def _views(db: Session, which: ColumnElement[bool], now: datetime, *, has_quarters: bool) -> list[ChangeView]:
    # Columns, not model objects: of hundreds of residents those would take most of the time.
    wanted = (
        select_rows(
            col(Resident.code), col(Resident.name), col(Resident.birth_year), col(Home.address),
            col(KeptDays.first_day), col(KeptDays.figures), col(KeptDays.ok), col(KeptDays.changes),
            col(RoutineRow.note), *([col(KeptDays.quarters)] if has_quarters else []),
        )
        .join(Home, col(Home.home_id) == Resident.home_id)
        .outerjoin(KeptDays, col(KeptDays.home_id) == Resident.home_id)
        .outerjoin(RoutineRow, col(RoutineRow.home_id) == Resident.home_id)
        .where(which)
        .order_by(col(Resident.name))
    )  # fmt: skip
    return [_view(row, now) for row in db.connection().execute(wanted)]


def _view(row: Row[Any], now: datetime) -> ChangeView:
    noted = Note.from_json(dict(row.note)).kinds if row.note else ()
    quarters = getattr(row, "quarters", b"")
    return ChangeView(
        id=row.code,
        name=row.name,
        age=now.year - row.birth_year,
        address=row.address,
        days=None if row.first_day is None else days_kept(row.first_day, row.figures, quarters, row.ok),
        changes=changes_kept(row.changes or {}),
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
