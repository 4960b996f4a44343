"""A small world that anybody can start: homes with a past, a server, and an alert that comes by itself."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.panel import Panel

from device_sims.agreement import agree
from device_sims.confirmation import until_stored
from device_sims.control import Control, SteeredHome
from device_sims.course import Course
from device_sims.errors import NoAlertError, NoAnswerError, SimulationError
from device_sims.family import settle_family
from device_sims.household import Household
from device_sims.installation import Installation, Plan, link_patience
from device_sims.neighbourhood import PRESSES_AFTER, Era, Neighbour
from device_sims.progress import ProgressView, Standing, progress_on
from device_sims.provisioning import PASSWORD, TESTER, person, visits_to, world_of
from device_sims.scenarios.from_now import FromNow
from device_sims.server_link import ServerLink
from device_sims.tiles import tiles_as_json
from device_sims.timeline import timeline_of
from device_sims.world import World
from gateway.contract.observation import SensorKind

# Real seconds.
_LOOK_EVERY_S: Final = 0.25
_LOOK_FOR_ALERT_EVERY_S: Final = 0.05
_ALERT_WITHIN_S: Final = 300.0
_LEARNS_WITHIN_S: Final = 3.0
# What a tester does is felt as at once; in real seconds.
_FEELS_ORDERS_EVERY_S: Final = 0.1
# A tester may choose up to this speed while it runs: a gateway's silence must not be one of its messages' way.
FASTEST_CHOSEN: Final = 300.0
# A server looks round for silent gateways twice a second; at that speed much of its world passes meanwhile.
_LOOKS_ROUND: Final = 1.25

_RESIDENT: Final = "res-a"  # Kari's mother
# Who agrees on something for whom before the live world begins.
_SETS: Final = "siri"
_FOR: Final = "res-a"
_PEOPLE: Final = (
    person("maria", "Maria Nilsen", "nurse"),
    person("jonas", "Jonas Berg", "nurse"),
    person("kari", "Kari Solberg", "relative", [_RESIDENT]),
    person("siri", "Siri Dahl", "staff"),
    person("inger", "Inger Solberg", "resident", ["res-a"]),
)


@dataclass(frozen=True, slots=True)
class DemoStage:
    """Where and how fast the world runs. `speed`: world seconds in a real second."""

    folder: Path
    port: int
    speed: float
    ends_with_alert: bool


async def demo(neighbours: list[Neighbour], era: Era, stage: DemoStage, console: Console) -> None:
    """Run the world until it is cancelled, or until the first alert where that is wanted.

    Raises:
        NoAlertError: no alert came within five real minutes of the live start, and one was waited for.
        SimulationError: a part could not start, or did not store everything; the text says which.
    """
    if (stage.folder / "server").exists():
        raise SimulationError(f"{stage.folder} already holds a demo: choose an empty folder with --data")
    stage.folder.mkdir(parents=True, exist_ok=True)
    households = [neighbour.household for neighbour in neighbours]
    clock_file = stage.folder / "world.clock"
    world = World(clock_file, era.begins, [household.air for household in households], stage.speed)
    provisioning = world_of(households, _PEOPLE, stage.speed)
    provisioning["visits"] = visits_to(households, era.begins.date())
    fastest = max(stage.speed, FASTEST_CHOSEN)
    plan = Plan(stage.folder, clock_file, provisioning, households, stage.port, fastest, has_lines=True)
    async with Installation(plan) as installation, ServerLink(installation.address, TESTER, PASSWORD) as link:
        run = _Run(neighbours, world, link, stage, console)
        await installation.supervisor.while_they_run(run.fill_in_the_past())
        async with ServerLink(installation.address, "maria", PASSWORD) as nurse:
            with suppress(NoAnswerError):  # a demo without it is still one
                await settle_family(nurse, _RESIDENT, households[0].tenancy.zone, era.begins)
        async with ServerLink(installation.address, _SETS, PASSWORD) as staff:
            await agree(staff, _FOR, era.begins.date())
        console.print(_what_to_do(installation.address, stage))
        missed_within = link_patience(fastest) * _LOOKS_ROUND
        steered = Control(run.steered, world, installation, link, FromNow(), missed_within)
        await installation.supervisor.while_they_run(run.live(steered))


class _Run:
    def __init__(
        self, neighbours: list[Neighbour], world: World, link: ServerLink, stage: DemoStage, console: Console
    ) -> None:
        self._neighbours = neighbours
        self._world = world
        self._link = link
        self._stage = stage
        self._console = console
        self._homes = [_Home(neighbour) for neighbour in neighbours]
        self._stored = {neighbour.household.gateway_id: 0 for neighbour in neighbours}

    async def fill_in_the_past(self) -> None:
        """Send every home's history through the chain, as fast as it goes, while the server's clock stands still."""
        self._console.print("Filling in the past of every home through its own gateway …")
        with progress_on(self._console) as view:
            watching = asyncio.create_task(self._watch(view))
            try:
                async with asyncio.TaskGroup() as homes:
                    for neighbour in self._neighbours:
                        homes.create_task(self._fill_in(neighbour))
                await self._look(view)
            except ExceptionGroup as faults:
                raise faults.exceptions[0] from None  # what stopped the first home is what a person is told
            finally:
                watching.cancel()
        await asyncio.sleep(_LEARNS_WITHIN_S)

    @property
    def steered(self) -> list[SteeredHome]:
        """The homes that a tester can see and steer."""
        return [home.steered for home in self._homes]

    async def live(self, control: Control) -> None:
        """Live on from the world's start; to the first alert, where that is wanted, or for ever."""
        steering = asyncio.create_task(control.run(), name="control")
        living = asyncio.create_task(self._live(), name="live")
        try:
            await (self._tell_first_alert() if self._stage.ends_with_alert else asyncio.gather(living, steering))
        finally:
            for task in (living, steering):
                task.cancel()
            await asyncio.gather(living, steering, return_exceptions=True)

    async def _fill_in(self, neighbour: Neighbour) -> None:
        household = neighbour.household
        for happening in neighbour.past:
            await household.put_on_air(happening)
        stored = self._stored
        await until_stored(household.tenancy.code, len(neighbour.past), lambda: stored[household.gateway_id])

    async def _watch(self, view: ProgressView) -> None:
        while True:
            with suppress(NoAnswerError):  # on its way up again
                await self._look(view)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self, view: ProgressView) -> None:
        for neighbour in self._neighbours:
            gateway_id = neighbour.household.gateway_id
            self._stored[gateway_id] = int((await self._link.gateway(gateway_id))["stored"])
            standing = Standing(neighbour.household.air.on_air, self._stored[gateway_id], None, None)
            view.show(neighbour.household.tenancy.resident, len(neighbour.past), standing)

    async def _live(self) -> None:
        self._world.begin()
        while True:
            soon = self._world.now + timedelta(seconds=_FEELS_ORDERS_EVERY_S * (self._world.speed or FASTEST_CHOSEN))
            next_at, home = min(((home.course.next_at or soon, home) for home in self._homes), key=lambda one: one[0])
            await self._world.pass_until(min(next_at, soon))
            # Asked anew: meanwhile a tester may have let something else happen there.
            if home.course.next_at is not None and home.course.next_at <= self._world.now:
                await self._let_happen(home)

    async def _let_happen(self, home: "_Home") -> None:
        happening = home.course.take()
        if happening is None:
            return
        await home.household.put_on_air(happening)
        home.steered.heard(happening)
        if happening.kind is SensorKind.BUTTON:
            self._narrate(happening.at, home.household, "presses the help button")

    def _narrate(self, at: datetime, household: Household, what: str) -> None:
        local = at.astimezone(household.tenancy.zone)
        self._console.print(f"{local:%H:%M}  {household.tenancy.resident} {what}", highlight=False)

    async def _tell_first_alert(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < _ALERT_WITHIN_S:
            with suppress(NoAnswerError):
                alert = _first_notified(await self._link.alerts())
                if alert is not None:
                    self._console.print(timeline_of(alert, self._stage.speed))
                    return
            await asyncio.sleep(_LOOK_FOR_ALERT_EVERY_S)
        raise NoAlertError(f"no alert was raised and notified within {_ALERT_WITHIN_S:.0f} s of the live start")


class _Home:
    """A neighbour as the present passes through it."""

    def __init__(self, neighbour: Neighbour) -> None:
        self.household = neighbour.household
        self.course = Course(neighbour.future, neighbour.life, neighbour.besides)
        code = neighbour.household.tenancy.code
        tiles = tiles_as_json(self.household.places)
        self.steered = SteeredHome(
            f"home-{code}", code, self.household.gateway_id, self.course, tiles, [*neighbour.truth]
        )


def _first_notified(alerts: list[dict[str, Any]]) -> dict[str, Any] | None:
    notified = [alert for alert in alerts if alert["notified_at"] is not None]
    return min(notified, key=lambda alert: str(alert["raised_at"]), default=None)


def _what_to_do(address: str, stage: DemoStage) -> Panel:
    presses_in_s = PRESSES_AFTER.total_seconds() / stage.speed
    return Panel(
        f"[bold]{address}[/bold]\n\n"
        "Log in as maria or jonas (nurses), kari (relative), inger (resident), siri (service centre) or tor (tester); "
        f"the password is [bold]{PASSWORD}[/bold]. Tor sees the homes from above, and lets things happen in them.\n\n"
        f"The world runs {stage.speed:g} times as fast as ours. In {presses_in_s:.0f} s Torvald Haugen "
        "presses his help button. Inger Solberg falls in her bathroom; nothing tells of it but her silence, and the "
        "alert comes when that is longer than any of hers at this hour.\n\n"
        "Ctrl+C stops everything.",
        title="Livsrytme demo",
        expand=False,
    )
