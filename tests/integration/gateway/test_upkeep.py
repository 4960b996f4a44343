"""What a technician who stands before the machine is told."""

import asyncio
from pathlib import Path

from click.testing import CliRunner
from gateway_world import HALL, World, motion

from gateway.cli import gateway
from gateway.selftest import Verdict, prove
from gateway.status import read_status


async def verdicts(world: World) -> dict[str, Verdict]:
    """Run the self-test; a sensor speaks as soon as the radio listens."""

    async def speak() -> None:
        await world.air.listening.wait()
        for number in range(50):
            world.air.say(HALL, motion(number))
            await asyncio.sleep(0.02)

    speaking = asyncio.create_task(speak())
    found = {verdict.part.split()[0]: verdict async for verdict in prove(world.settings, [world.air])}
    speaking.cancel()
    return found


async def test_a_gateway_that_is_well_passes_every_part(world: World) -> None:
    world.knows_its_home()
    await world.opens()
    world.server.answers_presence = True

    found = await verdicts(world)

    assert list(found) == ["data", "disk", "outbox", "configuration", "clock", "radio", "broker"]
    assert [part for part, verdict in found.items() if not verdict.is_well] == []


async def test_each_part_that_is_ill_is_named_with_what_to_do(tmp_path: Path) -> None:
    world = World(tmp_path)

    found = await verdicts(world)

    ill = {part: verdict.words for part, verdict in found.items() if not verdict.is_well}
    assert set(ill) == {"configuration", "broker"}
    assert "does not know its home yet" in ill["configuration"]
    assert "Check address, network and secret" in ill["broker"]


async def test_a_broker_without_a_server_behind_it_is_told_from_one_that_has(world: World) -> None:
    world.knows_its_home()
    await world.opens()  # what this server said earlier is retained: that is no answer

    found = await verdicts(world)

    assert (found["broker"].is_well, "no server answers" in found["broker"].words) == (False, True)


async def test_a_running_gateway_leaves_its_status_and_it_can_be_read_in_words(world: World) -> None:
    await world.opens()

    async with world.gateway() as air:
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))
        async with asyncio.timeout(15):
            while not (status := read_status(world.data)) or not status.broker or status.heartbeat.deaf_since:  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.02)
        said = CliRunner().invoke(gateway, ["status", "--data", str(world.data)])

    assert status.broker == f"127.0.0.1:{world.broker.port}"
    assert status.heartbeat.starts == 1
    assert "gateway        gw-a" in said.output
    assert "radio          listens" in said.output
    assert said.exit_code == 1  # the world's clock stands in March: nobody has written for long
    assert "does not seem to run" in said.output


def test_where_no_gateway_ever_ran_that_is_said(tmp_path: Path) -> None:
    said = CliRunner().invoke(gateway, ["status", "--data", str(tmp_path)])

    assert said.exit_code == 1
    assert "No gateway has run with the folder" in said.output
