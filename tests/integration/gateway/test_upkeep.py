"""What a technician who stands before the machine is told."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from gateway_world import BUTTON, HALL, World, motion
from typing_extensions import override

from gateway import status as status_module
from gateway.cli import gateway
from gateway.contract.heartbeat import DeafRadio, Heartbeat, Trouble
from gateway.selftest import Verdict, prove
from gateway.settings import GatewaySettings
from gateway.status import Status, StatusFile, read_status

BEAT = Heartbeat(
    gateway_id="gw-a", boot_id="00112233", software="1", started_at=datetime(2026, 3, 1, tzinfo=UTC),
    sent_at=datetime(2026, 3, 1, tzinfo=UTC), clock_synced=True, epoch="00112233", heads=(),
)  # fmt: skip


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


async def test_a_fallback_command_that_is_not_there_is_noticed_before_it_is_needed(tmp_path: Path) -> None:
    class WithSiren(World):
        @property
        @override
        def settings(self) -> GatewaySettings:
            return super().settings.model_copy(update={"fallback_command": f"{tmp_path}/siren --loud"})

    found = await verdicts(WithSiren(tmp_path))

    assert (found["fallback"].is_well, f"{tmp_path}/siren is not there" in found["fallback"].words) == (False, True)


def test_every_trouble_and_every_deaf_radio_is_told_in_words(tmp_path: Path) -> None:
    class Troubled:
        def heartbeat(self) -> Heartbeat:
            deaf = DeafRadio(name="bluez:hci1", since=BEAT.sent_at)
            return BEAT.model_copy(update={"troubles": dict.fromkeys(Trouble, 2), "deaf_radios": (deaf,)})

    StatusFile(tmp_path, Troubled(), {})._write()  # type: ignore[arg-type]
    said = CliRunner().invoke(gateway, ["status", "--data", str(tmp_path)]).output

    assert "deaf radio     bluez:hci1, since 2026-03-01 00:00" in said
    assert said.count("trouble        2 x ") == len(Trouble)
    assert not [trouble for trouble in Trouble if "_" in trouble and trouble in said]


async def test_a_broker_without_a_server_behind_it_is_told_from_one_that_has(world: World) -> None:
    world.knows_its_home()
    await world.opens()  # what this server said earlier is retained: that is no answer

    found = await verdicts(world)

    assert (found["broker"].is_well, "no server answers" in found["broker"].words) == (False, True)


def _is_whole(status: Status) -> bool:
    return bool(status.broker and status.proven) and status.heartbeat.deaf_since is None


async def test_a_running_gateway_leaves_its_status_and_it_can_be_read_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_module, "_EVERY_S", 0.05)
    await world.opens()

    async with world.gateway() as air:
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))
        async with asyncio.timeout(15):
            while not (status := read_status(world.data)) or not _is_whole(status):  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.02)
        said = CliRunner().invoke(gateway, ["status", "--data", str(world.data)])

    assert status.broker == f"127.0.0.1:{world.broker.port}"
    assert status.heartbeat.starts == 1
    assert "gateway        gw-a" in said.output
    assert "radio          listens" in said.output
    assert re.search(rf"sensor {{9}}{HALL} heard .* proven 2026-03-01 08:0", said.output)
    assert said.exit_code == 1  # the world's clock stands in March: nobody has written for long
    assert "does not seem to run" in said.output


def test_where_no_gateway_ever_ran_that_is_said(tmp_path: Path) -> None:
    said = CliRunner().invoke(gateway, ["status", "--data", str(tmp_path)])

    assert said.exit_code == 1
    assert "No gateway has run with the folder" in said.output


def test_what_was_proven_is_known_after_a_new_start(tmp_path: Path) -> None:
    class Still:
        def heartbeat(self) -> Heartbeat:
            return BEAT

    moment = datetime(2026, 3, 1, 8, tzinfo=UTC)
    for proven in ({HALL: moment}, {BUTTON: moment}):
        StatusFile(tmp_path, Still(), proven)._write()  # type: ignore[arg-type]

    found = read_status(tmp_path)
    assert found is not None
    assert found.proven == {HALL: moment, BUTTON: moment}
