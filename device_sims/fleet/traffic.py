"""Carries a fleet's messages to the broker and takes the server's receipts, over a few connections for all homes."""

import asyncio
import heapq
import logging
import math
import socket
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.reasoncodes import ReasonCode

from device_sims.errors import SimulationError
from device_sims.fleet.outgoing import FleetGateway, Outgoing
from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import Stream
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Downward, Upward, downward, everything_downward, upward

_ANSWER_S: Final = 10.0  # a broker that takes longer to answer is taken for lost
_AGAIN_S: Final = 0.3
_UNCONFIRMED: Final = 25  # on a connection at once: it stands for many gateways, none of which waits for another's
_TICK_S: Final = 0.005
_LOOK_EVERY_S: Final = 0.25
_BREATH: Final = 200  # events between two turns for the others
# Real seconds without one receipt after which the rest is given up for lost.
_HOPE_S: Final = 90.0

# A broker that is away is ordinary here, and so are many publishes at once.
_CLIENT_LOGGER: Final = logging.getLogger(f"{__name__}.client")
_CLIENT_LOGGER.setLevel(logging.CRITICAL)

Message = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Terms:
    """How hard a fleet drives the broker.

    `rate`: messages a second at most. `window`: homes at most that wait for a routine receipt; others gather what they
    hear. `beat_every_s`: real seconds between two heartbeats of a home.
    """

    connections: int
    rate: float
    window: int
    beat_every_s: float


@dataclass(slots=True)
class Tally:
    """What became of the facts so far. Times in real seconds from the sensor to the receipt."""

    heard: int = 0
    receipted: int = 0
    messages: int = 0
    resent: int = 0
    heartbeats: int = 0
    took_s: dict[Stream, "array[float]"] = field(default_factory=lambda: {stream: array("d") for stream in Stream})


