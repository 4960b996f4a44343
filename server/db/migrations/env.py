"""Alembic's entry: runs the migrations on the database it is pointed at."""

from alembic import context
from sqlalchemy import create_engine, pool

from server.tables import METADATA


def migrate() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("no database was named")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=METADATA)
        with context.begin_transaction():
            context.run_migrations()


migrate()
