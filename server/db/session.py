"""The engine, and the one place where a transaction begins and ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlmodel import Session

# How long a writer waits for another process's write before it gives up, in milliseconds.
_BUSY_TIMEOUT_MS = 20_000


class Database:
    """Access to one database. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = (
            _sqlite_engine(url) if self.is_sqlite else create_engine(_driver(url), pool_size=10, pool_pre_ping=True)
        )
        # SQLite has one writer: waiting here in turn is fair and cheap, waiting in its busy loop is neither.
        self._turn = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session for writing; commit when the block ends well, roll back when it does not."""
        if not self.is_sqlite:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with (
            self._turn,
            Session(self.engine.execution_options(writes=True), expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads: one unmoving picture of the data."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        # The driver's own transaction handling would begin too late; ours begins below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        # FULL: a receipt may only be sent for what survives a power cut.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def database_of(request: Request) -> Database:
    """Return the database of the app that serves this request."""
    database: Database = request.app.state.database
    return database


def _reading(database: Annotated[Database, Depends(database_of)]) -> Iterator[Session]:
    with database.reading() as session:
        yield session


DatabaseDep = Annotated[Database, Depends(database_of)]
# For routes that only look. A route that writes opens `database.transaction()` itself, in its own thread: a transaction
# held by a dependency would keep the writer's turn while the route still waits for a free thread.
ReadDep = Annotated[Session, Depends(_reading)]
