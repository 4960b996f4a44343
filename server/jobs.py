"""The only file that names APScheduler: periodic, idempotent jobs without state of their own.

What must not be missed (escalation steps, messages) is a row with a due time, never a job here.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from gateway.contract.clock import Clock
from server.audit.checking import check_round
from server.db.session import Database
from server.detection.equipment import ask_due
from server.detection.learning import fit_due
from server.live.service import forget_old

_LOG = logging.getLogger(__name__)
_TIDY_EVERY = timedelta(minutes=10)


def start_jobs(database: Database, every: timedelta, clock: Clock) -> BackgroundScheduler:
    """Start the periodic jobs; `every` real span between two looks for homes whose night has come."""
    # Its own log line for each run would drown ours.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    learn = _guarded(lambda: fit_due(database, rest=time.sleep), "learning routines")
    scheduler.add_job(learn, "interval", seconds=every.total_seconds())
    ask = _guarded(lambda: ask_due(database, rest=time.sleep), "asking after sensors")
    scheduler.add_job(ask, "interval", seconds=every.total_seconds())
    scheduler.add_job(
        _guarded(lambda: _tidy(database, clock), "tidying"), "interval", seconds=_TIDY_EVERY.total_seconds()
    )
    scheduler.start()
    return scheduler


def _tidy(database: Database, clock: Clock) -> None:
    with database.transaction() as db:
        forget_old(db)
    with database.transaction() as db:
        check_round(db, clock.now())


def _guarded(job: Callable[[], object], name: str) -> Callable[[], None]:
    def run() -> None:
        try:
            job()
        except Exception:  # noqa: BLE001 - the top of a job: it is tried again at its next time
            _LOG.exception("%s failed; it is tried again at its next time", name)

    return run
