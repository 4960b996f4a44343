"""Lets people give an alert back, forward it, say that they still have it, re-open it, and confirm for another."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from server.access.service import Viewer, units_above
from server.access.tables import Person
from server.alerting import life
from server.alerting.rules import LogEvent
from server.alerting.service import RESPONDERS, find_alert, note_event
from server.alerting.standing import calls_of, hold, let_wait, standing_of, write_down
from server.alerting.tables import AlertRow
from server.errors import NoColleagueError, NoRepeatError, ReopenError


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody an alert can be forwarded to."""

    id: int
    name: str


def leave(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Give an alert back: it waits in the queue, and goes its way from the first step. Raises as `life.leave`."""
    row = find_alert(db, viewer, alert_id, lock=True)
    after = life.leave(standing_of(db, row), by=viewer.person_id, seen_version=version)
    let_wait(row, now)
    write_down(db, viewer, row, after, LogEvent.LEFT, now)


def forward(db: Session, viewer: Viewer, alert_id: str, version: int, to: int, now: datetime) -> None:
    """Offer an alert to a colleague: they are told at once, and everybody in turn if they do not take it.

    Raises:
        NoColleagueError: this person could not open the alert, or is on the other side of the test's border.
        SamePersonError, AlertNotOpenError, AlertTakenError, StaleVersionError: as `life.forward`.
    """
    row = find_alert(db, viewer, alert_id, lock=True)
    after = life.forward(standing_of(db, row), by=viewer.person_id, to=to, seen_version=version)
    colleague = next((one for one in _colleagues(db, viewer, row) if one.id == to), None)
    if colleague is None:
        raise NoColleagueError
    let_wait(row, now)
    row.offered_to, row.offered_until = colleague.id, now + life.OFFERED_FOR
    write_down(db, viewer, row, after, LogEvent.FORWARDED, now, detail=colleague.name)


def still_on_it(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Say that one still has an alert; asked anew after a while. Raises as `life.leave`."""
    row = find_alert(db, viewer, alert_id, lock=True)
    life.still_on_it(standing_of(db, row), by=viewer.person_id, seen_version=version)
    was_asked = row.asked_at is not None
    hold(row, now)
    if was_asked:
        note_event(db, row, now, LogEvent.STILL_ON_IT, viewer.name)


def reopen(db: Session, viewer: Viewer, alert_id: str, now: datetime) -> None:
    """Undo a close: the alert is the viewer's, with the outcome taken back.

    Raises:
        ReopenError: it is open, was closed too long ago or by the service itself, or there is a newer one of its kind.
    """
    row = find_alert(db, viewer, alert_id, lock=True)
    if row.closed_at is not None and row.closed_by is None:
        raise ReopenError
    after = life.reopen(standing_of(db, row), row.closed_at, by=viewer.person_id, now=now)
    try:
        with db.begin_nested():
            row.closed_at = row.closed_by = row.outcome = row.cause = row.measure = None
            row.taken_by, row.taken_at, row.status = after.taken_by, now, after.status
            db.add(row)
    except IntegrityError:  # another of its kind is open by now
        raise ReopenError from None
    hold(row, now)
    write_down(db, viewer, row, after, LogEvent.REOPENED, now)


def confirm_no_visit(db: Session, viewer: Viewer, alert_id: str, version: int, now: datetime) -> None:
    """Agree, as a second person, that a repeated call needs no visit.

    Raises:
        NoRepeatError: there is nothing to agree to.
        SamePersonError, AlertNotOpenError, StaleVersionError: as `life.confirm`.
    """
    row = find_alert(db, viewer, alert_id, lock=True)
    after = life.confirm(standing_of(db, row), by=viewer.person_id, seen_version=version)
    if not calls_of(db, row).needs_visit:
        raise NoRepeatError
    row.confirmed_by, row.confirmed_at = viewer.person_id, now
    write_down(db, viewer, row, after, LogEvent.CONFIRMED, now)


def colleagues_of(db: Session, viewer: Viewer, alert_id: str) -> list[Colleague]:
    """Return who the alert can be forwarded to, by name: who answers alerts and can open this one."""
    viewer.may(*RESPONDERS)
    return _colleagues(db, viewer, find_alert(db, viewer, alert_id))


def _colleagues(db: Session, viewer: Viewer, row: AlertRow) -> list[Colleague]:
    wanted = select(Person).where(
        col(Person.unit_id).in_(units_above(db, row.unit_id)),
        col(Person.role).in_(RESPONDERS),
        Person.person_id != viewer.person_id,
        Person.is_test == row.is_test,
        col(Person.closed_at).is_(None),
    )
    return [Colleague(one.person_id or 0, one.name) for one in db.exec(wanted.order_by(Person.name))]


def ask_or_return(db: Session, row: AlertRow, now: datetime) -> bool:
    """Ask whoever has an alert that is due, or return it to the queue if they were asked; True: it was returned."""
    if row.asked_at is None:
        row.asked_at, row.due_at = now, life.answer_by(row.alert_class, row.severity, now)
        note_event(db, row, now, LogEvent.ASKED)
        return False
    after = life.let_go(standing_of(db, row))
    let_wait(row, now)
    row.status, row.version = after.status, after.version
    note_event(db, row, now, LogEvent.RETURNED)
    return True
