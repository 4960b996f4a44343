"""Alerts as people see them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, literal, tuple_
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from server.access.service import Viewer
from server.access.tables import Person, Role, Unit
from server.alerting.life import REOPEN_WITHIN, Cause, Measure
from server.alerting.rules import NATIONAL_EVENT_CODE, AlertClass, AlertKind, AlertStatus, LogEvent, Outcome
from server.alerting.service import Reason, find_alert
from server.alerting.standing import UNIT_ZONE, calls_of
from server.alerting.tables import ALERT, AlertLogRow, AlertRow
from server.residents.tables import Home, Resident

_CARERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
PAGE = 200
# Last the number: of those that came in the same instant.
_BY_GRAVITY = (ALERT.c.severity, ALERT.c.raised_at, ALERT.c.alert_id)
_BY_END = (ALERT.c.closed_at, ALERT.c.alert_id)
_ABOUT = (
    select_rows(
        ALERT.c.alert_id, col(Resident.code).label("resident"), col(Resident.name), col(Resident.phone),
        col(Home.address), col(Home.time_zone), col(Unit.name).label("unit"),
    )
    .join(Unit, col(Unit.unit_id) == ALERT.c.unit_id)
    .outerjoin(Resident, col(Resident.resident_id) == ALERT.c.resident_id)
    .outerjoin(Home, col(Home.home_id) == ALERT.c.home_id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of an alert's log; `by` None: the service did it. `code`: of vkp-composition-event-v090, if any."""

    at: datetime
    event: LogEvent
    by: str | None
    detail: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Companion:
    """Another open alert of the same happening."""

    id: str
    kind: AlertKind
    severity: int
    alert_class: AlertClass
    room: str | None
    status: AlertStatus
    is_mine: bool
    version: int
    late: bool
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as a person sees it.

    `resident_id` None: it is about a home nobody lives in, or where `address` is empty about the whole unit. `due_at`:
    when whoever has it is asked, or (`is_asked`) when it goes back to the queue. `needs_visit` and `confirmed_by` are
    told of one alert, not in lists.
    """

    id: str
    kind: AlertKind
    code: str | None
    severity: int
    alert_class: AlertClass
    status: AlertStatus
    resident_id: str | None
    resident_name: str
    unit: str
    address: str
    time_zone: str
    phone: str
    room: str | None
    repeats: int
    late: bool
    version: int
    happening: str | None
    together: tuple[Companion, ...]
    why: tuple[Reason, ...]
    observed_at: datetime
    received_at: datetime | None
    raised_at: datetime
    notified_at: datetime | None
    delivered_at: datetime | None
    shown_at: datetime | None
    taken_at: datetime | None
    taken_by: str | None
    is_mine: bool
    is_asked: bool
    due_at: datetime | None
    offered_to: str | None
    is_offered_to_me: bool
    on_the_way_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    reopen_until: datetime | None
    outcome: Outcome | None
    cause: Cause | None
    measure: Measure | None
    note: str
    needs_visit: bool = False
    confirmed_by: str | None = None
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Unclosed:
    """What is going on in little: the untaken alerts, gravest first, and how many happenings are open and taken."""

    untaken: tuple[str, ...]
    happenings_open: int
    happenings_taken: int


def unclosed(db: Session, viewer: Viewer) -> Unclosed:
    """Return what is going on in the viewer's units, in one query. At most `PAGE` alerts are named.

    Raises:
        NotAllowedError: relatives see a status, not alerts.
    """
    viewer.may(*_CARERS)
    wanted = select(AlertRow.code, AlertRow.happening, AlertRow.status).where(
        col(AlertRow.unit_id).in_(viewer.units), col(AlertRow.closed_at).is_(None)
    )
    untaken: list[str] = []
    happenings: dict[bool, set[str]] = {False: set(), True: set()}
    for code, happening, status in db.exec(wanted.order_by(*(one.desc() for one in _BY_GRAVITY))):
        is_open = status is AlertStatus.REPORTED
        happenings[is_open].add(happening or code)
        if is_open:
            untaken.append(code)
    return Unclosed(tuple(untaken[:PAGE]), len(happenings[True]), len(happenings[False]))


def list_alerts(
    db: Session, viewer: Viewer, group: str = "open", after: str | None = None, most: int = PAGE
) -> list[AlertView]:
    """Return `most` alerts of the viewer's unit: `open`, `taken`, `closed` or `all`; gravest and newest first.

    `after`: the last alert of the page before. What the order goes by never changes, so that no alert is passed over.

    Raises:
        NotAllowedError: relatives see a status, not alerts.
        NotFoundError: there is no alert `after` in the viewer's unit.
    """
    viewer.may(*_CARERS)
    wanted = _in_group(select(AlertRow).where(col(AlertRow.unit_id).in_(viewer.units)), group)
    order = _BY_END if group == "closed" else _BY_GRAVITY
    if after is not None:
        last = find_alert(db, viewer, after)
        wanted = wanted.where(tuple_(*order) < tuple_(*(literal(getattr(last, one.name), one.type) for one in order)))
    rows = db.exec(wanted.order_by(*(one.desc() for one in order)).limit(most)).all()
    known = _known(db, rows)
    return [_view(viewer, row, known) for row in rows]


def get_alert(db: Session, viewer: Viewer, alert_id: str) -> AlertView:
    """Return one alert with its log.

    Raises:
        NotFoundError: there is none of that name in the viewer's unit.
        NotAllowedError: relatives see a status, not alerts.
    """
    viewer.may(*_CARERS)
    row = find_alert(db, viewer, alert_id)
    log = db.exec(
        select(AlertLogRow).where(AlertLogRow.alert_id == row.alert_id).order_by(col(AlertLogRow.alert_log_id))
    ).all()
    lines = tuple(
        LogLine(line.at, line.event, line.by, line.detail, NATIONAL_EVENT_CODE.get(line.event)) for line in log
    )
    known = _known(db, [row])
    needs_visit = row.closed_at is None and calls_of(db, row).needs_visit
    return replace(
        _view(viewer, row, known), log=lines, needs_visit=needs_visit, confirmed_by=known.people.get(row.confirmed_by)
    )


def _in_group(wanted: SelectOfScalar[AlertRow], group: str) -> SelectOfScalar[AlertRow]:
    clauses: dict[str, ColumnElement[bool]] = {
        "open": col(AlertRow.status) == AlertStatus.REPORTED,
        "taken": col(AlertRow.closed_at).is_(None) & (col(AlertRow.status) != AlertStatus.REPORTED),
        "closed": col(AlertRow.closed_at).is_not(None),
    }
    return wanted.where(clauses[group]) if group in clauses else wanted


@dataclass(frozen=True, slots=True)
class _Known:
    """Who and what some alerts are about, by the alert's number; who has them, by theirs; what else happened."""

    about: dict[int | None, Row[Any]]
    people: dict[int | None, str]
    happenings: dict[str | None, list[AlertRow]]


def _known(db: Session, rows: Sequence[AlertRow]) -> _Known:
    if not rows:
        return _Known({}, {}, {})
    about = _ABOUT.where(ALERT.c.alert_id.in_([row.alert_id for row in rows]))
    named = {number for row in rows for number in (row.taken_by, row.offered_to, row.confirmed_by) if number}
    people = select(Person.person_id, Person.name).where(col(Person.person_id).in_(named))
    return _Known(
        {row.alert_id: row for row in db.connection().execute(about)},
        dict(db.exec(people).all()) if named else {},
        _together(db, {row.happening for row in rows if row.happening}),
    )


def _together(db: Session, happenings: Collection[str]) -> dict[str | None, list[AlertRow]]:
    found: dict[str | None, list[AlertRow]] = defaultdict(list)
    if happenings:
        of_one = select(AlertRow).where(col(AlertRow.happening).in_(happenings), col(AlertRow.closed_at).is_(None))
        for one in db.exec(of_one.order_by(*(column.desc() for column in _BY_GRAVITY))):
            found[one.happening].append(one)
    return found


def _view(viewer: Viewer, row: AlertRow, known: _Known) -> AlertView:
    about = known.about[row.alert_id]
    return AlertView(
        id=row.code,
        kind=row.kind,
        code=row.national_code,
        severity=row.severity,
        alert_class=row.alert_class,
        status=row.status,
        resident_id=about.resident,
        resident_name=about.name or "",
        unit=about.unit,
        address=about.address or "",
        time_zone=about.time_zone or UNIT_ZONE,
        phone=about.phone or "",
        room=row.room,
        repeats=row.repeats,
        late=row.late,
        version=row.version,
        happening=row.happening,
        together=tuple(
            _companion(viewer, one)
            for one in known.happenings.get(row.happening, ())
            if one.alert_id != row.alert_id and one.unit_id in viewer.units
        ),
        why=tuple(Reason(reason["key"], {k: v for k, v in reason.items() if k != "key"}) for reason in row.reasons),
        observed_at=row.observed_at,
        received_at=row.received_at,
        raised_at=row.raised_at,
        notified_at=row.notified_at,
        delivered_at=row.delivered_at,
        shown_at=row.shown_at,
        taken_at=row.taken_at,
        taken_by=known.people.get(row.taken_by),
        is_mine=row.taken_by == viewer.person_id,
        is_asked=row.asked_at is not None,
        due_at=row.due_at,
        offered_to=known.people.get(row.offered_to),
        is_offered_to_me=row.offered_to == viewer.person_id,
        on_the_way_at=row.on_the_way_at,
        arrived_at=row.arrived_at,
        closed_at=row.closed_at,
        reopen_until=row.closed_at + REOPEN_WITHIN if row.closed_at and row.closed_by else None,
        outcome=row.outcome,
        cause=row.cause,
        measure=row.measure,
        note=row.note,
    )


def _companion(viewer: Viewer, row: AlertRow) -> Companion:
    return Companion(
        id=row.code,
        kind=row.kind,
        severity=row.severity,
        alert_class=row.alert_class,
        room=row.room,
        status=row.status,
        is_mine=row.taken_by == viewer.person_id,
        version=row.version,
        late=row.late,
        observed_at=row.observed_at,
    )
