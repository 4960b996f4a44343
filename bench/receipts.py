"""A broker, and a server that only gives receipts for what reaches it."""

import asyncio
import math
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Self

import aiomqtt

from gateway.contract import topics
from gateway.contract.codec import from_json, to_json
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import ObservationBatch, Stream
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Downward, Upward

PATIENCE_S = 30.0
SERVE = "import sys; from iotcore import IotCoreBroker; IotCoreBroker(config_path=sys.argv[1]).run_forever()"
SETTINGS = """
id = 0
[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[{version}.1]
name = "{version}"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 500
dynamic_filters = true
"""


class Broker:
    """An MQTT broker in a process of its own, for version 5 of MQTT (`v5`) or 3.1.1 (`v4`)."""

    def __init__(self, folder: Path, version: str = "v5") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._file = folder / f"{version}.toml"
        self._file.write_text(SETTINGS.format(version=version, port=self.port))

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run it."""
        silent = subprocess.DEVNULL
        with subprocess.Popen([sys.executable, "-c", SERVE, str(self._file)], stdout=silent, stderr=silent) as process:
            try:
                self._until_it_answers()
                yield self
            finally:
                process.kill()

    def _until_it_answers(self) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)
            else:
                return


class Receipts:
    """Remembers which numbers have come, and gives receipts as the real server does."""

    def __init__(self, broker: Broker, config: HomeConfig) -> None:
        self._broker = broker
        self._config = config
        self._changed = asyncio.Event()
        self._come: dict[tuple[str, Stream], set[int]] = {}
        self._marks: dict[tuple[str, Stream], int] = {}

    @property
    def urgent(self) -> int:
        """How many urgent facts have come."""
        return sum(len(numbers) for (_, stream), numbers in self._come.items() if stream is Stream.URGENT)

    def count(self) -> int:
        """Return how many facts have come, each counted once."""
        return sum(len(numbers) for numbers in self._come.values())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what has come, with patience."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Give receipts, and tell the gateway its home."""
        async with aiomqtt.Client("127.0.0.1", self._broker.port, protocol=aiomqtt.ProtocolVersion.V5) as link:
            await link.subscribe([(topic, 1) for topic in (*topics.URGENT_UPWARD, *topics.OTHER_UPWARD)])
            await self._tell(link, Downward.CONFIG, to_json(self._config))
            taking = asyncio.create_task(self._take_all(link))
            yield self
            taking.cancel()

    async def _take_all(self, link: aiomqtt.Client) -> None:
        async for message in link.messages:
            if topics.read_upward(str(message.topic)).what not in {Upward.URGENT, Upward.ROUTINE}:
                continue
            batch = from_json(ObservationBatch, bytes(message.payload))
            of = batch.epoch, batch.stream
            come = self._come.setdefault(of, set())
            come.update(one.seq for one in batch.observations)
            self._changed.set()
            mark = self._marks.get(of, 0)
            while mark + 1 in come:
                mark += 1
            self._marks[of] = mark
            receipt = Receipt(epoch=batch.epoch, stream=batch.stream, up_to_seq=mark)
            await self._tell(link, Downward.RECEIPT, to_json(receipt))

    async def _tell(self, link: aiomqtt.Client, what: Downward, payload: bytes) -> None:
        topic = topics.downward(self._config.gateway_id, what)
        await link.publish(topic, payload, qos=1, retain=what is Downward.CONFIG, timeout=math.inf)
