"""Sees to it that an unanswered alert always has a next step and a time for it."""

import logging
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from server.alerting.handing import ask_or_return
from server.alerting.rules import URGENT_ALERT, AlertClass, AlertStatus, LogEvent, Severity
from server.alerting.service import note_event
from server.alerting.standing import zone_of
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.escalation.policies import policy_for
from server.escalation.recipients import Place, recipients
from server.escalation.rules import (
    Case,
    Move,
    Policy,
    Step,
    Who,
    after_nobody,
    default_policy,
    leaves_unwatched,
    may_wait,
    next_move,
)
from server.escalation.stand_ins import let_see
from server.escalation.stored import policy_or, quiet_json, steps_json
from server.escalation.tables import EscalationRow
from server.notifications.rules import Subject
from server.notifications.service import Telling, give_up, tell
from server.relatives.steps import ask

_LOG = logging.getLogger(__name__)
MOST_AT_ONCE = 100  # moved in one transaction


def escalate_due(database: Database, now: datetime) -> int:
    """Start a new alert's escalation and move on every one that has waited long enough; return how many moved.

    Safe at any time, any number of times, in any number of processes: a step, its messages and the time of the next
    step are one transaction.
    """
    with database.transaction() as db:
        _start_new(db, now)
        db.flush()
        # Both rows are locked, the alert first, as by whoever takes it: a step never runs beside an answer.
        due = select(AlertRow, EscalationRow).join(EscalationRow, col(EscalationRow.alert_id) == AlertRow.alert_id)
        # An alert that somebody has is due at once: nobody else's phone shall ring for it.
        has_it = col(EscalationRow.due_at).is_not(None) & (col(AlertRow.status) != AlertStatus.REPORTED)
        due = due.where((col(EscalationRow.due_at) <= now) | has_it)
        due = due.order_by(col(EscalationRow.due_at)).limit(MOST_AT_ONCE)
        rows = db.exec(due.with_for_update(skip_locked=True)).all()
        return sum(_moved(db, alert, row, now) for alert, row in rows)


def restart(db: Session, alert_id: int, now: datetime) -> None:
    """Let an alert that nobody has any longer go its way from the first step again, by its own policy.

    In the caller's transaction, which says that the alert waits for somebody. Harmless twice, and before it has begun.
    """
    row = db.exec(select(EscalationRow).where(EscalationRow.alert_id == alert_id).with_for_update()).first()
    if row is not None:
        row.last_step, row.began_at, row.due_at = None, now, now


def mark_notified(database: Database, alert_ids: list[int], now: datetime) -> None:
    """Note on alerts that somebody's channel has taken the news; only the first time counts."""
    if not alert_ids:
        return
    with database.transaction() as db:
        wanted = select(AlertRow).where(col(AlertRow.alert_id).in_(set(alert_ids)), col(AlertRow.notified_at).is_(None))
        for alert in db.exec(wanted.with_for_update()):
            alert.notified_at = now
            note_event(db, alert, now, LogEvent.NOTIFIED)


def case_of(db: Session, alert: AlertRow) -> Case:
    """Return what of an alert its policy asks for."""
    silent = [kind for reason in alert.reasons for kind in reason.get("kinds", ())]
    unwatched = leaves_unwatched(alert.kind, [reason["key"] for reason in alert.reasons], silent, list(URGENT_ALERT))
    waits = may_wait(alert.alert_class, alert.severity, is_unwatched=unwatched)
    return Case(alert.severity, waits, zone_of(db, alert))


def frozen_policy(alert: AlertRow, row: EscalationRow) -> Policy:
    """Return the policy as it stood when the alert was raised; the built-in one when that cannot be read."""
    return policy_or(row.steps, row.quiet, default_policy(alert.alert_class), f"alert {alert.alert_id}")


def begin(db: Session, alert: AlertRow, now: datetime) -> None:
    """Freeze the policy of an alert, and let its first step be due. Harmless twice."""
    policy = policy_for(db, alert.unit_id, alert.kind, alert.alert_class)
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    # Another process may have started it between our look and our lock.
    frozen = insert(EscalationRow).values(steps=steps_json(policy), quiet=quiet_json(policy))
    first = frozen.values(alert_id=alert.alert_id, rounds=0, began_at=now, due_at=now)
    db.connection().execute(first.on_conflict_do_nothing())


