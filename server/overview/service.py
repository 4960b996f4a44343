"""Gathers what is known of residents for the people who may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.activity import shows_activity
from models.presence import Present, Where
from server.absences.rules import UNWATCHED, AbsenceKind, Span
from server.absences.service import absences_at, held_in
from server.absences.tables import Absence
from server.access.service import Viewer
from server.access.tables import PRIVATE_ROLES, Role
from server.alerting.rules import AlertClass
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.detection.tables import RoutineRow
from server.errors import NotFoundError
from server.observations.service import facts_since
from server.overview.present import standing_of
from server.overview.rules import QUARTER, Status, quarters, status_of
from server.relatives.rules import Category
from server.relatives.service import shared_with
from server.residents.tables import Home, Resident
from server.visits.service import Visit, next_visits
from server.vitals.service import StoredVital, vitals_since

_QUARTERS_A_DAY = 96
_WEEK = 7
_SHOWN = timedelta(days=1, minutes=15)
VITALS_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """An absence. `note`: empty for a relative. `back_at`: since when they seem to be home; None: they do not."""

    id: str
    kind: AbsenceKind
    begins_at: datetime
    ends_at: datetime
    is_own: bool
    note: str
    back_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResidentView:
    """A resident at a glance. `day`: activities in each of the 96 quarter-hours before now; None: not known.

    `present`: where the resident is, for staff; None for a relative. `absence`: what holds now. `next_visit`: of whom
    the resident waits for; None for a relative.
    """

    id: str
    name: str
    age: int
    address: str
    phone: str
    time_zone: str
    status: Status
    last_active_at: datetime | None
    last_room: str | None
    is_out: bool
    known_until: datetime | None
    learned_days: int
    day: tuple[int | None, ...]
    present: Present | None = None
    absence: AbsenceView | None = None
    next_visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class DayView:
    """One local day in 96 quarter-hours; None: not known, or still to come."""

    date: date
    quarters: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ResidentDetail:
    """A resident with the last seven local days, oldest first, and what was measured in the last 30 days.

    `vitals` are for staff: for a relative there are none.
    """

    resident: ResidentView
    week: tuple[DayView, ...]
    vitals: tuple[StoredVital, ...] = ()


def list_residents(db: Session, viewer: Viewer, now: datetime, patience: timedelta) -> list[ResidentView]:
    """Return the residents this person may see."""
    rows = db.exec(_visible_to(viewer).order_by(Resident.name)).all()
    plans = _plans(db, viewer, [resident for resident, _ in rows], now)
    views = [_view(db, viewer, resident, home, (now, patience), plans) for resident, home in rows]
    if viewer.role is not Role.RELATIVE:
        return views
    agreed = shared_with(db, viewer, Category.STATUS, now)
    return [_coarse(view) for view, (resident, _) in zip(views, rows, strict=True) if resident.resident_id in agreed]


def get_resident(db: Session, viewer: Viewer, resident_id: str, now: datetime, patience: timedelta) -> ResidentDetail:
    """Return one resident in detail. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotFoundError: there is none of that name that this person may see.
    """
    resident, home = look_at(db, viewer, resident_id, now)
    view = _view(db, viewer, resident, home, (now, patience), _plans(db, viewer, [resident], now))
    if viewer.role is Role.RELATIVE:
        if resident.resident_id not in shared_with(db, viewer, Category.STATUS, now):
            raise NotFoundError("resident")
        return ResidentDetail(_coarse(view), ())
    vitals = () if viewer.role in PRIVATE_ROLES else tuple(vitals_since(db, home.home_id or 0, now - VITALS_SHOWN))
    return ResidentDetail(view, _week(db, home, view.known_until, now), vitals)


def glance(db: Session, viewer: Viewer, resident: Resident, now: datetime, patience: timedelta) -> ResidentView:
    """Return a resident at a glance, movements and all, to make coarse facts of. The caller asked for access."""
    home = db.get_one(Home, resident.home_id)
    return _view(db, viewer, resident, home, (now, patience), _plans(db, viewer, [resident], now))


def _coarse(view: ResidentView) -> ResidentView:
    """Return what a relative may have of it: no times of movement and no rooms."""
    return replace(view, last_active_at=None, last_room=None, is_out=False, day=())


def get_vitals(db: Session, viewer: Viewer, resident_id: str, since: datetime, now: datetime) -> list[StoredVital]:
    """Return what was measured in a resident's home from `since` on, oldest first. The look is audited.

    Raises:
        NotAllowedError: health data are for staff; a relative sees that all is well.
        NotFoundError: there is none of that name that this person may see.
    """
    viewer.may(Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
    _, home = look_at(db, viewer, resident_id, now)
    return vitals_since(db, home.home_id or 0, since)


def look_at(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> tuple[Resident, Home]:
    """Return a resident and their home. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotFoundError: there is none of that name that this person may see.
    """
    found = db.exec(_visible_to(viewer).where(Resident.code == resident_id)).first()
    if found is None:
        raise NotFoundError("resident")
    resident, home = found
    append(db, at=now, who=viewer.audit_name, what="looked at", about=f"resident:{resident.code}", why="follow-up")
    return resident, home


def _visible_to(viewer: Viewer):  # type: ignore[no-untyped-def]  # noqa: ANN202 - SQLAlchemy's own name for it is longer than the function
    wanted = select(Resident, Home).join(Home, col(Home.home_id) == Resident.home_id)
    if viewer.role in PRIVATE_ROLES:
        return wanted.where(col(Resident.resident_id).in_(viewer.residents))
    return wanted.where(col(Resident.unit_id).in_(viewer.units))


@dataclass(frozen=True, slots=True)
class _Plans:
    """By resident's number: what holds now, and who comes next; by home's: when nobody's movement was looked at."""

    absences: Mapping[int, AbsenceView]
    visits: Mapping[int, Visit]
    unwatched: Mapping[int, Sequence[Span]]


