"""The homes of a fleet: what a municipality would write down about them, and when something happens in one."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from device_sims.fleet.sensors import FleetSensor
from gateway.contract.observation import SensorKind

# Where a sensor hangs, what it tells, and its share of what happens in a home. The button: once in ten days or so.
_PLACES: Final = (
    ("kitchen", SensorKind.MOTION, 0.24),
    ("lounge", SensorKind.MOTION, 0.26),
    ("bathroom", SensorKind.MOTION, 0.14),
    ("bedroom", SensorKind.MOTION, 0.12),
    ("hallway", SensorKind.MOTION, 0.16),
    ("front_door", SensorKind.DOOR, 0.0797),
    ("bedroom", SensorKind.BUTTON, 0.0003),
)
_WEIGHTS: Final = tuple(share for *_, share in _PLACES)
USUAL_URGENT: Final = _WEIGHTS[-1]
# Share of a day's events in each local hour: nights with a visit to the bathroom, meals, an afternoon's rest.
_DAY: Final = (
    0.010, 0.008, 0.008, 0.008, 0.010, 0.018, 0.038, 0.062, 0.074, 0.068, 0.060, 0.058,
    0.062, 0.056, 0.046, 0.050, 0.062, 0.066, 0.060, 0.052, 0.044, 0.036, 0.026, 0.018,
)  # fmt: skip
_HOUR_S: Final = 3600.0
_LOCAL: Final = timezone(timedelta(hours=1))  # Norwegian winter time: a load needs no summer
_EARLIEST_RISER_H: Final = -1.5
_LATEST_RISER_H: Final = 1.5


@dataclass(frozen=True, slots=True)
class Event:
    """What one sensor of a home tells, and when (UTC)."""

    at: datetime
    place: int
    value: float


class FleetHome:
    """One home of a fleet. The same seed and number live the same life.

    Args:
        seed: of the whole fleet.
        number: from 0.
        events_a_day: the fleet's mean; homes differ from it by chance.
        urgent: share of them that are presses of the button.
    """

    __slots__ = ("_chance", "_events_a_day", "_is_open", "_rises_later_h", "_seed", "_weights", "number")

    def __init__(self, seed: int, number: int, events_a_day: float, urgent: float = USUAL_URGENT) -> None:
        self.number = number
        self._seed = seed
        self._chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a life, not a secret
        self._rises_later_h = self._chance.uniform(_EARLIEST_RISER_H, _LATEST_RISER_H)
        self._events_a_day = events_a_day * self._chance.uniform(0.5, 1.5)
        self._is_open = False
        self._weights = _WEIGHTS if urgent == USUAL_URGENT else (*(w * (1 - urgent) for w in _WEIGHTS[:-1]), urgent)

    @property
    def gateway_id(self) -> str:
        """The gateway's name on the wire."""
        return f"gw-fleet-{self.number:05d}"

    def sensor_id(self, place: int) -> str:
        """Return the address of the sensor at a place."""
        return f"f1ee{self.number:06x}{place:02x}"

    def room(self, place: int) -> str:
        """Return where that sensor hangs."""
        return _PLACES[place][0]

    def kind(self, place: int) -> SensorKind:
        """Return what that sensor tells."""
        return _PLACES[place][1]

    def sensors(self) -> tuple[FleetSensor, ...]:
        """Return its sensors, place by place."""
        chance = random.Random(f"sensors {self._seed}/{self.number}")  # noqa: S311 - not a secret
        return tuple(FleetSensor(self.sensor_id(place), chance) for place in range(len(_PLACES)))

    def next_after(self, at: datetime) -> Event:
        """Return what happens next after `at` (aware)."""
        at = self._next_moment(at)
        [place] = self._chance.choices(range(len(_PLACES)), self._weights)
        if self.kind(place) is not SensorKind.DOOR:
            return Event(at, place, 1.0)
        self._is_open = not self._is_open
        return Event(at, place, float(self._is_open))

    def _next_moment(self, at: datetime) -> datetime:
        """Draw from a process whose rate follows the day, hour by hour."""
        owed = self._chance.expovariate(1.0)
        local = at.astimezone(_LOCAL) - timedelta(hours=self._rises_later_h)
        second, hour = local.minute * 60 + local.second + local.microsecond / 1e6, local.hour
        passed = 0.0
        while True:
            rate = self._events_a_day * _DAY[hour] / _HOUR_S
            left = _HOUR_S - second
            if owed <= rate * left:
                return at + timedelta(seconds=passed + owed / rate)
            owed, passed, second, hour = owed - rate * left, passed + left, 0.0, (hour + 1) % 24

    def provisioning(self, unit: str) -> dict[str, Any]:
        """Return the home as a provisioning file has it."""
        code = f"fleet-{self.number:05d}"
        return {
            "code": f"home-{code}",
            "unit": unit,
            "address": f"Flåteveien {self.number + 1}",
            "time_zone": "Europe/Oslo",
            "test": True,
            "resident": {"code": f"res-{code}", "name": f"Testbeboer {self.number + 1}", "birth_year": 1940},
            "gateway_id": self.gateway_id,
            "sensors": [
                {"sensor_id": self.sensor_id(place), "room": self.room(place), "kinds": [str(self.kind(place))]}
                for place in range(len(_PLACES))
            ],
        }


def expected_events(homes: int, events_a_day: float, begins_at: datetime, span: timedelta) -> int:
    """Return about how many events a fleet will have: for a progress bar."""
    hours = math.ceil(span / timedelta(hours=1))
    first = begins_at.astimezone(_LOCAL).hour
    share = sum(_DAY[(first + hour) % 24] for hour in range(hours)) * (span / timedelta(hours=1)) / hours
    return round(homes * events_a_day * share)


MORNING: Final = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # when a fleet's world begins: the busiest hours are ahead
