"""Watches how long alerts take, and raises an alert of its own when the chain slows; it ends by itself."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from server.alerting.rules import AlertClass, AlertKind, LogEvent, Severity
from server.alerting.service import Raised, Reason, cease_alert, raise_for_unit
from server.alerting.tables import AlertLogRow, AlertRow
from server.db.session import Database
from server.latency.rules import TOLD_AGAIN_AFTER, WINDOW, Passing, Slow, slowness

# About the chain itself: counted, they would keep themselves going.
_OF_THE_CHAIN = (AlertKind.CHAIN_SLOW, AlertKind.CHAIN_STALLED, AlertKind.NOBODY_ON_DUTY)


def watch_chain(database: Database, now: datetime) -> int:
    """Tell of units whose alerts are slow, and end what was told of those that are quick again; return how many.

    Not for a simulated world whose time may run faster than messages do. Harmless twice.
    """
    with database.reading() as db:
        slow, told = _slow_units(db, now), _told(db, now)
        if not slow.keys() - told.keys() and not {key for key, row in told.items() if _is_over(row, key, slow)}:
            return 0
    with database.transaction() as db:
        told = _told(db, now)
        news = [key for key in sorted(slow) if key not in told]
        for unit_id, is_test in news:
            reason = Reason("chain_slow", slow[unit_id, is_test].as_figures())
            raised = Raised(AlertKind.CHAIN_SLOW, now, None, reasons=(reason,))
            raise_for_unit(db, unit_id, raised, now, is_test=is_test)
        over = [row for key, row in told.items() if _is_over(row, key, slow)]
        for row in over:
            cease_alert(db, row.alert_id or 0, now, closes=True)
    return len(news) + len(over)


def slow_now(db: Session, units: Collection[int], now: datetime) -> Slow | None:
    """Return how slow the chain is just now for these units; None: it is well."""
    found = [slow for (unit_id, _), slow in _slow_units(db, now).items() if unit_id in units]
    return max(found, key=lambda one: one.seconds, default=None)


def _slow_units(db: Session, now: datetime) -> dict[tuple[int, bool], Slow]:
    # What may wait for the morning, or found nobody to tell, says nothing of how quick the chain is.
    nobody = select(AlertLogRow.alert_log_id).where(
        AlertLogRow.alert_id == AlertRow.alert_id,
        col(AlertLogRow.event).in_((LogEvent.NOBODY_TO_NOTIFY, LogEvent.HELD_BACK)),
    )
    wanted = select(AlertRow).where(
        AlertRow.raised_at >= now - WINDOW,
        AlertRow.severity >= Severity.SERIOUS,
        col(AlertRow.alert_class) != AlertClass.TREND,
        col(AlertRow.kind).not_in(_OF_THE_CHAIN),
        ~nobody.exists(),
    )
    passing: dict[tuple[int, bool], list[Passing]] = defaultdict(list)
    for row in db.exec(wanted):
        # Whoever took it before a channel had it saw it on a page: it came.
        came = min((at for at in (row.notified_at, row.shown_at, row.taken_at, row.closed_at) if at), default=None)
        passing[row.unit_id, row.is_test].append(Passing(row.home_id, row.raised_at, came, row.late))
    judged = {key: slowness(of_unit, now) for key, of_unit in passing.items()}
    return {key: slow for key, slow in judged.items() if slow is not None}


def _told(db: Session, now: datetime) -> dict[tuple[int, bool], AlertRow]:
    lately = col(AlertRow.closed_at).is_(None) | (
        (col(AlertRow.closed_at) > now - TOLD_AGAIN_AFTER) & col(AlertRow.closed_by).is_not(None)
    )
    wanted = select(AlertRow).where(AlertRow.kind == AlertKind.CHAIN_SLOW, lately)
    return {(row.unit_id, row.is_test): row for row in db.exec(wanted.order_by(col(AlertRow.alert_id)))}


def _is_over(row: AlertRow, key: tuple[int, bool], slow: Collection[tuple[int, bool]]) -> bool:
    return row.closed_at is None and key not in slow
