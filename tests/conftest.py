"""Databases for tests: SQLite in a file and PostgreSQL, each test with one of its own that a town already lives in.

And which tests one worker takes together.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from builders import set_up_town
from hypothesis import HealthCheck, settings
from missing import lacks
from postgres import NewDatabase, Postgres, PostgresUnavailableError, running_postgres
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from server.db.migrate import upgrade
from server.db.session import Database

# A fixture that gives a new database on each call is safe to use again for every example.
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("here")


# What tests here share takes long to set up. By place, and not by xdist's marks: xdist 3.8 loses those under pytest 9.
_TOGETHER = (
    "tests/browser/",
    "tests/install/",
    "tests/integration/server/test_fleet_elsewhere.py",
    "tests/integration/server/test_service.py",
    "tests/unit/models/evaluation/test_golden_figures.py",
)

# Single tests that take minutes: begun first, so that no worker waits for another one's at the end.
_LONG = ("tests/stories/", "tests/faults/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


class _ByPlace(LoadScopeScheduling):
    """Gives tests to workers one by one, and those of one of these places all to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in _TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _ByPlace(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for this process; where none can be had the tests that need it say so."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres())
        except PostgresUnavailableError as error:
            lacks(str(error))
        yield server


@pytest.fixture(scope="session")
def postgres_town(postgres: Postgres) -> str:
    """The name of a PostgreSQL database to copy: migrated, with the town set up."""
    name = postgres.create()
    _build(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file to copy: migrated, with the town set up."""
    path = tmp_path_factory.mktemp("town") / "town.db"
    _build(f"sqlite:///{path}")
    return path


def _build(url: str) -> None:
    upgrade(url)
    database = Database(url)
    set_up_town(database)
    database.close()


@pytest.fixture
def new_sqlite(sqlite_town: Path, tmp_path: Path) -> Iterator[NewDatabase]:
    """Make another SQLite database with the town in it."""
    made: list[Database] = []
    numbers = count(1)

    def make() -> Database:
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_town, path)
        made.append(Database(f"sqlite:///{path}"))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def new_postgres(postgres: Postgres, postgres_town: str) -> Iterator[NewDatabase]:
    """Make another PostgreSQL database with the town in it."""
    made: dict[str, Database] = {}

    def make() -> Database:
        name = postgres.create(postgres_town)
        made[name] = Database(postgres.url(name))
        return made[name]

    yield make
    for name, database in made.items():
        database.close()
        postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Make another database with the town in it; the test runs on both kinds."""
    make: NewDatabase = request.getfixturevalue("new_sqlite" if request.param == "sqlite" else "new_postgres")
    return make


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    """One database with the town in it; the test runs on both kinds."""
    return new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it; the test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.url(server.create())
