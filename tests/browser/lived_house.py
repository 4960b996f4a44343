"""A whole installation in real time, for people of every role: broker, server, gateway, and a home on the air."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import httpx

from device_sims.household import Household, Tenancy
from device_sims.installation import Installation, Plan
from device_sims.life.noticing import Happening
from device_sims.neighbourhood import OSLO
from device_sims.ports import free_port
from device_sims.provisioning import PASSWORD, person, world_of
from device_sims.sensors.sensor import Form
from gateway.contract.clock import SystemClock, WorldTime
from gateway.contract.observation import SensorKind

RESIDENT = "res-a"
_START_S = 240.0
_AIR_S = 60.0
_TICK_S = 0.02
_PLACES = [("bathroom", Form.FALL), ("bathroom", Form.PULL_CORD), ("living_room", Form.MOTION)]
_PEOPLE = (
    person("maria", "Maria Nilsen", "nurse"),
    person("jonas", "Jonas Berg", "nurse"),
    person("siri", "Siri Dahl", "staff"),
    person("arild", "Arild Strand", "admin"),
    person("kari", "Kari Solberg", "relative", [RESIDENT]),
    person("inger", "Inger Solberg", "resident", [RESIDENT]),
)


class LivedHouse:
    """Inger Solberg's home and the service round it; the world's time is ours."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._folder = folder
        self._sockets = sockets
        self._ended = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._home: Household | None = None

    def start(self) -> None:
        """Wait until the server answers and the gateway listens."""
        self._thread.start()
        assert self._started.wait(_START_S), "the installation did not start in time"

    def stop(self) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(_AIR_S)

    def notice(self, kind: SensorKind, room: str = "bathroom") -> datetime:
        """Let a sensor tell something by its radio; return when it did."""
        assert self._loop is not None
        assert self._home is not None
        at = SystemClock().now()
        sending = self._home.put_on_air(Happening(at, str(kind), room, kind, 1.0))
        asyncio.run_coroutine_threadsafe(sending, self._loop).result(_AIR_S)
        return at

    @contextmanager
    def api(self, username: str) -> Iterator[httpx.Client]:
        """Give a signed-in client of the JSON API."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            client.post("/api/session", json={"username": username, "password": PASSWORD}).raise_for_status()
            yield client

    async def _live(self) -> None:
        now, clock_file = SystemClock().now(), self._folder / "world.clock"
        hand = WorldTime(clock_file, now)
        tenancy = Tenancy("a", "Inger Solberg", 1938, "Fjellveien 12", OSLO)
        home = self._home = Household(tenancy, _PLACES, self._sockets, now)
        port = int(self.url.rpartition(":")[2])
        plan = Plan(self._folder, clock_file, world_of([home], _PEOPLE, 1.0), [home], port, 1.0)
        ticking = asyncio.create_task(self._tick(hand, home))
        try:
            async with Installation(plan) as installation:
                await installation.supervisor.while_they_run(home.air.listened_to())
                self._loop = asyncio.get_running_loop()
                self._started.set()
                await installation.supervisor.while_they_run(self._until_ended())
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking

    async def _until_ended(self) -> None:
        await self._ended.wait()

    async def _tick(self, hand: WorldTime, home: Household) -> None:
        while True:
            now = SystemClock().now()
            hand.set(now)
            home.air.tell_time(now)
            await asyncio.sleep(_TICK_S)


@contextmanager
def lived_house(folder: Path) -> Iterator[LivedHouse]:
    """Let the installation run until the block ends."""
    with tempfile.TemporaryDirectory(prefix="house") as sockets:  # an address of a socket is short
        house = LivedHouse(folder, Path(sockets))
        try:
            house.start()
            yield house
        finally:
            house.stop()
