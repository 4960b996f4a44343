"""The gateway put together: radio, hearing, outbox, link; started, and stopped without losing what was heard."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

import aiomqtt

from gateway.ble.ladder import Patience
from gateway.ble.radio import Radio, RadioLostError
from gateway.ble.scanner import Scanner
from gateway.ble.surrender import Surrenders
from gateway.ble.wake import wake_patterns
from gateway.connected.measuring import Measuring
from gateway.connected.profile import ADVERTISED
from gateway.connected.seen import SeenMeasurements
from gateway.connected.visitor import Visitor
from gateway.fallback import Fallback
from gateway.hearing import Hearing
from gateway.heartbeat import Parts, Pulse
from gateway.home import Home
from gateway.home_assistant.inbox import Inbox
from gateway.home_assistant.link import HomeAssistantLink
from gateway.outbox import Outbox, Room
from gateway.publisher import Publisher
from gateway.quiet import quieten
from gateway.recorder import Recorder
from gateway.renewal import keep_certificate
from gateway.sensors.registry import WAKING_COMPANIES, WAKING_SERVICES
from gateway.settings import GatewaySettings
from gateway.status import StatusFile
from gateway.timekeeping import ClockWatch, synced_by
from gateway.troubles import Troubles
from gateway.watchdog import keep_alive

_LOGGER = logging.getLogger(__name__)
_STOP_SIGNS: Final = (signal.SIGTERM, signal.SIGINT)
_MB: Final = 1_000_000
_ASK_AGAIN_S: Final = 3.0  # longer than any farewell


async def run(settings: GatewaySettings, *radios: Radio) -> None:
    """Run the gateway until SIGTERM or SIGINT.

    It listens before any broker is reachable and while it is away. Only a gateway that has never been told its home
    waits for that first: what it heard could be given neither room nor meaning.

    Raises:
        OutboxInUseError: another gateway holds the data folder.
        RadioLostError: no radio hears anything, and only a new start of the program may help.
    """
    quieten()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_tell_stray_fault)
    clock = radios[0].clock
    is_clock_synced = synced_by(clock)
    troubles = Troubles()
    room = Room(int(settings.outbox_mb * _MB), int(settings.disk_floor_mb * _MB))
    with Outbox(settings.data, troubles, room) as outbox, SeenMeasurements(settings.data) as seen:
        home = Home(settings.data, settings.id, troubles)
        recorder = Recorder(outbox, troubles)
        hearing = Hearing(home, recorder, troubles, is_clock_synced)
        measuring = Measuring(home, recorder, troubles, clock, is_clock_synced)
        visitor = Visitor(seen, home.has, measuring)
        monitors = wake_patterns(WAKING_SERVICES, WAKING_COMPANIES, ADVERTISED)
        scanner = Scanner(radios, hearing.hear, monitors, is_ours=home.has)
        scanner.introduce_to(visitor.meet)
        clock_watch = ClockWatch(clock, troubles)
        surrenders = Surrenders(settings.data)
        parts = Parts(home, outbox, recorder, hearing, measuring, scanner, clock_watch, troubles, surrenders)
        pulse = Pulse(settings.id, clock, is_clock_synced, parts)
        publisher = Publisher(settings, (outbox, recorder.unwritten), home, pulse, troubles)
        fallback = Fallback(settings, (outbox, recorder.unwritten), troubles)
        status = StatusFile(settings.data, pulse, outbox.proven)
        recorder.on_written = _each(publisher.wake, fallback.wake)
        fallback.on_unheard = publisher.distrust
        publisher.on_standing = status.link_stands
        inbox = Inbox(settings.home_assistant_states, home, hearing, scanner.overhear, clock, troubles)
        home_assistant = HomeAssistantLink(settings, home, hearing, recorder.memory, inbox, clock)
        home_assistant.on_standing = status.home_assistant_stands
        hearing.on_facts, home.on_change = home_assistant.tell, home_assistant.take_config
        scanner.on_change = _each(lambda: _forget_surrenders(scanner, surrenders), pulse.hurry, status.hurry)
        try:
            await _until_told_to_stop(
                _listen(home, scanner, surrenders),
                visitor.run(),
                publisher.run(),
                fallback.run(),
                home_assistant.run(),
                status.run(),
                clock_watch.run(),
                keep_certificate(settings.data, clock, troubles),
                keep_alive(),
            )
        finally:
            recorder.flush()
            _LOGGER.info("stopped; what waits is on disk")


def _each(*deeds: Callable[[], None]) -> Callable[[], None]:
    def all_of_them() -> None:
        for deed in deeds:
            deed()

    return all_of_them


async def _listen(home: Home, scanner: Scanner, surrenders: Surrenders) -> None:
    await home.known()
    scanner.bear(Patience().after(surrenders.count), is_doubted=surrenders.count > 0)
    try:
        await scanner.run()
    except RadioLostError:
        surrenders.add()
        raise


def _forget_surrenders(scanner: Scanner, surrenders: Surrenders) -> None:
    if surrenders.count and scanner.deaf_since is None:
        surrenders.forget()
        scanner.bear(Patience())


async def _until_told_to_stop(*works: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for sign in _STOP_SIGNS:
        loop.add_signal_handler(sign, told.set)
    tasks = [asyncio.create_task(work) for work in works]
    stop = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({*tasks, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        await _end(tasks)
        for sign in _STOP_SIGNS:
            loop.remove_signal_handler(sign)
    for task in tasks:  # none ends by itself, save by a bug
        if not task.cancelled():
            task.result()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """End the tasks, asking again where a library has swallowed the first request: a task group would wait for ever."""
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=_ASK_AGAIN_S)


def _tell_stray_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Keep the MQTT client's cries about a socket that died under it out of the log: the link tells of it itself."""
    fault = context.get("exception")
    is_dead_socket = isinstance(fault, ValueError) and "file descriptor" in str(fault)
    if is_dead_socket or isinstance(fault, OSError | aiomqtt.MqttError):
        _LOGGER.debug("stray fault of a lost link: %s", fault)
        return
    loop.default_exception_handler(context)
