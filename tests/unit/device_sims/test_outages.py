"""Each outage that a scenario can name goes wrong when it begins and is right again when it ends."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from device_sims.outages.line import Line
from device_sims.outages.outage import (
    OUTAGES,
    BrokerLoss,
    GatewayPowerLoss,
    NetworkLoss,
    Outage,
    ServerLate,
    ServerLoss,
    SlowNetwork,
    WrongClock,
    during,
)
from device_sims.radio.frames import Packet
from device_sims.radio.transmitter import Air
from device_sims.supervisor import Supervisor

_LIVES_ON = [sys.executable, "-c", "import signal; signal.pause()"]
_T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
_PACKET = Packet(_T0, bytes(6), -60, 0xFCD2, b"")
_HOME = "gw-a"


class Ground:
    """A small installation: three programs that do nothing, one line, one air."""

    def __init__(self, folder: Path) -> None:
        self.supervisor = Supervisor(folder)
        self.the_line = Line(1)
        self.the_air = Air(folder / "air", _T0)

    def line(self, gateway_id: str) -> Line:
        assert gateway_id == _HOME
        return self.the_line

    def air(self, gateway_id: str) -> Air:
        assert gateway_id == _HOME
        return self.the_air

    def process(self, name: str) -> psutil.Process:
        return psutil.Process(self.supervisor._running[name].pid)

    def runs(self, name: str) -> bool:
        running = self.supervisor._running[name]
        return running.returncode is None and psutil.Process(running.pid).status() != psutil.STATUS_STOPPED


@pytest_asyncio.fixture
async def ground(short_folder: Path) -> AsyncIterator[Ground]:
    ground = Ground(short_folder)
    for name in ("broker", "server", _HOME):
        await ground.supervisor.start(name, _LIVES_ON)
    await ground.the_line.open()
    yield ground
    await ground.the_line.cut()
    await ground.supervisor.stop()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("outage", "program"),
    [(GatewayPowerLoss(_HOME), _HOME), (BrokerLoss(), "broker"), (ServerLoss(), "server"), (ServerLate(), "server")],
)
async def test_a_program_is_away_while_its_outage_lasts_and_the_others_run(
    ground: Ground, outage: Outage, program: str
) -> None:
    async with during(outage, ground):
        await _until(lambda: not ground.runs(program))
        assert all(ground.runs(name) for name in {"broker", "server", _HOME} - {program})

    await _until(lambda: ground.runs(program))


async def test_a_server_that_is_late_is_the_same_program_afterwards(ground: Ground) -> None:
    before = ground.process("server").pid

    async with during(ServerLate(), ground):
        await _until(lambda: not ground.runs("server"))
    await _until(lambda: ground.runs("server"))

    assert ground.process("server").pid == before


async def test_time_goes_on_in_a_home_without_power_and_waits_for_it_afterwards(ground: Ground) -> None:
    async with during(GatewayPowerLoss(_HOME), ground), asyncio.timeout(20):
        await ground.the_air.send(_PACKET)

    sending = asyncio.create_task(ground.the_air.send(_PACKET))
    await asyncio.sleep(0)
    assert (ground.the_air.unheard, sending.done()) == (1, False)
    sending.cancel()


async def test_a_home_without_network_cannot_call_anybody(ground: Ground) -> None:
    async with during(NetworkLoss(_HOME), ground):
        with pytest.raises(OSError):  # noqa: PT011 - which one is the system's business
            await asyncio.open_connection("127.0.0.1", ground.the_line.port)

    _, writer = await asyncio.open_connection("127.0.0.1", ground.the_line.port)
    writer.close()


async def test_a_silent_network_takes_the_call_and_says_nothing(ground: Ground) -> None:
    async with during(NetworkLoss(_HOME, is_silent=True), ground):
        reader, writer = await asyncio.open_connection("127.0.0.1", ground.the_line.port)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)
    writer.close()


async def test_a_network_is_slow_and_then_fast_again(ground: Ground) -> None:
    async with during(SlowNetwork(_HOME, 1.5, 500.0), ground):
        assert (ground.the_line.delay_s, ground.the_line.bytes_per_s) == (1.5, 500.0)

    assert (ground.the_line.delay_s, ground.the_line.bytes_per_s) == (0.0, None)


async def test_a_clock_is_wrong_and_then_right_again(ground: Ground) -> None:
    async with during(WrongClock(_HOME, timedelta(hours=-3)), ground):
        assert ground.the_air.clock_error == timedelta(hours=-3)

    assert ground.the_air.clock_error == timedelta()


async def test_an_outage_ends_also_when_what_happens_in_it_fails(ground: Ground) -> None:
    with pytest.raises(ZeroDivisionError):
        async with during(WrongClock(_HOME, timedelta(hours=1)), ground):
            raise ZeroDivisionError

    assert ground.the_air.clock_error == timedelta()


def test_every_outage_has_a_name_for_scenarios() -> None:
    assert set(OUTAGES.values()) == {
        GatewayPowerLoss, NetworkLoss, SlowNetwork, WrongClock, BrokerLoss, ServerLoss, ServerLate
    }  # fmt: skip
