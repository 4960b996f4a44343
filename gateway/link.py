"""Where the broker is and how to speak to it: one connection, or two addresses of which the first is the better."""

import asyncio
import logging
import random
import socket
import ssl
from collections.abc import Sequence
from typing import Any, Final

import aiomqtt
from paho.mqtt import client as mqtt
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from typing_extensions import override

from gateway.settings import BrokerAddress, GatewaySettings

KEEPALIVE_S: Final = 30
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 30.0
_ANSWER_S: Final = 10.0  # a link over a mobile network may take seconds
_REFUSAL_S: Final = 5.0
# By the alert of RFC 8446, section 6, as OpenSSL names it.
_REFUSALS: Final = {
    "CERTIFICATE_REVOKED": "the certificate of this gateway was revoked. Enrol it anew",
    "CERTIFICATE_EXPIRED": "the certificate of this gateway has ended. Enrol it anew",
    "CERTIFICATE_REQUIRED": "it asks for a certificate and this gateway has none. Enrol it anew",
    "UNKNOWN_CA": "it does not trust who vouches for this gateway. Enrol it anew",
}

# The client library warns at each publish above ten pending and at each lost link: ordinary things, or told by us.
_CLIENT_LOGGER: Final = logging.getLogger(f"{__name__}.client")
_CLIENT_LOGGER.setLevel(logging.CRITICAL)


class PromptClient(aiomqtt.Client):
    """A client that is told at once when a broker hangs up on it instead of answering.

    The library waits ten seconds then: a certificate that is refused after the handshake, say, is no answer to it.
    """

    @override
    def _on_disconnect(
        self,
        client: mqtt.Client,
        userdata: Any,
        flags: mqtt.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError(f"it hangs up: {reason_code}"))
        else:
            super()._on_disconnect(client, userdata, flags, reason_code, properties)


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
    return PromptClient(
        address.host,
        address.port,
        username=settings.username or address.username,
        password=settings.password or address.password,
        identifier=f"livsrytme-{settings.id}{name}",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=True,  # nothing of ours lives in the broker
        keepalive=KEEPALIVE_S,
        will=will,
        timeout=_ANSWER_S,
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


async def refusal(settings: GatewaySettings, address: BrokerAddress) -> str | None:
    """Return in words why an encrypted broker hangs up on us; None: it does not, or does not say."""
    if not address.is_encrypted:
        return None
    writer = None
    try:
        async with asyncio.timeout(_REFUSAL_S):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=_tls(settings))
            await reader.read(1)  # a refusal comes after our own side of the handshake is done
    except ssl.SSLCertVerificationError as fault:
        return f"the broker's own certificate is not to be trusted: {fault.verify_message}"
    except ssl.SSLError as fault:
        return _REFUSALS.get(str(fault.reason).split("ALERT_")[-1])
    except (OSError, TimeoutError):
        return None
    finally:
        if writer is not None:
            writer.transport.abort()
    return None


def _tls(settings: GatewaySettings) -> ssl.SSLContext:
    """Return what proves the broker to us and us to it. Read anew for each connection: certificates are renewed."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.cert_file is not None:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context
