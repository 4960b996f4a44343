"""What a gateway tells of itself, and what it makes of messages it cannot use."""

import logging

import pytest
from gateway_world import A_MINUTE, BUTTON, GATEWAY, HALL, SEALED, SENSORS, World, motion, sealed

from gateway import app
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.topics import Downward
from gateway.errors import OutboxInUseError
from gateway.sensors.registry import LIBRARY_LOGGERS

_STRANGER = "a4c1380000ff"


async def test_a_heartbeat_comes_at_once_and_then_every_minute(world: World) -> None:
    await world.opens()

    async with world.gateway():
        await world.server.until(
            lambda: bool(world.server.heartbeats) and world.server.heartbeats[-1].deaf_since is None
        )
        before = world.server.heartbeats[-1].sent_at
        after = (await world.next_heartbeat()).sent_at

    assert after - before == A_MINUTE


async def test_a_heartbeat_covers_everything_heard_before_it(world: World) -> None:
    world.server.gives_receipts = False
    await world.opens()

    async with world.gateway() as air:
        await world.server.until(lambda: bool(world.server.heartbeats))
        air.say(HALL, motion(1))
        heartbeat = await world.next_heartbeat()

    assert [(head.stream, head.last_seq) for head in heartbeat.heads] == [("urgent", 0), ("routine", 1)]
    assert heartbeat.oldest_waiting_at == heartbeat.sensors[0].last_heard_at
    assert [health.sensor_id for health in heartbeat.sensors] == [HALL]


async def test_troubles_are_counted_and_told_and_nothing_else_is_lost(world: World) -> None:
    await world.opens()

    async with world.gateway() as air:
        await world.server.until(lambda: bool(world.server.heartbeats))
        air.say(SEALED, sealed(5, key=bytes(16)))
        air.say(SEALED, motion(1))
        air.say(_STRANGER, motion(1))
        air.say(_STRANGER, motion(2))
        air.say(BUTTON, b"\x44")
        air.say(SEALED, sealed(6))
        air.say(SEALED, sealed(5))
        air.say(HALL, motion(1))
        heartbeat = await world.next_heartbeat()
        await world.server.until(lambda: len(world.server.all_stored()) == 2)

    assert heartbeat.troubles == {
        Trouble.WRONG_KEY: 1,
        Trouble.NOT_ENCRYPTED: 1,
        Trouble.UNKNOWN_SENSOR: 2,
        Trouble.UNDECODABLE: 1,
        Trouble.REPLAYED: 1,
    }
    of_sensor = {health.sensor_id: (health.last_heard_at is not None, health.troubles) for health in heartbeat.sensors}
    assert of_sensor == {
        SEALED: (True, {Trouble.WRONG_KEY: 1, Trouble.NOT_ENCRYPTED: 1, Trouble.REPLAYED: 1}),
        BUTTON: (False, {Trouble.UNDECODABLE: 1}),  # of which nothing could ever be used
        HALL: (True, {}),
    }
    assert [one.sensor_id for one in world.server.all_stored()] == [SEALED, HALL]


async def test_a_packet_that_cannot_be_read_costs_no_line_of_a_librarys_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for name in LIBRARY_LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)
    await world.opens()
    async with world.gateway() as air:
        await world.server.until(lambda: bool(world.server.heartbeats))
        for number in range(20):
            air.say(HALL, b"\x44\xfe" + bytes([number]))  # there is no such measurement
        heartbeat = await world.next_heartbeat()

    assert heartbeat.troubles[Trouble.UNDECODABLE] == 20
    assert {record.name.split(".")[0] for record in caplog.records} & set(LIBRARY_LOGGERS) == set()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff\x00 no json",
        b'{"version": 2}',
        to_json(HomeConfig(version=2, gateway_id="gw-another", sensors=())),
    ],
)
async def test_a_bad_configuration_changes_nothing(world: World, message: bytes) -> None:
    await world.opens()

    async with world.gateway() as air:
        await world.server.until(lambda: bool(world.server.heartbeats))
        await world.server.tell(Downward.CONFIG, message)
        await world.server.tell(Downward.RECEIPT, b"[]")
        await world.server.until(lambda: bool(world.server.heartbeats))
        heartbeat = await world.next_heartbeat()
        while heartbeat.troubles.get(Trouble.BAD_CONFIG, 0) < 2:
            heartbeat = await world.next_heartbeat()
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))


async def test_a_newer_configuration_is_used_without_a_restart(world: World) -> None:
    await world.opens()
    stranger = SensorConfig(sensor_id=_STRANGER, room="kitchen")

    async with world.gateway() as air:
        await world.server.until(lambda: bool(world.server.heartbeats))
        newer = HomeConfig(version=2, gateway_id=GATEWAY, sensors=(*SENSORS, stranger))
        await world.server.tell(Downward.CONFIG, to_json(newer))
        number = 0
        while not world.server.arrived:
            number += 1
            air.say(_STRANGER, motion(number))
            await world.next_heartbeat()

    assert world.server.arrived[0].room == "kitchen"


async def test_a_second_gateway_in_the_same_folder_is_refused_in_plain_words(world: World) -> None:
    world.knows_its_home()

    async with world.gateway() as air:
        with pytest.raises(OutboxInUseError, match="already running with the folder"):
            await app.run(world.settings, air)
