"""A server that only gives receipts."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable

import aiomqtt
from real_broker import PATIENCE_S, RealBroker

from gateway.contract import topics
from gateway.contract.codec import from_json, to_json
from gateway.contract.heartbeat import Heartbeat, Presence
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import Observation, ObservationBatch, Stream
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Downward, Upward

_LISTENED_FOR = {"urgent": topics.URGENT_UPWARD, "other": topics.OTHER_UPWARD}


class ReceiptServer:
    """Keeps what gateways send in memory and gives receipts for it, as the real server does after its commit."""

    def __init__(self, broker: RealBroker, config: HomeConfig) -> None:
        self._broker = broker
        self._gateway_id = config.gateway_id
        self._changed = asyncio.Event()
        self._links: dict[str, aiomqtt.Client] = {}
        self._config = config
        self.gives_receipts = True
        self.answers_presence = False  # as the real one does, with the configuration
        self.loses_batches = 0
        self.arrived: list[Observation] = []  # every arrival in order, repeats too
        self.batches: list[ObservationBatch] = []
        self.stored: dict[tuple[str, Stream], dict[int, Observation]] = {}
        self.heartbeats: list[Heartbeat] = []
        self.presences: list[Presence] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Be there whenever the broker is. As the real one does, it hears what is urgent on a link of its own."""
        links = [asyncio.ensure_future(self._keep(name, filters)) for name, filters in _LISTENED_FOR.items()]
        try:
            yield
        finally:
            while pending := [link for link in links if not link.done()]:
                for link in pending:
                    link.cancel()
                await asyncio.wait(pending, timeout=0.5)  # the client may swallow a cancellation

    async def _keep(self, name: str, filters: tuple[str, ...]) -> None:
        while True:
            try:
                await self._serve(name, filters)
            except* aiomqtt.MqttError:
                pass
            self._links.pop(name, None)
            await asyncio.sleep(0.05)

    @property
    def is_linked(self) -> bool:
        """Whether it hears what gateways send."""
        return len(self._links) == len(_LISTENED_FOR)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what has arrived."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def tell(self, what: Downward, payload: bytes) -> None:
        """Send the gateway a message, whatever is in it."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._links:
                self._changed.clear()
                await self._changed.wait()
        await self._tell_by(next(iter(self._links.values())), what, payload)

    async def _tell_by(self, link: aiomqtt.Client, what: Downward, payload: bytes) -> None:
        topic = topics.downward(self._gateway_id, what)
        await link.publish(topic, payload, qos=1, retain=what is Downward.CONFIG, timeout=math.inf)

    async def receipt(self, epoch: str, stream: Stream, up_to_seq: int) -> None:
        """Give a receipt, true or not."""
        await self.tell(Downward.RECEIPT, _receipt(epoch, stream, up_to_seq))

    def all_stored(self) -> list[Observation]:
        """Return everything stored, each once."""
        return [one for numbered in self.stored.values() for one in numbered.values()]

    async def _serve(self, name: str, filters: tuple[str, ...]) -> None:
        client = aiomqtt.Client(
            "127.0.0.1", self._broker.port, protocol=aiomqtt.ProtocolVersion.V5, clean_start=True, identifier=name
        )
        client.pending_calls_threshold = 10_000
        async with client, asyncio.TaskGroup() as link:
            link.create_task(self._listen(client))  # first: only listening notices at once that the link broke
            await client.subscribe([(topic, 1) for topic in filters], timeout=math.inf)
            self._links[name] = client
            await self._tell_by(client, Downward.CONFIG, to_json(self._config))
            self._changed.set()

    async def _listen(self, client: aiomqtt.Client) -> None:
        answers: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        async with asyncio.TaskGroup() as link:
            link.create_task(self._take_all(client, answers))
            async for message in client.messages:
                answers.put_nowait((str(message.topic), bytes(message.payload)))

    async def _take_all(self, link: aiomqtt.Client, messages: asyncio.Queue[tuple[str, bytes]]) -> None:
        while True:
            await self._take(link, *await messages.get())
            self._changed.set()

    async def _take(self, link: aiomqtt.Client, topic: str, payload: bytes) -> None:
        match topics.read_upward(topic).what:
            case Upward.HEARTBEAT:
                self.heartbeats.append(from_json(Heartbeat, payload))
            case Upward.PRESENCE:
                self.presences.append(from_json(Presence, payload))
                if self.answers_presence:
                    await self._tell_by(link, Downward.CONFIG, to_json(self._config))
            case Upward.URGENT | Upward.ROUTINE:
                await self._take_batch(link, from_json(ObservationBatch, payload))

    async def _take_batch(self, link: aiomqtt.Client, batch: ObservationBatch) -> None:
        if self.loses_batches:
            self.loses_batches -= 1
            return
        self.batches.append(batch)
        self.arrived.extend(batch.observations)
        numbered = self.stored.setdefault((batch.epoch, batch.stream), {})
        numbered.update({one.seq: one for one in batch.observations})
        if self.gives_receipts:
            up_to_seq = batch.oldest_seq - 1
            while up_to_seq + 1 in numbered:
                up_to_seq += 1
            await self._tell_by(link, Downward.RECEIPT, _receipt(batch.epoch, batch.stream, up_to_seq))


def _receipt(epoch: str, stream: Stream, up_to_seq: int) -> bytes:
    return to_json(Receipt(epoch=epoch, stream=stream, up_to_seq=up_to_seq))
