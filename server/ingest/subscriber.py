"""Listens on the broker: every message is taken in, and answered with a receipt once it is on disk."""

import asyncio
import logging
import math
import random
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiomqtt

from gateway.contract.clock import Clock
from gateway.contract.codec import to_json
from gateway.contract.topics import Downward, downward
from server.db.session import Database
from server.ingest.service import Received, receive
from server.live.feed import Feed
from server.live.tables import ChangeRow
from server.residents.service import config_of, gateway_codes, gateway_named
from server.settings import ServerSettings

_LOG = logging.getLogger(__name__)

# Real seconds between two attempts to reach the broker: short, for gateways keep what they have while we are away.
_SHORTEST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0
_RETRY_STORE_S = 1.0
_PLAIN_PORT = 1883
_ENCRYPTED_PORT = 8883
_ANSWER_S = 10.0  # a broker that takes longer to answer is taken for lost


class Subscriber:
    """One ingest worker."""

    def __init__(
        self, database: Database, clock: Clock, settings: ServerSettings, feed: Feed, stored: Callable[[Received], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._feed = feed
        self._stored = stored

    async def run(self, broker: str, filters: Sequence[str]) -> None:
        """Listen to `filters` until cancelled, through every loss of the broker or the database."""
        wait_s = _SHORTEST_WAIT_S
        while True:
            began = time.monotonic()
            try:
                async with _client(broker, self._settings.broker_ca_file) as client:
                    await self._serve(client, filters)
            except* (aiomqtt.MqttError, OSError) as errors:
                _LOG.warning(
                    "the broker at %s is away (%s); trying again until it is back", broker, errors.exceptions[0]
                )
            except* Exception:  # noqa: BLE001 - the top of a loop that must not die: without it nobody would be heard
                _LOG.exception("ingest failed; it begins anew")
            wait_s = (
                _SHORTEST_WAIT_S if time.monotonic() - began > _LONGEST_WAIT_S else min(_LONGEST_WAIT_S, wait_s * 2)
            )
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects, not a secret

    async def _serve(self, client: aiomqtt.Client, filters: Sequence[str]) -> None:
        """Use one link. Only listening notices at once that it broke, so nothing else is waited for before it runs."""
        answers: asyncio.Queue[Received] = asyncio.Queue()
        async with asyncio.TaskGroup() as together:
            together.create_task(self._listen(client, answers), name="listen")
            async with asyncio.timeout(_ANSWER_S):
                await client.subscribe([(topic, 1) for topic in filters], timeout=math.inf)
            together.create_task(self._answer_all(client, answers), name="answer")
            together.create_task(self._follow_configs(client), name="follow configurations")

    async def _listen(self, client: aiomqtt.Client, answers: asyncio.Queue[Received]) -> None:
        async for message in client.messages:
            received = await self._take(message)
            if received is not None:
                answers.put_nowait(received)

    async def _answer_all(self, client: aiomqtt.Client, answers: asyncio.Queue[Received]) -> None:
        while True:
            await self._answer(client, await answers.get())

    async def _follow_configs(self, client: aiomqtt.Client) -> None:
        while True:
            with self._feed.page() as changes:
                # A gateway may have come, or its configuration changed, while nobody was here to tell it.
                for code in await asyncio.to_thread(self._codes):
                    await self._send_config(client, code)
                await self._send_changed_configs(client, changes)

    async def _send_changed_configs(self, client: aiomqtt.Client, changes: asyncio.Queue[ChangeRow | None]) -> None:
        while change := await changes.get():
            if change.what == "config":
                await self._send_config(client, change.name)

    async def _take(self, message: aiomqtt.Message) -> Received | None:
        try:
            received = await asyncio.to_thread(
                receive,
                self._database,
                str(message.topic),
                message.payload,
                self._clock.now(),
                self._settings.link_patience,
            )
        except Exception:  # noqa: BLE001 - without a receipt the gateway sends it again, so a database that is away loses nothing
            _LOG.exception("a message could not be stored; its gateway will send it again")
            await asyncio.sleep(_RETRY_STORE_S)
            return None
        self._stored(received)
        return received

    async def _answer(self, client: aiomqtt.Client, received: Received) -> None:
        if received.gateway_code is None:
            return
        if received.receipt is not None:
            await _publish(client, downward(received.gateway_code, Downward.RECEIPT), to_json(received.receipt))
        if received.wants_config:
            await self._send_config(client, received.gateway_code)

    async def _send_config(self, client: aiomqtt.Client, code: str) -> None:
        config = await asyncio.to_thread(self._config, code)
        if config is not None:
            await _publish(client, downward(code, Downward.CONFIG), config, retain=True)

    def _codes(self) -> list[str]:
        with self._database.reading() as db:
            return gateway_codes(db)

    def _config(self, code: str) -> bytes | None:
        with self._database.reading() as db:
            gateway = gateway_named(db, code)
            return to_json(config_of(db, gateway)) if gateway else None


async def _publish(client: aiomqtt.Client, topic: str, payload: bytes, *, retain: bool = False) -> None:
    """Publish, with a time limit of our own: the client's own may swallow a cancellation that comes with the answer.

    Source: asyncio.wait_for before Python 3.12.
    """
    async with asyncio.timeout(_ANSWER_S):
        await client.publish(topic, payload, qos=1, retain=retain, timeout=math.inf)


def _client(broker: str, ca_file: Path | None) -> aiomqtt.Client:
    address = urlsplit(broker)
    is_encrypted = address.scheme == "mqtts"
    client = aiomqtt.Client(
        address.hostname or "127.0.0.1",
        address.port or (_ENCRYPTED_PORT if is_encrypted else _PLAIN_PORT),
        tls_context=ssl.create_default_context(cafile=ca_file) if is_encrypted else None,
        username=unquote(address.username) if address.username else None,
        password=unquote(address.password) if address.password else None,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=True,
        keepalive=30,
        timeout=_ANSWER_S,
    )
    # A receipt for each batch is many small publishes at once; that is ordinary here.
    client.pending_calls_threshold = 10_000
    return client
