"""The schema on both databases, and the chain of the audit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from builders import MINUTE, T0, rows_of
from postgres import NewDatabase
from sqlalchemy import inspect, text
from sqlalchemy.exc import StatementError

from server.access.tables import Person
from server.audit.checking import check_newest, check_round, first_broken, whole_at
from server.audit.service import append
from server.audit.tables import AuditEntry
from server.db.migrate import alembic_config, upgrade
from server.db.session import Database
from server.tables import METADATA


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_a_migrated_database_is_what_the_code_says(empty_url: str) -> None:
    upgrade(empty_url)
    database = Database(empty_url)

    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    database.close()

    assert differences == []


def test_migrations_go_down_and_up_again(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)
    database = Database(empty_url)
    full = tables(database)

    command.downgrade(alembic_config(empty_url), "base")
    assert tables(database) == {"alembic_version"}
    upgrade(empty_url)

    assert tables(database) == full >= set(METADATA.tables)
    database.close()


def test_the_audit_chain_finds_the_first_entry_that_was_altered(database: Database) -> None:
    with database.transaction() as db:
        for number in range(5):
            append(db, at=T0 + number * MINUTE, who="service", what="did", about=f"thing:{number}", why="test")
        assert first_broken(db) is None

    with database.transaction() as db:
        db.connection().execute(text("UPDATE audit_entry SET why = 'no reason' WHERE audit_entry_id = 3"))

    with database.reading() as db:
        assert first_broken(db) == 3


def test_the_audit_chain_finds_that_an_entry_was_taken_out(database: Database) -> None:
    with database.transaction() as db:
        for number in range(5):
            append(db, at=T0, who="service", what="did", about=f"thing:{number}")

    with database.transaction() as db:
        db.connection().execute(text("DELETE FROM audit_entry WHERE audit_entry_id = 2"))

    with database.reading() as db:
        assert first_broken(db) == 3


def write(database: Database, first: int, after: int) -> None:
    with database.transaction() as db:
        for number in range(first, after):
            append(db, at=T0, who="service", what="did", about=f"thing:{number}")


def alter(database: Database, sql: str) -> None:
    with database.transaction() as db:
        db.connection().execute(text(sql))


def newest(database: Database, *shown: int) -> int | None:
    """What a reading finds, with these entries on its page."""
    with database.transaction() as db:
        return check_newest(db, [db.get_one(AuditEntry, number) for number in shown])


def test_a_reading_checks_only_what_is_new_and_what_is_shown(database: Database) -> None:
    write(database, 1, 6)
    assert newest(database) is None
    alter(database, "UPDATE audit_entry SET why = 'no reason' WHERE audit_entry_id = 3")

    assert newest(database, 4, 5) is None, "checked before, and not shown: the round finds it"
    assert newest(database, 3) == 3

    write(database, 6, 8)
    alter(database, "UPDATE audit_entry SET who = 'nobody' WHERE audit_entry_id = 7")
    assert newest(database) == 7
    assert newest(database) == 7, "what was found stays found"
    alter(database, "UPDATE audit_entry SET who = 'service' WHERE audit_entry_id = 7")
    alter(database, "UPDATE audit_entry SET why = '' WHERE audit_entry_id = 3")
    assert newest(database) is None, "until it is put right"


def test_newest_entries_that_were_taken_out_are_missed(database: Database) -> None:
    write(database, 1, 6)
    newest(database)

    alter(database, "DELETE FROM audit_entry WHERE audit_entry_id >= 4")
    write(database, 14, 19)

    assert newest(database) is not None


def test_the_round_finds_what_was_altered_anywhere_and_says_when_all_was_whole(database: Database) -> None:
    def go(at: datetime) -> None:
        with database.transaction() as db:
            check_round(db, at, most=3)

    def last() -> datetime | None:
        with database.transaction() as db:
            return whole_at(db)

    write(database, 1, 8)
    newest(database)
    go(T0)
    go(T0 + MINUTE)
    assert last() is None, "six of seven"
    go(T0 + 2 * MINUTE)
    assert last() == T0 + 2 * MINUTE
    alter(database, "UPDATE audit_entry SET about = 'thing:0' WHERE audit_entry_id = 5")
    go(T0 + 3 * MINUTE)
    assert newest(database) is None
    go(T0 + 4 * MINUTE)

    assert newest(database) == 5
    assert last() == T0 + 2 * MINUTE


def test_many_writers_keep_the_audit_chain_whole(database: Database) -> None:
    def write_ten(writer: int) -> None:
        for number in range(10):
            with database.transaction() as db:
                append(db, at=T0, who=f"writer:{writer}", what="did", about=f"thing:{number}")

    with ThreadPoolExecutor(4) as writers:
        for work in [writers.submit(write_ten, writer) for writer in range(4)]:
            work.result()

    assert len(rows_of(database, AuditEntry)) == 40
    with database.reading() as db:
        assert first_broken(db) is None


def test_a_transaction_that_fails_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as db:
            append(db, at=T0, who="service", what="did", about="thing")
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert rows_of(database, AuditEntry) == []


def test_moments_are_kept_in_utc_whatever_zone_they_came_in(database: Database) -> None:
    local = T0.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with database.transaction() as db:
        append(db, at=local, who="service", what="did", about="thing")

    [entry] = rows_of(database, AuditEntry)
    assert entry.at == T0
    assert entry.at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    def store() -> None:
        with database.transaction() as db:
            db.get_one(Person, 1).locked_until = datetime(2025, 1, 15, 9, 0)  # noqa: DTZ001 - that is the point

    with pytest.raises(StatementError, match="without a time zone"):
        store()


def test_two_threads_that_write_to_sqlite_wait_for_each_other(new_sqlite: NewDatabase) -> None:
    database = new_sqlite()

    def fail_a_password() -> None:
        for _ in range(25):
            with database.transaction() as db:
                db.get_one(Person, 1).failures += 1

    with ThreadPoolExecutor(4) as writers:
        for work in [writers.submit(fail_a_password) for _ in range(4)]:
            work.result()

    assert rows_of(database, Person)[0].failures == 100
