"""Sees to it that an unanswered alert always has a next step and a time for it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.access.tables import Person, Role
from server.alerting.rules import AlertClass, AlertStatus, LogEvent
from server.alerting.service import note_event
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.escalation.rules import DEFAULT_POLICY, Policy, Step, Who, next_move
from server.escalation.tables import EscalationRow, PolicyRow
from server.notifications.rules import Subject
from server.notifications.service import Telling, give_up, tell
from server.residents.tables import Home, Resident

_ROLES = {
    Who.ON_DUTY: (Role.NURSE,),
    Who.EVERYONE: (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN),
}
_MOST_AT_ONCE = 100


def escalate_due(database: Database, now: datetime) -> int:
    """Start a new alert's escalation and move on every one that has waited long enough; return how many moved.

    Safe at any time, any number of times, in any number of processes: a step, its messages and the time of the next
    step are one transaction.
    """
    with database.transaction() as db:
        _start_new(db, now)
        db.flush()
        due = select(EscalationRow).where(col(EscalationRow.due_at) <= now).order_by(col(EscalationRow.due_at))
        rows = db.exec(due.limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
        for row in rows:
            _move(db, row, now)
    return len(rows)


def mark_notified(database: Database, alert_ids: list[int], now: datetime) -> None:
    """Note on alerts that somebody's channel has taken the news; only the first time counts."""
    if not alert_ids:
        return
    with database.transaction() as db:
        wanted = select(AlertRow).where(col(AlertRow.alert_id).in_(set(alert_ids)), col(AlertRow.notified_at).is_(None))
        for alert in db.exec(wanted.with_for_update()):
            alert.notified_at = now
            note_event(db, alert, now, LogEvent.NOTIFIED)


def _start_new(db: Session, now: datetime) -> None:
    unstarted: ColumnElement[bool] = (
        ~select(EscalationRow.alert_id).where(EscalationRow.alert_id == AlertRow.alert_id).exists()
    )
    # What changes over weeks is looked at by day, and sends nobody a message.
    is_urgent = col(AlertRow.alert_class) != AlertClass.TREND
    wanted = select(AlertRow).where(col(AlertRow.status) == AlertStatus.REPORTED, is_urgent, unstarted)
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    for alert in db.exec(wanted.limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)):
        row = {
            "alert_id": alert.alert_id, "steps": _as_json(_policy_of(db, alert.unit_id)), "rounds": 0, "due_at": now,
        }  # fmt: skip
        # Another process may have started it between our look and our lock.
        db.connection().execute(insert(EscalationRow).values(**row).on_conflict_do_nothing())


def _move(db: Session, row: EscalationRow, now: datetime) -> None:
    alert = db.get_one(AlertRow, row.alert_id)
    if alert.status is not AlertStatus.REPORTED:
        row.due_at = None
        give_up(db, Subject.ALERT, str(row.alert_id))
        return
    policy = _from_json(row.steps)
    move = next_move(policy, row.last_step, now)
    if row.rounds:
        note_event(db, alert, now, LogEvent.ESCALATED)
    row.rounds += 1
    told = _recipients(db, alert, policy[move.step].who)
    for person_id in told:
        tell(db, Telling(person_id, Subject.ALERT, str(row.alert_id), row.rounds, alert.severity), now)
    if not told:
        note_event(db, alert, now, LogEvent.NOBODY_TO_NOTIFY)
    row.last_step, row.due_at = move.step, move.due_at


def _recipients(db: Session, alert: AlertRow, who: Who) -> list[int]:
    # A test home only ever reaches test people, and a real home never does.
    is_test = db.exec(
        select(Home.is_test)
        .join(Resident, col(Resident.home_id) == Home.home_id)
        .where(Resident.resident_id == alert.resident_id)
    ).one()
    wanted = select(Person.person_id).where(
        Person.unit_id == alert.unit_id, col(Person.role).in_(_ROLES[who]), Person.is_test == is_test
    )
    return [number for number in db.exec(wanted) if number is not None]


def _policy_of(db: Session, unit_id: int) -> Policy:
    row = db.get(PolicyRow, unit_id)
    return _from_json(row.steps) if row else DEFAULT_POLICY


def _as_json(policy: Policy) -> list[dict[str, Any]]:
    return [{"who": step.who, "answer_within_s": step.answer_within.total_seconds()} for step in policy]


def _from_json(steps: list[dict[str, Any]]) -> Policy:
    return tuple(Step(Who(step["who"]), timedelta(seconds=step["answer_within_s"])) for step in steps)
