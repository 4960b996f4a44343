import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from device_sims.errors import ChildFailedError
from device_sims.supervisor import Supervisor

_LIVES_ON = [sys.executable, "-c", "import signal; signal.pause()"]
_STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()",
]
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
