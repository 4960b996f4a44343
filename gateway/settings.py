"""How one gateway is set up: from the command line, environment variables LIVSRYTME_GATEWAY_*, or its enrolment."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from typing_extensions import override

from gateway.contract.observation import GatewayId

# Source: IANA service names "mqtt" and "secure-mqtt".
_PORT_OF = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens."""

    host: str
    port: int
    is_encrypted: bool
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @override
    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class GatewaySettings(BaseSettings):
    """Settings of one gateway, built once and passed down."""

    model_config = SettingsConfigDict(env_prefix="LIVSRYTME_GATEWAY_", frozen=True, extra="ignore")

    id: GatewayId = Field(description="This gateway's name at the server")
    # Addresses may hold a password.
    broker: str = Field(description="mqtt://host:port or mqtts://host:port of the message broker", repr=False)
    second_broker: str | None = Field(default=None, description="Where to turn while the first is away", repr=False)
    broker_user: str | None = Field(default=None, description="User name at the brokers")
    broker_password: SecretStr | None = Field(default=None, description="Password at the brokers")
    ca_file: Path | None = Field(default=None, description="Who vouches for the brokers; None: who this machine trusts")
    cert_file: Path | None = Field(default=None, description="This gateway's certificate")
    key_file: Path | None = Field(default=None, description="The key of its certificate, where it is another file")
    fail_back_s: float = Field(default=300, gt=0, description="How often a better broker is looked for")
    data: Path = Field(description="Folder for everything that must outlive a restart")
    radio: str = Field(
        default="bluez",
        description="bluez, bluez:hci1, or another installed radio as name:address; several with commas",
    )
    outbox_mb: float = Field(default=100, ge=5, description="What may wait for the server, on disk")
    disk_floor_mb: float = Field(default=200, ge=0, description="Free space left to everybody else")
    fallback_command: str = Field(
        default="", description="What is run here, with the kind added, when no receipt comes for a call for help"
    )
    fallback_after_s: float = Field(default=10, gt=0, description="How long a receipt may take")
    fallback_limit_s: float = Field(default=30, gt=0, description="How long the command may take")
    home_assistant_broker: str | None = Field(
        default=None, description="mqtt://user:password@host of the home's own Home Assistant; None: none", repr=False
    )
    home_assistant_packets: str = Field(
        default="", description="Topics on which gateways beside it pass packets on, say home/+/BTtoMQTT/+; empty: none"
    )
    home_assistant_states: str = Field(default="homeassistant", description="Where its mqtt_statestream begins")
    home_assistant_language: Literal["en", "nb", "nn"] = Field(default="en", description="What it calls our sensors in")

    @field_validator("broker", "second_broker", "home_assistant_broker")
    @classmethod
    def _is_an_address(cls, broker: str | None) -> str | None:
        if broker is None:
            return None
        parts = urlsplit(broker)
        if (
            parts.scheme not in _PORT_OF or not parts.hostname or parts.port == 0
        ):  # .port itself refuses what is no number
            raise ValueError("write it as mqtt://host:port, or mqtts://host:port where it is encrypted")
        return broker

    @model_validator(mode="after")
    def _has_a_certificate_for_its_key(self) -> Self:
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("a key file is of no use without a certificate file")
        return self

    @model_validator(mode="after")
    def _keeps_home_assistant_apart(self) -> Self:
        ours = {(one.host, one.port) for one in self.brokers}
        theirs = self.home_assistant_address
        if theirs is not None and (theirs.host, theirs.port) in ours:
            raise ValueError("Home Assistant's broker must be the home's own, not one the gateway reports to")
        return self

    @property
    def home_assistant_address(self) -> BrokerAddress | None:
        """The broker of the home's own Home Assistant, None where there is none."""
        return None if self.home_assistant_broker is None else _address(self.home_assistant_broker)

    @property
    def username(self) -> str | None:
        """User name at the brokers, None when only an address may name one."""
        return self.broker_user

    @property
    def password(self) -> str | None:
        """Password at the brokers, None when only an address may hold one."""
        return None if self.broker_password is None else self.broker_password.get_secret_value()

    @property
    def brokers(self) -> tuple[BrokerAddress, ...]:
        """The brokers' addresses, the better one first."""
        return tuple(_address(broker) for broker in (self.broker, self.second_broker) if broker is not None)


def _address(broker: str) -> BrokerAddress:
    parts = urlsplit(broker)
    return BrokerAddress(
        parts.hostname or "",
        parts.port or _PORT_OF[parts.scheme],
        parts.scheme == "mqtts",
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )
