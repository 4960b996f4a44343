"""Lets testers see a running world and steer it: tells the server where everybody is, and obeys its orders."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol

from pydantic import TypeAdapter

from device_sims.course import Course
from device_sims.errors import NoAnswerError, SimulationError
from device_sims.life.activities import Stay
from device_sims.life.life import Life
from device_sims.life.noticing import Happening
from device_sims.life.whereabouts import position_in
from device_sims.outages.outage import GatewayPowerLoss, NetworkLoss, Outage, Site, SlowNetwork, WrongClock
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, TruthLine, Watched
from device_sims.turns import Scenarios
from device_sims.world import World

_LOG = logging.getLogger(__name__)

# Real seconds. A world that stands still is told of more seldom: only to say that it is still there.
_TELL_EVERY_S: Final = 0.5
_TELL_STANDING_EVERY_S: Final = 2.0
_ORDERS_WAIT_S: Final = 3.0
_AGAIN_AFTER_S: Final = 1.0

_DAY: Final = timedelta(days=1)
_COUNTS_FOR: Final = timedelta(days=365)
_WALKS_M_S: Final = 1.0  # whoever comes by
_LINES: Final[TypeAdapter[list[Watched | Expected | Forbidden]]] = TypeAdapter(list[TruthLine])

_SILENCE: Final = ("gateway_silent",)
_CLOCK_WRONG_BY: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What can break in one home. `silences`: meanwhile nothing is heard of it, and that must be told."""

    title: str
    breaks: Callable[[str], Outage]
    silences: bool = False


_FAULTS: Final[Mapping[str, _Fault]] = {
    "gateway_power_loss": _Fault("The gateway has no power", GatewayPowerLoss, silences=True),
    "network_loss": _Fault("The network is gone", NetworkLoss, silences=True),
    "slow_network": _Fault("The network is slow", SlowNetwork),
    "wrong_clock": _Fault(
        "The gateway's clock is two hours ahead", lambda gateway: WrongClock(gateway, _CLOCK_WRONG_BY)
    ),
}


class Link(Protocol):
    """A way to the server, signed in as a tester."""

    async def tell(self, method: str, path: str, message: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send a message of JSON and return what is answered.

        Raises:
            NoAnswerError: the server is not there just now.
        """
        ...


@dataclass
class SteeredHome:
    """A home that is being lived in. `code` names it to the server, `short` in truths; `gateway_id` is its gateway.

    `tiles` is how one without a life is drawn: a recording, of which nobody knows more.
    """

    code: str
    short: str
    gateway_id: str
    course: Course
    tiles: Mapping[str, Any] = field(default_factory=dict)
    truth: list[Watched | Expected | Forbidden] = field(default_factory=list)
    packets: dict[str, tuple[datetime, float]] = field(default_factory=dict)  # by sensor: the last one
    faults: dict[str, Outage] = field(default_factory=dict)  # those that are on, by code

    def heard(self, happening: Happening) -> None:
        """Remember what a sensor told last."""
        self.packets[happening.sensor] = (happening.at, happening.value)


class Control:
    """What a tester's page talks to. `missed_within`: after how long of its world the server must miss a gateway."""

    def __init__(
        self,
        homes: Sequence[SteeredHome],
        world: World,
        site: Site,
        link: Link,
        scenarios: Scenarios,
        missed_within: timedelta,
    ) -> None:
        self._homes = {home.code: home for home in homes}
        self._world = world
        self._site = site
        self._link = link
        self._scenarios = scenarios
        self._missed_within = missed_within
        self._after = 0

    async def run(self) -> None:
        """Tell and obey until cancelled. A server that is away for a while is told again when it is back."""
        for home in self._homes.values():
            home.truth.insert(0, Watched(home.short, self._world.now, self._world.now + _COUNTS_FOR))
            self._after = max(self._after, await self._register(home))
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._tell())
            parts.create_task(self._obey())

    async def _register(self, home: SteeredHome) -> int:
        while True:
            with suppress(NoAnswerError):
                answer = await self._link.tell("PUT", f"/api/simulations/{home.code}", self._plan(home))
                await self._tell_truth(home)
                return int(answer["orders_after"])
            await asyncio.sleep(_AGAIN_AFTER_S)

    def _plan(self, home: SteeredHome) -> dict[str, Any]:
        faults = {"faults": _choices({code: fault.title for code, fault in _FAULTS.items()})}
        life = home.course.life
        if life is None:
            return {**home.tiles, **faults}
        return plan_as_json(life) | faults | {"scenarios": _choices(self._scenarios.titles(life))}

    async def _tell(self) -> None:
        while True:
            with suppress(NoAnswerError):
                for home in self._homes.values():
                    await self._link.tell("POST", f"/api/simulations/{home.code}/state", self._state(home))
            await asyncio.sleep(_TELL_EVERY_S if self._world.is_running else _TELL_STANDING_EVERY_S)

    def _state(self, home: SteeredHome) -> dict[str, Any]:
        now = self._world.now
        return {
            "at": now.isoformat(),
            "speed": self._world.speed,
            "is_running": self._world.is_running,
            "beings": [] if home.course.life is None else beings_at(home.course.life, now),
            "packets": [
                {"sensor": sensor, "at": at.isoformat(), "value": value} for sensor, (at, value) in home.packets.items()
            ],
            "faults": sorted(home.faults),
        }

    async def _tell_truth(self, home: SteeredHome) -> None:
        told = _LINES.dump_python(home.truth, mode="json", exclude_none=True)
        await self._link.tell("POST", f"/api/simulations/{home.code}/truth", told)

    async def _obey(self) -> None:
        while True:
            try:
                path = f"/api/simulations/orders?after={self._after}&wait_s={_ORDERS_WAIT_S}"
                for order in await self._link.tell("GET", path):
                    # Before it is done: a world that cannot tell the outcome must not do it twice.
                    self._after = max(self._after, order["order_id"])
                    if order["home"] in self._homes:
                        await self._take(self._homes[order["home"]], order)
            except NoAnswerError as error:
                _LOG.warning("no orders for now: %s", error)
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _take(self, home: SteeredHome, order: Mapping[str, Any]) -> None:
        outcome = {"outcome": "done", "said": ""}
        try:
            await self._do(home, order["verb"], order["argument"])
        except (SimulationError, LookupError, ValueError) as error:
            outcome = {"outcome": "refused", "said": str(error)[:300]}
        await self._tell_truth(home)
        await self._link.tell("POST", f"/api/simulations/{home.code}/state", self._state(home))
        await self._link.tell("PUT", f"/api/simulations/orders/{order['order_id']}/outcome", outcome)

    async def _do(self, home: SteeredHome, verb: str, argument: str) -> None:
        match verb:
            case "start" | "stop":
                self._world.is_running = verb == "start"
            case "speed":
                self._world.speed = float(argument)
            case "scenario":
                self._turn(home, argument)
            case "fault":
                await self._begin_fault(home, argument)
            case "mend":
                await self._end_fault(home, argument)
            case _:
                raise SimulationError(f"this simulator knows no order {verb!r}")

    def _turn(self, home: SteeredHome, code: str) -> None:
        now = self._world.now
        turn = self._scenarios.begin(code, home.short, _life_of(home), now)
        home.course.turn(now, turn)
        if turn.is_over:
            home.truth = [line if _is_silence(line) else _ended(line, now) for line in home.truth]
        home.truth += turn.truth

    async def _begin_fault(self, home: SteeredHome, code: str) -> None:
        if code in home.faults:
            raise SimulationError("that is broken already")
        fault, now = _FAULTS[code], self._world.now
        outage = fault.breaks(home.gateway_id)
        await outage.begin(self._site)
        if fault.silences and not _is_silenced(home):
            silence = Expected(
                home.short, _SILENCE, now, self._missed_within, fault.title, now + _COUNTS_FOR, AlertClass.TECHNICAL
            )
            home.truth.append(silence)
        home.faults[code] = outage

    async def _end_fault(self, home: SteeredHome, code: str) -> None:
        outage = home.faults.pop(code, None)
        if outage is None:
            raise SimulationError("that is not broken")
        await outage.end(self._site)
        if not _is_silenced(home):
            now = self._world.now
            home.truth = [_ended(line, now) if _is_silence(line) else line for line in home.truth]


