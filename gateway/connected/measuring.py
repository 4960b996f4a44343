"""From what a visited device has measured to facts on disk."""

from collections import Counter, defaultdict
from collections.abc import Callable

from gateway.connected.facts import facts_of, news_of_stream
from gateway.connected.visit import Measurement
from gateway.contract.clock import Clock
from gateway.contract.heartbeat import SensorHealth, Trouble
from gateway.contract.observation import SensorKind
from gateway.home import Home
from gateway.observe import Told
from gateway.recorder import Recorder
from gateway.troubles import Troubles


class Measuring:
    """What this home's devices that one connects to say, and how they are."""

    def __init__(
        self, home: Home, recorder: Recorder, troubles: Troubles, clock: Clock, is_clock_synced: Callable[[], bool]
    ) -> None:
        self._home = home
        self._recorder = recorder
        self._troubles = troubles
        self._clock = clock
        self._is_clock_synced = is_clock_synced
        self._health: dict[str, SensorHealth] = {}
        self._troubles_of: defaultdict[str, Counter[Trouble]] = defaultdict(Counter)
        self._streamed: dict[str, dict[SensorKind, Told]] = {}

    def health(self) -> tuple[SensorHealth, ...]:
        """Return how each device of the present configuration is; those that never showed themselves are left out."""
        known = (sensor_id for sensor_id in self._health if self._home.has(sensor_id))
        return tuple(self._health[one].model_copy(update={"troubles": dict(self._troubles_of[one])}) for one in known)

    def take(self, sensor_id: str, measurement: Measurement) -> None:
        """Take what one measurement says; `is_written` tells when it is on disk."""
        sensor = self._home.sensor(sensor_id)
        if sensor is None:  # it was taken out of the home during the visit
            return
        now = self._clock.now()
        readings = measurement.readings
        if measurement.is_stream:
            told = self._streamed.setdefault(sensor_id, {})
            readings = tuple(news_of_stream(readings, told, now))
            told.update({one.kind: Told(value=one.value, at=now) for one in readings if one.value is not None})
        self._recorder.record(sensor_id, facts_of(readings, sensor, now, clock_synced=self._is_clock_synced()))

    def is_written(self) -> bool:
        """Write what was taken; tell whether it is on disk."""
        return self._recorder.flush()

    def visited(self, sensor_id: str, battery_percent: int | None) -> None:
        """Note that a device answered. `battery_percent`: None where it does not tell."""
        earlier = self._health.get(sensor_id)
        percent = earlier.battery_percent if battery_percent is None and earlier is not None else battery_percent
        self._health[sensor_id] = SensorHealth(
            sensor_id=sensor_id, last_heard_at=self._clock.now(), battery_percent=percent
        )

    def failed(self, sensor_id: str) -> None:
        """Count a call that came to nothing."""
        self._count(sensor_id, Trouble.VISIT_FAILED)

    def undecodable(self, sensor_id: str) -> None:
        """Count a measurement that could not be read."""
        self._count(sensor_id, Trouble.UNDECODABLE)

    def _count(self, sensor_id: str, trouble: Trouble) -> None:
        self._troubles.count(trouble)
        self._troubles_of[sensor_id][trouble] += 1
        self._health.setdefault(sensor_id, SensorHealth(sensor_id=sensor_id, last_heard_at=None))
