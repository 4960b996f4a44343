"""A simple life to put things into: the same hours each day, with some chance in the seconds."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from gateway.contract.observation import SensorKind
from models.evaluation.setting import DAY, HOUR, MINUTE
from models.trace import Channel, Trace

ZONE = ZoneInfo("Europe/London")
FIRST = int(datetime(2019, 4, 1, tzinfo=ZONE).timestamp())
CHANNELS = (
    Channel(SensorKind.DOOR, "fridge_door"),
    Channel(SensorKind.DOOR, "front_door"),
    Channel(SensorKind.MOTION, "bathroom"),
    Channel(SensorKind.MOTION, "bedroom"),
    Channel(SensorKind.MOTION, "kitchen"),
    Channel(SensorKind.MOTION, "lounge"),
    Channel(SensorKind.TEMPERATURE, "lounge"),
)
FRIDGE, FRONT, BATHROOM, BEDROOM, KITCHEN, LOUNGE, WARMTH = range(7)


def life(home: str = "a", days: int = 60, seed: int = 0) -> Trace:
    """Return days of 230 events: nights in the bedroom with two visits to the bathroom, a walk at eleven."""
    rng = np.random.default_rng(seed)
    at, channel = [], []

    def some(hours: tuple[float, float], number: int, count: int) -> None:
        at.append(midnight + rng.integers(int(hours[0] * HOUR), int(hours[1] * HOUR), count))
        channel.append(np.full(count, number))

    for day in range(days):
        midnight = FIRST + day * DAY
        some((0, 7), BEDROOM, 16)
        some((22, 24), BEDROOM, 20)
        some((7, 11), KITCHEN, 40)
        some((12, 22), LOUNGE, 100)
        some((16, 18), KITCHEN, 20)
        some((7, 18), FRIDGE, 10)
        some((0, 24), WARMTH, 12)
        for hour in (2, 5, 7.5, 10, 13, 17, 21.5):
            some((hour, hour + 3 / 60), BATHROOM, 3)
        at.append(midnight + np.array([11 * HOUR - MINUTE, 12 * HOUR - MINUTE]))
        channel.append(np.array([FRONT, FRONT]))
    seconds = np.concatenate(at)
    return Trace.of(home, seconds, np.concatenate(channel), np.ones(seconds.size), CHANNELS)