def plan_as_json(life: Life) -> dict[str, Any]:
    """Return a home as the server has it drawn."""
    plan = life.plan
    return {
        "profile": life.people[0].profile.name,
        "rooms": [
            {"name": room.name, "left": room.left, "bottom": room.bottom, "width": room.width, "depth": room.depth}
            for room in plan.rooms.values()
        ],
        "doors": [
            {"name": door.name, "x": door.at.x, "y": door.at.y, "is_outer": door.is_outer} for door in plan.doors
        ],
        "furniture": [{"name": name, "x": at.x, "y": at.y} for name, at in plan.furniture.items()],
        "sensors": [
            {"name": hung.name, "x": hung.at.x, "y": hung.at.y, "room": hung.room, "kinds": list(hung.kinds)}
            for hung in plan.sensors
        ],
    }


def beings_at(life: Life, at: datetime) -> list[dict[str, Any]]:
    """Return where everybody is who is in the home or lives there."""
    day = at.astimezone(life.zone).date()
    resident, *others = (person.name for person in life.people)
    kinds = {
        resident: "resident", **dict.fromkeys(others, "person"), **{pet.name: "pet" for pet in life.pets},
    }  # fmt: skip
    found = []
    by_name = _stays_by_name(life, day - _DAY, day)
    for name, stays in by_name.items():
        pace = life.person(name).on(day).walking_m_s if kinds.get(name) in {"resident", "person"} else _WALKS_M_S
        where = position_in(stays, at, name, life.plan, pace)
        if where.room is None and name not in kinds:
            continue  # a visitor who is not there
        told: dict[str, Any] = {"name": name, "kind": kinds.get(name, "visitor"), "doing": where.doing.value}
        if where.room is not None and where.at is not None:
            told |= {"room": where.room, "x": round(where.at.x, 2), "y": round(where.at.y, 2)}
        found.append(told)
    return found


@lru_cache(maxsize=64)
def _stays_by_name(life: Life, first: date, last: date) -> dict[str, list[Stay]]:
    by_name: dict[str, list[Stay]] = {}
    for stay in life.stays(first, last):
        by_name.setdefault(stay.who, []).append(stay)
    return by_name


def _life_of(home: SteeredHome) -> Life:
    if home.course.life is None:
        raise SimulationError(f"nothing is known of the life in {home.code}")
    return home.course.life


def _choices(titles: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "title": title} for code, title in titles.items()]


def _is_silenced(home: SteeredHome) -> bool:
    return any(_FAULTS[code].silences for code in home.faults)


def _is_silence(line: Watched | Expected | Forbidden) -> bool:
    return isinstance(line, Expected) and line.kinds == _SILENCE


def _ended(line: Watched | Expected | Forbidden, at: datetime) -> Watched | Expected | Forbidden:
    is_on = not isinstance(line, Watched) and line.begins_at < at and (line.ends_at is None or line.ends_at > at)
    return replace(line, ends_at=at) if is_on else line
