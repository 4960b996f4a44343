"""From a packet in the air to a fact for the recorder, without a pause: it never waits for disk, network or anybody."""

import logging
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.ble.advertisement import Advertisement, Content
from gateway.contract.heartbeat import SensorHealth, Trouble
from gateway.contract.home_config import SensorConfig
from gateway.home import Home
from gateway.observe import Fact, observe
from gateway.recorder import Recorder
from gateway.sensors.family import Family, newest
from gateway.sensors.reading import NotEncryptedError, Reading, UndecodableAdvertisementError, WrongKeyError
from gateway.sensors.registry import families_of
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)

_TROUBLE_OF: Final = {
    NotEncryptedError: Trouble.NOT_ENCRYPTED,
    WrongKeyError: Trouble.WRONG_KEY,
    UndecodableAdvertisementError: Trouble.UNDECODABLE,
}


@dataclass(slots=True)
class _Heard:
    """How a sensor was last heard; `at` is None where nothing of it could be used."""

    at: datetime | None
    rssi_dbm: int | None
    battery_percent: float | None


@dataclass(frozen=True, slots=True)
class _Read:
    """A packet and what stands in it."""

    content: Content
    sensor: SensorConfig  # its key opened the packet
    readings: tuple[Reading, ...]


class Hearing:
    """What this home's sensors say."""

    def __init__(self, home: Home, recorder: Recorder, troubles: Troubles, is_clock_synced: Callable[[], bool]) -> None:
        self._home = home
        self._recorder = recorder
        self._troubles = troubles
        self._is_clock_synced = is_clock_synced
        # All by sensors of this home only: a flood of strangers adds nothing.
        self._heard: dict[str, _Heard] = {}
        self._last_read: dict[str, _Read] = {}
        self._troubles_of: defaultdict[str, Counter[Trouble]] = defaultdict(Counter)
        # Two radios hear at different moments, so each remembers for itself what it heard last.
        self._heaps: dict[tuple[str, str], Mapping[int, bytes]] = {}
        self._told_bug = False
        self.on_facts: Callable[[tuple[Fact, ...]], None] = lambda _: None

    def hear(self, advertisement: Advertisement) -> None:
        """Take one packet. Whatever is in it, nothing is raised."""
        try:
            self._take(advertisement)
        except Exception as bug:  # noqa: BLE001 - the radio must not die of one packet
            self._tell_bug(bug)

    def believe(self, reading: Reading, sighting: Advertisement) -> None:
        """Take what somebody else has heard and read already. Whatever is in it, nothing is raised.

        From a sensor with a key only its own packets count: else its encryption could be gone round.
        """
        try:
            sensor = self._home.sensor(sighting.sensor_id)
            if sensor is not None and sensor.bind_key is not None:
                self._count(Trouble.NOT_ENCRYPTED, sighting)
            elif sensor is not None:
                self._judge(reading, sighting, sensor)
        except Exception as bug:  # noqa: BLE001 - as above
            self._tell_bug(bug)

    def health(self) -> tuple[SensorHealth, ...]:
        """Return how each sensor of the present configuration was last heard; those never heard are left out."""
        return tuple(
            SensorHealth.model_construct(
                sensor_id=sensor_id,
                last_heard_at=heard.at,
                rssi_dbm=heard.rssi_dbm,
                battery_percent=heard.battery_percent,
                troubles=dict(self._troubles_of[sensor_id]),
            )
            for sensor_id, heard in self._heard.items()
            if self._home.has(sensor_id)
        )

    def _take(self, advertisement: Advertisement) -> None:
        sensor = self._home.sensor(advertisement.sensor_id)
        if sensor is not None:
            for reading in self._readings(advertisement, sensor):
                self._judge(reading, advertisement, sensor)
        elif families_of(advertisement):
            self._troubles.count(Trouble.UNKNOWN_SENSOR)

    def _readings(self, advertisement: Advertisement, sensor: SensorConfig) -> Iterator[Reading]:
        """Yield what a packet says. One with the content of its sensor's last is not read again, only judged.

        That is safe because a reader remembers nothing: the same content and key always read the same. Many packets are
        such copies, and reading is the dearest of what is done with them. What could not be read, or has to be told
        from a heap of older values, is read each time.
        """
        content, last = advertisement.content, self._last_read.get(sensor.sensor_id)
        if last is not None and last.sensor is sensor and last.content == content:
            yield from last.readings
            return
        families = families_of(advertisement)
        readings = []
        for family in families:
            reading = self._read(family, advertisement, sensor)
            if reading is not None:
                readings.append(reading)
                yield reading
        if readings and len(readings) == len(families) and not any(one.has_values_for_company for one in families):
            self._last_read[sensor.sensor_id] = _Read(content, sensor, tuple(readings))

    def _judge(self, reading: Reading, advertisement: Advertisement, sensor: SensorConfig) -> None:
        memory = self._recorder.memory(sensor.sensor_id)
        decision = observe(reading, advertisement, sensor, memory, clock_synced=self._is_clock_synced())
        if decision.trouble is not None:
            self._count(decision.trouble, advertisement)
            return
        self._note(sensor.sensor_id, advertisement, reading)
        if decision.memory is not None:
            self._recorder.record(sensor.sensor_id, decision.facts, decision.memory)
            self.on_facts(decision.facts)

    def _news(self, family: Family, advertisement: Advertisement) -> Advertisement | None:
        """Return what is new in the packet, None where nothing is: see Family.has_values_for_company."""
        if not family.has_values_for_company:
            return advertisement
        ear = (advertisement.radio, advertisement.sensor_id)
        before = self._heaps.get(ear)
        self._heaps[ear] = dict(advertisement.manufacturer_data)
        fresh = newest(advertisement.manufacturer_data, before)
        return replace(advertisement, manufacturer_data=fresh) if fresh else None

    def _read(self, family: Family, advertisement: Advertisement, sensor: SensorConfig) -> Reading | None:
        news = self._news(family, advertisement)
        try:
            return None if news is None else family.decode(news, sensor.bind_key)
        except UndecodableAdvertisementError as fault:
            self._count(_TROUBLE_OF[type(fault)], advertisement)
            return None

    def _count(self, trouble: Trouble, advertisement: Advertisement) -> None:
        """Count what is wrong with a sensor of this home, for the gateway and for the sensor itself.

        A sensor of which nothing could ever be used is known for its troubles: nobody else would tell of a wrong key.
        """
        self._troubles.count(trouble)
        sensor_id = advertisement.sensor_id
        self._troubles_of[sensor_id][trouble] += 1
        if sensor_id not in self._heard:
            self._heard[sensor_id] = _Heard(None, advertisement.rssi_dbm, None)

    def _tell_bug(self, bug: Exception) -> None:
        """Log where it happened, once, and never the message: it may quote a measurement."""
        self._troubles.count(Trouble.UNDECODABLE)
        if not self._told_bug:
            self._told_bug = True
            where = "".join(traceback.format_tb(bug.__traceback__))
            _LOGGER.error("a packet could not be taken: %s\n%s", type(bug).__name__, where)

    def _note(self, sensor_id: str, advertisement: Advertisement, reading: Reading) -> None:
        earlier = self._heard.get(sensor_id)
        battery = reading.battery_percent
        if battery is None and earlier is not None:
            battery = earlier.battery_percent
        self._heard[sensor_id] = _Heard(advertisement.heard_at, advertisement.rssi_dbm, battery)
