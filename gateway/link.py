"""Where the broker is and how to speak to it: one connection, or two addresses of which the first is the better."""

import logging
import random
import socket
import ssl
from collections.abc import Sequence
from typing import Final

import aiomqtt

from gateway.settings import BrokerAddress, GatewaySettings

KEEPALIVE_S: Final = 30
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 30.0

# The client library warns at each publish above ten pending and at each lost link: ordinary things, or told by us.
_CLIENT_LOGGER: Final = logging.getLogger(f"{__name__}.client")
_CLIENT_LOGGER.setLevel(logging.CRITICAL)


class Addresses:
    """Which broker is next. Every address is tried once before there is a wait; a wait doubles each time."""

    def __init__(self, addresses: Sequence[BrokerAddress]) -> None:
        self._addresses = tuple(addresses)
        self._place = 0
        self._longest_wait_s = _FIRST_WAIT_S

    @property
    def present(self) -> BrokerAddress:
        """The one in use, or tried next."""
        return self._addresses[self._place]

    @property
    def first(self) -> BrokerAddress:
        """The one to be preferred."""
        return self._addresses[0]

    @property
    def is_at_second_best(self) -> bool:
        """Whether there is a better one than the present."""
        return self._place > 0

    @property
    def has_choice(self) -> bool:
        """Whether there is another one at all."""
        return len(self._addresses) > 1

    def turn(self) -> float:
        """Go on to the next; return how many seconds to wait before it is tried.

        Many gateways lose the same broker at the same moment: chance spreads their coming to the next.
        """
        self._place = (self._place + 1) % len(self._addresses)
        wait_s = random.uniform(0, self._longest_wait_s)  # noqa: S311 - guards no secret
        if self._place == 0:
            self._longest_wait_s = min(2 * self._longest_wait_s, _LONGEST_WAIT_S)
        return wait_s

    def go_back(self) -> None:
        """Prefer the first again."""
        self._place = 0

    def stood_well(self) -> None:
        """Forget how long the waits had become: the link stood."""
        self._longest_wait_s = _FIRST_WAIT_S


def client(
    settings: GatewaySettings, address: BrokerAddress, will: aiomqtt.Will | None, name: str = ""
) -> aiomqtt.Client:
    """Return a client for one address, not yet connected. `name` is added to the gateway's own.

    Raises:
        OSError: a certificate or key cannot be read; its text says which.
    """
    return aiomqtt.Client(
        address.host,
        address.port,
        username=settings.username or address.username,
        password=settings.password or address.password,
        identifier=f"livsrytme-{settings.id}{name}",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=True,  # nothing of ours lives in the broker
        keepalive=KEEPALIVE_S,
        will=will,
        logger=_CLIENT_LOGGER,
        tls_context=_tls(settings) if address.is_encrypted else None,
        # Else a call for help waits 40 ms for company.
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )


async def is_reachable(settings: GatewaySettings, address: BrokerAddress) -> bool:
    """Tell whether a broker takes us in: under another name, so that the link in use stays."""
    try:
        async with client(settings, address, None, "-look"):
            return True
    except (aiomqtt.MqttError, OSError):
        return False


def _tls(settings: GatewaySettings) -> ssl.SSLContext:
    """Return what proves the broker to us and us to it. Read anew for each connection: certificates are renewed."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.cert_file is not None:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context
