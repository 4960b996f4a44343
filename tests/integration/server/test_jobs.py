"""The periodic jobs: they come round by themselves, and one that fails comes round again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from apscheduler.events import EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from builders import DAY, HOUR, MINUTE, PATIENCE, T0, FakeGateway, rows_of, send
from postgres import NewDatabase
from sqlalchemy import text

from gateway.contract.clock import SystemClock
from server.audit.checking import whole_at
from server.audit.service import append
from server.db.session import Database
from server.detection.service import look_at_due
from server.detection.tables import RoutineRow
from server.jobs import start_jobs

SOON = timedelta(milliseconds=50)
PATIENT_S = 20


@contextmanager
def jobs(database: Database) -> Iterator[BackgroundScheduler]:
    scheduler = start_jobs(database, SOON, SystemClock())
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=True)


def wait_for_rounds(scheduler: BackgroundScheduler, count: int) -> None:
    """Wait until jobs have come round so many times; fail when they do not."""
    rounds = threading.Semaphore(0)

    def came_round(_event: JobExecutionEvent) -> None:
        rounds.release()

    scheduler.add_listener(came_round, EVENT_JOB_EXECUTED)
    for _ in range(count):
        assert rounds.acquire(timeout=PATIENT_S)


def live_a_few_days(database: Database) -> None:
    gateway = FakeGateway()
    start = T0.replace(hour=0)
    now = start + 5 * DAY
    send(database, gateway.batch([gateway.motion(start + hours * HOUR + 3 * MINUTE) for hours in range(5 * 24)]), now)
    while look_at_due(database, now, PATIENCE):
        pass


def test_a_homes_routine_is_learned_without_anybody_asking(database: Database) -> None:
    live_a_few_days(database)

    with jobs(database) as scheduler:
        wait_for_rounds(scheduler, 2)

    [routine] = rows_of(database, RoutineRow)
    assert routine.days == 5


def test_a_job_that_fails_comes_round_again(new_sqlite: NewDatabase) -> None:
    database = new_sqlite()
    live_a_few_days(database)
    with database.transaction() as db:
        db.connection().execute(text("ALTER TABLE routine RENAME TO elsewhere"))

    with jobs(database) as scheduler:
        wait_for_rounds(scheduler, 2)
        with database.transaction() as db:
            db.connection().execute(text("ALTER TABLE elsewhere RENAME TO routine"))
        wait_for_rounds(scheduler, 2)

    assert len(rows_of(database, RoutineRow)) == 1


def test_the_log_is_checked_in_the_background(database: Database) -> None:
    with database.transaction() as db:
        append(db, at=T0, who="service", what="did", about="thing")

    with jobs(database) as scheduler:
        for job in scheduler.get_jobs():
            job.func()

    with database.transaction() as db:
        assert whole_at(db) is not None
