"""A whole installation through every outage a scenario can name: nothing is lost but what nobody could hear."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from device_sims.errors import NoAnswerError
from device_sims.household import Household, Tenancy
from device_sims.installation import Installation, Plan
from device_sims.life.noticing import Happening
from device_sims.outages.outage import (
    BrokerLoss,
    GatewayPowerLoss,
    NetworkLoss,
    ServerLate,
    ServerLoss,
    SlowNetwork,
    during,
)
from device_sims.ports import free_port
from device_sims.provisioning import NURSE, PASSWORD, TESTER, world_of
from device_sims.sensors.sensor import Form
from device_sims.sensors.vitals.devices import Body, Meter
from device_sims.sensors.vitals.measurements import BloodPressure
from device_sims.server_link import ServerLink
from device_sims.world import World
from gateway.contract.observation import SensorKind

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

_BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
_HOME = "gw-a"
_CUFF = "A4:C1:38:00:00:01"
_LIMIT_S = 100


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="out-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Town:
    """One home with a button, and the world it stands in."""

    def __init__(self, folder: Path) -> None:
        tenancy = Tenancy("a", "Inger Solberg", 1938, "Fjellveien 12", ZoneInfo("Europe/Oslo"))
        self.household = Household(tenancy, [("lounge", Form.BUTTON)], folder, _BEGINS)
        self.world = World(folder / "world.clock", _BEGINS, [self.household.air], None)
        self.presses = 0
        self.stored = 0
        self.folder = folder

    @asynccontextmanager
    async def built(self, *meters: Meter) -> AsyncIterator[tuple[Installation, ServerLink]]:
        provisioning = world_of([self.household], [NURSE], 1.0)
        provisioning["homes"][0]["sensors"] += [
            {
                "sensor_id": meter.peripheral.address.replace(":", "").lower(),
                "room": "bedroom",
                "kinds": ["systolic", "diastolic", "mean_arterial", "heart_rate"],
            }
            for meter in meters
        ]
        plan = Plan(
            self.folder,
            self.folder / "world.clock",
            provisioning,
            [self.household],
            free_port(),
            None,
            has_lines=True,
            bedsides={_HOME: meters} if meters else {},
        )
        async with Installation(plan) as installation, ServerLink(installation.address, TESTER, PASSWORD) as link:
            self.while_they_run = installation.supervisor.while_they_run
            await self.while_they_run(self.household.air.listened_to())
            yield installation, link

    async def press(self) -> None:
        self.presses += 1
        at = _BEGINS + timedelta(minutes=self.presses)
        await self.world.pass_until(at)
        await self.household.put_on_air(Happening(at, "button", "lounge", SensorKind.BUTTON, 1))

    async def until_stored(self, link: ServerLink, wanted: int) -> None:
        await self.while_they_run(self._until_stored(link, wanted))

    async def _until_stored(self, link: ServerLink, wanted: int) -> None:
        async with asyncio.timeout(_LIMIT_S):
            while self.stored < wanted:
                with suppress(NoAnswerError):
                    self.stored = int((await link.gateway(_HOME))["stored"])
                await asyncio.sleep(0.1)


_OUTAGES = [
    NetworkLoss(_HOME),
    NetworkLoss(_HOME, is_silent=True),
    SlowNetwork(_HOME, delay_s=0.3, bytes_per_s=5_000.0),
    BrokerLoss(),
    ServerLoss(),
    ServerLate(),
]


async def test_a_press_in_any_outage_is_stored_when_it_is_over_and_once(folder: Path) -> None:
    town = Town(folder)
    async with town.built() as (installation, link):
        await town.press()
        await town.until_stored(link, 1)
        for outage in _OUTAGES:
            async with during(outage, installation):
                for _ in range(3):
                    await town.press()
                await town.household.air.heard()
            await town.until_stored(link, town.presses)

        assert town.stored == town.presses == 1 + 3 * len(_OUTAGES)
        assert await link.quarantined() == 0


async def test_what_happens_in_a_home_without_power_is_gone_and_what_comes_after_is_not(folder: Path) -> None:
    town = Town(folder)
    async with town.built() as (installation, link):
        await town.press()
        await town.until_stored(link, 1)
        async with during(GatewayPowerLoss(_HOME), installation):
            for _ in range(5):
                await town.press()
        await town.press()
        await town.until_stored(link, 2)

        assert town.household.air.unheard == 5
        assert town.stored == 2


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is missing: apt install dbus")
async def test_a_home_s_blood_pressure_monitor_is_read_by_its_real_gateway(folder: Path) -> None:
    cuff = Meter(_CUFF, Body.BLOOD_PRESSURE)
    cuff.measures(BloodPressure(142, 88, 106, datetime(2026, 3, 2, 7, 30), 71).on_air())  # noqa: DTZ001 - its own clock
    town = Town(folder)
    async with town.built(cuff) as (_, link):
        await town.until_stored(link, 4)
        await town.press()
        await town.until_stored(link, 5)

        assert town.stored == 5
