"""One connection to one device: everything it has to say, from the first subscription to its silence."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from bleak import BleakClient
from bleak.exc import BleakError

from gateway.connected.glucose import GlucoseContext, glucose_context
from gateway.connected.profile import BATTERY_LEVEL, GLUCOSE_CONTEXT, PROFILES, RECORD_ACCESS, Profile, uuid
from gateway.connected.record_access import Outcome, outcome, report_records
from gateway.connected.vital import UndecodableMeasurementError, VitalReading
from gateway.contract.doubt import Meal

_LOGGER = logging.getLogger(__name__)
_FULL_PERCENT: Final = 100
_FAULTS: Final = (BleakError, OSError, TimeoutError, EOFError)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a device is waited for, in seconds of real time."""

    silence_s: float = 5.0  # a device that has said nothing for so long has said all it has
    longest_s: float = 60.0  # a belt never stops
    answer_s: float = 10.0  # a single call: a hung bluetoothd answers none
    records_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement as it came, and what it says."""

    data: bytes
    readings: tuple[VitalReading, ...]
    is_stream: bool = False  # the last of a row that goes on for as long as somebody listens

    @property
    def has_stamp(self) -> bool:
        """Whether it carries a time or a number, so that the same bytes are the same measurement."""
        return any(reading.measured_at is not None or reading.sequence is not None for reading in self.readings)

    @property
    def sequence(self) -> int | None:
        """The device's number for it, None where it has none."""
        return next((reading.sequence for reading in self.readings), None)


@dataclass(slots=True)
class Said:
    """What a device said in one visit."""

    measurements: list[Measurement] = field(default_factory=list)
    battery_percent: int | None = None  # None: it does not tell
    undecodable: int = 0


class Visit:
    """A visit to a connected device. What was said before the connection broke is kept."""

    def __init__(self, client: BleakClient, last_sequence: int | None, waiting: Waiting) -> None:
        self.said = Said()
        self._client = client
        self._last_sequence = last_sequence
        self._waiting = waiting
        self._news = asyncio.Event()
        self._streamed: dict[int, Measurement] = {}
        self._meals: dict[int, Meal] = {}

    async def run(self) -> Said:
        """Hear the device out. A connection that breaks ends it, and is no error."""
        try:
            async with asyncio.timeout(self._waiting.longest_s):
                await self._hear_out()
        except _FAULTS as fault:
            _LOGGER.debug("the visit ended early: %s", type(fault).__name__)
        self.said.measurements = [self._with_meal(one) for one in self.said.measurements]
        self.said.measurements.extend(self._streamed.values())
        return self.said

    async def _hear_out(self) -> None:
        there = [profile for profile in PROFILES if self._has(profile.measurement)]
        if self._has(GLUCOSE_CONTEXT):
            await self._subscribe(GLUCOSE_CONTEXT, self._take_context)
        for profile in there:
            await self._subscribe(profile.measurement, self._taker(profile))
        await self._ask_battery()
        if any(profile.has_records for profile in there) and self._has(RECORD_ACCESS):
            await self._ask_records()
        await self._silence()

    async def _silence(self) -> None:
        while self._client.is_connected:
            self._news.clear()
            try:
                async with asyncio.timeout(self._waiting.silence_s):
                    await self._news.wait()
            except TimeoutError:
                return

    def _has(self, number: int) -> bool:
        return self._client.services.get_characteristic(uuid(number)) is not None

    async def _subscribe(self, number: int, take: Callable[[bytes], None]) -> None:
        def guarded(_: object, data: bytearray) -> None:
            self._news.set()
            try:
                take(bytes(data))
            except UndecodableMeasurementError:
                self.said.undecodable += 1

        async with asyncio.timeout(self._waiting.answer_s):
            await self._client.start_notify(uuid(number), guarded)

    def _taker(self, profile: Profile) -> Callable[[bytes], None]:
        def take(data: bytes) -> None:
            said = profile.decode(data)
            measurement = Measurement(bytes([profile.measurement & 0xFF]) + data, said, profile.is_stream)
            if profile.is_stream:
                self._streamed[profile.measurement] = measurement
            else:
                self.said.measurements.append(measurement)

        return take

    def _take_context(self, data: bytes) -> None:
        told: GlucoseContext = glucose_context(data)
        if told.meal is not None:
            self._meals[told.sequence] = told.meal

    def _with_meal(self, measurement: Measurement) -> Measurement:
        meal = None if measurement.sequence is None else self._meals.get(measurement.sequence)
        if meal is None:
            return measurement
        return replace(measurement, readings=tuple(replace(one, meal=meal) for one in measurement.readings))

    async def _ask_battery(self) -> None:
        if not self._has(BATTERY_LEVEL):
            return
        with suppress(BleakError):
            async with asyncio.timeout(self._waiting.answer_s):
                told = await self._client.read_gatt_char(uuid(BATTERY_LEVEL))
            if told and told[0] <= _FULL_PERCENT:
                self.said.battery_percent = told[0]

    async def _ask_records(self) -> None:
        """Fetch what is stored: what is newer than the last, or everything where that brings nothing.

        A meter that was reset counts from the beginning again, so that its newest record is not above the last one.
        """
        answers: asyncio.Queue[Outcome] = asyncio.Queue()
        await self._subscribe(RECORD_ACCESS, lambda data: answers.put_nowait(outcome(data)))
        ended = await self._request(report_records(self._last_sequence), answers)
        if ended is not Outcome.ALL_SENT and self._last_sequence is not None:
            await self._request(report_records(), answers)

    async def _request(self, request: bytes, answers: asyncio.Queue[Outcome]) -> Outcome:
        async with asyncio.timeout(self._waiting.records_s):
            await self._client.write_gatt_char(uuid(RECORD_ACCESS), request, response=True)
            return await answers.get()
