"""Plays scenarios through a whole installation: real gateways, broker and server; the history first.

The history goes through the homes' own gateways as fast as it can, while the server's clock stands still. Then the
world passes in steps, and each step waits until the server knows of every home up to it: so an alert is at most one
step later than it would be in real time, however slow this machine is. Where an alert is due within minutes, and while
the broker or the server fails, the world passes at a speed instead.
"""

import asyncio
import heapq
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from device_sims.errors import NoAnswerError, NotConfirmedError
from device_sims.household import Dwelling, Tenancy
from device_sims.installation import Installation, Plan
from device_sims.outages.outage import (
    BROKER_AND_SERVER,
    OUTAGES,
    WRONG_CLOCK,
    BrokerLoss,
    Outage,
    ServerLate,
    ServerLoss,
    WrongClock,
)
from device_sims.ports import free_port
from device_sims.provisioning import NURSE, PASSWORD, TESTER, world_of
from device_sims.radio.frames import Packet
from device_sims.scenarios.carer import Carer
from device_sims.scenarios.home import Performance, truth_of_all
from device_sims.scenarios.incidents import Failing
from device_sims.scenarios.pace import Pace
from device_sims.scenarios.showing import Showing
from device_sims.scoring.alerts import Alert, from_api
from device_sims.server_link import ServerLink

STEP: Final = timedelta(minutes=5)
# What the installer states of a sensor: three of them without a word are a fault. Beacons come far more often.
SPEAKS_EVERY: Final = timedelta(hours=1)
# A gateway beats once a minute of its home's time.
_BEATS_EVERY: Final = timedelta(seconds=61)
# As in real service: the world waits for the server, so it needs no more patience than there.
_LINK_PATIENCE_S: Final = 660.0
# What is due sooner than this is waited for at a speed, so that it has this many real seconds.
_SOON: Final = timedelta(minutes=10)
_REAL_S_FOR_SOON: Final = 8.0
_SPEED_OF_OUTAGES: Final = 300.0
_SPEED_OF_SILENCE: Final = 3_600.0
_SILENCES_OF_HOMES: Final = frozenset({"gateway_silent", "fleet_outage"})
# Real seconds.
_LOOK_EVERY_S: Final = 0.02
_LOOKS_ARE_ONE_IN: Final = 5  # of the time
# A message that a lost link takes with it is followed by another only when time passes: so it passes, one more step.
_WAITS_FOR_S: Final = 30.0
_WAITS_IN_VAIN: Final = 7
_LEARNS_WITHIN_S: Final = 4.0
_ALERTS_EVERY: Final = timedelta(hours=3)
_ANSWERS_EVERY: Final = timedelta(minutes=15)
# What the history lets the service say, whose clock stood still meanwhile, is said before the homes count.
_EVE: Final = timedelta(seconds=1)
_NEEDS_LINE: Final = frozenset({"network_loss", "slow_network"})


