"""Raises alerts, and lets people act on them."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from server.access.service import Viewer, units_below
from server.access.tables import Person, Role
from server.alerting import life, rules
from server.alerting.life import Cause, Measure
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome, Standing
from server.alerting.standing import calls_of, hold, log_line, rest, standing_of, write_down
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.errors import NotFoundError
from server.live.service import changed
from server.residents.service import residents_of
from server.residents.tables import Home, Resident

_LOOKED_BACK = 20  # of a home's alerts: more are never near each other
RESPONDERS = (Role.NURSE, Role.TESTER, Role.ADMIN)
_CARERS = (*RESPONDERS, Role.STAFF)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alert came: a key with figures; the words are the reader's language's."""

    key: str
    figures: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"key": self.key, **self.figures}


@dataclass(frozen=True, slots=True)
class Raised:
    """What is to become an alert. `goes_on`: another sign of what an open alert tells already, and no repeat of it."""

    kind: AlertKind
    observed_at: datetime
    received_at: datetime | None
    room: str | None = None
    reasons: tuple[Reason, ...] = ()
    late: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What an alert is about: a resident, else a home, else a whole unit. `is_test`: of simulated homes."""

    unit_id: int
    home_id: int | None
    resident_id: int | None
    is_test: bool


def raise_alert(db: Session, resident: Resident, raised: Raised, now: datetime) -> AlertRow:
    """Open an alert, or count a repeat on the one that is open already for this resident and kind."""
    return _raise(db, _about_resident(resident, db.get_one(Home, resident.home_id)), raised, now)


def raise_in_home(db: Session, home_id: int, raised: Raised, now: datetime) -> list[AlertRow]:
    """Raise an alert for each who lives in a home; where nobody does (a corridor, a common room) for the home."""
    return [_raise(db, about, raised, now) for about in _about(db, home_id)]


def raise_for_unit(
    db: Session, unit_id: int, raised: Raised, now: datetime, home_id: int | None = None, *, is_test: bool | None = None
) -> AlertRow:
    """Raise an alert about a whole unit, or with `home_id` about a home of it and nobody in particular.

    `is_test` None: as the home is; a whole unit's alert is a test where all its homes and people are.
    """
    if is_test is None:
        is_test = _is_test_unit(db, unit_id) if home_id is None else db.get_one(Home, home_id).is_test
    return _raise(db, About(unit_id, home_id, None, is_test), raised, now)


def _raise(db: Session, about: About, raised: Raised, now: datetime) -> AlertRow:
    row = _open_alert(db, about, raised.kind)
    if row is None:
        row = _insert(db, about, raised, now)
        if row is not None:
            changed(db, row.unit_id, "alert", row.code)
            return row
        row = _open_alert(db, about, raised.kind)  # another process opened it between our look and our insert
    if row is None:
        raise LookupError("an alert is neither open nor could be opened")
    if raised.goes_on:
        row.reasons = [*row.reasons, *(one for one in map(Reason.as_json, raised.reasons) if one not in row.reasons)]
    else:
        _count_repeat(db, row, raised, now)
    changed(db, row.unit_id, "alert", row.code)
    return row


def _about_resident(resident: Resident, home: Home) -> About:
    return About(resident.unit_id, home.home_id, resident.resident_id, home.is_test)


def _about(db: Session, home_id: int) -> list[About]:
    home = db.get_one(Home, home_id)
    those = [_about_resident(resident, home) for resident in residents_of(db, home_id)]
    return those or [About(home.unit_id, home_id, None, home.is_test)]


def _is_test_unit(db: Session, unit_id: int) -> bool:
    units = units_below(db, unit_id)
    homes = db.exec(select(Home.is_test).where(col(Home.unit_id).in_(units)).distinct())
    people = db.exec(select(Person.is_test).where(col(Person.unit_id).in_(units)).distinct())
    return {*homes, *people} == {True}


_OPEN = (
    select(AlertRow.home_id, AlertRow.kind)
    .where(
        col(AlertRow.closed_at).is_(None),
        col(AlertRow.home_id).in_(bindparam("home_ids", expanding=True)),
        col(AlertRow.kind).in_(bindparam("kinds", expanding=True)),
    )
    .order_by(col(AlertRow.alert_id))
    .with_for_update()
)


def lock_open(db: Session, home_ids: Collection[int], kinds: Collection[AlertKind]) -> set[tuple[int, AlertKind]]:
    """Return (home, kind) of the alerts of these kinds that are open in these homes, and lock them.

    All at once and in one order: whoever changes the alerts of many homes must have them before the audit's chain.
    """
    rows = db.connection().execute(_OPEN, {"home_ids": list(home_ids), "kinds": list(kinds)})
    return {(home_id, AlertKind(kind)) for home_id, kind in rows}


def cease(db: Session, resident: Resident, kind: AlertKind, now: datetime, *, closes: bool) -> None:
    """Note that what was noticed is no longer so. With `closes` nobody need see to it any more (faults)."""
    _cease(db, _open_alert(db, _about_resident(resident, db.get_one(Home, resident.home_id)), kind), now, closes=closes)


def cease_in_home(db: Session, home_id: int, kind: AlertKind, now: datetime, *, closes: bool) -> None:
    """Note it of every alert of the kind about a home or somebody who lives there."""
    for row in open_alerts(db, home_id, kind):
        _cease(db, row, now, closes=closes)


def cease_alert(db: Session, alert_id: int, now: datetime, *, closes: bool) -> None:
    """Note it of one alert, whatever it is about."""
    wanted = select(AlertRow).where(AlertRow.alert_id == alert_id, col(AlertRow.closed_at).is_(None))
    _cease(db, db.exec(wanted.with_for_update()).first(), now, closes=closes)


def _cease(db: Session, row: AlertRow | None, now: datetime, *, closes: bool) -> None:
    if row is None:
        return
    log_line(db, row, now, LogEvent.CEASED)
    if closes:
        row.status, row.closed_at, row.outcome = AlertStatus.CLOSED, now, Outcome.TECHNICAL
        rest(row)
        row.version += 1
        log_line(db, row, now, LogEvent.CLOSED)
    changed(db, row.unit_id, "alert", row.code)


def take(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Let the viewer have the alert, and what nobody has of the same happening: one person goes there.

    Raises:
        AlertTakenError: somebody else was first.
        AlertNotOpenError: it is closed.
    """
    row, others = _locked_together(db, viewer, alert_id)
    before = standing_of(db, row)
    after = rules.take(before, by=viewer.person_id, seen_version=version)
    if after != before:
        _have(db, viewer, row, after, now)
        for other in others:
            if other.status is AlertStatus.REPORTED:
                own = standing_of(db, other)
                _have(db, viewer, other, rules.take(own, by=viewer.person_id, seen_version=own.version), now)


