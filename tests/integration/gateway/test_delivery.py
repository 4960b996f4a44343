"""Every fact reaches the server, whatever breaks on the way, and none is forgotten before the server says so."""

import asyncio

from gateway_world import BUTTON, HALL, SEALED, World, motion, press, sealed

from gateway.contract.heartbeat import PresenceState, Trouble
from gateway.contract.observation import SensorKind, Stream
from gateway.outbox import Outbox
from gateway.troubles import Troubles


def waiting_on_disk(world: World, stream: Stream) -> int:
    with Outbox(world.data, Troubles()) as outbox:
        return outbox.waiting(stream)


async def test_a_packet_becomes_an_observation_at_the_server(world: World) -> None:
    await world.opens()

    async with world.gateway() as air:
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))

    (observation,) = world.server.all_stored()
    assert (observation.sensor_id, observation.room, observation.kind) == (HALL, "hallway", SensorKind.MOTION)
    assert observation.observed_at == air.clock.now()
    assert observation.rssi_dbm == -60


async def test_nothing_is_forgotten_without_a_receipt(world: World) -> None:
    await world.opens()
    world.server.gives_receipts = False

    async with world.gateway() as air:
        for number in range(5):
            air.say(HALL, motion(number))
        await world.server.until(lambda: len(world.server.arrived) >= 5)

    assert waiting_on_disk(world, Stream.ROUTINE) == 5


async def test_a_receipt_lets_the_gateway_forget(world: World) -> None:
    await world.opens()

    async with world.gateway() as air:
        for number in range(5):
            air.say(HALL, motion(number))
        await world.server.until(lambda: len(world.server.arrived) >= 5)
        while (await world.next_heartbeat()).oldest_waiting_at is not None:
            pass

    assert waiting_on_disk(world, Stream.ROUTINE) == 0


async def test_what_was_lost_on_the_way_is_sent_again(world: World) -> None:
    await world.opens()
    world.server.loses_batches = 2

    async with world.gateway() as air:
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))

    assert [one.seq for one in world.server.arrived] == [1]


async def test_a_press_passes_a_backlog_of_five_thousand(world: World) -> None:
    world.knows_its_home()

    async with world.gateway() as air:
        for number in range(5_000):
            air.say(HALL, motion(number))
        air.say(BUTTON, press(1))
    await world.opens()  # before the gateway: what is sent to a broker without a server is lost, and sent again
    async with world.gateway():
        await world.server.until(lambda: len(world.server.all_stored()) == 5_001)

    before = next(place for place, one in enumerate(world.server.arrived) if one.kind is SensorKind.BUTTON)
    assert before <= 1_000  # what the broker had in hand already, and far from all


async def test_all_arrives_once_when_the_broker_is_killed_in_the_middle(world: World) -> None:
    await world.opens()

    async with world.gateway() as air:
        for number in range(200):
            air.say(HALL, motion(number))
            if number % 50 == 49:
                await world.server.until(lambda: bool(world.server.arrived))
            if number == 99:
                await world.broker.kill()
            if number == 149:
                await world.broker.start()
            await asyncio.sleep(0)
        air.say(BUTTON, press(1))
        await world.server.until(lambda: len(world.server.all_stored()) == 201)

    sequences = {stream: sorted(numbered) for (_, stream), numbered in world.server.stored.items()}
    assert sequences == {Stream.ROUTINE: list(range(1, 201)), Stream.URGENT: [1]}


async def test_a_restarted_gateway_takes_up_where_it_was_and_drops_what_it_heard_before(world: World) -> None:
    world.knows_its_home()
    async with world.gateway() as air:
        air.say(SEALED, sealed(7))
        air.say(HALL, motion(1))

    await world.opens()
    async with world.gateway() as air:
        air.say(SEALED, sealed(7))
        air.say(HALL, motion(1))
        air.say(SEALED, sealed(8))
        await world.server.until(lambda: len(world.server.all_stored()) >= 3)
        heartbeat = await world.next_heartbeat()

    assert [head.last_seq for head in heartbeat.heads] == [0, 3]
    assert sorted(one.seq for one in world.server.all_stored()) == [1, 2, 3]


async def test_a_truncated_outbox_is_set_aside_reported_and_listening_goes_on(world: World) -> None:
    world.knows_its_home()
    async with world.gateway() as air:
        for number in range(50):
            air.say(HALL, motion(number))
    file = world.data / "outbox.db"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    await world.opens()
    async with world.gateway() as air:
        air.say(HALL, motion(99))
        await world.server.until(lambda: bool(world.server.arrived) and bool(world.server.heartbeats))

    assert world.server.heartbeats[0].troubles == {Trouble.OUTBOX_SET_ASIDE: 1}
    assert (world.data / "outbox.db.damaged-1").read_bytes() == content[: len(content) // 2]
    assert [one.seq for one in world.server.arrived] == [1]


async def test_a_receipt_for_another_file_is_ignored(world: World) -> None:
    await world.opens()
    world.server.gives_receipts = False

    async with world.gateway() as air:
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))
        await world.server.receipt("0" * 8, Stream.ROUTINE, 1)
        arrivals = len(world.server.arrived)
        await world.server.until(lambda: len(world.server.arrived) > arrivals)

    assert waiting_on_disk(world, Stream.ROUTINE) == 1


async def test_a_file_that_went_back_in_time_is_sent_anew_under_another_name(world: World) -> None:
    await world.opens()
    world.server.gives_receipts = False

    async with world.gateway() as air:
        air.say(HALL, motion(1))
        await world.server.until(lambda: bool(world.server.arrived))
        epoch = world.server.batches[0].epoch
        world.server.gives_receipts = True
        await world.server.receipt(epoch, Stream.ROUTINE, 500)
        air.say(HALL, motion(2))
        await world.server.until(
            lambda: world.server.batches[-1].epoch != epoch and len(world.server.all_stored()) >= 3
        )

    new = world.server.stored[world.server.batches[-1].epoch, Stream.ROUTINE]
    assert sorted(new) == [1, 2]


async def test_the_broker_says_that_a_gateway_is_gone_and_the_gateway_that_it_is_here(world: World) -> None:
    await world.opens()

    async with world.gateway():
        await world.server.until(lambda: bool(world.server.presences))
    await world.server.until(lambda: len(world.server.presences) >= 2)

    assert [one.state for one in world.server.presences[:2]] == [PresenceState.HERE, PresenceState.GONE]
