"""Drives thousands of homes at once, and counts whether the server has every fact of every one of them."""

import asyncio
import random
import secrets
import statistics
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from device_sims.errors import SimulationError
from device_sims.fleet.homes import MORNING, USUAL_URGENT, FleetHome, expected_events
from device_sims.fleet.load import Load
from device_sims.fleet.outgoing import FleetGateway
from device_sims.fleet.progress import FleetView
from device_sims.fleet.traffic import Tally, Terms, Traffic
from device_sims.installation import Installation, Plan
from device_sims.ports import free_port
from device_sims.provisioning import NURSE, PASSWORD, TESTER, UNIT, world_of
from device_sims.server_link import ServerLink
from device_sims.world import World
from gateway.contract.clock import SystemClock
from gateway.contract.observation import Stream

_LOOK_EVERY_S: Final = 0.5
# Real seconds the server may take to tell of every gateway.
_COUNTING_S: Final = 900.0
_BEATS_MISSED: Final = 3
_SHORTEST_PATIENCE_S: Final = 600.0
_JOB_EVERY_S: Final = 10.0
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    `patience_s`: real seconds until a gateway sends again what got no receipt. `urgent`: share of presses.
    """

    homes: int
    span: timedelta
    speed: float
    events_a_day: float
    seed: int
    patience_s: float
    terms: Terms
    urgent: float = USUAL_URGENT


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A server that runs already and knows the homes. Its clock is the real one."""

    broker: str
    server: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Delay:
    """How long facts took from the sensor to the receipt, in real milliseconds; NaN of none."""

    facts: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fleet. Seconds are real ones; what could not be seen of the server is 0.

    `*_later`: of receipts in the second half, when a fleet that connected all at once has settled. `*_mb`: memory at
    most; `*_mb_half`: when half of the time had passed.
    """

    homes: int
    heard: int
    receipted: int
    stored: int
    quarantined: int
    messages: int
    heartbeats: int
    resent: int
    alerts: int
    setting_up_s: float
    seconds: float
    routine: Delay
    urgent: Delay
    routine_later: Delay
    urgent_later: Delay
    server_cpu_s: float
    server_mb: float
    server_mb_half: float
    fleet_mb: float
    fleet_mb_half: float
    server_restarts: int

    @property
    def lost(self) -> int:
        """Facts the server has not."""
        return self.heard - self.stored - self.quarantined


def provisioning_of(homes: int, speed: float = 1.0) -> dict[str, Any]:
    """Return the provisioning file of a fleet, with a tester who may look."""
    return {
        **world_of([], [NURSE], speed),
        "homes": [FleetHome(0, number, 1.0).provisioning(UNIT) for number in range(homes)],
    }


async def drive(order: Order, folder: Path, view: FleetView, database_url: str | None = None) -> Outcome:
    """Drive a fleet against an installation of its own in `folder` (empty).

    Raises:
        SimulationError: a part could not start; the text says which.
    """
    if (folder / "server").exists():
        raise SimulationError(f"{folder} already holds an installation: choose an empty folder with --data")
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing runs yet
    clock_file = folder / "world.clock"
    world = World(clock_file, MORNING, [], order.speed)
    began_s = time.monotonic()
    plan = Plan(
        folder, clock_file, provisioning_of(order.homes, order.speed), [], free_port(), order.speed,
        _environment(order, database_url),
    )  # fmt: skip
    async with Installation(plan) as installation:
        setting_up_s = time.monotonic() - began_s
        load = Load(folder)
        world.begin()
        passing = asyncio.create_task(_pass(world))
        try:
            run = _Run(order, lambda: world.now, view, load)
            await installation.supervisor.while_they_run(run.live(installation.broker))
        finally:
            passing.cancel()
        async with ServerLink(installation.address, TESTER, PASSWORD, _COUNTING_S) as link:
            return await run.outcome(link, setting_up_s, installation.supervisor.restarts)


async def drive_elsewhere(order: Order, elsewhere: Elsewhere, view: FleetView) -> Outcome:
    """Drive a fleet against a server that runs already and has been given the homes.

    Raises:
        SimulationError: the broker or the server does not answer, or does not know the homes.
    """
    run = _Run(order, SystemClock().now, view, Load(Path()))
    async with ServerLink(elsewhere.server, elsewhere.username, elsewhere.password, _COUNTING_S) as link:
        await _refuse_unknown_homes(link, order)  # better now than after minutes of sending
        await run.live(elsewhere.broker)
        return await run.outcome(link, 0.0, 0)


async def _refuse_unknown_homes(link: ServerLink, order: Order) -> None:
    known = {one["gateway_id"] for one in await link.gateways()}
    wanted = [FleetHome(order.seed, number, order.events_a_day).gateway_id for number in range(order.homes)]
    unknown = [gateway_id for gateway_id in wanted if gateway_id not in known]
    if unknown:
        raise SimulationError(
            f"the server does not know {len(unknown):,} of the {order.homes:,} homes ({unknown[0]} is the first): "
            f"write them with --homes {order.homes} --write-homes homes.json, and set them up there with "
            "livsrytme server provision homes.json"
        )


async def _pass(world: World) -> None:
    while True:
        await world.pass_until(world.now + timedelta(hours=1))


def _environment(order: Order, database_url: str | None) -> dict[str, str]:
    patience_s = max(_SHORTEST_PATIENCE_S, order.terms.beat_every_s * order.speed * _BEATS_MISSED)
    environment = {
        "LIVSRYTME_SERVER_LINK_PATIENCE_S": str(patience_s),
        "LIVSRYTME_SERVER_JOB_INTERVAL_S": str(_JOB_EVERY_S),
    }
    if database_url is not None:
        environment["LIVSRYTME_SERVER_DATABASE_URL"] = database_url
    return environment


class _Run:
    def __init__(self, order: Order, now: Callable[[], datetime], view: FleetView, load: Load) -> None:
        self._order = order
        self._now = now
        self._view = view
        self._load = load
        self._epoch = secrets.token_hex(4)  # each run is a new outbox: numbers begin anew
        self._chance = random.Random(order.seed)  # noqa: S311 - spreads what is sent again, not a secret
        self._seconds = 0.0
        self._at_half = dict.fromkeys(Stream, 0)
        self.tally = Tally()

    async def live(self, broker: str) -> None:
        order = self._order
        begins_at = self._begins_at = self._now().astimezone(UTC)
        gateways = [
            FleetGateway(
                FleetHome(order.seed, n, order.events_a_day, order.urgent),
                self._epoch,
                order.patience_s,
                begins_at,
                self._chance,
            )
            for n in range(order.homes)
        ]
        traffic = Traffic(gateways, broker, order.terms, self._now)
        self.tally = traffic.tally
        self._load.look(0.0)
        cpu_before_s, began_s = self._load.cpu_s, time.monotonic()
        watching = asyncio.create_task(self._watch(begins_at))
        try:
            await traffic.run(begins_at + order.span)
        finally:
            watching.cancel()
        self._seconds = time.monotonic() - began_s
        self._load.look(1.0)
        self._cpu_s = self._load.cpu_s - cpu_before_s

    async def _watch(self, begins_at: datetime) -> None:
        order = self._order
        expected = expected_events(order.homes, order.events_a_day, begins_at, order.span)
        while True:
            passed = (self._now() - begins_at) / order.span
            self._view.show(self.tally, expected, passed)
            self._load.look(passed)
            if passed <= _HALF:
                self._at_half = {stream: len(took_s) for stream, took_s in self.tally.took_s.items()}
            await asyncio.sleep(_LOOK_EVERY_S)

    async def outcome(self, link: ServerLink, setting_up_s: float, restarts: int) -> Outcome:
        self._view.tell("counting what the server has stored")
        alerts = [alert for alert in await link.alerts() if self._is_of_this_run(alert)]
        streams = [s for one in await link.gateways() for s in one["streams"] if s["epoch"] == self._epoch]
        tally = self.tally
        return Outcome(
            homes=self._order.homes,
            heard=tally.heard,
            receipted=tally.receipted,
            stored=sum(stream["stored"] for stream in streams),
            quarantined=sum(stream["quarantined"] for stream in streams),
            messages=tally.messages,
            heartbeats=tally.heartbeats,
            resent=tally.resent,
            alerts=len(alerts),
            setting_up_s=setting_up_s,
            seconds=self._seconds,
            routine=delay_of(tally.took_s[Stream.ROUTINE]),
            urgent=delay_of(tally.took_s[Stream.URGENT]),
            routine_later=delay_of(tally.took_s[Stream.ROUTINE][self._at_half[Stream.ROUTINE] :]),
            urgent_later=delay_of(tally.took_s[Stream.URGENT][self._at_half[Stream.URGENT] :]),
            server_cpu_s=self._cpu_s,
            server_mb=self._load.server.most_mb,
            server_mb_half=self._load.server.half_mb,
            fleet_mb=self._load.fleet.most_mb,
            fleet_mb_half=self._load.fleet.half_mb,
            server_restarts=restarts,
        )

    def _is_of_this_run(self, alert: dict[str, Any]) -> bool:
        raised_at = datetime.fromisoformat(alert["raised_at"])
        return raised_at >= self._begins_at and str((alert["resident"] or {}).get("id")).startswith("res-fleet-")


def delay_of(took_s: "array[float] | Sequence[float]") -> Delay:
    """Return the percentiles of some spans in seconds."""
    if len(took_s) < 2:  # noqa: PLR2004 - too few to cut
        only = took_s[0] * 1000 if took_s else float("nan")
        return Delay(len(took_s), only, only, only, only)
    cuts = statistics.quantiles(took_s, n=100, method="inclusive")
    return Delay(len(took_s), cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000, max(took_s) * 1000)
