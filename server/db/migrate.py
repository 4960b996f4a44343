"""Brings a database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_SCRIPTS = Path(__file__).with_name("migrations")


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    # Alembic reads % as the start of a name; in a URL it is the start of an escape.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Apply every migration that is missing, each in a transaction. Harmless when there is none."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url), "head")
