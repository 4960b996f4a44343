"""A gateway beside a home's own Home Assistant: what it shows there, what it hears by it, and what it never costs."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio
from click.testing import CliRunner
from gateway_world import BUTTON, GATEWAY, HALL, KEY, SEALED, World, motion, press, running, sealed
from real_broker import PATIENCE_S, RealBroker
from typing_extensions import override

from gateway.cli import gateway as command
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import SensorKind
from gateway.contract.topics import Downward
from gateway.selftest import prove
from gateway.settings import GatewaySettings
from gateway.status import read_status

_DOOR = "a4c138000004"
_DISCOVERY = f"homeassistant/device/livsrytme-{GATEWAY}"
_OURS = f"livsrytme/{GATEWAY}"
_PACKETS = "home/theengs/BTtoMQTT"
_STATE = "homeassistant/binary_sensor/back_door/state"
_PASSWORD = "of the municipality"


def config(version: int, door: tuple[SensorKind, ...] = (SensorKind.DOOR,)) -> HomeConfig:
    """Return a home of which the door and the button may be seen, and whose back door only Home Assistant hears."""
    return HomeConfig(
        version=version,
        gateway_id=GATEWAY,
        sensors=(
            SensorConfig(sensor_id=HALL, room="hallway"),
            SensorConfig(sensor_id=BUTTON, room="bedroom", shown_in_home_assistant=(SensorKind.BUTTON,)),
            SensorConfig(
                sensor_id=SEALED,
                room="kitchen",
                bind_key=KEY.hex(),
                home_assistant_entities={"binary_sensor.kitchen": SensorKind.MOTION},
            ),
            SensorConfig(
                sensor_id=_DOOR,
                room="back_door",
                shown_in_home_assistant=door,
                home_assistant_entities={"binary_sensor.back_door": SensorKind.DOOR},
            ),
        ),
    )


def door(number: int, *, is_open: bool) -> bytes:
    return bytes([0x44, 0x00, number, 0x1A, int(is_open)])


def passed_on(sensor_id: str, service_data: bytes) -> bytes:
    """Return a packet as TheengsGateway passes it on."""
    heard = {"id": bytes.fromhex(sensor_id).hex(":").upper(), "rssi": -80, "servicedatauuid": "fcd2"}
    return json.dumps({**heard, "servicedata": service_data.hex()}).encode()


class HomeAssistant:
    """The home's own broker, and what somebody who listens to all of it hears."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.broker = RealBroker(folder)
        self.told: list[tuple[str, bytes, bool]] = []  # in order; True: kept from before
        self._changed = asyncio.Event()
        self._link: aiomqtt.Client | None = None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Be there; a second time is a fresh start, which is told first what the broker has kept."""
        self.told = []
        async with aiomqtt.Client(
            "127.0.0.1", self.broker.port, protocol=aiomqtt.ProtocolVersion.V5, clean_start=True
        ) as link:
            self._link = link
            async with running(self._listen(link)):
                await link.subscribe([(f"{_DISCOVERY}/#", 1), (f"{_OURS}/#", 1)], timeout=math.inf)
                yield

    async def say(self, topic: str, payload: bytes | str, *, is_kept: bool = False) -> None:
        assert self._link is not None
        await self._link.publish(topic, payload, qos=1, retain=is_kept, timeout=math.inf)

    def last(self, topic: str) -> bytes | None:
        """Return what was last told on a topic, None where nothing ever was."""
        return next((payload for where, payload, _ in reversed(self.told) if where == topic), None)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def _listen(self, link: aiomqtt.Client) -> None:
        async for message in link.messages:
            self.told.append((str(message.topic), bytes(message.payload), bool(message.retain)))
            self._changed.set()


class HomeWithIt(World):
    """A home where somebody has a Home Assistant."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.assistant = HomeAssistant(folder / "assistant")
        self.different: dict[str, object] = {}

    @property
    @override
    def settings(self) -> GatewaySettings:
        given = {
            "id": GATEWAY,
            "broker": self.broker.url,
            "data": self.data,
            "home_assistant_broker": self.assistant.broker.url,
            "home_assistant_packets": f"{_PACKETS}/+",
        }
        return GatewaySettings(**{**given, **self.different})  # type: ignore[arg-type]

    async def tell_home(self, home: HomeConfig) -> None:
        await self.server.tell(Downward.CONFIG, to_json(home))


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[HomeWithIt]:
    """Both brokers stand, and the server is there."""
    world = HomeWithIt(tmp_path)
    world.server._config = config(1)
    await world.assistant.broker.start()
    async with world.server.running():
        await world.opens()
        yield world
    await world.broker.kill()
    await world.assistant.broker.kill()


async def kinds_at_server(home: HomeWithIt, number: int) -> list[tuple[str, SensorKind, float]]:
    await home.server.until(lambda: len(home.server.all_stored()) >= number)
    return [(one.sensor_id, one.kind, one.value) for one in home.server.all_stored()]


