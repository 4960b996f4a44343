"""Relatives who go to the resident: asked by a policy's step, and their answers in the alert's log.

An answer never ends the team's responsibility: the alert stays open, and its chain goes on until a carer takes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.alerting.rules import AlertKind, AlertStatus, LogEvent, Severity
from server.alerting.service import note_event
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.errors import AlertNotOpenError, NotFoundError
from server.notifications.rules import Subject
from server.notifications.service import Telling, tell
from server.relatives.service import who_take_a_step
from server.relatives.tables import StepAsked
from server.residents.tables import Home, Resident

# How long a relative sees how it ended.
_SHOWN_AFTER: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Asked:
    """A relative was asked to go. `goes`: None before the answer. `status`: where the alert stands with the team."""

    alert_id: str
    resident_id: str
    resident_name: str
    address: str
    phone: str
    time_zone: str
    kind: AlertKind
    status: AlertStatus
    asked_at: datetime
    goes: bool | None


def ask(db: Session, alert: AlertRow, round_: int, now: datetime) -> list[int]:
    """Ask whoever agreed to go there, in the caller's transaction; return whom. Asking again in a round is once.

    Who has answered already is not asked again.
    """
    asked = []
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    for person_id in who_take_a_step(db, alert.resident_id or 0, now):
        home_id = db.get_one(Resident, alert.resident_id).home_id
        row = {"alert_id": alert.alert_id, "person_id": person_id, "asked_at": now}
        new = insert(StepAsked).values(**row).on_conflict_do_nothing().returning(col(StepAsked.step_asked_id))
        if db.connection().execute(new).first() is not None:
            note_event(db, alert, now, LogEvent.RELATIVE_ASKED, db.get_one(Person, person_id).name)
        elif _answered(db, alert, person_id):
            continue
        telling = Telling(person_id, Subject.MESSAGE, f"{alert.code}-go", round_, Severity.CRITICAL, home_id=home_id)
        tell(db, telling, now)
        asked.append(person_id)
    return asked


def answer(db: Session, viewer: Viewer, alert_id: str, *, goes: bool, now: datetime) -> None:
    """Note that a relative goes, or can not. The last word holds; saying it twice changes nothing.

    Raises:
        NotAllowedError: only relatives are asked.
        NotFoundError: this person was not asked about such an alert.
        AlertNotOpenError: it has been seen to meanwhile.
    """
    viewer.may(Role.RELATIVE)
    found = db.exec(
        select(StepAsked, AlertRow)
        .join(AlertRow, col(AlertRow.alert_id) == StepAsked.alert_id)
        .where(StepAsked.person_id == viewer.person_id, AlertRow.code == alert_id)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFoundError("alert")
    row, alert = found
    if alert.closed_at is not None:
        raise AlertNotOpenError
    if row.goes is goes:
        return
    row.goes, row.answered_at = goes, now
    event = LogEvent.RELATIVE_GOES if goes else LogEvent.RELATIVE_CANNOT
    note_event(db, alert, now, event, viewer.name)
    append(db, at=now, who=viewer.audit_name, what=f"alert {event}", about=f"alert:{alert.code}")


def asked_of(db: Session, viewer: Viewer, now: datetime) -> list[Asked]:
    """Return what this relative was asked and is open still, or was closed within twelve hours; the newest first.

    Raises:
        NotAllowedError: only relatives are asked.
    """
    viewer.may(Role.RELATIVE)
    rows = db.exec(
        select(StepAsked, AlertRow, Resident, Home)
        .join(AlertRow, col(AlertRow.alert_id) == StepAsked.alert_id)
        .join(Resident, col(Resident.resident_id) == AlertRow.resident_id)
        .join(Home, col(Home.home_id) == Resident.home_id)
        .where(
            StepAsked.person_id == viewer.person_id,
            col(Resident.resident_id).in_(viewer.residents),
            col(AlertRow.closed_at).is_(None) | (col(AlertRow.closed_at) > now - _SHOWN_AFTER),
        )
        .order_by(col(StepAsked.asked_at).desc())
    )
    return [
        Asked(
            alert.code, resident.code, resident.name, home.address, resident.phone, home.time_zone, alert.kind,
            alert.status, row.asked_at, row.goes,
        )
        for row, alert, resident, home in rows
    ]  # fmt: skip


def _answered(db: Session, alert: AlertRow, person_id: int) -> bool:
    wanted = select(StepAsked.goes).where(StepAsked.alert_id == alert.alert_id, StepAsked.person_id == person_id)
    return db.exec(wanted).one() is not None
