"""Listens on the broker: every message is taken in, and answered with a receipt once it is on disk."""

import asyncio
import logging
import math
import random
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiomqtt

from gateway.contract.clock import Clock
from gateway.contract.codec import to_json
from gateway.contract.topics import OTHER_UPWARD, Downward, Upward, downward
from server.db.session import Database
from server.ingest.service import MOST_TOGETHER, Arrived, Received, next_group, receive_together
from server.live.feed import Feed
from server.residents.service import config_of, gateway_codes, gateway_named
from server.settings import ServerSettings

_LOG = logging.getLogger(__name__)

# Real seconds between two attempts to reach the broker: short, for gateways keep what they have while we are away.
_SHORTEST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0
_RETRY_STORE_S = 1.0
_PLAIN_PORT = 1883
_ENCRYPTED_PORT = 8883
# While messages stream in, so much time gathers some for one commit; a receipt comes so much later at most.
_GATHER_S = 0.05
# Ten thousand homes are told in some three minutes, at a twentieth of a processor.
_BETWEEN_CONFIGS_S = 0.02
# Messages that may wait to be stored: some seconds' worth, and at their longest some 70 MB. What comes on top is let go
# unread: its gateway has no receipt and sends it again, later each time, while what waited longest is stored. Signs of
# life give way to facts: the next one follows in a minute, and ten may be missed before a gateway is.
_MOST_WAITING = 2000
_MOST_BEFORE_A_HEARTBEAT = 1000
_HEARTBEAT = f"/{Upward.HEARTBEAT}"
_TELL_LET_GO_EVERY_S = 60.0
# Among so many of them a group is looked for.
_IN_SIGHT = 4 * MOST_TOGETHER
_ANSWER_S = 10.0  # a broker that takes longer to answer is taken for lost


class Subscriber:
    """One ingest worker.

    Args:
        database: where messages are stored.
        clock: by which they are received.
        settings: of the server.
        feed: tells which configurations have changed.
        stored: called with each message that was stored.
    """

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
        is_routine = filters == OTHER_UPWARD
        waiting: asyncio.Queue[Arrived] = asyncio.Queue()
        answers: asyncio.Queue[Received] = asyncio.Queue()
        configs = _ConfigLine()
        async with asyncio.TaskGroup() as together:
            together.create_task(listen(client, waiting), name="listen")
            async with asyncio.timeout(_ANSWER_S):
                await client.subscribe([(topic, 1) for topic in filters], timeout=math.inf)
            together.create_task(self._take_all(waiting, answers, gathers=is_routine), name="take")
            together.create_task(_answer_all(client, answers, configs), name="answer")
            together.create_task(self._send_configs(client, configs), name="send configurations")
            if is_routine:  # one of the two workers does it for both
                together.create_task(self._follow_configs(configs), name="follow configurations")
                together.create_task(self._offer_configs(configs), name="offer configurations")

    async def _take_all(
        self, waiting: asyncio.Queue[Arrived], answers: asyncio.Queue[Received], *, gathers: bool
    ) -> None:
        """Take in what waits, in groups. The first after a pause is taken at once; then some may gather."""
        line: deque[Arrived] = deque()
        while True:
            if not line:
                line.append(await waiting.get())
            while len(line) < _IN_SIGHT and not waiting.empty():
                line.append(waiting.get_nowait())
            began = time.monotonic()
            for received in await self._take(next_group(line)):
                answers.put_nowait(received)
            if gathers and not line and waiting.qsize() < MOST_TOGETHER:
                await asyncio.sleep(began + _GATHER_S - time.monotonic())

    async def _take(self, group: Sequence[Arrived]) -> list[Received]:
        patience = self._settings.link_patience
        try:
            received = await asyncio.to_thread(receive_together, self._database, group, self._clock.now(), patience)
        except Exception:  # noqa: BLE001 - without a receipt the gateway sends it again, so a database that is away loses nothing
            if len(group) > 1:  # a bad one must not spoil its neighbours
                return [received for one in group for received in await self._take([one])]
            _LOG.exception("a message could not be stored; its gateway will send it again")
            await asyncio.sleep(_RETRY_STORE_S)
            return []
        for one in received:
            self._stored(one)
        return received

    async def _follow_configs(self, line: "_ConfigLine") -> None:
        """Send each configuration that changes. One that is missed is asked for by its gateway's next heartbeat."""
        while True:
            with self._feed.page() as changes:
                while change := await changes.get():
                    if change.what == "config":
                        line.put(change.name)

    async def _offer_configs(self, line: "_ConfigLine") -> None:
        """Send every configuration once, unhurriedly: one may have changed while nobody was here to tell.

        Those who cannot wait tell it by their heartbeat, the first thing they send.
        """
        for code in await asyncio.to_thread(self._codes):
            line.put(code)
            await asyncio.sleep(_BETWEEN_CONFIGS_S)

    async def _send_configs(self, client: aiomqtt.Client, line: "_ConfigLine") -> None:
        while True:
            code = await line.get()
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


async def listen(client: aiomqtt.Client, waiting: asyncio.Queue[Arrived]) -> None:
    """Put what comes into the line, as long as there is room in it."""
    let_go, told_at = 0, -math.inf
    async for message in client.messages:
        topic = str(message.topic)
        if waiting.qsize() < (_MOST_BEFORE_A_HEARTBEAT if topic.endswith(_HEARTBEAT) else _MOST_WAITING):
            waiting.put_nowait(Arrived(topic, bytes(message.payload)))
            continue
        let_go += 1
        if time.monotonic() - told_at > _TELL_LET_GO_EVERY_S:
            told_at = time.monotonic()
            _LOG.warning("more comes than can be stored in time: %d messages let go, to be sent again", let_go)


async def _answer_all(client: aiomqtt.Client, answers: asyncio.Queue[Received], configs: "_ConfigLine") -> None:
    """Send receipts as they come, many on their way at once: no home's waits for the broker's word about another's."""
    while True:
        some = [await answers.get()]
        while not answers.empty() and len(some) < MOST_TOGETHER:
            some.append(answers.get_nowait())
        async with asyncio.TaskGroup() as together:
            for one in some:
                if one.gateway_code is not None and one.receipt is not None:
                    topic = downward(one.gateway_code, Downward.RECEIPT)
                    together.create_task(_publish(client, topic, to_json(one.receipt)))
                if one.gateway_code is not None and one.wants_config:
                    configs.put(one.gateway_code)


class _ConfigLine:
    """Gateways that wait for their configuration, each once however often it asks; no receipt waits behind them."""

    def __init__(self) -> None:
        self._line: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()

    def put(self, code: str) -> None:
        if code not in self._waiting:
            self._waiting.add(code)
            self._line.put_nowait(code)

    async def get(self) -> str:
        code = await self._line.get()
        self._waiting.discard(code)  # before it is read: what changes from here on is sent again
        return code


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