class Traffic:
    """All gateways of a fleet.

    Args:
        gateways: which.
        broker: mqtt://[user:password@]host[:port].
        terms: how hard to drive it.
        now: the world's clock (UTC).
    """

    def __init__(
        self, gateways: Sequence[FleetGateway], broker: str, terms: Terms, now: Callable[[], datetime]
    ) -> None:
        self.tally = Tally()
        self._gateways = gateways
        self._address = urlsplit(broker)
        self._terms = terms
        self._now = now
        self._told = {
            downward(one.home.gateway_id, what): partial(take, one)
            for one in gateways
            for what, take in ((Downward.RECEIPT, self._take_receipt), (Downward.CONFIG, _take_config))
        }
        # Rank (urgent, asked again, the rest), place in the line, and what makes the message when its turn has come.
        self._line: asyncio.PriorityQueue[tuple[int, int, Callable[[], Message | None]]] = asyncio.PriorityQueue()
        self._numbered = 0
        self._gathering: deque[Outgoing] = deque()
        self._on_their_way: dict[int, Outgoing] = {}
        self._in_window: set[int] = set()
        self._beating: set[int] = set()  # a home whose heartbeat waits for its turn gives no second one
        self._next_turn_s = 0.0
        self._fault = ""
        self._is_listening = asyncio.Event()

    async def run(self, until: datetime) -> None:
        """Live until the world's time `until`, then until everything has a receipt or no more come.

        Raises:
            SimulationError: the broker cannot be reached at the start, or does not let us in.
        """
        try:
            await self._run(until)
        except* SimulationError as group:
            fault: BaseException = group
            while isinstance(fault, BaseExceptionGroup):
                fault = fault.exceptions[0]
            raise fault from None

    async def _run(self, until: datetime) -> None:
        async with asyncio.TaskGroup() as together:
            tasks = [together.create_task(self._listen(), name="receipts")]
            try:
                async with asyncio.timeout(_ANSWER_S):
                    await self._is_listening.wait()
            except TimeoutError:
                why = self._fault or "it says nothing"
                raise SimulationError(f"no broker answers at {self._where} ({why})") from None
            tasks += [together.create_task(self._send(), name=f"send {n}") for n in range(self._terms.connections)]
            tasks.append(together.create_task(self._ask_again(), name="ask again"))
            tasks.append(together.create_task(self._beat(), name="heartbeats"))
            await self._live(until)
            await self._all_receipted()
            for task in tasks:
                task.cancel()

    # ---- what happens in the homes

    async def _live(self, until: datetime) -> None:
        begins_at = self._now()
        coming = []
        for number, one in enumerate(self._gateways):
            event = one.home.next_after(begins_at)
            coming.append((event.at, number, event))
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        heapq.heapify(coming)
        while (now := self._now()) < until:
            done = 0
            while coming[0][0] <= now:
                _, number, event = coming[0]
                one = self._gateways[number]
                self._has_news(one.hear(event, time.monotonic()))
                self.tally.heard += 1
                event = one.home.next_after(event.at)
                heapq.heapreplace(coming, (event.at, number, event))
                done += 1
                if done % _BREATH == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(_TICK_S)

    async def _beat(self) -> None:
        """Let every home give its sign of life once in a round, evenly spread; in the first it says that it is here."""
        began_s, beats = time.monotonic(), 0
        gap_s = self._terms.beat_every_s / len(self._gateways)
        while True:
            due = int((time.monotonic() - began_s) / gap_s)
            while beats < due:
                one = self._gateways[beats % len(self._gateways)]
                if beats < len(self._gateways):
                    self._queue(2, partial(_presence, one))
                if id(one) not in self._beating:
                    self._beating.add(id(one))
                    self._queue(2, partial(self._heartbeat, one))
                beats += 1
            await asyncio.sleep(_LOOK_EVERY_S / 5)

    def _heartbeat(self, gateway: FleetGateway) -> Message:
        self._beating.discard(id(gateway))
        self.tally.heartbeats += 1
        return upward(gateway.home.gateway_id, Upward.HEARTBEAT), to_json(gateway.heartbeat(self._now()))

    # ---- what waits to be sent

    def _has_news(self, stream: Outgoing) -> None:
        if stream.is_in_line:
            return
        stream.is_in_line = True  # from here on it is in the line, or gathers until the window has room
        if stream.stream is Stream.URGENT or id(stream) in self._in_window:
            self._set_out(stream)
        else:
            self._gathering.append(stream)
            self._fill_window()

    def _fill_window(self) -> None:
        while self._gathering and len(self._in_window) < self._terms.window:
            stream = self._gathering.popleft()
            self._in_window.add(id(stream))
            self._set_out(stream)

    def _settle(self, stream: Outgoing) -> None:
        """See what is next for a stream that has had a receipt, or had nothing to send."""
        if stream.has_unsent:
            self._has_news(stream)
        elif not stream.waiting and not stream.is_in_line:
            self._on_their_way.pop(id(stream), None)
            self._in_window.discard(id(stream))
        self._fill_window()

    def _set_out(self, stream: Outgoing, rank: int = 2) -> None:
        self._queue(0 if stream.stream is Stream.URGENT else rank, partial(self._batch, stream))

    def _batch(self, stream: Outgoing) -> Message | None:
        stream.is_in_line = False
        batch = stream.batch(self._now(), time.monotonic())
        if batch is None:  # a receipt came before its turn
            self._settle(stream)
            return None
        self._on_their_way[id(stream)] = stream
        if stream.has_unsent:
            self._has_news(stream)
        return upward(stream.home.gateway_id, stream.stream), to_json(batch)

    async def _ask_again(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            now_s = time.monotonic()
            for stream in [one for one in self._on_their_way.values() if one.asks_again(now_s)]:
                self.tally.resent += 1
                if not stream.is_in_line:
                    stream.is_in_line = True
                    self._set_out(stream, rank=1)

    def _queue(self, rank: int, message: Callable[[], Message | None]) -> None:
        self._numbered += 1
        self._line.put_nowait((rank, self._numbered, message))

    # ---- on the wire

    async def _send(self) -> None:
        """Keep one connection and send in turn. What a broken link took with it is sent again for want of a receipt."""
        while True:
            try:
                async with self._client() as client, asyncio.TaskGroup() as together:
                    for _ in range(_UNCONFIRMED):
                        together.create_task(self._send_all(client))
            except* (aiomqtt.MqttError, OSError, TimeoutError):
                pass
            await asyncio.sleep(_AGAIN_S)

    async def _send_all(self, client: aiomqtt.Client) -> None:
        while True:
            await self._send_next(client)

    async def _send_next(self, client: aiomqtt.Client) -> None:
        *_, make = await self._line.get()
        message = make()
        if message is None:
            return
        await self._turn()
        self.tally.messages += 1
        topic, payload = message
        async with asyncio.timeout(_ANSWER_S):
            await client.publish(topic, payload, qos=1, timeout=math.inf)

    async def _turn(self) -> None:
        """Wait so that no more than `rate` messages a second go out; what was missed is not caught up in a rush."""
        now_s = time.monotonic()
        self._next_turn_s = max(self._next_turn_s + 1 / self._terms.rate, now_s - _TICK_S)
        if self._next_turn_s > now_s:
            await asyncio.sleep(self._next_turn_s - now_s)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client() as client:
                    answers = await client.subscribe(everything_downward("+"), qos=1)
                    if any(isinstance(answer, ReasonCode) and answer.is_failure for answer in answers):
                        raise SimulationError(f"the broker at {self._where} lets this log-in hear of no receipts")
                    self._is_listening.set()
                    async for message in client.messages:
                        take = self._told.get(str(message.topic))
                        if take is not None:
                            with suppress(ContractError):  # it is sent again
                                take(bytes(message.payload))
            except MqttConnectError as refusal:
                if not self._is_listening.is_set():  # later on it may only be on its way up again
                    raise SimulationError(f"the broker at {self._where} refuses us: {refusal}") from None
            except (aiomqtt.MqttError, OSError, TimeoutError) as fault:
                self._fault = str(fault) or type(fault).__name__
            await asyncio.sleep(_AGAIN_S)

    def _take_receipt(self, gateway: FleetGateway, payload: bytes) -> None:
        receipt = from_json(Receipt, payload)
        stream = gateway.streams[receipt.stream]
        if receipt.epoch != stream.epoch:
            return
        took_s = stream.receive(receipt.up_to_seq, time.monotonic())
        if not took_s:
            return
        self.tally.receipted += len(took_s)
        self.tally.took_s[stream.stream].extend(took_s)
        self._settle(stream)

    async def _all_receipted(self) -> None:
        """Wait until everything has a receipt, for as long as receipts come."""
        best, best_at_s = -1, time.monotonic()
        while self.tally.receipted < self.tally.heard and time.monotonic() - best_at_s < _HOPE_S:
            if self.tally.receipted > best:
                best, best_at_s = self.tally.receipted, time.monotonic()
            await asyncio.sleep(_LOOK_EVERY_S / 5)

    @property
    def _port(self) -> int:
        return self._address.port or 1883

    @property
    def _where(self) -> str:
        return f"{self._address.hostname}:{self._port}"

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._address.hostname or "127.0.0.1",
            self._port,
            username=unquote(self._address.username) if self._address.username else None,
            password=unquote(self._address.password) if self._address.password else None,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            timeout=_ANSWER_S,
            max_inflight_messages=_UNCONFIRMED,
            logger=_CLIENT_LOGGER,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )


def _take_config(gateway: FleetGateway, payload: bytes) -> None:
    gateway.take(from_json(HomeConfig, payload))


def _presence(gateway: FleetGateway) -> Message:
    return upward(gateway.home.gateway_id, Upward.PRESENCE), to_json(gateway.presence())