async def test_only_what_the_configuration_names_appears_and_its_states_follow(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening(), home.gateway() as air:
        await assistant.until(lambda: assistant.last(f"{_DISCOVERY}/{_DOOR}/config") is not None)
        air.say(HALL, motion(1))
        air.say(BUTTON, press(1))
        air.say(_DOOR, door(1, is_open=True))
        air.say(_DOOR, door(2, is_open=False))
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/door") == b"OFF")
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/available") == b"online")

    states = [payload for topic, payload, _ in assistant.told if topic == f"{_OURS}/{_DOOR}/door"]
    assert states[-2:] == [b"ON", b"OFF"]  # before them may come what was true when the link had told all
    assert assistant.last(f"{_OURS}/{BUTTON}/button") == b'{"event_type": "press"}'
    assert not [topic for topic, _, _ in assistant.told if HALL in topic or SEALED in topic]
    assert KEY.hex().encode() not in b"".join(payload for _, payload, _ in assistant.told)


async def test_who_comes_later_is_told_what_is_true_and_no_old_press(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with home.gateway() as air:
        async with assistant.listening():
            await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
            air.say(BUTTON, press(1))
            air.say(_DOOR, door(1, is_open=True))
            await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/available") == b"online")
        async with assistant.listening():
            await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/door") is not None)
            await assistant.until(lambda: assistant.last(f"{_DISCOVERY}/{BUTTON}/config") is not None)
            first = list(assistant.told)
            await assistant.say(f"{_OURS}/end", b"of what was kept")
            await assistant.until(lambda: assistant.last(f"{_OURS}/end") is not None)

    assert (f"{_OURS}/{_DOOR}/door", b"ON", True) in first
    assert assistant.last(f"{_OURS}/{BUTTON}/button") is None


async def test_a_gateway_that_stops_is_seen_to_be_away(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening():
        async with home.gateway():
            await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
        await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"offline")


async def test_what_may_no_longer_be_seen_is_taken_away_with_its_states(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening(), home.gateway() as air:
        await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
        air.say(_DOOR, door(1, is_open=True))
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/door") == b"ON")
        await home.tell_home(config(2, door=()))
        await assistant.until(lambda: assistant.last(f"{_DISCOVERY}/{_DOOR}/config") == b"")
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/door") == b"")
        air.say(_DOOR, door(2, is_open=False))
        air.say(BUTTON, press(2))
        await assistant.until(lambda: assistant.last(f"{_OURS}/{BUTTON}/button") is not None)

    assert assistant.last(f"{_OURS}/{_DOOR}/door") == b""
    async with assistant.listening():
        await assistant.until(lambda: assistant.last(f"{_DISCOVERY}/{BUTTON}/config") is not None)
    assert not [topic for topic, _, _ in assistant.told if _DOOR in topic]


async def test_what_an_earlier_life_left_there_is_taken_away_too(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening():
        await assistant.say(f"{_DISCOVERY}/{HALL}/config", b"{}", is_kept=True)
        await assistant.say(f"{_OURS}/{HALL}/motion", b"ON", is_kept=True)
        async with home.gateway():
            await assistant.until(lambda: assistant.last(f"{_DISCOVERY}/{HALL}/config") == b"")
            await assistant.until(lambda: assistant.last(f"{_OURS}/{HALL}/motion") == b"")


async def test_a_sensor_that_falls_silent_is_shown_as_not_available(
    home: HomeWithIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.home_assistant.link._LOOK_EVERY_S", 0.05)
    assistant = home.assistant
    async with assistant.listening(), home.gateway() as air:
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/available") == b"offline")
        air.say(_DOOR, door(1, is_open=True))
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/available") == b"online")
        air.clock.move(timedelta(hours=7))
        await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/available") == b"offline")


async def test_a_packet_passed_on_becomes_a_fact_and_one_our_radio_heard_does_not_again(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening(), home.gateway() as air:
        await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
        air.say(HALL, motion(1))
        for packet in (passed_on(HALL, motion(1)), passed_on(SEALED, sealed(7)), passed_on(SEALED, sealed(7))):
            await assistant.say(f"{_PACKETS}/any", packet)
        await assistant.say(f"{_PACKETS}/any", passed_on(BUTTON, press(9)))
        told = await kinds_at_server(home, 3)
        air.say(SEALED, sealed(7))
        heartbeat = await home.next_heartbeat()

    assert sorted(told) == [
        (HALL, SensorKind.MOTION, 1.0),
        (BUTTON, SensorKind.BUTTON, 1.0),
        (SEALED, SensorKind.MOTION, 1.0),
    ]
    assert [head.last_seq for head in heartbeat.heads] == [1, 2]
    assert heartbeat.troubles == {}


async def test_a_state_becomes_a_fact_when_it_changes_and_never_because_it_was_kept(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening():
        await assistant.say(_STATE, b"on", is_kept=True)
        await assistant.say(f"{_PACKETS}/any", passed_on(BUTTON, press(1)), is_kept=True)
        async with home.gateway():
            await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
            for state in (b"on", b"off", b"off", b"unavailable", b"on"):
                await assistant.say(_STATE, state, is_kept=True)
            told = await kinds_at_server(home, 2)
            heartbeat = await home.next_heartbeat()

    assert told == [(_DOOR, SensorKind.DOOR, 0.0), (_DOOR, SensorKind.DOOR, 1.0)]
    assert [head.last_seq for head in heartbeat.heads] == [0, 2]


async def test_what_cannot_be_used_is_counted_and_nothing_else_is_lost(home: HomeWithIt) -> None:
    assistant = home.assistant
    async with assistant.listening(), home.gateway():
        await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
        await assistant.say(f"{_PACKETS}/any", b"\xff\x00 no json")
        await assistant.say(f"{_PACKETS}/any", b"[" * 100_000)
        await assistant.say(f"{_PACKETS}/any", json.dumps({"id": "A4:C1:38:00:00:01", "tempc": 20}))
        await assistant.say(f"{_PACKETS}/any", json.dumps({"id": "A4:C1:38:00:00:FF", "tempc": 20}))
        await assistant.say(f"{_PACKETS}/any", passed_on("a4c1380000ff", motion(1)))
        await assistant.say(f"{_PACKETS}/any", passed_on(SEALED, motion(1)))
        await assistant.say(_STATE, b"21.5")
        await assistant.say("homeassistant/binary_sensor/kitchen/state", b"on")
        await assistant.say(f"{_PACKETS}/any", passed_on(HALL, motion(1)))
        told = await kinds_at_server(home, 1)
        heartbeat = await home.next_heartbeat()

    assert told == [(HALL, SensorKind.MOTION, 1.0)]
    assert heartbeat.troubles == {
        Trouble.UNDECODABLE: 4,
        Trouble.UNKNOWN_SENSOR: 1,
        Trouble.NOT_ENCRYPTED: 2,
    }


async def test_packets_are_not_taken_from_a_broker_unless_that_was_asked_for(home: HomeWithIt) -> None:
    home.different = {"home_assistant_packets": ""}
    assistant = home.assistant
    async with assistant.listening(), home.gateway():
        await assistant.until(lambda: assistant.last(f"{_OURS}/available") == b"online")
        await assistant.say(f"{_PACKETS}/any", passed_on(HALL, motion(1)))
        await assistant.say(_STATE, b"on")
        told = await kinds_at_server(home, 1)

    assert told == [(_DOOR, SensorKind.DOOR, 1.0)]


async def test_without_its_broker_the_gateway_does_all_it_did_and_shows_it_all_when_it_is_back(
    home: HomeWithIt,
) -> None:
    assistant = home.assistant
    await assistant.broker.kill()
    async with home.gateway() as air:
        air.say(_DOOR, door(1, is_open=True))
        air.say(BUTTON, press(1))
        await kinds_at_server(home, 2)
        await assistant.broker.start()
        async with assistant.listening():
            await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/door") == b"ON")
        await assistant.broker.kill()
        air.say(_DOOR, door(2, is_open=False))
        told = await kinds_at_server(home, 3)
        await assistant.broker.start()
        async with assistant.listening():
            await assistant.until(lambda: assistant.last(f"{_OURS}/{_DOOR}/door") == b"OFF")

    assert len(told) == 3
    assert assistant.last(f"{_OURS}/{BUTTON}/button") is None  # an old press must not look fresh


async def test_its_broker_is_never_given_what_the_gateway_proves_itself_with(home: HomeWithIt) -> None:
    said = asyncio.Queue[bytes]()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.put_nowait(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    home.different = {
        "broker_user": GATEWAY,
        "broker_password": _PASSWORD,
        "home_assistant_broker": f"mqtt://theirs:own@127.0.0.1:{port}",
    }
    home.knows_its_home()
    async with server, home.gateway(), asyncio.timeout(PATIENCE_S):
        first = await said.get()

    assert b"theirs" in first
    assert f"{_OURS}/available".encode() + b"\x00\x07offline" in first  # what the broker says when the gateway falls
    assert _PASSWORD.encode() not in first


async def test_status_and_selftest_tell_of_it(home: HomeWithIt) -> None:
    home.server.answers_presence = True
    async with home.gateway():
        async with asyncio.timeout(PATIENCE_S):
            while not (status := read_status(home.data)) or not status.home_assistant:  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.02)
        said = CliRunner().invoke(command, ["status", "--data", str(home.data)])
        verdicts = {verdict.part.split()[0]: verdict async for verdict in prove(home.settings, [])}
        await home.assistant.broker.kill()
        without = {verdict.part.split()[0]: verdict async for verdict in prove(home.settings, [])}

    assert "home assistant reached" in said.output
    assert verdicts["home"].is_well
    assert "does not take us in" in without["home"].words
