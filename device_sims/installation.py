"""A whole installation on this machine: message broker, server, and the gateway of every simulated home."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from device_sims.errors import ChildFailedError, SimulationError
from device_sims.household import Dwelling
from device_sims.outages.line import Line
from device_sims.ports import accepts, free_port
from device_sims.radio.transmitter import Air
from device_sims.sensors.vitals.bedside import Connectable, bedside
from device_sims.server_link import ServerLink
from device_sims.supervisor import Supervisor, livsrytme

# Real seconds until the server must answer: the first start makes the database, perhaps on a slow disk.
_UP_WITHIN_S: Final = 120.0
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

    `speed` is world seconds in a real second, None for as fast as it goes. `environment` has the last word on the
    server's settings. With `has_lines` each home's line to the broker can be cut, and costs a little time. `bedsides`
    are the devices one connects to, by gateway.
    """

    folder: Path
    clock_file: Path
    provisioning: dict[str, Any]
    households: Sequence[Dwelling]
    port: int
    speed: float | None
    environment: Mapping[str, str] = field(default_factory=dict)
    has_lines: bool = False
    bedsides: Mapping[str, Sequence[Connectable]] = field(default_factory=dict)


class Installation:
    """Runs from entering to leaving the context; `supervisor` keeps its programs alive in between.

    Raises:
        ChildFailedError: a part cannot start; the text says why.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._broker_port = free_port()
        self.broker = f"mqtt://127.0.0.1:{self._broker_port}"
        self._lines: dict[str, Line] = {}
        self._stack = AsyncExitStack()
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
        server = ("--data", str(self._data), "--port", str(self._plan.port), "--broker", self.broker)
        await self.supervisor.start("server", livsrytme("server", "run", *server), self._environment())
        await self.supervisor.while_they_run(self._answers())
        for household in self._plan.households:
            await self._start_gateway(household)

    async def _start_gateway(self, household: Dwelling) -> None:
        name = household.gateway_id
        data = self._plan.folder / name
        data.mkdir(parents=True, exist_ok=True)
        home = ("--id", name, "--broker", await self._broker_for(name), "--data", str(data))
        radio, environment = f"virtual:{household.air.path}", {}
        if name in self._plan.bedsides:
            bus = household.air.path.with_suffix(".bus")
            bus.mkdir(exist_ok=True)
            environment = await self._stack.enter_async_context(bedside(bus, self._plan.bedsides[name]))
            radio += ",bluez:hci0"
        await self.supervisor.start(name, livsrytme("gateway", "run", *home, "--radio", radio), environment)

    async def _broker_for(self, gateway_id: str) -> str:
        if not self._plan.has_lines:
            return self.broker
        line = self._lines[gateway_id] = Line(self._broker_port)
        await line.open()
        return f"mqtt://127.0.0.1:{line.port}"

    def line(self, gateway_id: str) -> Line:
        """Return the line between a gateway and the broker.

        Raises:
            SimulationError: there is no such gateway, or it has no line that can be cut.
        """
        if gateway_id not in self._lines:
            raise SimulationError(f"{gateway_id} has no line that can be cut: set up the installation with lines")
        return self._lines[gateway_id]

    def air(self, gateway_id: str) -> Air:
        """Return the air that a gateway listens to.

        Raises:
            SimulationError: there is no such gateway.
        """
        for household in self._plan.households:
            if household.gateway_id == gateway_id:
                return household.air
        raise SimulationError(f"there is no gateway called {gateway_id} in this installation")

    async def _end(self) -> None:
        await self.supervisor.stop()
        await self._stack.aclose()
        for line in self._lines.values():
            await line.cut()
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
                    words, log = self.supervisor.last_words("server"), self._plan.folder / "server.log"
                    raise ChildFailedError(
                        f"the server does not answer on port {self._plan.port}: {words} (whole log: {log})"
                    )
                await asyncio.sleep(_LOOK_AGAIN_S)

    @property
    def _data(self) -> Path:
        return self._plan.folder / "server"

    def _environment(self) -> dict[str, str]:
        return {
            "LIVSRYTME_SERVER_TEST_MODE": "true",
            "LIVSRYTME_SERVER_CLOCK_FILE": str(self._plan.clock_file),
            "LIVSRYTME_SERVER_LINK_PATIENCE_S": str(link_patience(self._plan.speed).total_seconds()),
            "LIVSRYTME_SERVER_SESSION_HOURS": str(_TEN_YEARS_H),
            "LIVSRYTME_SERVER_JOB_INTERVAL_S": str(_JOB_INTERVAL_S),
            **self._plan.environment,
        }


def link_patience(speed: float | None) -> timedelta:
    """Return how long in its world a server does not miss a gateway: as long as messages may be on their way.

    `speed`: world seconds in a real second; None for as fast as it goes.
    """
    return timedelta(seconds=max(_SHORTEST_PATIENCE_S, _PATIENCE_REAL_S * (speed or _FASTEST_WORLD)))