def _have(db: Session, viewer: Viewer, row: AlertRow, after: Standing, now: datetime) -> None:
    row.taken_by, row.taken_at = viewer.person_id, now
    write_down(db, viewer, row, after, LogEvent.TAKEN, now)
    hold(row, now)


def on_the_way(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Note that the viewer is on the way. Raises as `server.alerting.rules.advance`."""
    for row, after in _advanced(db, viewer, alert_id, version, AlertStatus.ON_THE_WAY):
        row.on_the_way_at = now
        write_down(db, viewer, row, after, LogEvent.ON_THE_WAY, now)
        hold(row, now)


def arrived(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Note that the viewer is with the resident. Raises as `server.alerting.rules.advance`."""
    for row, after in _advanced(db, viewer, alert_id, version, AlertStatus.WITH_RESIDENT):
        row.arrived_at = now
        write_down(db, viewer, row, after, LogEvent.ARRIVED, now)
        hold(row, now)


def _advanced(
    db: Session, viewer: Viewer, alert_id: str, version: int, to: AlertStatus
) -> list[tuple[AlertRow, Standing]]:
    """Return the alert, and what the viewer has of the same happening, with where each stands then; none that does."""
    row, others = _locked_together(db, viewer, alert_id)
    moved = [(row, rules.advance(standing_of(db, row), to, by=viewer.person_id, seen_version=version))]
    for other in others:
        if other.taken_by == viewer.person_id and not other.status.is_beyond(to):
            own = standing_of(db, other)
            moved.append((other, rules.advance(own, to, by=viewer.person_id, seen_version=own.version)))
    return [(one, after) for one, after in moved if after.status is not one.status]


def _locked_together(db: Session, viewer: Viewer, alert_id: str) -> tuple[AlertRow, list[AlertRow]]:
    """Return an alert and the other open ones of its happening, locked in one order: nobody waits for each other."""
    viewer.may(*RESPONDERS)
    row = find_alert(db, viewer, alert_id)
    wanted = select(AlertRow).where(col(AlertRow.alert_id) == row.alert_id)
    if row.happening is not None:
        of_it = (col(AlertRow.happening) == row.happening) & col(AlertRow.closed_at).is_(None)
        wanted = select(AlertRow).where((col(AlertRow.alert_id) == row.alert_id) | of_it)
    wanted = wanted.where(col(AlertRow.unit_id).in_(viewer.units)).order_by(col(AlertRow.alert_id))
    locked = db.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()
    return next(one for one in locked if one.code == alert_id), [one for one in locked if one.code != alert_id]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a person says it ended. `also`: others of the same happening that ended so, each with the version seen."""

    outcome: Outcome
    note: str = ""
    cause: Cause | None = None
    measure: Measure | None = None
    also: tuple[tuple[str, int], ...] = ()


def close(db: Session, viewer: Viewer, alert_id: str, version: int, ending: Ending, now: datetime) -> None:
    """End the alert with an outcome.

    Raises:
        AlertNotOpenError: it is closed already.
        StaleVersionError: it changed since the page was drawn.
        VisitFirstError: it is a repeated call, nobody has been there since, and no second person agrees.
        NotFoundError: one of the others is not of the same happening.
    """
    row, others = _locked_together(db, viewer, alert_id)
    of_it = {other.code: other for other in others}
    if not of_it.keys() >= {code for code, _ in ending.also}:
        raise NotFoundError("alert")
    for one, seen in ((row, version), *((of_it[code], seen) for code, seen in ending.also)):
        _close(db, viewer, one, seen, ending, now)


def _close(db: Session, viewer: Viewer, row: AlertRow, version: int, ending: Ending, now: datetime) -> None:
    after = rules.close(standing_of(db, row), seen_version=version)
    calls = calls_of(db, row)
    if calls.needs_visit:
        confirmed = row.confirmed_by is not None and row.confirmed_at is not None
        second = life.Confirmation(row.confirmed_by or 0, row.confirmed_at or now) if confirmed else None
        life.may_close(calls.at, second, by=viewer.person_id)
    rest(row)
    row.closed_at, row.closed_by = now, viewer.person_id
    row.outcome, row.note, row.cause, row.measure = ending.outcome, ending.note, ending.cause, ending.measure
    if ending.cause is not None:
        log_line(db, row, now, LogEvent.CAUSE, viewer.name, ending.cause)
    if ending.measure is not None:
        log_line(db, row, now, LogEvent.MEASURE, viewer.name, ending.measure)
    write_down(db, viewer, row, after, LogEvent.CLOSED, now)


def shown(db: Session, viewer: Viewer, alert_id: str, now: datetime) -> None:
    """Note that a person's page has shown the alert; only the first time counts."""
    row = find_alert(db, viewer, alert_id, lock=True)
    if row.shown_at is None:
        row.shown_at = now
        log_line(db, row, now, LogEvent.SHOWN, viewer.name)
        changed(db, row.unit_id, "alert", row.code)


def note_event(db: Session, row: AlertRow, now: datetime, event: LogEvent, by: str | None = None) -> None:
    """Add a line that another part of the service is the reason for."""
    log_line(db, row, now, event, by)
    changed(db, row.unit_id, "alert", row.code)


def open_alerts(db: Session, home_id: int, kind: AlertKind) -> list[AlertRow]:
    """Return the open alerts of a kind about a home or somebody who lives there, locked."""
    wanted = select(AlertRow).where(AlertRow.home_id == home_id, AlertRow.kind == kind)
    return list(db.exec(wanted.where(col(AlertRow.closed_at).is_(None)).with_for_update()))


def _open_alert(db: Session, about: About, kind: AlertKind) -> AlertRow | None:
    wanted = select(AlertRow).where(
        AlertRow.unit_id == about.unit_id, AlertRow.kind == kind, AlertRow.is_test == about.is_test
    )
    if about.resident_id is not None:
        # Whoever has moved to another unit is still the same person.
        wanted = select(AlertRow).where(AlertRow.resident_id == about.resident_id, AlertRow.kind == kind)
    elif about.home_id is not None:
        of_home = (col(AlertRow.home_id) == about.home_id) & col(AlertRow.resident_id).is_(None)
        wanted = select(AlertRow).where(of_home, AlertRow.kind == kind)
    else:
        wanted = wanted.where(col(AlertRow.home_id).is_(None), col(AlertRow.resident_id).is_(None))
    return db.exec(wanted.where(col(AlertRow.closed_at).is_(None)).with_for_update()).first()


def _insert(db: Session, about: About, raised: Raised, now: datetime) -> AlertRow | None:
    facts = rules.FACTS[raised.kind]
    row = AlertRow(
        code=secrets.token_hex(8),
        **asdict(about),
        kind=raised.kind,
        national_code=facts.national_code,
        severity=facts.severity,
        alert_class=facts.alert_class,
        status=AlertStatus.REPORTED,
        room=raised.room,
        reasons=[reason.as_json() for reason in raised.reasons],
        late=raised.late,
        observed_at=raised.observed_at,
        received_at=raised.received_at,
        raised_at=now,
        waiting_since=now,
        happening=_happening(db, about, raised.kind, now),
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return None
    log_line(db, row, now, LogEvent.RAISED)
    append(db, at=now, who="service", what="alert raised", about=f"alert:{row.code}", why=raised.kind)
    return row


def _happening(db: Session, about: About, kind: AlertKind, now: datetime) -> str | None:
    if about.home_id is None or not life.has_happening(kind, rules.FACTS[kind].alert_class):
        return None
    of_home = select(AlertRow).where(AlertRow.home_id == about.home_id, col(AlertRow.happening).is_not(None))
    last = db.exec(of_home.order_by(col(AlertRow.alert_id).desc()).limit(_LOOKED_BACK)).all()
    earlier = [life.Earlier(row.happening or "", row.kind, row.raised_at, row.closed_at) for row in last]
    return life.happening_of(earlier, now) or secrets.token_hex(8)


def _count_repeat(db: Session, row: AlertRow, raised: Raised, now: datetime) -> None:
    row.repeats += 1
    row.version += 1
    row.reasons = [reason.as_json() for reason in raised.reasons] or row.reasons
    row.room = raised.room or row.room
    row.late = row.late and raised.late
    log_line(db, row, now, LogEvent.REPEATED)


def find_alert(db: Session, viewer: Viewer, alert_id: str, *, lock: bool = False) -> AlertRow:
    """Return an alert of the viewer's unit, for those at work; with `lock` for changing it, for responders.

    Raises:
        NotFoundError: there is none of that name in the viewer's unit.
        NotAllowedError: this role may not change alerts, or see any.
    """
    viewer.may(*(RESPONDERS if lock else _CARERS))
    wanted = select(AlertRow).where(AlertRow.code == alert_id, col(AlertRow.unit_id).in_(viewer.units))
    row = db.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFoundError("alert")
    return row
