"""What one process does beside answering requests: ingest, detection, response, jobs."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import product

from gateway.contract.clock import Clock
from gateway.contract.topics import OTHER_UPWARD, URGENT_UPWARD
from server.absences.reminders import remind_due
from server.db.session import Database
from server.detection.service import look_at_due
from server.duty.guard import guard_due
from server.duty.service import on_duty
from server.escalation.auditor import look_over_chain
from server.escalation.service import MOST_AT_ONCE, ask_holders, escalate_due, mark_notified
from server.follow_up.following import follow_due
from server.ingest.service import Received
from server.ingest.subscriber import Subscriber
from server.jobs import start_jobs
from server.latency.service import watch_chain
from server.live.feed import Feed
from server.liveness.behaviour import raise_for_behaviour
from server.liveness.sensors import raise_for_silent_sensors
from server.liveness.service import listen_after_start, listen_anew, raise_for_silent
from server.notifications.channel import AppChannel
from server.notifications.dispatch import dispatch_due
from server.notifications.health import see_to_channels, set_up
from server.notifications.sender import Sender
from server.notifications.setting_up import open_channels
from server.relatives.telling import tell_of_alerts
from server.relatives.words import tell_words_due
from server.rounds.due import see_to_rounds
from server.settings import Role, ServerSettings
from server.visits.calendars import plan_ahead_due

_LOG = logging.getLogger(__name__)

# Real seconds between two looks for due work that nobody woke us for: another process made it, or its time has come.
_LOOK_EVERY_S = 0.5
_AFTER_TROUBLE_S = 2.0
# Between two turns of detection, so that the homes of a town are looked at together and not one by one.
_REST_S = 0.05
# A pause this long between two looks was no ordinary one: the machine slept, or the process was stopped. Also the time
# that passed in our world tells so: a simulated one may leap.
_STOOD_STILL_S = 5.0
_REAL_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the first counts a sleeping machine's time too


class Roles:
    """The workers of one process."""

    def __init__(self, database: Database, clock: Clock, settings: ServerSettings, feed: Feed) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._feed = feed
        self._wake_detect = asyncio.Event()
        self._wake_respond = asyncio.Event()
        self._wake_send = asyncio.Event()
        self._senders: list[Sender] = []
        self._loop_of_all: asyncio.AbstractEventLoop | None = None
        self._looked_at = clock.now(), time.clock_gettime(_REAL_CLOCK)
        self._has_begun = False

    @asynccontextmanager
    async def running(self, brokers: Sequence[str]) -> AsyncIterator[None]:
        """Run the workers of the configured roles until the block ends.

        A gateway may be at any of the brokers. Its receipts go where its facts came from, its configuration to all.
        """
        roles = self._settings.roles
        self._loop_of_all = asyncio.get_running_loop()
        tasks = [asyncio.create_task(self._feed.run(), name="feed")]
        if Role.INGEST in roles:
            for broker, filters in product(brokers, (URGENT_UPWARD, OTHER_UPWARD)):
                subscriber = Subscriber(self._database, self._clock, self._settings, self._feed, self._stored)
                tasks.append(asyncio.create_task(subscriber.run(broker, filters), name=f"ingest {filters[0]}"))
        if Role.DETECT in roles:
            tasks.append(asyncio.create_task(self._loop(self._detect, self._wake_detect, _REST_S), name="detect"))
        if Role.RESPOND in roles:
            self._senders = await asyncio.to_thread(self._open_senders)
            tasks.append(asyncio.create_task(self._loop(self._respond, self._wake_respond), name="respond"))
        if self._senders:
            tasks.append(asyncio.create_task(self._loop(self._send, self._wake_send), name="send"))
        every = timedelta(seconds=self._settings.job_interval_s)
        jobs = start_jobs(self._database, every, self._clock) if Role.JOBS in roles else None
        try:
            yield
        finally:
            await _end(tasks)
            for sender in self._senders:
                await asyncio.to_thread(sender.close)
            if jobs is not None:
                jobs.shutdown(wait=True)

    def _stored(self, received: Received) -> None:
        self._wake_detect.set()
        if received.urgent:
            self._wake_respond.set()
            self._feed.wake()

    def _detect(self) -> bool:
        looked = look_at_due(self._database, self._clock.now(), self._settings.link_patience) > 0
        # Here and not in `_respond`: it reads weeks of facts, and nobody who waits for help waits for that.
        return follow_due(self._database, self._clock.now()) or looked

    def _open_senders(self) -> list[Sender]:
        channels = open_channels(self._settings, self._database, self._clock)
        with self._database.transaction() as db:
            set_up(db, list(channels))
        return [Sender(self._database, self._clock, name, channel, self._told) for name, channel in channels.items()]

    def _send(self) -> bool:
        started = sum(sender.start_due() for sender in self._senders) > 0
        return see_to_channels(self._database, self._clock.now()) or started

    def _told(self, alerts: list[int]) -> None:
        mark_notified(self._database, alerts, self._clock.now())
        self._feed.wake()

    def _respond(self) -> bool:
        now = self._clock.now()
        passed_on = escalate_due(self._database, now)
        self._send_now(passed_on)
        moved = passed_on + ask_holders(self._database, now) + tell_of_alerts(self._database, now)
        moved += tell_words_due(self._database, now)
        self._send_now(moved - passed_on)
        told = dispatch_due(self._database, {AppChannel.name: AppChannel(self._database)}, now)
        mark_notified(self._database, told, self._clock.now())
        if not self._has_begun:
            listen_after_start(self._database, now, self._settings.link_patience)
            self._has_begun = True
        if self._has_stood_still(now):
            listen_anew(self._database, now, self._settings.link_patience)
        # Last: nobody who pressed a button waits for a look at who is silent.
        silent = raise_for_silent(self._database, now) + raise_for_silent_sensors(self._database, now)
        silent += raise_for_behaviour(self._database, now) + see_to_rounds(self._database, now)
        silent += guard_due(self._database, now) + remind_due(self._database, on_duty, now)
        silent += plan_ahead_due(self._database, now)
        # After all that moves alerts, and has no more to move: what stands still now would go on doing so.
        if passed_on < MOST_AT_ONCE:
            moved += look_over_chain(self._database, now)
        if self._settings.clock_file is None:
            moved += watch_chain(self._database, now)
        return silent + moved > 0 or bool(told)

    def _send_now(self, queued: int) -> None:
        """Wake the senders at once, from this thread: what else a turn does is not for whoever waits for help."""
        if queued and self._loop_of_all is not None:
            self._loop_of_all.call_soon_threadsafe(self._wake_send.set)

    def _has_stood_still(self, now: datetime) -> bool:
        looked_at, real_s = self._looked_at
        self._looked_at = now, time.clock_gettime(_REAL_CLOCK)
        return now - looked_at > self._settings.link_patience / 2 and self._looked_at[1] - real_s > _STOOD_STILL_S

    async def _loop(self, work: Callable[[], bool], wake: asyncio.Event, rest_s: float = 0.005) -> None:
        while True:
            wake.clear()
            try:
                while await asyncio.to_thread(work):
                    self._feed.wake()
                    self._wake_respond.set()
            except Exception:  # noqa: BLE001 - the top of a loop that must not die; what is due stays due
                _LOG.exception("%s failed; what is due stays due", work.__name__.strip("_"))
                await asyncio.sleep(_AFTER_TROUBLE_S)
            await asyncio.sleep(rest_s)
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await wake.wait()
            except TimeoutError:
                continue


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: on Python 3.11 `asyncio.wait_for`, which aiomqtt uses, may swallow one."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=1)
