"""Plays what happened in a real home through the whole chain, and counts whether all of it arrived."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device_sims.confirmation import until_stored
from device_sims.errors import NoAnswerError, SimulationError
from device_sims.household import Household, Tenancy
from device_sims.installation import Installation, Plan
from device_sims.ports import free_port
from device_sims.progress import ProgressView, Standing
from device_sims.provisioning import NURSE, PASSWORD, TESTER, world_of
from device_sims.server_link import ServerLink
from device_sims.tihm import ZONE, Activation
from device_sims.world import World

_LOOK_EVERY_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the events. `quarantined` counts messages nobody could read; `seconds` are real ones."""

    in_file: int
    on_air: int
    stored: int
    quarantined: int
    alerts: int
    restarts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a replay runs: a folder for all it keeps, a short one for its socket; and how fast (None: flat out)."""

    folder: Path
    sockets: Path
    speed: float | None


async def replay(home: str, rows: list[Activation], stage: Stage, view: ProgressView) -> Outcome:
    """Play the rows (oldest first, at least one) of one home.

    Raises:
        SimulationError: a part could not start, or the server did not store everything; the text says which.
    """
    if (stage.folder / "server").exists():
        raise SimulationError(f"{stage.folder} already holds a replay: choose an empty folder with --data")
    stage.folder.mkdir(parents=True, exist_ok=True)
    tenancy = Tenancy(home, f"TIHM {home}", 1940, "TIHM", ZONE)
    places = [(row.place.room, row.place.form) for row in rows]
    household = Household(tenancy, places, stage.sockets, rows[0].at())
    clock_file = stage.folder / "world.clock"
    world = World(clock_file, rows[0].at(), [household.air], stage.speed)
    provisioning = world_of([household], [NURSE], stage.speed or 1.0)
    plan = Plan(stage.folder, clock_file, provisioning, [household], free_port(), stage.speed)
    async with Installation(plan) as installation, ServerLink(installation.address, TESTER, PASSWORD) as link:
        await installation.supervisor.while_they_run(household.air.listened_to())
        player = _Player(rows, household, world, link, view)
        return await installation.supervisor.while_they_run(player.play(installation))


class _Player:
    def __init__(
        self, rows: list[Activation], household: Household, world: World, link: ServerLink, view: ProgressView
    ) -> None:
        self._rows = rows
        self._household = household
        self._world = world
        self._link = link
        self._view = view
        self._stored = 0
        self._quarantined = 0
        self._alerts = 0
        self._started_at = time.monotonic()

    async def play(self, installation: Installation) -> Outcome:
        self._started_at = time.monotonic()
        self._world.begin()
        watching = asyncio.create_task(self._watch())
        try:
            for row in self._rows:
                await self._world.pass_until(row.at())
                await self._household.put_on_air(row.as_noticed())
            await until_stored(self._household.tenancy.code, len(self._rows), lambda: self._stored)
            await self._look()
        finally:
            watching.cancel()
        return Outcome(
            in_file=len(self._rows),
            on_air=self._household.air.on_air,
            stored=self._stored,
            quarantined=self._quarantined,
            alerts=self._alerts,
            restarts=installation.supervisor.restarts,
            seconds=self._real_s,
        )

    async def _watch(self) -> None:
        while True:
            with suppress(NoAnswerError):  # on its way up again
                await self._look()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        self._stored = int((await self._link.gateway(self._household.gateway_id))["stored"])
        self._alerts = len(await self._link.alerts())
        self._quarantined = await self._link.quarantined()
        passed = (self._world.now - self._rows[0].at()).total_seconds()
        standing = Standing(self._household.air.on_air, self._stored, self._alerts, passed / max(self._real_s, 0.001))
        self._view.show(self._household.tenancy.code, len(self._rows), standing)

    @property
    def _real_s(self) -> float:
        return time.monotonic() - self._started_at
