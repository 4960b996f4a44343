"""Gathers what is known of residents for the people who may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from models.activity import SHOWING
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
from server.observations.service import counts_by_step
from server.overview.present import Heard, Standing, heard_from, standings
from server.overview.rules import ORDER_OF_NEED, QUARTER, Status, quarters, status_of
from server.relatives.rules import Category
from server.relatives.service import shared_with
from server.residents.tables import Home, Resident
from server.visits.service import Visit, next_visits
from server.vitals.service import StoredVital, vitals_since

_QUARTERS_A_DAY = 96
_AN_HOUR = 4
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
    views = _views(db, viewer, rows, _around_them(db, rows, now, patience), now)
    if viewer.role is not Role.RELATIVE:
        return views
    agreed = shared_with(db, viewer, Category.STATUS, now)
    return [_coarse(view) for view, (resident, _) in zip(views, rows, strict=True) if resident.resident_id in agreed]


@dataclass(frozen=True, slots=True)
class Some:
    """Some of the residents a person may see: a stretch of all `of` that were asked for."""

    residents: tuple[ResidentView, ...]
    of: int


def some_in_need(
    db: Session, viewer: Viewer, now: datetime, patience: timedelta, *, after: int, most: int, named: str = ""
) -> Some:
    """Return at most `most` residents after the first `after`, those who need somebody first, then by name.

    `named`: only those in whose name or address this stands. How a day went is looked up for those returned alone.
    """
    # A model object for each of hundreds of residents would take most of the time.
    every = _visible_to(viewer).with_only_columns(Resident.resident_id, Resident.name, Home.home_id, Home.address)
    asked = [
        one
        for one in db.exec(every.order_by(Resident.name))
        if named.casefold() in f"{one.name} {one.address}".casefold()
    ]
    around = _around(db, {one.resident_id: one.home_id for one in asked}, now, patience)
    asked.sort(key=lambda one: ORDER_OF_NEED.index(around.status(one.resident_id)))
    shown = [one.resident_id for one in asked[after : after + most]]
    rows = db.exec(_visible_to(viewer).where(col(Resident.resident_id).in_(shown))).all()
    by_number = {resident.resident_id: (resident, home) for resident, home in rows}
    return Some(tuple(_views(db, viewer, [by_number[number] for number in shown], around, now)), len(asked))


def get_resident(db: Session, viewer: Viewer, resident_id: str, now: datetime, patience: timedelta) -> ResidentDetail:
    """Return one resident in detail. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotFoundError: there is none of that name that this person may see.
    """
    resident, home = look_at(db, viewer, resident_id, now)
    view = _glance(db, viewer, (resident, home), now, patience)
    if viewer.role is Role.RELATIVE:
        if resident.resident_id not in shared_with(db, viewer, Category.STATUS, now):
            raise NotFoundError("resident")
        return ResidentDetail(_coarse(view), ())
    vitals = () if viewer.role in PRIVATE_ROLES else tuple(vitals_since(db, home.home_id or 0, now - VITALS_SHOWN))
    return ResidentDetail(view, _week(db, home, view.known_until, now), vitals)


def glance(db: Session, viewer: Viewer, resident: Resident, now: datetime, patience: timedelta) -> ResidentView:
    """Return a resident at a glance, movements and all, to make coarse facts of. The caller asked for access."""
    return _glance(db, viewer, (resident, db.get_one(Home, resident.home_id)), now, patience)


def _glance(
    db: Session, viewer: Viewer, row: tuple[Resident, Home], now: datetime, patience: timedelta
) -> ResidentView:
    return _views(db, viewer, [row], _around_them(db, [row], now, patience), now)[0]


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


def _unwatched(db: Session, home_ids: Sequence[int], since: datetime, until: datetime) -> dict[int, list[Span]]:
    held = held_in(db, home_ids, since, until)
    return {home_id: [one.span for one in some if one.kind in UNWATCHED] for home_id, some in held.items()}


def absence_view(row: Absence, viewer: Viewer) -> AbsenceView:
    """Return an absence as this person may see it."""
    note = "" if viewer.role is Role.RELATIVE else row.note
    return AbsenceView(row.code, row.kind, row.begins_at, row.ends_at, row.is_own, note, row.back_at)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known of many residents and homes, by their numbers. `homes`: in which each resident lives."""

    homes: Mapping[int, int]
    heard: Mapping[int, Heard]
    learned_days: Mapping[int, int]
    alerts: Mapping[int, Sequence[tuple[int, AlertClass]]]
    absences: Mapping[int, Absence]

    def status(self, number: int) -> Status:
        """Return how a resident is, in one word."""
        home_id, alerts = self.homes[number], self.alerts.get(number, ())
        return status_of(
            severities=[severity for severity, kind in alerts if kind is not AlertClass.TECHNICAL],
            technical=any(kind is AlertClass.TECHNICAL for _, kind in alerts),
            known=self.heard[home_id].is_known,
            learned_days=self.learned_days.get(home_id, 0),
            paused=number in self.absences and self.absences[number].kind in UNWATCHED,
        )


_LEARNED = select(RoutineRow.home_id, RoutineRow.days).where(
    col(RoutineRow.home_id).in_(bindparam("home_ids", expanding=True))
)


