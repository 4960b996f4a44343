"""The link to the broker: comes up by itself, whatever takes it down, and carries what the home has to say."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import aiomqtt

from gateway.contract import topics
from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.heartbeat import Presence, PresenceState, Trouble
from gateway.contract.observation import Stream
from gateway.contract.receipt import Receipt
from gateway.contract.topics import Downward, Upward
from gateway.heartbeat import Pulse
from gateway.home import Home
from gateway.link import Addresses, client, is_reachable
from gateway.sender import Holding, StreamSender
from gateway.settings import GatewaySettings
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)
_ANSWER_S: Final = 10.0  # a broker that takes longer to answer is taken for lost
_FAREWELL_S: Final = 2.0
_GOOD_LINK_S: Final = 5.0  # a link that stood this long was no part of a fight over it


class _BetterElsewhereError(Exception):
    """The link stands, and another broker is to be preferred."""


class Publisher:
    """Keeps one link to a broker: all streams and the heartbeat go up, receipts and configurations come down.

    Args:
        settings: where the brokers are.
        holding: the outbox on disk, and the one in memory for calls the disk would not take.
        home: takes configurations.
        pulse: gives heartbeats.
        troubles: counts what cannot be read.
    """

    def __init__(
        self, settings: GatewaySettings, holding: tuple[Holding, Holding], home: Home, pulse: Pulse, troubles: Troubles
    ) -> None:
        self._settings = settings
        self._home = home
        self._pulse = pulse
        self._troubles = troubles
        on_disk, in_memory = holding
        self._senders = [
            StreamSender(settings.id, stream, outbox, pulse.clock, troubles)
            for stream, outbox in (
                (Stream.URGENT, in_memory),
                (Stream.URGENT, on_disk),
                (Stream.ROUTINE, on_disk),
            )
        ]
        self._addresses = Addresses(settings.brokers)
        self._is_better_elsewhere = asyncio.Event()
        self._standing_since: float | None = None
        self._told_broken = False
        self._is_told_to_stop = False
        self.on_standing: Callable[[str | None], None] = _nobody_asks  # the broker's address; None: no link

    def wake(self) -> None:
        """Look into the outbox: something was written."""
        for sender in self._senders:
            sender.wake()

    def distrust(self) -> None:
        """Try the other broker, where there is one: what was sent by this one gets no receipt."""
        if self._addresses.has_choice and self._standing_since is not None:
            _LOGGER.warning("no receipts come by the broker at %s; trying the other one", self._addresses.present)
            self._is_better_elsewhere.set()

    async def run(self) -> None:
        """Keep the link up for as long as the program runs. A broker that is away takes nothing down."""
        while True:
            wait_s = 0.0
            try:
                await self._link()
            except* _BetterElsewhereError:
                _LOGGER.info("leaving for the broker at %s", self._addresses.present)
            except* (aiomqtt.MqttError, OSError) as fault:
                self._tell_broken(fault)
                wait_s = self._addresses.turn()
            except* Exception:  # whatever the client library breaks on, the home must be heard again
                _LOGGER.exception("the link to the broker broke in an unexpected way")
                wait_s = self._addresses.turn()
            self.on_standing(None)
            if self._is_told_to_stop:  # the client may answer a cancellation with an error of its own
                return
            self._shorten_wait_after_a_good_link()
            await asyncio.sleep(wait_s)

    async def _link(self) -> None:
        will = aiomqtt.Will(
            topics.upward(self._settings.id, Upward.PRESENCE), self._presence(PresenceState.GONE), qos=1
        )
        async with client(self._settings, self._addresses.present, will) as link:
            try:
                await self._use(link)
            except asyncio.CancelledError:
                self._is_told_to_stop = True
                with suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(_FAREWELL_S):
                        await self._say(link, PresenceState.GONE)
                raise

    async def _use(self, client: aiomqtt.Client) -> None:
        async def publish(topic: str, payload: bytes) -> None:
            await _publish(client, topic, payload)

        async with asyncio.TaskGroup() as link:
            # Only listening notices at once that the link broke, so nothing else is waited for before it runs.
            link.create_task(self._listen(client), name="receipts and configurations")
            async with asyncio.timeout(_ANSWER_S):
                await client.subscribe(topics.everything_downward(self._settings.id), qos=1, timeout=math.inf)
            await self._say(client, PresenceState.HERE)
            self._tell_standing()
            link.create_task(self._pulse.beat(publish), name="heartbeat")
            link.create_task(self._leave_for_better(), name="a better broker")
            if self._addresses.is_at_second_best:
                link.create_task(self._look_for_first(), name="the first broker")
            for number, sender in enumerate(self._senders):
                link.create_task(sender.run(publish), name=f"observations {number}")

    async def _look_for_first(self) -> None:
        """Look now and then whether the first broker takes us in again."""
        while True:
            await asyncio.sleep(self._settings.fail_back_s)
            if await is_reachable(self._settings, self._addresses.first):
                self._addresses.go_back()
                raise _BetterElsewhereError

    async def _leave_for_better(self) -> None:
        self._is_better_elsewhere.clear()
        await self._is_better_elsewhere.wait()
        self._addresses.turn()
        raise _BetterElsewhereError

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self._take(str(message.topic), bytes(message.payload))

    def _take(self, topic: str, payload: bytes) -> None:
        try:
            match topics.read_downward(topic):
                case Downward.RECEIPT:
                    self._take_receipt(from_json(Receipt, payload))
                case Downward.CONFIG:
                    self._home.take(payload)
        except (ContractError, ValueError) as fault:
            self._troubles.count(Trouble.BAD_CONFIG)
            _LOGGER.warning("a message from the server cannot be read: %s", fault)

    def _take_receipt(self, receipt: Receipt) -> None:
        for sender in self._senders:  # none, where it is about a file that was set aside
            if (sender.epoch, sender.stream) == (receipt.epoch, receipt.stream):
                sender.receive(receipt.up_to_seq)

    async def _say(self, client: aiomqtt.Client, state: PresenceState) -> None:
        await _publish(client, topics.upward(self._settings.id, Upward.PRESENCE), self._presence(state))

    def _presence(self, state: PresenceState) -> bytes:
        return to_json(Presence(gateway_id=self._settings.id, boot_id=self._pulse.boot_id, state=state))

    def _tell_standing(self) -> None:
        self._standing_since = time.monotonic()
        self._told_broken = False
        self.on_standing(str(self._addresses.present))
        _LOGGER.info("connected to the broker at %s", self._addresses.present)

    def _shorten_wait_after_a_good_link(self) -> None:
        if self._standing_since is not None and time.monotonic() - self._standing_since > _GOOD_LINK_S:
            self._addresses.stood_well()
        self._standing_since = None

    def _tell_broken(self, fault: BaseExceptionGroup[aiomqtt.MqttError | OSError]) -> None:
        if not self._told_broken:
            self._told_broken = True
            where = self._addresses.present
            _LOGGER.warning("no broker at %s (%s); facts are kept until there is one", where, _first(fault))


async def _publish(client: aiomqtt.Client, topic: str, payload: bytes) -> None:
    """Publish, with a time limit of our own: the client's own may swallow a cancellation that comes with the answer.

    Source: asyncio.wait_for before Python 3.12.
    """
    async with asyncio.timeout(_ANSWER_S):
        await client.publish(topic, payload, qos=1, timeout=math.inf)


def _first(fault: BaseException) -> BaseException:
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault


def _nobody_asks(_broker: str | None) -> None:
    pass
