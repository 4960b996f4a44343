"""Looks for alerts that should have moved and did not, moves them, and says so."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.alerting.handing import ask_or_return
from server.alerting.rules import AlertClass, AlertKind, AlertStatus
from server.alerting.service import Raised, Reason, raise_for_unit
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.db.session import Database
from server.escalation.recipients import Place, recipients
from server.escalation.rules import Who, default_policy
from server.escalation.service import begin, frozen_policy, restart
from server.escalation.stalls import Seen, Stall, Way, stall_of
from server.escalation.stored import quiet_json, steps_json
from server.escalation.tables import ChainCheckRow, EscalationRow
from server.notifications.tables import NotificationRow

_LOG = logging.getLogger(__name__)
_EVERY = timedelta(seconds=30)


def look_over_chain(database: Database, now: datetime) -> int:
    """Look every open alert over when that is due; return how many stood still and were moved.

    Safe at any time and in any number of processes: one of them looks, and each alert is judged again under its lock.
    """
    if not _is_turn(database, now):
        return 0
    with database.reading() as db:
        still = [alert_id for alert_id, _ in _standing_still(db, now)]
    return sum(_move(database, alert_id, now) for alert_id in still)


def _is_turn(database: Database, now: datetime) -> bool:
    # A clock that was set back would otherwise stop the looking for as long.
    with database.reading() as db:
        row = db.get(ChainCheckRow, 1)
        if row is not None and now < row.due_at <= now + _EVERY:
            return False
    with database.transaction() as db:
        insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
        first = insert(ChainCheckRow).values(chain_check_id=1, due_at=now)
        db.connection().execute(first.on_conflict_do_nothing())
        row = db.exec(select(ChainCheckRow).with_for_update(skip_locked=True)).first()
        if row is None or now < row.due_at <= now + _EVERY:
            return False
        row.due_at, row.looked_at = now + _EVERY, now
    return True


def _standing_still(db: Session, now: datetime, alert_id: int | None = None) -> Iterator[tuple[int, Stall]]:
    of_round = (NotificationRow.alert_id == AlertRow.alert_id) & (NotificationRow.round_ == EscalationRow.rounds)
    told = select(NotificationRow.notification_id).where(of_round).exists()
    wanted = (
        select(AlertRow, EscalationRow, told)
        .outerjoin(EscalationRow, col(EscalationRow.alert_id) == AlertRow.alert_id)
        .where(col(AlertRow.closed_at).is_(None), col(AlertRow.alert_class) != AlertClass.TREND)
    )
    if alert_id is not None:
        wanted = wanted.where(AlertRow.alert_id == alert_id)
    for alert, row, was_told in db.exec(wanted.order_by(col(AlertRow.alert_id))).all():
        is_reported, since = alert.status is AlertStatus.REPORTED, alert.waiting_since or alert.raised_at
        seen = Seen(is_reported, since, alert.due_at, _way(alert, row, told=was_told))
        stall = stall_of(seen, now)
        if stall is Stall.UNTOLD and not _has_anybody(db, alert, row, now):
            continue  # that is written in its log
        if stall is not None:
            yield alert.alert_id or 0, stall


def _way(alert: AlertRow, row: EscalationRow | None, *, told: bool) -> Way | None:
    if row is None:
        return None
    longest = max(step.answer_within for step in frozen_policy(alert, row).steps)
    return Way(row.due_at, longest, row.rounds, told)


def _has_anybody(db: Session, alert: AlertRow, row: EscalationRow, now: datetime) -> bool:
    step = frozen_policy(alert, row).steps[row.last_step or 0]
    # Whom relatives' own messages reach is theirs to say.
    return step.who is not Who.RELATIVES and bool(recipients(db, Place.of(alert), step, now))


def _move(database: Database, alert_id: int, now: datetime) -> int:
    # A transaction for each: the alerts of two homes are never both locked before the audit's chain.
    with database.transaction() as db:
        alert = db.exec(select(AlertRow).where(AlertRow.alert_id == alert_id).with_for_update()).one()
        found = next(_standing_still(db, now, alert_id), None)
        if found is None:
            return 0
        stall = found[1]
        _LOG.error("alert %s stood still (%s) and was moved", alert_id, stall)
        append(db, at=now, who="service", what="chain mended", about=f"alert:{alert.code}", why=stall)
        _mend(db, alert, stall, now)
        _say_so(db, alert, stall, now)
    return 1


def _mend(db: Session, alert: AlertRow, stall: Stall, now: datetime) -> None:
    number = alert.alert_id or 0
    match stall:
        case Stall.NOT_BEGUN:
            begin(db, alert, now)
        case Stall.OVERDUE:
            # Its step has been tried for a minute: whatever is wrong with its own policy, the built-in one goes.
            row, policy = db.get_one(EscalationRow, number), default_policy(alert.alert_class)
            row.steps, row.quiet = steps_json(policy), quiet_json(policy)
            restart(db, number, now)
        case Stall.TOO_FAR:
            db.get_one(EscalationRow, number).due_at = now
        case Stall.NO_TIME | Stall.UNTOLD:
            restart(db, number, now)
        case Stall.FORGOTTEN:
            _ask_after(db, alert, now)


def _ask_after(db: Session, alert: AlertRow, now: datetime) -> None:
    if alert.due_at is None:
        alert.due_at, alert.asked_at = now, None
    else:
        ask_or_return(db, alert, now)


def _say_so(db: Session, alert: AlertRow, stall: Stall, now: datetime) -> None:
    if alert.kind is AlertKind.CHAIN_STALLED:
        return  # it goes its own way again; another about it would only be counted on itself
    reason = Reason("chain_stalled", {"stall": stall.value, "alert": alert.code})
    raised = Raised(AlertKind.CHAIN_STALLED, now, None, reasons=(reason,))
    raise_for_unit(db, alert.unit_id, raised, now, alert.home_id, is_test=alert.is_test)
