"""The link to the broker of a home's own Home Assistant. Whatever happens on it, the home is heard as before."""

import asyncio
import logging
import math
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from typing import Final

import aiomqtt

from gateway.contract.clock import Clock
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.home_assistant.discovery import OFFLINE, ONLINE, Shown, Told
from gateway.home_assistant.inbox import Inbox
from gateway.link import KEEPALIVE_S, Addresses, PromptClient
from gateway.observe import Fact, SensorMemory
from gateway.settings import BrokerAddress, GatewaySettings

_LOGGER: Final = logging.getLogger(__name__)
_CLIENT_LOGGER: Final = logging.getLogger(f"{__name__}.client")
_CLIENT_LOGGER.setLevel(logging.CRITICAL)  # it warns of ordinary things

_ANSWER_S: Final = 10.0
_FAREWELL_S: Final = 2.0
_GOOD_LINK_S: Final = 5.0
_LOOK_EVERY_S: Final = 30.0  # how soon a sensor that has fallen silent is seen to have
_MOST_WAITING: Final = 500  # messages to it; what is true now is told whole at the next connection
_MOST_KEPT: Final = 5000  # topics of ours on that broker; 200 sensors have no more

# A sensor that was not heard for so long is shown as not available. One without beacons may be silent for hours and be
# well; that it is well is then not known, and is not shown.
_SILENT_AFTER: Final = timedelta(hours=6)


def home_assistant_client(
    settings: GatewaySettings, address: BrokerAddress, will: aiomqtt.Will | None, name: str = ""
) -> aiomqtt.Client:
    """Return a client for that broker, not yet connected. `name` is added to the gateway's own.

    It is given nothing of what the gateway proves itself with at the municipality's brokers.
    """
    return PromptClient(
        address.host,
        address.port,
        username=address.username,
        password=address.password,
        identifier=f"livsrytme-{settings.id}{name}",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=True,
        keepalive=KEEPALIVE_S,
        will=will,
        logger=_CLIENT_LOGGER,
        tls_context=ssl.create_default_context() if address.is_encrypted else None,
        max_queued_incoming_messages=_MOST_KEPT,
    )


