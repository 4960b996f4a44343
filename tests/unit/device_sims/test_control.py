"""A running world tells where everybody is, and obeys its testers."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from device_sims.control import Control, SteeredHome, beings_at, plan_as_json
from device_sims.course import Course
from device_sims.errors import NoAnswerError, SimulationError
from device_sims.life.activities import Doing
from device_sims.life.life import Life
from device_sims.life.noticing import tells
from device_sims.life.people import Person, Pet
from device_sims.life.plan_file import plan_named
from device_sims.life.profile import HEALTHY
from device_sims.outages.line import Line
from device_sims.radio.transmitter import Air
from device_sims.sensors.sensor import Form
from device_sims.supervisor import Supervisor
from device_sims.tiles import tiles_as_json
from device_sims.turns import AtHand
from device_sims.world import World
from server.simulations.messages import HomePlan

_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_PATIENCE_S = 60.0
_MISSED_WITHIN = timedelta(minutes=15)


class FakeLink:
    """A server that keeps what it is told, and hands out the orders a test gives it. `is_away`: it does not answer."""

    def __init__(self) -> None:
        self.plans: dict[str, Any] = {}
        self.states: list[Any] = []
        self.truth: list[Any] = []
        self.outcomes: dict[int, tuple[str, str]] = {}
        self.is_away = False
        self._orders: list[dict[str, Any]] = []

    def order(self, verb: str, argument: str = "") -> int:
        number = len(self._orders) + 8
        self._orders.append({"order_id": number, "home": "home-b", "verb": verb, "argument": argument})
        return number

    async def tell(self, method: str, path: str, message: object = None) -> Any:  # noqa: ANN401 - JSON
        await asyncio.sleep(0.001)
        if self.is_away:
            raise NoAnswerError("nobody there")
        if method == "GET":
            after = int(path.partition("after=")[2].partition("&")[0])
            return [order for order in self._orders if order["order_id"] > after]
        told: Any = message
        if path.endswith("/state"):
            self.states.append(told)
        elif path.endswith("/truth"):
            self.truth = told
        elif path.endswith("/outcome"):
            self.outcomes[int(path.split("/")[-2])] = (told["outcome"], told["said"])
        else:
            self.plans[path] = told
            return {"orders_after": 7}
        return None


class FakeSite:
    """An installation of which only the line of the home is there."""

    supervisor: Supervisor

    def __init__(self) -> None:
        self.cut = Line(1)

    def line(self, gateway_id: str) -> Line:
        assert gateway_id == "gw-b"
        return self.cut

    def air(self, gateway_id: str) -> Air:
        raise SimulationError(f"no air for {gateway_id}")


class Running:
    """A world with one home, steered."""

    def __init__(self, folder: Path, *, is_recording: bool = False) -> None:
        plan = plan_named("care_flat")
        self.life = Life("control", plan, ZoneInfo("Europe/Oslo"), (Person("Torvald", HEALTHY),), (Pet(),))
        self.world = World(folder / "clock", _NOON, [], speed=60)
        self.link, self.site = FakeLink(), FakeSite()
        tiles = tiles_as_json([("lounge", Form.MOTION), ("fridge", Form.DOOR), ("lounge", Form.BUTTON)])
        self.home = SteeredHome("home-b", "b", "gw-b", Course([], None if is_recording else self.life), tiles)
        self.control = Control([self.home], self.world, self.site, self.link, AtHand(), _MISSED_WITHIN)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.control.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while not holds():  # noqa: ASYNC110 - what others do can only be looked at
                await asyncio.sleep(0.005)

    @property
    def doing(self) -> str:
        [resident] = [being for being in self.link.states[-1]["beings"] if being["kind"] == "resident"]
        return str(resident["doing"])

    async def ordered(self, verb: str, argument: str = "") -> tuple[str, str]:
        number = self.link.order(verb, argument)
        await self.until(lambda: number in self.link.outcomes)
        return self.link.outcomes[number]


async def test_a_home_is_told_with_its_rooms_and_everybody_in_it(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        running.home.heard(tells(running.life.plan, "button", _NOON))
        await running.until(lambda: bool(running.link.states))

    plan = running.link.plans["/api/simulations/home-b"]
    assert {room["name"] for room in plan["rooms"]} >= {"bathroom", "kitchen", "lounge"}
    assert "fall_in_bathroom" in {one["code"] for one in plan["scenarios"]}
    assert "network_loss" in {one["code"] for one in plan["faults"]}
    state = running.link.states[0]
    assert (state["speed"], state["is_running"], state["faults"]) == (60, True, [])
    assert {being["kind"] for being in state["beings"]} >= {"resident", "pet"}
    assert [line["what"] for line in running.link.truth] == ["watched"]


async def test_a_fall_is_seen_and_what_should_come_of_it_is_told(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        assert await running.ordered("scenario", "fall_in_bathroom") == ("done", "")

        await running.until(lambda: running.doing == "washing")
        running.world.now += timedelta(minutes=9)
        await running.until(lambda: running.doing == "lying_on_floor")
        assert [(line["what"], line.get("label")) for line in running.link.truth] == [
            ("watched", None),
            ("expected", "Fall in the bathroom"),
        ]
        running.world.now += timedelta(minutes=21)
        await running.ordered("scenario", "helped_up")
        assert running.link.truth[1]["ends_at"].startswith("2026-03-03T12:30")


async def test_the_world_stops_starts_and_hurries_as_it_is_told(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        await running.ordered("stop")
        assert not running.world.is_running
        await running.ordered("speed", "300")
        await running.ordered("start")

    assert running.world.is_running
    assert running.world.speed == 300


async def test_a_network_is_lost_once_and_mended_once(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        assert await running.ordered("fault", "slow_network") == ("done", "")
        assert running.site.cut.delay_s > 0
        assert running.link.states[-1]["faults"] == ["slow_network"]
        assert await running.ordered("fault", "slow_network") == ("refused", "that is broken already")
        assert (await running.ordered("mend", "slow_network"))[0] == "done"
        assert running.site.cut.delay_s == 0
        assert await running.ordered("mend", "slow_network") == ("refused", "that is not broken")
    await running.site.cut.cut()


async def test_a_home_that_is_silenced_must_be_told_of_as_a_fault_of_its_gateway_until_it_is_mended(
    tmp_path: Path,
) -> None:
    async with Running(tmp_path) as running:
        await running.ordered("fault", "slow_network")
        await running.ordered("fault", "network_loss")
        await running.ordered("scenario", "helped_up")  # ends what befell the resident, and nothing else
        running.world.now += timedelta(minutes=30)
        await running.ordered("mend", "slow_network")
        lasts = running.link.truth[1]
        await running.ordered("mend", "network_loss")
        mended = running.link.truth[1]
    await running.site.cut.cut()

    assert [line["what"] for line in running.link.truth] == ["watched", "expected"]
    assert (lasts["kinds"], lasts["alert_class"], lasts["within"]) == (["gateway_silent"], "technical", "PT15M")
    assert lasts["label"] == "The network is gone"
    assert lasts["ends_at"] > "2027"
    assert mended["ends_at"].startswith("2026-03-03T12:30")


async def test_a_recording_is_drawn_as_tiles_and_can_be_broken_but_not_turned(tmp_path: Path) -> None:
    async with Running(tmp_path, is_recording=True) as running:
        running.home.heard(tells(running.life.plan, "button", _NOON))
        assert (await running.ordered("fault", "slow_network"))[0] == "done"
        assert (await running.ordered("scenario", "press"))[0] == "refused"

    plan = HomePlan.model_validate(running.link.plans["/api/simulations/home-b"])
    assert plan.is_recording
    assert [room.name for room in plan.rooms] == ["fridge", "lounge"]
    assert len({(room.left, room.bottom) for room in plan.rooms}) == 2
    assert {one.name for one in plan.sensors} == {"fridge_door", "lounge_motion", "lounge_button"}
    assert (plan.scenarios, len(plan.faults)) == ((), 4)
    assert running.link.states[-1]["beings"] == []
    assert len(running.link.states[-1]["packets"]) == 1
    await running.site.cut.cut()


async def test_what_it_does_not_know_is_refused_in_words_and_nothing_stops(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        outcome, said = await running.ordered("scenario", "meteorite")
        assert (outcome, said[:26]) == ("refused", "this home has no scenario ")
        assert (await running.ordered("dance"))[0] == "refused"
        assert (await running.ordered("fault", "gateway_power_loss")) == ("refused", "no air for gw-b")
        assert running.home.faults == {}
        assert (await running.ordered("stop"))[0] == "done"


async def test_a_server_that_was_away_is_told_again_when_it_is_back(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.link.is_away = True
    async with running:
        await asyncio.sleep(0)
        running.link.is_away = False
        await running.until(lambda: bool(running.link.states))
        running.link.is_away = True
        number = running.link.order("stop")
        running.link.is_away = False
        await running.until(lambda: number in running.link.outcomes)


def test_who_is_out_is_told_without_a_place_and_a_visitor_only_while_there() -> None:
    life = Life("visits", plan_named("house"), ZoneInfo("Europe/Oslo"), (Person("Inger", HEALTHY),))
    life = life.without_visits(_NOON - timedelta(days=2), _NOON + timedelta(days=2))
    out = life.with_interruption(_NOON, _NOON + timedelta(hours=1), Doing.OUT, None)

    [inger] = beings_at(out, _NOON + timedelta(minutes=30))

    assert inger == {"name": "Inger", "kind": "resident", "doing": "out"}
    assert plan_as_json(life)["doors"][0] == {"name": "front_door", "x": 5.1, "y": 0.0, "is_outer": True}
