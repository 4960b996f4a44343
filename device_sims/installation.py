"""A whole installation on this machine: message broker, server, and the gateway of every simulated home."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from device_sims.errors import ChildFailedError
from device_sims.household import Household
from device_sims.ports import accepts, free_port
from device_sims.server_link import ServerLink
from device_sims.supervisor import Supervisor, livsrytme

# Real seconds until the server must answer: the first start makes the database, perhaps on a slow disk.
_UP_WITHIN_S: Final = 60.0
_LOOK_AGAIN_S: Final = 0.1
# A session is counted in the world's time, which may pass a million times as fast as ours.
_TEN_YEARS_H: Final = 87_600
_SHORTEST_PATIENCE_S: Final = 600.0
_PATIENCE_REAL_S: Final = 10.0
# The server learns routines in its periodic jobs; a simulated night may be over in a second.
_JOB_INTERVAL_S: Final = 1.0
# For a world without a set speed: a month has been seen to pass in some seconds.
_FASTEST_WORLD: Final = 500_000.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to set up.

    `speed` is world seconds in a real second, None for as fast as it goes.
    """

    folder: Path
    clock_file: Path
    provisioning: dict[str, Any]
    households: Sequence[Household]
    port: int
    speed: float | None


class Installation:
    """Runs from entering to leaving the context; `supervisor` keeps its programs alive in between.

    Raises:
        ChildFailedError: a part cannot start; the text says why.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._broker_port = free_port()
        self._broker = f"mqtt://127.0.0.1:{self._broker_port}"
        self.supervisor = Supervisor(plan.folder)
        self.address = f"http://127.0.0.1:{plan.port}"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._end()

    async def _start(self) -> None:
        for household in self._plan.households:
            await household.air.open()
        await self._provision()
        await self.supervisor.start("broker", livsrytme("server", "broker", "--port", str(self._broker_port)))
        await self.supervisor.while_they_run(self._broker_listens())
        server = ("--data", str(self._data), "--port", str(self._plan.port), "--broker", self._broker)
        await self.supervisor.start("server", livsrytme("server", "run", *server), self._environment())
        await self.supervisor.while_they_run(self._answers())
        for household in self._plan.households:
            name = household.gateway_id
            data = self._plan.folder / name
            data.mkdir(parents=True, exist_ok=True)
            home = ("--id", name, "--broker", self._broker, "--data", str(data))
            radio = ("--radio", f"virtual:{household.air.path}")
            await self.supervisor.start(name, livsrytme("gateway", "run", *home, *radio))

    async def _end(self) -> None:
        await self.supervisor.stop()
        for household in self._plan.households:
            await household.air.close()

    async def _provision(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        file = self._plan.folder / "provisioning.json"
        file.write_text(json.dumps(self._plan.provisioning, indent=1, ensure_ascii=False), encoding="utf-8")
        command = livsrytme("server", "provision", str(file), "--data", str(self._data))
        await self.supervisor.run_once("provision", command, self._environment())

    async def _broker_listens(self) -> None:
        until = time.monotonic() + _UP_WITHIN_S
        while not await accepts(self._broker_port):
            if time.monotonic() > until:
                raise ChildFailedError(f"the broker does not answer; see {self._plan.folder}/broker.log")
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _answers(self) -> None:
        until = time.monotonic() + _UP_WITHIN_S
        async with ServerLink(self.address, "", "") as link:
            while not await link.is_up():
                if time.monotonic() > until:
                    raise ChildFailedError(
                        f"the server does not answer on port {self._plan.port}; see {self._plan.folder}/server.log"
                    )
                await asyncio.sleep(_LOOK_AGAIN_S)

    @property
    def _data(self) -> Path:
        return self._plan.folder / "server"

    def _environment(self) -> dict[str, str]:
        speed = self._plan.speed or _FASTEST_WORLD
        return {
            "LIVSRYTME_SERVER_TEST_MODE": "true",
            "LIVSRYTME_SERVER_CLOCK_FILE": str(self._plan.clock_file),
            "LIVSRYTME_SERVER_LINK_PATIENCE_S": str(max(_SHORTEST_PATIENCE_S, _PATIENCE_REAL_S * speed)),
            "LIVSRYTME_SERVER_SESSION_HOURS": str(_TEN_YEARS_H),
            "LIVSRYTME_SERVER_JOB_INTERVAL_S": str(_JOB_INTERVAL_S),
        }
