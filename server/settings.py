"""How this process is to run: read once at the edge from the environment (`LIVSRYTME_SERVER_*`) and passed down."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.contract.clock import Clock, SystemClock, WorldClock

EMBEDDED = "embedded"
_BROKER_SCHEMES = frozenset({"mqtt", "mqtts"})


class Role(StrEnum):
    """What one process does. One process may do all; at scale many do one each."""

    API = "api"
    INGEST = "ingest"
    DETECT = "detect"
    RESPOND = "respond"
    JOBS = "jobs"


class ServerSettings(BaseSettings):
    """Settings of one server process."""

    model_config = SettingsConfigDict(env_prefix="LIVSRYTME_SERVER_", frozen=True, extra="ignore")

    data: Path = Field(default=Path("livsrytme-data"), description="Folder of the SQLite file")
    database_url: str | None = Field(default=None, description="PostgreSQL URL; None for SQLite in `data`")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    broker: str = Field(
        default=EMBEDDED,
        description="mqtt://host:port or mqtts://host:port, several with commas where gateways have a choice; "
        "'embedded' starts one here",
    )
    broker_ca_file: Path | None = Field(
        default=None, description="Who vouches for brokers at mqtts:// addresses; None: whom this machine trusts"
    )
    gateway_brokers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Brokers' addresses as gateways see them, the better one first, with commas between"
    )
    ca: Path | None = Field(
        default=None, description="Folder of the own authority (livsrytme server make-ca); None: passwords only"
    )
    roles: Annotated[frozenset[Role], NoDecode] = frozenset(Role)
    test_mode: bool = Field(default=False, description="Simulated homes only: no real person is ever told anything")
    clock_file: Path | None = Field(default=None, description="Clock of a simulated world; test mode only")
    link_patience_s: float = Field(
        default=600, gt=0, description="How long a gateway may be silent or behind before its home is unknown"
    )
    job_interval_s: float = Field(default=60, gt=0, description="Real seconds between two looks for periodic work")
    session_hours: float = Field(default=12, gt=0)
    secure_cookies: bool = Field(default=False, description="True behind HTTPS")

    @field_validator("roles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("gateway_brokers", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return _parts(value) if isinstance(value, str) else value

    @field_validator("broker")
    @classmethod
    def _names_brokers(cls, value: str) -> str:
        names = _parts(value)
        if not names or (EMBEDDED in names and len(names) > 1) or len(set(names)) < len(names):
            raise ValueError("name one broker or more, each once, with commas between; 'embedded' stands alone")
        for name in names:
            if name != EMBEDDED and urlsplit(name).scheme not in _BROKER_SCHEMES:
                raise ValueError(
                    f"{name.split('://')[0]!r} is no way to a broker: write mqtt://host:port, or mqtts:// encrypted"
                )
        return value

    @model_validator(mode="after")
    def _simulated_time_is_for_tests(self) -> Self:
        if self.clock_file is not None and not self.test_mode:
            raise ValueError(
                "a simulated clock is only for test mode: set LIVSRYTME_SERVER_TEST_MODE=true, or no clock file"
            )
        return self

    @property
    def brokers(self) -> tuple[str, ...]:
        """The brokers that gateways may be at: each is listened to."""
        return _parts(self.broker)

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data / 'livsrytme.db'}"

    @property
    def link_patience(self) -> timedelta:
        """How long a gateway may be silent or behind before its home is unknown."""
        return timedelta(seconds=self.link_patience_s)

    def open_clock(self) -> Clock:
        """Return the clock of the world this server lives in.

        Raises:
            FileNotFoundError: the simulated world's clock file is not there.
        """
        return WorldClock(self.clock_file) if self.clock_file is not None else SystemClock()


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
