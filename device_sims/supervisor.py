"""Keeps the programs of an installation running as systemd would, and lets none of them outlive the simulation."""

import asyncio
import atexit
import ctypes
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from device_sims.errors import ChildFailedError, SimulationError

T = TypeVar("T")

_AGAIN_AFTER_S: Final = 0.3
# A program that ends by itself with an error this often, each time this soon, is not going to get better.
_FAILS_IN_A_ROW: Final = 4
_SOON_S: Final = 5.0
# Ctrl+C ends everything within three seconds: this long to stop cleanly, then by force.
_CLEAN_STOP_S: Final = 2.0

_ON_LINUX: Final = sys.platform == "linux"
_PR_SET_PDEATHSIG: Final = 1  # Source: prctl(2)
_PRCTL: Final = ctypes.CDLL(None).prctl if _ON_LINUX else None


def livsrytme(*arguments: str) -> list[str]:
    """Return the command line that runs `livsrytme` with these arguments by the same Python as this program."""
    beside = Path(sys.executable).with_name("livsrytme")
    if beside.exists():
        return [str(beside), *arguments]
    return [sys.executable, "-c", "from gateway.command import main; main()", *arguments]


class Supervisor:
    """The programs of one installation.

    `processes.json` in the folder always tells which process is which, so that anybody can kill one. Each has its log
    there too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._may_run: dict[str, asyncio.Event] = {}
        self._hopeless: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self.restarts = 0
        atexit.register(self._kill_all)

    async def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start a program and keep it running until `stop`."""
        env = {**os.environ, **(environment or {})}
        self._may_run[name] = asyncio.Event()
        self._may_run[name].set()
        await self._spawn(name, command, env)
        self._keepers.append(asyncio.create_task(self._keep(name, command, env), name=f"keep {name}"))

    async def run_once(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run a program to its end.

        Raises:
            ChildFailedError: it ended with an error; the text says what it said last.
        """
        process = await self._start_process(name, command, {**os.environ, **(environment or {})})
        if await process.wait() != 0:
            raise ChildFailedError(f"{name} failed: {self.last_words(name)}")

    async def while_they_run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work; give up where a program turns out not to be able to run at all.

        Raises:
            ChildFailedError: a program ends by itself again and again; the text says what it said last.
        """
        doing = asyncio.create_task(work)
        try:
            either: list[asyncio.Future[Any]] = [doing, self._hopeless]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._hopeless.done():
                self._hopeless.result()
            return await doing
        finally:
            doing.cancel()
            with suppress(asyncio.CancelledError):
                await doing

    async def hold(self, name: str) -> None:
        """Kill a program, and keep it from running until `release`. A repeat is harmless.

        Raises:
            SimulationError: there is no such program.
        """
        process = self._process(name)
        self._may_run[name].clear()
        _send(process, signal.SIGKILL)
        await process.wait()

    def release(self, name: str) -> None:
        """Let a program that is held run again. A repeat is harmless.

        Raises:
            SimulationError: there is no such program.
        """
        self._process(name)
        self._may_run[name].set()

    def freeze(self, name: str) -> None:
        """Let a program stand still with everything it holds open, until `thaw`. A repeat is harmless.

        Raises:
            SimulationError: there is no such program.
        """
        _send(self._process(name), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a program that stands still go on. A repeat is harmless.

        Raises:
            SimulationError: there is no such program.
        """
        _send(self._process(name), signal.SIGCONT)

    async def stop(self) -> None:
        """Ask all programs to end, and make them, within three seconds. A repeat is harmless."""
        self._stopping.set()
        for may_run in self._may_run.values():
            may_run.set()
        self._signal_all(signal.SIGCONT)
        self._signal_all(signal.SIGTERM)
        if self._keepers:
            _, late = await asyncio.wait(self._keepers, timeout=_CLEAN_STOP_S)
            if late:
                self._signal_all(signal.SIGKILL)
                await asyncio.wait(late, timeout=_CLEAN_STOP_S)
        atexit.unregister(self._kill_all)

    def last_words(self, name: str) -> str:
        """Return the last line that a program has written."""
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    async def _keep(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        fails = 0
        while True:
            process = self._running[name]
            started = time.monotonic()
            ended = await process.wait()
            if self._stopping.is_set():
                return
            fails = fails + 1 if ended > 0 and time.monotonic() - started < _SOON_S else 0
            if fails == _FAILS_IN_A_ROW:
                self._give_up(name)
                return
            await asyncio.sleep(_AGAIN_AFTER_S)
            await self._may_run[name].wait()
            if self._stopping.is_set():
                return
            self.restarts += 1
            await self._spawn(name, command, env)

    def _give_up(self, name: str) -> None:
        if not self._hopeless.done():
            self._hopeless.set_exception(
                ChildFailedError(f"{name} cannot run: {self.last_words(name)} (whole log: {self._log(name)})")
            )

    async def _spawn(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._running[name] = await self._start_process(name, command, env)
        unfinished = self._folder / "processes.new"
        unfinished.write_text(json.dumps({name: one.pid for name, one in self._running.items()}), encoding="utf-8")
        unfinished.replace(self._folder / "processes.json")

    async def _start_process(
        self, name: str, command: Sequence[str], env: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        if shutil.which(command[0]) is None:
            raise ChildFailedError(f"{name} cannot run: there is no program {command[0]}")
        with self._log(name).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl+C at the terminal reaches only us, so that the order of ending is ours
                preexec_fn=_die_with_parent(os.getpid()),
            )

    def _process(self, name: str) -> asyncio.subprocess.Process:
        if name not in self._may_run:
            known = ", ".join(sorted(self._may_run))
            raise SimulationError(f"there is no program called {name} in this installation, only {known}")
        return self._running[name]

    def _signal_all(self, sign: signal.Signals) -> None:
        for process in self._running.values():
            _send(process, sign)

    def _kill_all(self) -> None:
        for process in self._running.values():
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _send(process: asyncio.subprocess.Process, sign: signal.Signals) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(sign)


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """Return what a child does first on Linux: ask to be killed when its parent dies, however that comes about."""
    if _PRCTL is None:
        return None
    prctl = _PRCTL

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask
