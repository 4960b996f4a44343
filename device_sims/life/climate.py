"""How warm, damp and light it is in a room: a plausible model, not a building simulation.

A heated room comes back to what its thermostat is set to within some hours; an unheated one follows the weather within
a day. Showers and cooking add water to the air, which airs out. Windows bring the sun in; lamps burn where somebody is
awake in the dark. Source of the saturation curve: Magnus formula with Sonntag's coefficients (1990).
"""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from device_sims.life.activities import NOT_MOVING, Doing, Stay
from device_sims.life.daylight import azimuth_deg, clouds, elevation_deg, outdoors_c
from device_sims.life.floor_plan import Facing

STEP_S: Final = 600.0
_WARM_UP_S: Final = 36 * 3_600.0

_SET_TO_C: Final = {"bathroom": 23.0, "lounge": 22.0, "kitchen": 21.0, "bedroom": 18.5, "hallway": 20.0}
_NIGHT_LOWER_C: Final = 1.5
_HEATED_S: Final = 3 * 3_600.0
_UNHEATED_S: Final = 20 * 3_600.0
_COOKING_WARMS_C: Final = 2.5
_SHOWER_WARMS_C: Final = 3.0
_SUN_WARMS_C: Final = 3.0

_AIRING_S: Final = 30 * 60.0
_PEOPLE_G: Final = 2.2  # water in the air of a lived-in home above outdoors, g/m³
_SHOWER_G: Final = 14.0
_COOKING_G: Final = 4.0
_OUTDOORS_RH: Final = 0.77

_SOUTH_OF: Final = {Facing.NORTH: 0.0, Facing.EAST: 90.0, Facing.SOUTH: 180.0, Facing.WEST: 270.0}
_LAMP_LUX: Final = {"bathroom": 280.0, "kitchen": 240.0, "lounge": 130.0, "bedroom": 70.0, "hallway": 90.0}
_DUSK_LUX: Final = 60.0


@dataclass(frozen=True, slots=True)
class Weather:
    """What a room stands in: the home's seed and zone, and the times nothing is heated (seconds since 1970)."""

    seed: str
    zone: ZoneInfo
    unheated: tuple[tuple[float, float], ...] = ()

    def is_heated(self, at_s: float) -> bool:
        """Tell whether the heating works then."""
        return not any(begins <= at_s < ends for begins, ends in self.unheated)


class RoomAir:
    """The air of one room.

    Args:
        room: its name.
        facing: where its window looks; None for no window.
        stays: everybody's, by start.
        weather: what it stands in.
    """

    def __init__(self, room: str, facing: Facing | None, stays: Sequence[Stay], weather: Weather) -> None:
        self._room = room
        self._facing = facing
        self._weather = weather
        chance = random.Random(f"{weather.seed}/{room}/air")  # noqa: S311 - a simulated home
        self._set_to = _SET_TO_C.get(room, 20.0) + chance.gauss(0, 0.7)
        self._known: dict[tuple[float, float], list[tuple[float, float, float]]] = {}
        here = [stay for stay in stays if stay.room == room]
        self._showers = _spans(here, {Doing.SHOWERING})
        self._cooking = _spans(here, {Doing.COOKING})
        self._awake = _spans(here, {stay.doing for stay in here} - NOT_MOVING - {Doing.PROWLING})

    def climate(self, begins: float, ends: float) -> list[tuple[float, float, float]]:
        """Return (when, degrees Celsius, percent) for every ten minutes."""
        if (begins, ends) not in self._known:
            self._known = {(begins, ends): list(self._climate(begins, ends))}
        return self._known[begins, ends]

    def _climate(self, begins: float, ends: float) -> Iterator[tuple[float, float, float]]:
        at = begins - begins % STEP_S - _WARM_UP_S
        warmth = self._set_to
        water = _lived_in_g(outdoors_c(at, self._weather.seed))
        while at < ends:
            outside = outdoors_c(at, self._weather.seed)
            showers, cooks = _is_in(self._showers, at, STEP_S), _is_in(self._cooking, at, STEP_S)
            goal, long = self._heading_for(at, outside)
            goal += _SHOWER_WARMS_C * showers + _COOKING_WARMS_C * cooks + _SUN_WARMS_C * self._sun(at)
            warmth += (goal - warmth) * (1 - math.exp(-STEP_S / long))
            base = _lived_in_g(outside)
            airs = 1 - math.exp(-STEP_S / _AIRING_S)
            water += (base + _SHOWER_G * showers + _COOKING_G * cooks - water) * airs
            if at >= begins:
                yield at, warmth, min(99.0, 100 * water / _saturated_g(warmth))
            at += STEP_S

    def light(self, begins: float, ends: float) -> Iterator[tuple[float, float]]:
        """Yield (when, lux) every ten minutes, and when somebody switches the lamp on or off."""
        moments = {at for span in self._awake for at in span if begins <= at < ends}
        moments.update(begins - begins % STEP_S + STEP_S * step for step in range(1, int((ends - begins) / STEP_S)))
        for at in sorted(moments):
            day = self._daylight_lux(at)
            lit = _is_in(self._awake, at, 0.0) and day < _DUSK_LUX
            yield at, day + (_LAMP_LUX.get(self._room, 100.0) if lit else 0.0)

    def _heading_for(self, at: float, outside: float) -> tuple[float, float]:
        """Return towards which temperature the room goes, and its time constant in seconds."""
        if not self._weather.is_heated(at):
            return outside + 2.0, _UNHEATED_S
        hour = datetime.fromtimestamp(at, UTC).astimezone(self._weather.zone).hour
        set_to = self._set_to - (_NIGHT_LOWER_C if hour >= 22 or hour < 6 else 0.0)  # noqa: PLR2004 - the night
        return max(set_to, 0.5 * set_to + 0.5 * outside), _HEATED_S

    def _sun(self, at: float) -> float:
        """Return how much sun falls through the window, 0 to 1."""
        height = elevation_deg(at)
        if self._facing is None or height <= 0:
            return 0.0
        aside = math.radians(azimuth_deg(at) - _SOUTH_OF[self._facing])
        straight = max(0.0, math.cos(math.radians(height)) * math.cos(aside))
        return straight * (1 - clouds(at, self._weather.seed))

    def _daylight_lux(self, at: float) -> float:
        """Return what comes through the window: a fiftieth of the sky's light, more when the sun stands in it."""
        if self._facing is None:
            return 0.0
        height = elevation_deg(at)
        sky = 12_000 * max(0.0, math.sin(math.radians(height))) if height > 0 else 300 * math.exp(height)
        return sky * (1 - 0.6 * clouds(at, self._weather.seed)) / 50 + 900 * self._sun(at)


def _spans(stays: Sequence[Stay], doings: set[Doing]) -> list[tuple[float, float]]:
    """Return from when to when somebody does one of these, joined where they meet."""
    joined: list[tuple[float, float]] = []
    for stay in sorted((one for one in stays if one.doing in doings), key=lambda one: one.start):
        begins, ends = stay.start.timestamp(), stay.end.timestamp()
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return joined


def _is_in(spans: Sequence[tuple[float, float]], at: float, slack_s: float) -> bool:
    """Tell whether a moment, or the `slack_s` before it, lies in one of the spans (by start, apart)."""
    index = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return index >= 0 and at - slack_s < spans[index][1]


def _lived_in_g(outside_c: float) -> float:
    """Return the water in the air of a home, in g/m³: that of outdoors and people's, less with open windows."""
    shut = max(0.2, min(1.0, (20 - outside_c) / 15))
    return _saturated_g(outside_c) * _OUTDOORS_RH + _PEOPLE_G * shut


def _saturated_g(celsius: float) -> float:
    """Return how much water air of this temperature can hold, in g/m³."""
    pressure_hpa = 6.112 * math.exp(17.62 * celsius / (243.12 + celsius))
    return 216.7 * pressure_hpa / (273.15 + celsius)