def _start_new(db: Session, now: datetime) -> None:
    # What somebody had and gave back waits anew: whoever was told before, it goes its way from the first step. So does
    # what has no time: it was given back in the very moment in which it began.
    begun = select(EscalationRow.alert_id).where(
        EscalationRow.alert_id == AlertRow.alert_id,
        col(EscalationRow.began_at) >= func.coalesce(AlertRow.waiting_since, AlertRow.raised_at),
        col(EscalationRow.due_at).is_not(None),
    )
    unstarted: ColumnElement[bool] = ~begun.exists()
    # What changes over weeks is looked at by day, and sends nobody a message.
    is_urgent = col(AlertRow.alert_class) != AlertClass.TREND
    wanted = select(AlertRow).where(col(AlertRow.status) == AlertStatus.REPORTED, is_urgent, unstarted)
    for alert in db.exec(wanted.limit(MOST_AT_ONCE).with_for_update(skip_locked=True)):
        begin(db, alert, now)
        restart(db, alert.alert_id or 0, now)


def _moved(db: Session, alert: AlertRow, row: EscalationRow, now: datetime) -> int:
    try:
        with db.begin_nested():
            _move(db, alert, row, now)
    except Exception:  # noqa: BLE001 - one alert that cannot be moved must not hold up the others
        _LOG.exception("alert %s could not be passed on; it stays due", row.alert_id)
        return 0
    return 1


def _move(db: Session, alert: AlertRow, row: EscalationRow, now: datetime) -> None:
    if alert.status is not AlertStatus.REPORTED:
        row.due_at = None
        give_up(db, Subject.ALERT, str(row.alert_id))
        return
    if alert.offered_until is not None and alert.offered_until > now:
        _offer(db, alert, row, now)
        return
    policy, case = frozen_policy(alert, row), case_of(db, alert)
    # A step that finds nobody is followed by the next at once, in the same transaction.
    for _ in policy.steps:
        move = next_move(policy, row.last_step, case, now)
        row.due_at = move.due_at
        if move.step is None:
            note_event(db, alert, now, LogEvent.HELD_BACK)
            return
        if _tell(db, alert, row, policy, move, now):
            return
        row.due_at = after_nobody(policy, move, now)
        if row.due_at > now:
            return


def _offer(db: Session, alert: AlertRow, row: EscalationRow, now: datetime) -> None:
    """Tell the colleague an alert was forwarded to; if they do not take it, the first step follows."""
    row.rounds += 1
    row.due_at = alert.offered_until
    told = Telling(alert.offered_to or 0, Subject.ALERT, str(row.alert_id), row.rounds, alert.severity)
    tell(db, told, now)


def ask_holders(database: Database, now: datetime) -> int:
    """Ask those who have had an alert for long whether they still do, and take back what nobody answers for.

    Return how many were asked or taken back. Safe in any number of processes: each alert is one worker's.
    """
    with database.transaction() as db:
        wanted = select(AlertRow).where(col(AlertRow.due_at) <= now).order_by(col(AlertRow.due_at))
        rows = db.exec(wanted.limit(MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
        for alert in rows:
            holder = alert.taken_by
            if ask_or_return(db, alert, now) or holder is None:
                continue
            row = db.get(EscalationRow, alert.alert_id, with_for_update=True)
            if row is not None:  # what changes over weeks sends nobody a message
                row.rounds += 1
                told = Telling(holder, Subject.STILL_ON_IT, str(alert.alert_id), row.rounds, alert.severity)
                tell(db, told, now)
    return len(rows)


def _tell(db: Session, alert: AlertRow, row: EscalationRow, policy: Policy, move: Move, now: datetime) -> bool:
    """Run a step; return whether there was anybody to tell."""
    number = move.step or 0
    before, row.last_step = row.last_step, number
    row.rounds += 1
    severity = Severity.NORMAL if move.softly else alert.severity
    told = _queue(db, alert, row.rounds, policy.steps[number], severity, now)
    if told and before is not None:
        note_event(db, alert, now, LogEvent.ESCALATED)
    elif not told and before != number:
        note_event(db, alert, now, LogEvent.NOBODY_TO_NOTIFY)
    return told


def _queue(db: Session, alert: AlertRow, round_: int, step: Step, severity: int, now: datetime) -> bool:
    if step.who is Who.RELATIVES:
        return bool(ask(db, alert, round_, now)) if alert.resident_id is not None else False
    people = recipients(db, Place.of(alert), step, now)
    if step.who is Who.BACKUP:
        let_see(db, people, alert.unit_id, now)
    for person_id in people:
        tell(db, Telling(person_id, Subject.ALERT, str(alert.alert_id), round_, severity), now)
    return bool(people)