@dataclass(frozen=True, slots=True)
class Theatre:
    """Where it is played: a folder for all it keeps, a short one for sockets.

    `speed`: world seconds in a real second; None for as fast as the server follows. `seed_of_carer`: of who answers the
    alerts; None for nobody.
    """

    folder: Path
    sockets: Path
    speed: float | None = None
    seed_of_carer: str | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: every alert raised, packets on the air, and real seconds for history and scenario."""

    alerts: list[Alert]
    packets: int
    history_s: float
    scenario_s: float


class _Stage:
    """A home as it is played."""

    def __init__(self, home: Performance, sockets: Path) -> None:
        self.home = home
        tenancy = Tenancy(home.code, f"Test {home.code}", 1940, "Testveien 1", home.life.zone)
        self.dwelling = Dwelling(tenancy, home.kit.sensors, sockets, home.begins - home.history, SPEAKS_EVERY)
        self.broken: set[str] = set()  # outages that are on
        self._packets = home.packets()
        self._next: Packet | None = None

    async def live_through_history(self, showing: Showing) -> None:
        """Send what the sensors said before the scenario begins."""
        home, begins = self.home, self.home.begins - self.home.history
        for packet in self._packets:
            if packet.at >= home.begins:
                self._next = packet
                break
            await self.dwelling.air.send(packet)
            if self.dwelling.air.on_air % 500 == 0:
                showing.show(f"{home.code}, history", packet.at - begins, home.history)
        self.dwelling.air.tell_time(home.begins)
        showing.show(f"{home.code}, history", home.history, home.history)

    def rest(self) -> Iterator[tuple[datetime, "_Stage", Packet]]:
        """Yield what the sensors say from then on."""
        if self._next is not None:
            yield self._next.at, self, self._next
        for packet in self._packets:
            yield packet.at, self, packet


async def play(homes: Sequence[Performance], theatre: Theatre, showing: Showing) -> Played:
    """Play scenarios that begin at the same moment, each in its own home; at least one.

    Raises:
        SimulationError: a part could not start, or did not keep up; the text says which.
    """
    theatre.folder.mkdir(parents=True, exist_ok=True)
    stages = [_Stage(home, theatre.sockets) for home in homes]
    dwellings = [stage.dwelling for stage in stages]
    clock_file = theatre.folder / "world.clock"
    pace = Pace(clock_file, homes[0].begins - _EVE, [dwelling.air for dwelling in dwellings])
    plan = Plan(
        theatre.folder,
        clock_file,
        world_of(dwellings, [NURSE], 1.0),
        dwellings,
        free_port(),
        theatre.speed,
        {} if theatre.speed else {"LIVSRYTME_SERVER_LINK_PATIENCE_S": str(_LINK_PATIENCE_S)},
        has_lines=any(one.outage in _NEEDS_LINE for home in homes for one in home.failing),
    )
    async with (
        Installation(plan) as installation,
        ServerLink(installation.address, TESTER, PASSWORD) as link,
        ServerLink(installation.address, NURSE["username"], PASSWORD) as nurse,
    ):
        carer = Carer(nurse, truth_of_all(homes), theatre.seed_of_carer) if theatre.seed_of_carer else None
        director = _Director(stages, pace, installation, link, showing, theatre.speed, carer)
        return await installation.supervisor.while_they_run(director.play())


_Known = dict[str, tuple[datetime, int]]
_NEVER: Final = "1970-01-01T00:00:00Z"


class _Director:
    def __init__(
        self,
        stages: Sequence[_Stage],
        pace: Pace,
        installation: Installation,
        link: ServerLink,
        showing: Showing,
        speed: float | None,
        carer: Carer | None,
    ) -> None:
        self._stages = stages
        self._pace = pace
        self._installation = installation
        self._link = link
        self._showing = showing
        self._speed = speed
        self._carer = carer
        self._answers_at = pace.now
        self._alerts: dict[tuple[str, str, datetime], Alert] = {}
        self._looked_at = pace.now
        self._outages: list[tuple[datetime, bool, Failing, _Stage, Outage]] = []
        self._failing = 0  # of what all homes need
        self._in_vain = 0  # waits in a row that did not bring every home up to the present

    async def play(self) -> Played:
        started = time.monotonic()
        async with asyncio.TaskGroup() as homes:
            for stage in self._stages:
                homes.create_task(stage.live_through_history(self._showing))
        await self._server_knows()
        await asyncio.sleep(_LEARNS_WITHIN_S)
        await self._pace.pass_until(self._stages[0].home.begins, None)
        begun = time.monotonic()
        await self._live()
        await self._look_for_alerts()
        packets = sum(stage.dwelling.air.on_air for stage in self._stages)
        return Played(list(self._alerts.values()), packets, begun - started, time.monotonic() - begun)

    async def _live(self) -> None:
        begins, ends = self._pace.now, max(stage.home.ends for stage in self._stages)
        coming = heapq.merge(*(stage.rest() for stage in self._stages), key=lambda one: one[0])
        first = next(coming, None)
        self._plan_outages()
        for moment in self._moments(begins, ends):
            speed = self._speed_now()
            while first is not None and first[0] <= moment:
                await self._pace.pass_until(first[0], speed)
                await first[1].dwelling.air.send(first[2])
                first = next(coming, None)
            await self._pace.pass_until(moment, speed)
            self._pace.tick()
            await self._let_fail_or_mend(moment)
            if speed is None:
                await self._server_knows()
            if self._carer is not None and moment >= self._answers_at:
                await self._carer.look(moment)
                self._answers_at = moment + _ANSWERS_EVERY
            if moment - self._looked_at >= _ALERTS_EVERY:
                with suppress(NoAnswerError):  # it may be broken just now, and is asked again
                    await self._look_for_alerts()
            self._showing.show("scenarios", moment - begins, ends - begins, f", {len(self._alerts)} alerts")

    def _moments(self, begins: datetime, ends: datetime) -> list[datetime]:
        """Return where the world stops: every step, and where the pace or what fails changes."""
        steps = int((ends - begins) / STEP)
        marks = {begins + STEP * number for number in range(1, steps + 1)} | {ends}
        marks |= {one[0] for one in self._outages}
        marks |= {at for begin, due in self._soon() for at in (begin, due)}
        return sorted(mark for mark in marks if begins < mark <= ends)

    def _soon(self) -> list[tuple[datetime, datetime]]:
        """Return the times that are not to pass faster than the service looks round by itself."""
        expected = [one for stage in self._stages for one in stage.home.truth.expected]
        return [
            (one.begins_at, one.due_at)
            for one in expected
            if one.within < _SOON or not _SILENCES_OF_HOMES.isdisjoint(one.kinds)
        ]

    def _speed_now(self) -> float | None:
        """Return the pace until the next mark."""
        now = self._pace.now
        speeds = [(due - at).total_seconds() / _REAL_S_FOR_SOON for at, due in self._soon() if at <= now < due]
        living = [one for one in self._stages if one.home.ends > now]
        if self._failing or any(WRONG_CLOCK in one.broken for one in living):
            speeds.append(_SPEED_OF_OUTAGES)
        if all(one.broken for one in living):  # nobody is waited for
            speeds.append(_SPEED_OF_SILENCE)
        if self._speed is not None:
            speeds.append(self._speed)
        return min(speeds, default=None)

    def _plan_outages(self) -> None:
        for stage in self._stages:
            for one in stage.home.failing:
                outage = outage_of(one, stage.dwelling.gateway_id)
                self._outages += [(one.begins, True, one, stage, outage), (one.ends, False, one, stage, outage)]

    async def _let_fail_or_mend(self, moment: datetime) -> None:
        for at, begins, failing, stage, outage in self._outages:
            if at != moment:
                continue
            await (outage.begin(self._installation) if begins else outage.end(self._installation))
            if failing.outage in BROKER_AND_SERVER:
                self._failing += 1 if begins else -1
            elif begins:
                stage.broken.add(failing.outage)
            else:
                stage.broken.discard(failing.outage)
                self._pace.tick()  # a clock that is set right is right from this moment, not from the next step on
                await self._installation.supervisor.while_they_run(stage.dwelling.air.listened_to())

    async def _server_knows(self) -> None:
        """Wait until the server knows of every home that works up to now, or nothing comes while time stands still.

        Raises:
            NotConfirmedError: one does not come any further, however often time went on.
        """
        now = self._pace.now
        going = (one for one in self._stages if not one.broken and one.home.ends >= now)
        working = {one.dwelling.gateway_id: one for one in going}
        if self._failing or not working:
            return
        for stage in working.values():
            await stage.dwelling.air.heard()
        late = await self._late(working, now - _BEATS_EVERY)
        self._in_vain = self._in_vain + 1 if late else 0
        if self._in_vain == _WAITS_IN_VAIN:
            raise NotConfirmedError(
                f"the server comes no further with {', '.join(sorted(late))}; its log and the gateways' are in the "
                "folder given with --out"
            )

    async def _late(self, working: dict[str, _Stage], wanted: datetime) -> set[str]:
        """Wait until the server knows of all up to `wanted`; return those of which nothing more came."""
        best: _Known = {}
        best_at = time.monotonic()
        while True:
            asked_at = time.monotonic()
            known = await self._known(working)
            late = {name for name in working if name not in known or known[name][0] < wanted}
            if known != best:
                best, best_at = known, time.monotonic()
            if not late or time.monotonic() - best_at > _WAITS_FOR_S:
                return late
            # A server that has much to do is not to spend its time on answers.
            await asyncio.sleep(max(_LOOK_EVERY_S, _LOOKS_ARE_ONE_IN * (time.monotonic() - asked_at)))
            self._pace.tick()  # a gateway that has just started does not know what time it is

    async def _known(self, working: dict[str, _Stage]) -> _Known:
        """Return up to when the server knows of each home, and how many facts it has."""
        with suppress(NoAnswerError):
            known = {one["gateway_id"]: one for one in await self._link.gateways()}
            return {
                name: (datetime.fromisoformat(known[name]["knows_until"] or _NEVER), known[name]["stored"])
                for name in working
            }
        return {}

    async def _look_for_alerts(self) -> None:
        for alert in from_api(await self._link.alerts()):
            self._alerts[alert.home, alert.kind, alert.raised_at] = alert
        self._looked_at = self._pace.now


def outage_of(failing: Failing, gateway_id: str) -> Outage:
    """Return what fails: the home's own part, or what all homes need."""
    if failing.outage == WRONG_CLOCK:
        return WrongClock(gateway_id, failing.ahead)
    kind = OUTAGES[failing.outage]
    if kind in {BrokerLoss, ServerLoss, ServerLate}:
        return kind()
    return kind(gateway_id)  # type: ignore[call-arg]  # the others are a gateway's