def _around(db: Session, homes: Mapping[int, int], now: datetime, patience: timedelta) -> _Around:
    home_ids, numbers = set(homes.values()), list(homes)
    learned = db.connection().execute(_LEARNED, {"home_ids": list(home_ids)})
    return _Around(
        homes,
        heard_from(db, home_ids, now, patience),
        {row.home_id: row.days for row in learned},
        _open_alerts(db, numbers),
        absences_at(db, numbers, now),
    )


def _around_them(db: Session, rows: Sequence[tuple[Resident, Home]], now: datetime, patience: timedelta) -> _Around:
    return _around(db, {resident.resident_id or 0: resident.home_id for resident, _ in rows}, now, patience)


def _views(
    db: Session, viewer: Viewer, rows: Sequence[tuple[Resident, Home]], around: _Around, now: datetime
) -> list[ResidentView]:
    """Return residents at a glance, in a few queries however many they are."""
    zones = {home.home_id or 0: home.time_zone for _, home in rows}
    standing = standings(db, zones, around.heard, now)
    start = _quarter_end(now) - _QUARTERS_A_DAY * QUARTER
    days = counts_by_step(db, list(zones), start, _QUARTERS_A_DAY, QUARTER, SHOWING)
    numbers = [resident.resident_id or 0 for resident, _ in rows]
    visits = {} if viewer.role is Role.RELATIVE else next_visits(db, numbers, now)
    unwatched = _unwatched(db, list(zones), now - _SHOWN, now)
    views = []
    for resident, home in rows:
        home_id = home.home_id or 0
        active = days.get(home_id, [0] * _QUARTERS_A_DAY)
        day = quarters(active, start, standing[home_id].known_until, unwatched.get(home_id, ()))
        visit = visits.get(resident.resident_id or 0)
        views.append(_view(viewer, (resident, home), around, standing[home_id], visit, day, now))
    return views


_OPEN = select(AlertRow.resident_id, AlertRow.severity, AlertRow.alert_class).where(
    col(AlertRow.resident_id).in_(bindparam("residents", expanding=True)), col(AlertRow.closed_at).is_(None)
)


def _open_alerts(db: Session, resident_ids: Sequence[int]) -> dict[int, list[tuple[int, AlertClass]]]:
    found: dict[int, list[tuple[int, AlertClass]]] = {}
    for resident_id, severity, kind in db.connection().execute(_OPEN, {"residents": list(resident_ids)}):
        found.setdefault(resident_id or 0, []).append((severity, AlertClass(kind)))
    return found


def _view(
    viewer: Viewer,
    row: tuple[Resident, Home],
    around: _Around,
    standing: Standing,
    visit: Visit | None,
    day: tuple[int | None, ...],
    now: datetime,
) -> ResidentView:
    resident, home = row
    number = resident.resident_id or 0
    absence = around.absences.get(number)
    return ResidentView(
        id=resident.code,
        name=resident.name,
        age=now.year - resident.birth_year,
        address=home.address,
        phone=resident.phone,
        time_zone=home.time_zone,
        status=around.status(number),
        last_active_at=standing.presence.last_at,
        last_room=standing.presence.room,
        is_out=standing.present.where is Where.OUT,
        known_until=standing.known_until,
        learned_days=around.learned_days.get(resident.home_id, 0),
        day=day,
        present=_shown(viewer, standing.present, standing.known_until, is_known=standing.is_known),
        absence=None if absence is None else absence_view(absence, viewer),
        next_visit=visit,
    )


def _shown(viewer: Viewer, present: Present, known_until: datetime | None, *, is_known: bool) -> Present | None:
    """Return what staff are shown: of a home that is not known now, only that. Relatives are shown no whereabouts."""
    if viewer.role is Role.RELATIVE:
        return None
    return present if is_known else Present(Where.UNKNOWN, known_until)


def _week(db: Session, home: Home, known_until: datetime | None, now: datetime) -> tuple[DayView, ...]:
    zone = ZoneInfo(home.time_zone)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(_WEEK))]
    starts = [datetime.combine(day, time.min, zone).astimezone(UTC) for day in days]
    home_id = home.home_id or 0
    spans = _unwatched(db, [home_id], starts[0], now).get(home_id, [])
    # One look at the whole week. By the clock a day may have an hour more or less: each begins at its own midnight.
    places = [round((start - starts[0]) / QUARTER) for start in starts] + [len(starts) * _QUARTERS_A_DAY + _AN_HOUR]
    counts = counts_by_step(db, [home_id], starts[0], places[-1], QUARTER, SHOWING).get(home_id, [0] * places[-1])
    return tuple(
        DayView(day, quarters(_a_day(counts[begin:end]), start, known_until, spans))
        for day, start, begin, end in zip(days, starts, places, places[1:], strict=False)
    )


def _a_day(counts: Sequence[int]) -> Sequence[int]:
    """Return 96 quarters of a day that may have an hour more or less."""
    return [*counts, *[0] * _AN_HOUR][:_QUARTERS_A_DAY]


def _quarter_end(now: datetime) -> datetime:
    seconds = now.timestamp()
    step = QUARTER.total_seconds()
    return now + timedelta(seconds=step - seconds % step)