class HomeAssistantLink:
    """Shows a Home Assistant the sensors its home may see, and hears from it those it stands for.

    Args:
        settings: where its broker is; without one, nothing is ever done.
        home: says what is shown.
        hearing: tells how lately each sensor was heard.
        memory: what was last told of a sensor.
        inbox: takes what comes.
        clock: the home's.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        home: Home,
        hearing: Hearing,
        memory: Callable[[str], SensorMemory],
        inbox: Inbox,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._home = home
        self._hearing = hearing
        self._memory = memory
        self._inbox = inbox
        self._clock = clock
        self._shown = Shown(settings.id, (), settings.home_assistant_language)
        self._waiting: deque[Told] = deque(maxlen=_MOST_WAITING)
        self._kept: set[str] = set()
        self._available: dict[str, bool] = {}
        self._news = asyncio.Event()
        self._is_config_due = False
        self._standing_since: float | None = None
        self._told_away = False
        self._is_told_to_stop = False
        self.on_standing: Callable[[bool], None] = lambda _: None  # whether the broker is reached

    def tell(self, facts: Iterable[Fact]) -> None:
        """Show what was just heard. While the broker is away nothing waits: an old press must never look fresh."""
        if self._standing_since is None:
            return
        shown = (self._shown.value(fact.sensor_id, fact.kind, fact.value) for fact in facts)
        self._waiting.extend(told for told in shown if told is not None)
        self._news.set()

    def take_config(self) -> None:
        """Look at the home's configuration: it has changed."""
        self._is_config_due = True
        self._news.set()

    async def run(self) -> None:
        """Keep the link up until cancelled; do nothing where there is no such broker."""
        address = self._settings.home_assistant_address
        if address is None:
            await asyncio.get_running_loop().create_future()
            return
        await self._home.known()
        waits = Addresses((address,))
        while not self._is_told_to_stop:  # the client may answer a cancellation with an error of its own
            try:
                await self._link(address)
            except* (aiomqtt.MqttError, OSError):
                self._tell_away(address)
            except* Exception as bug:  # noqa: BLE001 - nothing of this may harm the gateway
                what = ", ".join(type(one).__name__ for one in bug.exceptions)  # a text may hold a value
                _LOGGER.error("the link to Home Assistant broke: %s", what)  # noqa: TRY400
            if self._standing_since is not None and time.monotonic() - self._standing_since > _GOOD_LINK_S:
                waits.stood_well()
            self._standing_since = None
            self.on_standing(False)  # noqa: FBT003 - the only thing it says
            if not self._is_told_to_stop:
                await asyncio.sleep(waits.turn())

    async def _link(self, address: BrokerAddress) -> None:
        gone = Told(self._shown.gateway_topic(), OFFLINE, is_kept=True)
        will = aiomqtt.Will(gone.topic, gone.payload, qos=1, retain=True)
        async with home_assistant_client(self._settings, address, will, "-home") as client:
            try:
                async with asyncio.TaskGroup() as link:
                    link.create_task(self._listen(client), name="from Home Assistant")
                    link.create_task(self._talk(client, address), name="to Home Assistant")
            except asyncio.CancelledError:
                self._is_told_to_stop = True
                with suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(_FAREWELL_S):
                        await self._publish(client, gone)
                raise

    async def _talk(self, client: aiomqtt.Client, address: BrokerAddress) -> None:
        self._waiting.clear()
        self._kept.clear()
        self._inbox.forget()
        packets = self._settings.home_assistant_packets
        await self._subscribe(client, [*self._shown.filters(), *([packets] if packets else [])])
        self._tell_standing(address)
        self._is_config_due = True
        while True:
            self._news.clear()
            if self._is_config_due:
                await self._use_config(client)
            await self._clear_strays(client)
            while self._waiting:
                await self._publish(client, self._waiting.popleft())
            await self._tell_available(client)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._news.wait()

    async def _use_config(self, client: aiomqtt.Client) -> None:
        self._is_config_due = False
        self._available.clear()
        sensors = self._home.sensors
        self._shown = Shown(self._settings.id, sensors, self._settings.home_assistant_language)
        self._waiting.clear()  # it may hold what may no longer be seen
        await self._subscribe(client, self._inbox.take_config())
        await self._publish(client, Told(self._shown.gateway_topic(), ONLINE, is_kept=True))
        for told in self._shown.discovery(version("livsrytme")):
            await self._publish(client, told)
        for sensor_id in self._shown.shown_ids():
            memory = self._memory(sensor_id).told
            for told in self._shown.lasting(sensor_id, ((kind, last.value) for kind, last in memory.items())):
                await self._publish(client, told)

    async def _clear_strays(self, client: aiomqtt.Client) -> None:
        """Take away what is kept of ours on that broker and may no longer be seen, whoever of us put it there."""
        for topic in [topic for topic in self._kept if self._shown.is_stray(topic)]:
            await self._publish(client, Told(topic, b"", is_kept=True))
            self._kept.discard(topic)

    async def _tell_available(self, client: aiomqtt.Client) -> None:
        now = self._clock.now()
        heard = {one.sensor_id: one.last_heard_at for one in self._hearing.health()}
        for sensor_id in self._shown.shown_ids():
            last = heard.get(sensor_id)
            is_available = last is not None and now - last < _SILENT_AFTER
            if self._available.get(sensor_id) is not is_available:
                payload = ONLINE if is_available else OFFLINE
                await self._publish(client, Told(self._shown.sensor_topic(sensor_id), payload, is_kept=True))
                self._available[sensor_id] = is_available

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic, payload = str(message.topic), bytes(message.payload)
            if not self._shown.is_ours(topic):
                self._inbox.take(topic, payload, is_kept=message.retain)
            elif message.retain and payload and len(self._kept) < _MOST_KEPT:
                self._kept.add(topic)
                self._news.set()

    async def _subscribe(self, client: aiomqtt.Client, filters: list[str]) -> None:
        if filters:
            async with asyncio.timeout(_ANSWER_S):
                await client.subscribe([(one, 1) for one in filters], timeout=math.inf)

    async def _publish(self, client: aiomqtt.Client, told: Told) -> None:
        if told.is_kept:
            self._kept.add(told.topic)
        async with asyncio.timeout(_ANSWER_S):
            await client.publish(told.topic, told.payload, qos=1, retain=told.is_kept, timeout=math.inf)

    def _tell_standing(self, address: BrokerAddress) -> None:
        self._standing_since = time.monotonic()
        self._told_away = False
        self.on_standing(True)  # noqa: FBT003 - the only thing it says
        _LOGGER.info("connected to Home Assistant's broker at %s", address)

    def _tell_away(self, address: BrokerAddress) -> None:
        if not self._told_away:
            self._told_away = True
            _LOGGER.warning("no broker of Home Assistant at %s; nothing else suffers from it", address)
