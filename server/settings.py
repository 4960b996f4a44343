"""How this process is to run: read once at the edge from the environment (`LIVSRYTME_SERVER_*`) and passed down."""

import re
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
# The makers of the browsers there are. Whoever may name any address could use us to knock at the municipality's doors.
_PUSH_SERVICES = (
    "https://fcm.googleapis.com",
    "https://.push.services.mozilla.com",
    "https://.push.apple.com",
    "https://.notify.windows.com",
)
_TAKEN_NAMES = frozenset({"app", "push", "email"})


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
    public_url: str | None = Field(default=None, description="Where people open the app; a link in e-mail")
    push_contact: str | None = Field(
        default=None,
        description="mailto: or https: address of who runs this installation, as push services demand; None: no push",
    )
    push_services: Annotated[tuple[str, ...], NoDecode] = Field(
        default=_PUSH_SERVICES,
        description="Where browsers may ask us to push: https:// and the host, a dot before it for all below",
    )
    smtp: str | None = Field(default=None, description="smtps://user:password@host:port, or smtp://; None: no e-mail")
    mail_from: str | None = Field(default=None, description="The address e-mail comes from")
    channels: dict[str, str] = Field(
        default_factory=dict,
        description='More ways to people, as JSON: {"sms": "https://gateway/send", "call": "https://…"}. http(s): our '
        "own hook; any other scheme: Apprise's, with {phone} in it",
    )

    @field_validator("roles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("gateway_brokers", "push_services", mode="before")
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

    @field_validator("channels")
    @classmethod
    def _names_channels(cls, value: dict[str, str]) -> dict[str, str]:
        for name, url in value.items():
            if not re.fullmatch("[a-z][a-z_]{1,15}", name) or name in _TAKEN_NAMES:
                raise ValueError(f"{name!r} cannot name a channel: 2 to 16 small letters, and not app, push or email")
            if urlsplit(url).scheme not in {"http", "https"} and "{phone}" not in url:
                raise ValueError(f"the address of channel {name!r} must say {{phone}} where the number goes")
        return value

    @field_validator("push_contact")
    @classmethod
    def _is_contact(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("mailto:", "https://")):
            raise ValueError("write mailto:somebody@example.org, or the https:// address of a page")
        return value

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.smtp is not None and (urlsplit(self.smtp).scheme not in {"smtp", "smtps"} or not self.mail_from):
            raise ValueError("e-mail needs smtp:// or smtps:// in SMTP, and the address it comes from in MAIL_FROM")
        return self

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
