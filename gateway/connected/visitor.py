"""Connects to the home's devices when they show themselves, one after the other, and hands on what they measured."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak_retry_connector import establish_connection

from gateway.ble.advertisement import Advertisement
from gateway.connected.profile import ADVERTISED, uuid
from gateway.connected.seen import SeenMeasurements
from gateway.connected.visit import Measurement, Said, Visit, Waiting

_LOGGER = logging.getLogger(__name__)

_ADVERTISED: Final = frozenset(uuid(service) for service in ADVERTISED)
_FAULTS: Final = (BleakError, OSError, TimeoutError, EOFError)


class Host(Protocol):
    """Whom a visitor works for."""

    def take(self, sensor_id: str, measurement: Measurement) -> None:
        """Take one measurement; it comes again when the program ends before `is_written` has said yes."""

    def is_written(self) -> bool:
        """Tell whether everything taken is on disk: only then is it remembered, and never asked for again."""

    def visited(self, sensor_id: str, battery_percent: int | None) -> None:
        """Note that a device answered."""

    def failed(self, sensor_id: str) -> None:
        """Count a call that came to nothing."""

    def undecodable(self, sensor_id: str) -> None:
        """Count a measurement that could not be read."""


@dataclass(frozen=True, slots=True)
class Calling:
    """How often a device is called, in seconds of real time."""

    attempts: int = 3
    connect_s: float = 30.0  # for all attempts together
    again_after_s: float = 30.0  # after a visit: most devices go on advertising for a while
    first_pause_s: float = 10.0  # after a failure; doubled each time
    longest_pause_s: float = 600.0


@dataclass(frozen=True, slots=True)
class _Manners:
    """When a device may be called again."""

    not_before: float = 0.0
    pause_s: float = 0.0


class Visitor:
    """Visits devices, one at a time, so that scanning keeps nearly all of the radio.

    Args:
        seen: what has been taken already.
        is_ours: tells whether a device belongs to this home; no other is ever connected to.
        host: takes what is found.
    """

    def __init__(
        self,
        seen: SeenMeasurements,
        is_ours: Callable[[str], bool],
        host: Host,
        calling: Calling = Calling(),
        waiting: Waiting = Waiting(),
    ) -> None:
        self._seen = seen
        self._is_ours = is_ours
        self._host = host
        self._unwritten: dict[str, list[Measurement]] = {}  # taken, and the disk does not have it yet
        self._calling = calling
        self._waiting = waiting
        self._manners: dict[str, _Manners] = {}
        self._calls: asyncio.Queue[tuple[str, BLEDevice]] = asyncio.Queue()
        self._expected: set[str] = set()

    def meet(self, advertisement: Advertisement, device: BLEDevice) -> None:
        """A device was heard: call it soon, if it is one of ours that measures something."""
        sensor_id = advertisement.sensor_id
        if sensor_id in self._expected or _ADVERTISED.isdisjoint(advertisement.services):
            return
        if not self._is_ours(sensor_id) or not _can_be_called(device):
            return
        if time.monotonic() >= self._manners.get(sensor_id, _Manners()).not_before:
            self._expected.add(sensor_id)
            self._calls.put_nowait((sensor_id, device))

    async def run(self) -> None:
        """Visit whom `meet` has named, until cancelled."""
        while True:
            sensor_id, device = await self._calls.get()
            try:
                said = await self._visit(sensor_id, device)
                self._hand_on(sensor_id, said)
                self._wait(sensor_id, self._calling.again_after_s, pause_s=0.0)
            except (*_FAULTS, sqlite3.Error) as fault:
                self._tell_failure(sensor_id, fault)
            finally:
                self._expected.discard(sensor_id)

    async def _visit(self, sensor_id: str, device: BLEDevice) -> Said:
        async with asyncio.timeout(self._calling.connect_s):
            client = await establish_connection(BleakClient, device, sensor_id, max_attempts=self._calling.attempts)
        try:
            return await Visit(client, self._seen.last_sequence(sensor_id), self._waiting).run()
        finally:
            with suppress(*_FAULTS):
                async with asyncio.timeout(self._waiting.answer_s):
                    await client.disconnect()

    def _hand_on(self, sensor_id: str, said: Said) -> None:
        for _ in range(said.undecodable):
            self._host.undecodable(sensor_id)
        self._host.visited(sensor_id, said.battery_percent)
        taken = self._unwritten.setdefault(sensor_id, [])
        for measurement in said.measurements:
            if not self._is_old(sensor_id, measurement):
                self._host.take(sensor_id, measurement)
                if measurement.has_stamp:
                    taken.append(measurement)
        if self._host.is_written():
            self._seen.add(sensor_id, [(one.data, one.sequence) for one in taken])
            taken.clear()

    def _is_old(self, sensor_id: str, measurement: Measurement) -> bool:
        if not measurement.has_stamp:
            return False
        return measurement in self._unwritten.get(sensor_id, ()) or self._seen.has(sensor_id, measurement.data)

    def _tell_failure(self, sensor_id: str, fault: Exception) -> None:
        self._host.failed(sensor_id)
        earlier = self._manners.get(sensor_id, _Manners())
        pause_s = min(2 * earlier.pause_s or self._calling.first_pause_s, self._calling.longest_pause_s)
        self._wait(sensor_id, pause_s, pause_s=pause_s)
        _LOGGER.info(
            "a device could not be visited (%s); again in %.0f s at the earliest", type(fault).__name__, pause_s
        )

    def _wait(self, sensor_id: str, span_s: float, pause_s: float) -> None:
        earlier = self._manners.get(sensor_id, _Manners())
        self._manners[sensor_id] = replace(earlier, not_before=time.monotonic() + span_s, pause_s=pause_s)


def _can_be_called(device: BLEDevice) -> bool:
    """Only what BlueZ has heard can be connected to: a proxy or a simulated air only listens."""
    return isinstance(device.details, dict) and "path" in device.details