def _plans(db: Session, viewer: Viewer, residents: Sequence[Resident], now: datetime) -> _Plans:
    numbers = [resident.resident_id or 0 for resident in residents]
    absences = {number: absence_view(row, viewer) for number, row in absences_at(db, numbers, now).items()}
    visits = {} if viewer.role is Role.RELATIVE else next_visits(db, numbers, now)
    return _Plans(absences, visits, _unwatched(db, [one.home_id for one in residents], now - _SHOWN, now))


def _unwatched(db: Session, home_ids: Sequence[int], since: datetime, until: datetime) -> dict[int, list[Span]]:
    held = held_in(db, home_ids, since, until)
    return {home_id: [one.span for one in some if one.kind in UNWATCHED] for home_id, some in held.items()}


def absence_view(row: Absence, viewer: Viewer) -> AbsenceView:
    """Return an absence as this person may see it."""
    note = "" if viewer.role is Role.RELATIVE else row.note
    return AbsenceView(row.code, row.kind, row.begins_at, row.ends_at, row.is_own, note, row.back_at)


def _view(
    db: Session, viewer: Viewer, resident: Resident, home: Home, time_: tuple[datetime, timedelta], plans: _Plans
) -> ResidentView:
    now, patience = time_
    absence = plans.absences.get(resident.resident_id or 0)
    home_id = home.home_id or 0
    standing = standing_of(db, home, now, patience)
    present, known_until = standing.present, standing.known_until
    learned_days = db.exec(select(RoutineRow.days).where(RoutineRow.home_id == home_id)).first() or 0
    alerts = db.exec(
        select(AlertRow.severity, AlertRow.alert_class).where(
            AlertRow.resident_id == resident.resident_id, col(AlertRow.closed_at).is_(None)
        )
    ).all()
    start = _quarter_end(now) - _QUARTERS_A_DAY * QUARTER
    return ResidentView(
        id=resident.code,
        name=resident.name,
        age=now.year - resident.birth_year,
        address=home.address,
        phone=resident.phone,
        time_zone=home.time_zone,
        status=status_of(
            severities=[severity for severity, kind in alerts if kind is not AlertClass.TECHNICAL],
            technical=any(kind is AlertClass.TECHNICAL for _, kind in alerts),
            known=standing.is_known,
            learned_days=learned_days,
            paused=absence is not None and absence.kind in UNWATCHED,
        ),
        last_active_at=standing.presence.last_at,
        last_room=standing.presence.room,
        is_out=present.where is Where.OUT,
        known_until=known_until,
        learned_days=learned_days,
        day=quarters(
            _activity_times(db, home_id, start, now),
            start,
            _QUARTERS_A_DAY,
            known_until,
            plans.unwatched.get(home_id, ()),
        ),
        present=_shown(viewer, present, known_until, is_known=standing.is_known),
        absence=absence,
        next_visit=plans.visits.get(resident.resident_id or 0),
    )


def _shown(viewer: Viewer, present: Present, known_until: datetime | None, *, is_known: bool) -> Present | None:
    """Return what staff are shown: of a home that is not known now, only that. Relatives are shown no whereabouts."""
    if viewer.role is Role.RELATIVE:
        return None
    return present if is_known else Present(Where.UNKNOWN, known_until)


def _activity_times(db: Session, home_id: int, since: datetime, until: datetime) -> list[datetime]:
    facts = facts_since(db, home_id, since, until)
    return [fact.observed_at for fact in facts if shows_activity(fact.kind, fact.value)]


def _week(db: Session, home: Home, known_until: datetime | None, now: datetime) -> tuple[DayView, ...]:
    zone = ZoneInfo(home.time_zone)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(_WEEK))]
    starts = [datetime.combine(day, time.min, zone) for day in days]
    moments = _activity_times(db, home.home_id or 0, starts[0], now)
    spans = _unwatched(db, [home.home_id or 0], starts[0], now).get(home.home_id or 0, [])
    return tuple(
        DayView(day, quarters(moments, start.astimezone(now.tzinfo), _QUARTERS_A_DAY, known_until, spans))
        for day, start in zip(days, starts, strict=True)
    )


def _quarter_end(now: datetime) -> datetime:
    seconds = now.timestamp()
    step = QUARTER.total_seconds()
    return now + timedelta(seconds=step - seconds % step)
