import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from device_sims.errors import ChildFailedError, SimulationError
from device_sims.supervisor import Supervisor

_LIVES_ON = [sys.executable, "-c", "import signal; signal.pause()"]
_STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()",
]
_POLITE = (
    "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print('bye')))\n"
    "print('up', flush=True)\nsignal.pause()"
)
_FAILS = [sys.executable, "-c", "raise SystemExit('the disk is full')"]


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path)
    yield supervisor
    await supervisor.stop()


def _pid(folder: Path, name: str) -> int:
    return int(json.loads((folder / "processes.json").read_text(encoding="utf-8"))[name])


async def test_a_program_that_is_killed_is_started_again_and_its_new_number_told(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    await supervisor.start("server", _LIVES_ON)
    first = _pid(tmp_path, "server")

    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(5):
        while _pid(tmp_path, "server") == first:  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.01)

    assert psutil.pid_exists(_pid(tmp_path, "server"))
    assert supervisor.restarts == 1


async def test_stopping_ends_all_programs_also_one_that_does_not_want_to(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start("willing", _LIVES_ON)
    await supervisor.start("stubborn", _STUBBORN)
    async with asyncio.timeout(5):
        log = tmp_path / "stubborn.log"
        while "up" not in log.read_text(encoding="utf-8"):  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.01)
    pids = [_pid(tmp_path, name) for name in ("willing", "stubborn")]

    async with asyncio.timeout(3):
        await supervisor.stop()

    assert not any(psutil.pid_exists(pid) for pid in pids)
    await supervisor.stop()


async def test_a_program_that_cannot_run_at_all_ends_the_work_with_what_it_said_last(supervisor: Supervisor) -> None:
    await supervisor.start("server", _FAILS)

    with pytest.raises(ChildFailedError, match="server cannot run: the disk is full"):
        await supervisor.while_they_run(asyncio.Event().wait())


async def test_work_that_ends_is_handed_on_while_the_programs_run(supervisor: Supervisor) -> None:
    await supervisor.start("server", _LIVES_ON)

    assert await supervisor.while_they_run(asyncio.sleep(0, result=7)) == 7


async def test_a_program_that_runs_once_tells_why_it_failed(supervisor: Supervisor) -> None:
    with pytest.raises(ChildFailedError, match="provision failed: the disk is full"):
        await supervisor.run_once("provision", _FAILS)


async def test_a_program_that_is_not_there_is_told_in_words(supervisor: Supervisor) -> None:
    with pytest.raises(ChildFailedError, match="there is no program /nowhere/livsrytme"):
        await supervisor.start("server", ["/nowhere/livsrytme"])


async def test_a_program_that_is_held_stays_away_until_it_is_released(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start("server", _LIVES_ON)
    first = _pid(tmp_path, "server")

    await supervisor.hold("server")
    await supervisor.hold("server")
    await asyncio.sleep(1)  # three times as long as a killed program stays away
    assert not psutil.pid_exists(first)
    assert _pid(tmp_path, "server") == first

    supervisor.release("server")
    await _until_other(tmp_path, first)
    assert supervisor.restarts == 1


async def test_a_program_that_is_frozen_stands_still_and_goes_on_as_the_same(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    await supervisor.start("server", _LIVES_ON)
    process = psutil.Process(_pid(tmp_path, "server"))

    supervisor.freeze("server")
    await _until(lambda: process.status() == psutil.STATUS_STOPPED)
    supervisor.thaw("server")
    await _until(lambda: process.status() != psutil.STATUS_STOPPED)

    assert _pid(tmp_path, "server") == process.pid


async def test_stopping_ends_what_is_held_and_what_is_frozen(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start("held", _LIVES_ON)
    await supervisor.start("frozen", _LIVES_ON)
    await supervisor.hold("held")
    supervisor.freeze("frozen")

    async with asyncio.timeout(10):
        await supervisor.stop()

    assert not any(psutil.pid_exists(_pid(tmp_path, name)) for name in ("held", "frozen"))


async def test_a_frozen_program_can_still_end_cleanly(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start("polite", [sys.executable, "-c", _POLITE])
    log = tmp_path / "polite.log"
    await _until(lambda: "up" in log.read_text(encoding="utf-8"))
    process = psutil.Process(_pid(tmp_path, "polite"))
    supervisor.freeze("polite")
    await _until(lambda: process.status() == psutil.STATUS_STOPPED)

    await supervisor.stop()

    assert "bye" in log.read_text(encoding="utf-8")


async def test_a_program_that_is_not_of_the_installation_is_told_in_words(supervisor: Supervisor) -> None:
    await supervisor.start("server", _LIVES_ON)

    with pytest.raises(SimulationError, match="no program called broker in this installation, only server"):
        await supervisor.hold("broker")


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.01)


async def _until_other(folder: Path, first: int) -> None:
    await _until(lambda: _pid(folder, "server") != first)
