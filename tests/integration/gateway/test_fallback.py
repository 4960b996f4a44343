"""When the server does not answer a call for help, something happens in the home; and the call arrives all the same."""

import asyncio
from pathlib import Path

from gateway_world import BUTTON, GATEWAY, HALL, World, motion, press
from typing_extensions import override

from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import SensorKind
from gateway.settings import GatewaySettings

_SIREN = """#!/bin/sh
echo "$1 $LIVSRYTME_KIND $LIVSRYTME_ROOM $LIVSRYTME_GATEWAY ${{LIVSRYTME_GATEWAY_BROKER:-no secret}}" >> "{heard}"
{then}
"""


class HomeWithSiren(World):
    """A home in which a script is the siren."""

    def __init__(self, folder: Path, then: str = "", after_s: float = 0.5) -> None:
        super().__init__(folder)
        self.heard = folder / "heard with space"
        self._siren = folder / "siren"
        self._siren.write_text(_SIREN.format(heard=self.heard, then=then))
        self._siren.chmod(0o700)
        self._after_s = after_s

    @property
    @override
    def settings(self) -> GatewaySettings:
        return GatewaySettings(
            id=GATEWAY,
            broker=self.broker.url,
            data=self.data,
            fallback_command=str(self._siren),
            fallback_after_s=self._after_s,
            fallback_limit_s=0.5,
        )

    async def sounded(self, times: int) -> list[str]:
        """Wait until the siren has sounded so often; return what it was told."""
        async with asyncio.timeout(15):
            while not self.heard.exists() or len(self.heard.read_text().splitlines()) < times:  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.02)
        return self.heard.read_text().splitlines()


async def test_a_call_without_a_receipt_sounds_the_siren_once_and_is_delivered_later(tmp_path: Path) -> None:
    world = HomeWithSiren(tmp_path)
    world.knows_its_home()

    async with world.server.running(), world.gateway() as air:
        air.say(BUTTON, press(1))
        air.say(HALL, motion(1))
        said = await world.sounded(1)
        await world.opens()
        await world.server.until(lambda: len(world.server.all_stored()) == 2)
        heartbeat = await world.next_heartbeat()
        await asyncio.sleep(1.2)  # more than twice the wait: it does not sound again
    await world.broker.kill()

    assert said == world.heard.read_text().splitlines() == ["button button bedroom gw-a no secret"]
    assert heartbeat.troubles[Trouble.NO_RECEIPT] == 1
    assert [one.kind for one in world.server.all_stored() if one.room == "bedroom"] == [SensorKind.BUTTON]


async def test_each_call_sounds_it_for_itself(tmp_path: Path) -> None:
    world = HomeWithSiren(tmp_path)
    world.knows_its_home()

    async with world.gateway() as air:
        for number in range(3):
            air.say(BUTTON, press(number))
        said = await world.sounded(3)

    assert len(said) == 3


async def test_a_call_with_a_receipt_leaves_it_silent(tmp_path: Path) -> None:
    world = HomeWithSiren(tmp_path, after_s=1.5)

    async with world.server.running():
        await world.opens()
        async with world.gateway() as air:
            air.say(BUTTON, press(1))
            await world.server.until(lambda: bool(world.server.arrived))
            await asyncio.sleep(2)
            heartbeat = await world.next_heartbeat()
    await world.broker.kill()

    assert not world.heard.exists()
    assert Trouble.NO_RECEIPT not in heartbeat.troubles


async def test_a_siren_that_hangs_or_fails_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    world = HomeWithSiren(tmp_path, then="sleep 60")
    world.knows_its_home()

    async with world.server.running(), world.gateway() as air:
        air.say(BUTTON, press(1))
        await world.sounded(1)
        await world.opens()
        while Trouble.FALLBACK_FAILED not in (heartbeat := await world.next_heartbeat()).troubles:
            pass
        air.say(HALL, motion(1))
        await world.server.until(lambda: len(world.server.all_stored()) == 2)
    await world.broker.kill()

    assert heartbeat.troubles[Trouble.FALLBACK_FAILED] == 1
