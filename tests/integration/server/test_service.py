"""The whole service as a process: a broker, a press, and an open page."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import aiomqtt
import httpx
import pytest
from builders import PASSWORD, REAL, FakeGateway

from gateway.contract.clock import SystemClock
from gateway.contract.codec import from_json
from gateway.contract.home_config import HomeConfig
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Downward, downward

STARTS_WITHIN_S = 30.0
COMMAND = [sys.executable, "-m", "gateway.command", "server"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def process(*arguments: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our programs, ready when it listens on its port; it is killed at the end if it still runs."""
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.DEVNULL) as running:
        try:
            ends = time.monotonic() + STARTS_WITHIN_S
            while not listens(port):
                time.sleep(0.05)  # another program's readiness cannot be awaited
                assert running.poll() is None, f"{arguments[0]} ended before it listened"
                assert time.monotonic() < ends, f"{arguments[0]} does not listen"
            yield running
        finally:
            running.kill()


@pytest.fixture(scope="module")
def broker() -> Iterator[int]:
    """A broker's port."""
    port = free_port()
    with process("broker", "--port", str(port), port=port):
        yield port


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the town in it, set up by the command."""
    folder = tmp_path_factory.mktemp("data")
    file = folder / "town.json"
    file.write_text(json.dumps(REAL))
    subprocess.run([*COMMAND, "provision", str(file), "--data", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


@contextmanager
def service(data: Path, broker: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the whole service; give its process and its address."""
    port = free_port()
    arguments = ("run", "--data", str(data), "--port", str(port), "--broker", f"mqtt://127.0.0.1:{broker}")
    with process(*arguments, port=port) as running:
        yield running, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def address(data: Path, broker: int) -> Iterator[str]:
    """The address of a running service."""
    with service(data, broker) as (_, address):
        yield address


@asynccontextmanager
async def signed_in(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of maria's."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=20, limits=limits) as client:
        answer = await client.post("/api/session", json={"username": "maria", "password": PASSWORD})
        assert answer.status_code == 204
        yield client


async def next_alert(lines: AsyncIterator[str]) -> None:
    """Wait until an open page is told of a change to an alert."""
    async for line in lines:
        if line.startswith("data:") and json.loads(line[5:]).get("what") == "alert":
            return
    pytest.fail("the stream ended")


async def test_a_press_reaches_an_open_page_within_a_second_and_is_receipted(address: str, broker: int) -> None:
    clock, gateway = SystemClock(), FakeGateway()
    async with (
        signed_in(address) as client,
        client.stream("GET", "/live") as stream,
        aiomqtt.Client("127.0.0.1", broker, protocol=aiomqtt.ProtocolVersion.V5) as mqtt,
    ):
        await mqtt.subscribe(downward(gateway.code, Downward.RECEIPT), qos=1)
        lines = stream.aiter_lines()

        waits = []
        for _ in range(3):  # the quickest counts: the machine may be busy with something else
            began = time.monotonic()
            await mqtt.publish(*gateway.batch([gateway.press(clock.now())]), qos=1)
            await next_alert(lines)
            waits.append(time.monotonic() - began)
        message = await anext(aiter(mqtt.messages))

        assert min(waits) < 1.0
        assert from_json(Receipt, bytes(message.payload)).up_to_seq == 1
        [alert] = (await client.get("/api/alerts")).json()
        assert (alert["kind"], alert["resident"]["id"]) == ("button", "res-a")


async def test_a_gateway_that_comes_is_sent_its_configuration(address: str, broker: int) -> None:
    gateway = FakeGateway("b")
    async with aiomqtt.Client("127.0.0.1", broker, protocol=aiomqtt.ProtocolVersion.V5) as mqtt:
        await mqtt.subscribe(downward(gateway.code, Downward.CONFIG), qos=1)
        await mqtt.publish(*gateway.presence(), qos=1)

        config = from_json(HomeConfig, bytes((await anext(aiter(mqtt.messages))).payload))

    assert config.gateway_id == "gw-b"
    assert {sensor.room for sensor in config.sensors} == {"lounge", "front_door", "bedroom", "kitchen"}


async def test_many_open_pages_leave_the_service_free_to_answer(address: str) -> None:
    async with signed_in(address) as client, AsyncExitStack() as pages:
        reading = []  # an iterator that is let go closes its stream
        for _ in range(40):
            stream = await pages.enter_async_context(client.stream("GET", "/live"))
            reading.append(stream.aiter_lines())
            await anext(reading[-1])

        answers = await asyncio.gather(*(client.get("/api/residents") for _ in range(10)))

    assert [answer.status_code for answer in answers] == [200] * 10


async def test_told_to_stop_the_service_stops_though_a_page_is_open(data: Path, broker: int) -> None:
    with service(data, broker) as (running, address):
        async with signed_in(address) as client, client.stream("GET", "/live") as stream:
            lines = stream.aiter_lines()
            await anext(lines)

            running.send_signal(signal.SIGTERM)
            began = time.monotonic()
            async for _ in lines:
                pass
            code = await asyncio.to_thread(running.wait, 10)

    assert code in {0, -signal.SIGTERM}  # the web server ends by the signal it was sent, once all is closed
    assert time.monotonic() - began < 5


async def test_a_gateway_that_was_there_first_is_sent_its_configuration(data: Path, tmp_path: Path) -> None:
    port = free_port()
    async with AsyncExitStack() as stack:
        stack.enter_context(process("broker", "--port", str(port), port=port))
        mqtt = await stack.enter_async_context(aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5))
        await mqtt.subscribe(downward("gw-a", Downward.CONFIG), qos=1)
        await mqtt.publish(*FakeGateway().presence(), qos=1)  # nobody is there yet

        stack.enter_context(service(data, port))

        async with asyncio.timeout(10):
            message = await anext(aiter(mqtt.messages))
    assert from_json(HomeConfig, bytes(message.payload)).gateway_id == "gw-a"
