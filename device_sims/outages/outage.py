"""Outages that a scenario can name. Each is begun and ended; to end one that has not begun is harmless."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from device_sims.outages.line import Line
from device_sims.radio.transmitter import Air
from device_sims.supervisor import Supervisor

BROKER: Final = "broker"
SERVER: Final = "server"
WRONG_CLOCK: Final = "wrong_clock"


class Site(Protocol):
    """An installation that outages can happen to."""

    supervisor: Supervisor

    def line(self, gateway_id: str) -> Line:
        """Return the line between a gateway and the broker.

        Raises:
            SimulationError: there is no such gateway, or it has no line that can be cut.
        """
        ...

    def air(self, gateway_id: str) -> Air:
        """Return the air that a gateway listens to.

        Raises:
            SimulationError: there is no such gateway.
        """
        ...


class Outage(Protocol):
    """Something that goes wrong, and is right again later."""

    async def begin(self, site: Site) -> None:
        """Let it go wrong."""
        ...

    async def end(self, site: Site) -> None:
        """Let it be right again."""
        ...


@dataclass(frozen=True, slots=True)
class GatewayPowerLoss:
    """The plug is pulled: the gateway is killed. What is on the air meanwhile nobody hears, and time goes on."""

    gateway_id: str

    async def begin(self, site: Site) -> None:
        """Pull the plug."""
        await site.air(self.gateway_id).desert()
        await site.supervisor.hold(self.gateway_id)

    async def end(self, site: Site) -> None:
        """Put it in again."""
        site.air(self.gateway_id).await_listeners()
        site.supervisor.release(self.gateway_id)


@dataclass(frozen=True, slots=True)
class NetworkLoss:
    """The home's network is gone; a silent one keeps connections that lead nowhere, as a mobile router does."""

    gateway_id: str
    is_silent: bool = False

    async def begin(self, site: Site) -> None:
        """Lose the network."""
        line = site.line(self.gateway_id)
        if self.is_silent:
            line.fall_silent()
        else:
            await line.cut()

    async def end(self, site: Site) -> None:
        """Have it again."""
        await site.line(self.gateway_id).mend()


@dataclass(frozen=True, slots=True)
class SlowNetwork:
    """The home's network is slow, in real seconds and bytes."""

    gateway_id: str
    delay_s: float = 2.0
    bytes_per_s: float | None = 2_000.0

    async def begin(self, site: Site) -> None:
        """Slow it down."""
        line = site.line(self.gateway_id)
        line.delay_s, line.bytes_per_s = self.delay_s, self.bytes_per_s

    async def end(self, site: Site) -> None:
        """Let it be fast again."""
        await site.line(self.gateway_id).mend()


@dataclass(frozen=True, slots=True)
class WrongClock:
    """The gateway's clock is wrong by so much (positive: it is ahead), and the gateway believes it."""

    gateway_id: str
    by: timedelta

    async def begin(self, site: Site) -> None:
        """Set it wrong."""
        site.air(self.gateway_id).clock_error = self.by

    async def end(self, site: Site) -> None:
        """Set it right."""
        site.air(self.gateway_id).clock_error = timedelta()


@dataclass(frozen=True, slots=True)
class BrokerLoss:
    """The broker is killed and stays away."""

    async def begin(self, site: Site) -> None:
        """Kill it."""
        await site.supervisor.hold(BROKER)

    async def end(self, site: Site) -> None:
        """Let it run again."""
        site.supervisor.release(BROKER)


@dataclass(frozen=True, slots=True)
class ServerLoss:
    """The server is killed and stays away."""

    async def begin(self, site: Site) -> None:
        """Kill it."""
        await site.supervisor.hold(SERVER)

    async def end(self, site: Site) -> None:
        """Let it run again."""
        site.supervisor.release(SERVER)


@dataclass(frozen=True, slots=True)
class ServerLate:
    """The server stands still with all its connections open, and goes on later where it stood."""

    async def begin(self, site: Site) -> None:
        """Let it stand still."""
        site.supervisor.freeze(SERVER)

    async def end(self, site: Site) -> None:
        """Let it go on."""
        site.supervisor.thaw(SERVER)


# What all homes of an installation need: where it fails, no home is heard.
BROKER_AND_SERVER: Final = frozenset({"broker_loss", "server_loss", "server_late"})
# What a scenario file calls them; the other fields of an entry are those of the class.
OUTAGES: Final[Mapping[str, type[Outage]]] = {
    "gateway_power_loss": GatewayPowerLoss,
    "network_loss": NetworkLoss,
    "slow_network": SlowNetwork,
    WRONG_CLOCK: WrongClock,
    "broker_loss": BrokerLoss,
    "server_loss": ServerLoss,
    "server_late": ServerLate,
}


@asynccontextmanager
async def during(outage: Outage, site: Site) -> AsyncIterator[None]:
    """Let it go wrong for as long as the context lasts."""
    await outage.begin(site)
    try:
        yield
    finally:
        await outage.end(site)
