"""Raises alerts, and lets people act on them."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.alerting import rules
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Outcome, Standing
from server.alerting.tables import AlertLogRow, AlertRow
from server.audit.service import append
from server.errors import NotFoundError
from server.live.service import changed
from server.residents.tables import Resident

_RESPONDERS = (Role.NURSE, Role.TESTER, Role.ADMIN)


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
    """What is to become an alert."""

    kind: AlertKind
    observed_at: datetime
    received_at: datetime | None
    room: str | None = None
    reasons: tuple[Reason, ...] = ()
    late: bool = False


def raise_alert(db: Session, resident: Resident, raised: Raised, now: datetime) -> AlertRow:
    """Open an alert, or count a repeat on the one that is open already for this resident and kind."""
    row = _open_alert(db, resident, raised.kind)
    if row is None:
        row = _insert(db, resident, raised, now)
        if row is not None:
            changed(db, row.unit_id, "alert", row.code)
            return row
        row = _open_alert(db, resident, raised.kind)  # another process opened it between our look and our insert
    if row is None:
        raise LookupError("an alert is neither open nor could be opened")
    _count_repeat(db, row, raised, now)
    changed(db, row.unit_id, "alert", row.code)
    return row


_OPEN = (
    select(Resident.home_id, AlertRow.kind)
    .join(AlertRow, col(AlertRow.resident_id) == Resident.resident_id)
    .where(
        col(AlertRow.closed_at).is_(None),
        col(Resident.home_id).in_(bindparam("home_ids", expanding=True)),
        col(AlertRow.kind).in_(bindparam("kinds", expanding=True)),
    )
    .order_by(col(AlertRow.alert_id))
    .with_for_update(of=AlertRow)
)


def lock_open(db: Session, home_ids: Collection[int], kinds: Collection[AlertKind]) -> set[tuple[int, AlertKind]]:
    """Return (home, kind) of the alerts of these kinds that are open in these homes, and lock them.

    All at once and in one order: whoever changes the alerts of many homes must have them before the audit's chain.
    """
    rows = db.connection().execute(_OPEN, {"home_ids": list(home_ids), "kinds": list(kinds)})
    return {(home_id, AlertKind(kind)) for home_id, kind in rows}


def cease(db: Session, resident: Resident, kind: AlertKind, now: datetime, *, closes: bool) -> None:
    """Note that what was noticed is no longer so. With `closes` nobody need see to it any more (faults)."""
    row = _open_alert(db, resident, kind)
    if row is None:
        return
    _log(db, row, now, LogEvent.CEASED)
    if closes:
        row.status, row.closed_at, row.outcome = AlertStatus.CLOSED, now, Outcome.TECHNICAL
        row.version += 1
        _log(db, row, now, LogEvent.CLOSED)
    changed(db, row.unit_id, "alert", row.code)


def take(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Let the viewer have the alert.

    Raises:
        AlertTakenError: somebody else was first.
        AlertNotOpenError: it is closed.
    """
    row = find_alert(db, viewer, alert_id, lock=True)
    before = _standing(db, row)
    after = rules.take(before, by=viewer.person_id, seen_version=version)
    if after != before:
        row.taken_by, row.taken_at = viewer.person_id, now
        _write(db, viewer, row, after, LogEvent.TAKEN, now)


def on_the_way(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Note that the viewer is on the way. Raises as `server.alerting.rules.advance`."""
    row, after = _advanced(db, viewer, alert_id, version, AlertStatus.ON_THE_WAY)
    if after is not None:
        row.on_the_way_at = now
        _write(db, viewer, row, after, LogEvent.ON_THE_WAY, now)


def arrived(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Note that the viewer is with the resident. Raises as `server.alerting.rules.advance`."""
    row, after = _advanced(db, viewer, alert_id, version, AlertStatus.WITH_RESIDENT)
    if after is not None:
        row.arrived_at = now
        _write(db, viewer, row, after, LogEvent.ARRIVED, now)


def _advanced(
    db: Session, viewer: Viewer, alert_id: str, version: int, to: AlertStatus
) -> tuple[AlertRow, Standing | None]:
    """Return the alert and where it then stands; None when it stands there already."""
    row = find_alert(db, viewer, alert_id, lock=True)
    before = _standing(db, row)
    after = rules.advance(before, to, by=viewer.person_id, seen_version=version)
    return row, None if after == before else after


@dataclass(frozen=True, slots=True)
class Ending:
    """How a person says it ended."""

    outcome: Outcome
    note: str = ""


def close(db: Session, viewer: Viewer, alert_id: str, version: int, ending: Ending, now: datetime) -> None:
    """End the alert with an outcome.

    Raises:
        AlertNotOpenError: it is closed already.
        StaleVersionError: it changed since the page was drawn.
    """
    row = find_alert(db, viewer, alert_id, lock=True)
    after = rules.close(_standing(db, row), seen_version=version)
    row.closed_at, row.outcome, row.note = now, ending.outcome, ending.note
    _write(db, viewer, row, after, LogEvent.CLOSED, now)


def shown(db: Session, viewer: Viewer, alert_id: str, now: datetime) -> None:
    """Note that a person's page has shown the alert; only the first time counts."""
    row = find_alert(db, viewer, alert_id, lock=True)
    if row.shown_at is None:
        row.shown_at = now
        _log(db, row, now, LogEvent.SHOWN, viewer.name)
        changed(db, row.unit_id, "alert", row.code)


def note_event(db: Session, row: AlertRow, now: datetime, event: LogEvent, by: str | None = None) -> None:
    """Add a line that another part of the service is the reason for."""
    _log(db, row, now, event, by)
    changed(db, row.unit_id, "alert", row.code)


def _open_alert(db: Session, resident: Resident, kind: AlertKind) -> AlertRow | None:
    wanted = select(AlertRow).where(AlertRow.resident_id == resident.resident_id, AlertRow.kind == kind)
    return db.exec(wanted.where(col(AlertRow.closed_at).is_(None)).with_for_update()).first()


def _insert(db: Session, resident: Resident, raised: Raised, now: datetime) -> AlertRow | None:
    facts = rules.FACTS[raised.kind]
    row = AlertRow(
        code=secrets.token_hex(8),
        resident_id=resident.resident_id or 0,
        unit_id=resident.unit_id,
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
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return None
    _log(db, row, now, LogEvent.RAISED)
    append(db, at=now, who="service", what="alert raised", about=f"alert:{row.code}", why=raised.kind)
    return row


def _count_repeat(db: Session, row: AlertRow, raised: Raised, now: datetime) -> None:
    row.repeats += 1
    row.version += 1
    row.reasons = [reason.as_json() for reason in raised.reasons] or row.reasons
    row.room = raised.room or row.room
    row.late = row.late and raised.late
    _log(db, row, now, LogEvent.REPEATED)


def find_alert(db: Session, viewer: Viewer, alert_id: str, *, lock: bool = False) -> AlertRow:
    """Return an alert of the viewer's unit; with `lock` for changing it, which takes a responder's role.

    Raises:
        NotFoundError: there is none of that name in the viewer's unit.
        NotAllowedError: this role may not change alerts.
    """
    if lock:
        viewer.may(*_RESPONDERS)
    wanted = select(AlertRow).where(AlertRow.code == alert_id, col(AlertRow.unit_id).in_(viewer.units))
    row = db.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFoundError("alert")
    return row


def _standing(db: Session, row: AlertRow) -> Standing:
    name = db.get_one(Person, row.taken_by).name if row.taken_by else ""
    return Standing(row.status, row.version, row.taken_by, name, row.taken_at)


def _write(db: Session, viewer: Viewer, row: AlertRow, after: Standing, event: LogEvent, now: datetime) -> None:
    row.status, row.version = after.status, after.version
    db.add(row)
    _log(db, row, now, event, viewer.name)
    append(db, at=now, who=viewer.audit_name, what=f"alert {event}", about=f"alert:{row.code}")
    changed(db, row.unit_id, "alert", row.code)


def _log(db: Session, row: AlertRow, at: datetime, event: LogEvent, by: str | None = None) -> None:
    db.add(AlertLogRow(alert_id=row.alert_id or 0, at=at, event=event, by=by))
