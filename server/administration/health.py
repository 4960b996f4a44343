"""How the service itself is: what it can reach, what waits, and when each part last gave a sign of life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, text
from sqlmodel import Session, col, func, select

from server.access.service import Viewer
from server.access.tables import Role
from server.alerting.tables import AlertRow
from server.detection.tables import Equipment, HomeWatch, RoutineRow
from server.escalation.tables import ChainCheckRow, EscalationRow
from server.latency.views import LatencyView, latency_of
from server.notifications.rules import is_down
from server.notifications.tables import ChannelRow, NotificationRow
from server.residents.tables import Gateway, Home

# What is due is looked for twice a second: what waits longer than this stands still.
_LATE_AFTER: Final = timedelta(minutes=1)
_AUDITOR_LATE_AFTER: Final = timedelta(minutes=2)
# A lesson is given at night, in the hour after it is due.
_LESSON_LATE_AFTER: Final = timedelta(hours=6)
LATENCY_DAYS: Final = 7
_SIZES: Final = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
}


@dataclass(frozen=True, slots=True)
class Store:
    """The database that just answered. `version`: of its tables."""

    kind: str
    version: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Gateways:
    """The gateways of the viewer's units. `last_heard_at`: the newest word of any, by whichever broker; None: never.

    `silent`: homes whose gateway was heard once and is not now; `never_heard`: gateways no word has come from.
    """

    known: int
    last_heard_at: datetime | None
    silent: tuple[str, ...]
    never_heard: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What the service has still to do, of all units. `waiting`: with a time; `due`: whose time has come.

    `oldest_due_at`: since when the oldest of these is due; None: nothing is.
    """

    name: str
    waiting: int
    due: int
    oldest_due_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A channel to people. `last_proven_at` None: no provider has taken a message by it yet."""

    name: str
    last_proven_at: datetime | None
    failing_since: datetime | None
    is_down: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A recurring piece of work. `last_at`: the newest trace it left; None: not known."""

    name: str
    last_at: datetime | None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is at a moment."""

    at: datetime
    store: Store
    gateways: Gateways
    queues: tuple[Queue, ...]
    channels: tuple[Way, ...]
    works: tuple[Work, ...]
    latency: LatencyView


def health_of(db: Session, viewer: Viewer, now: datetime) -> Health:
    """Return how the service is, as far as its database can tell.

    Raises:
        NotAllowedError: only administrators may.
    """
    viewer.may(Role.ADMIN)
    return Health(
        now, _store(db), _gateways(db, viewer), _queues(db, now), _channels(db, now), _works(db, now),
        latency_of(db, viewer, LATENCY_DAYS, now),
    )  # fmt: skip


def _store(db: Session) -> Store:
    kind, connection = db.get_bind().dialect.name, db.connection()
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return Store(kind, str(version), int(connection.execute(text(_SIZES[kind])).scalar_one()))


def _gateways(db: Session, viewer: Viewer) -> Gateways:
    wanted = (
        select(Gateway, Home.code)
        .join(Home, col(Home.home_id) == Gateway.home_id)
        .where(col(Home.unit_id).in_(viewer.units), col(Gateway.revoked_at).is_(None))
        .order_by(col(Home.code))
    )
    rows: Sequence[tuple[Gateway, str]] = db.exec(wanted).all()
    heard = [row.last_heard_at for row, _ in rows if row.last_heard_at is not None]
    # Whose silence is a finding already has nothing due until it speaks.
    silent = tuple(code for row, code in rows if row.last_heard_at is not None and row.due_at is None)
    return Gateways(len(rows), max(heard, default=None), silent, len(rows) - len(heard))


def _queues(db: Session, now: datetime) -> tuple[Queue, ...]:
    columns: dict[str, Any] = {
        "homes": col(HomeWatch.due_at),
        "steps": col(EscalationRow.due_at),
        "holders": col(AlertRow.due_at),
        "messages": col(NotificationRow.due_at),
    }
    return tuple(_queue(db, name, due_at, now) for name, due_at in columns.items())


def _queue(db: Session, name: str, due_at: ColumnElement[datetime], now: datetime) -> Queue:
    waiting = db.exec(select(func.count()).where(due_at.is_not(None))).one()
    due = db.exec(select(func.count()).where(due_at <= now)).one()
    oldest = db.exec(select(due_at).where(due_at <= now).order_by(due_at).limit(1)).first()
    return Queue(name, waiting, due, oldest, oldest is not None and now - oldest > _LATE_AFTER)


def _channels(db: Session, now: datetime) -> tuple[Way, ...]:
    return tuple(
        Way(row.name, row.last_proven_at, row.failing_since, is_down(row.failing_since, row.failures, now))
        for row in db.exec(select(ChannelRow).order_by(ChannelRow.name))
    )


def _works(db: Session, now: datetime) -> tuple[Work, ...]:
    looked = db.exec(select(ChainCheckRow.looked_at)).first()
    learned = db.exec(select(func.max(RoutineRow.fitted_at))).one()
    asked = db.exec(select(func.max(Equipment.counted_until))).one()
    wanted = select(RoutineRow.next_fit_at, HomeWatch.seen_until).join(
        HomeWatch, col(HomeWatch.home_id) == RoutineRow.home_id
    )
    is_behind = any(seen is not None and seen - due > _LESSON_LATE_AFTER for due, seen in db.exec(wanted))
    return (
        Work("auditor", looked, looked is None or now - looked > _AUDITOR_LATE_AFTER),
        Work("learning", learned, is_behind),
        Work("equipment", asked),
        Work("tidying", None),
    )
