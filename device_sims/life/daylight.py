"""Where the sun stands over a home, and the weather round it.

Source of the sun's place: NOAA Global Monitoring Laboratory, "General Solar Position Calculations" (the low-accuracy
equations after Spencer 1971): within some minutes of the truth, which is enough for people and lamps.
"""

import math
import random
from datetime import date
from functools import lru_cache
from typing import Final

# Ørje in Marker: 59.5° N, 11.7° E.
LATITUDE: Final = math.radians(59.5)
LONGITUDE: Final = 11.7

_DAY_S: Final = 86_400
# The sun's upper edge at the horizon, with refraction.
_HORIZON: Final = math.radians(-0.833)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=16_384)
def elevation_deg(at_s: float) -> float:
    """Return how high the sun stands at a moment (seconds since 1970, UTC), in degrees; below 0 it is down."""
    declination, equation_min = _sun_on(int(at_s // _DAY_S))
    minutes = (at_s % _DAY_S) / 60 + equation_min + 4 * LONGITUDE
    hour_angle = math.radians(minutes / 4 - 180)
    sine = math.sin(LATITUDE) * math.sin(declination) + math.cos(LATITUDE) * math.cos(declination) * math.cos(
        hour_angle
    )
    return math.degrees(math.asin(sine))


@lru_cache(maxsize=16_384)
def azimuth_deg(at_s: float) -> float:
    """Return in which direction the sun stands: 90 east, 180 south, 270 west."""
    declination, equation_min = _sun_on(int(at_s // _DAY_S))
    hour_angle = math.radians(((at_s % _DAY_S) / 60 + equation_min + 4 * LONGITUDE) / 4 - 180)
    east = -math.cos(declination) * math.sin(hour_angle)
    north = math.cos(LATITUDE) * math.sin(declination) - math.sin(LATITUDE) * math.cos(declination) * math.cos(
        hour_angle
    )
    return math.degrees(math.atan2(east, north)) % 360


def sun_up_s(day: date) -> tuple[float, float]:
    """Return sunrise and sunset of a day, in seconds since 1970 (UTC)."""
    number = day.toordinal() - _EPOCH_ORDINAL
    declination, equation_min = _sun_on(number)
    cosine = (math.sin(_HORIZON) - math.sin(LATITUDE) * math.sin(declination)) / (
        math.cos(LATITUDE) * math.cos(declination)
    )
    half_min = 4 * math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
    noon = number * _DAY_S + (720 - 4 * LONGITUDE - equation_min) * 60
    return noon - half_min * 60, noon + half_min * 60


@lru_cache(maxsize=16_384)
def outdoors_c(at_s: float, seed: str) -> float:
    """Return a plausible temperature outside, in degrees Celsius.

    By the yearly and daily course of inland south-east Norway (normals 1991-2020: about -5 in January, 16.5 in July),
    with spells of some days that `seed` draws.
    """
    days = at_s / _DAY_S
    year = 5.8 - 11.0 * math.cos(2 * math.pi * (days - 20) / 365.2422)
    swing = 2.0 + 3.0 * max(0.0, math.sin(2 * math.pi * (days - 80) / 365.2422))
    daily = swing * math.cos(2 * math.pi * ((days + LONGITUDE / 360) % 1 - 15 / 24))
    return year + daily + 4.0 * _spell(days, seed, "warmth")


def clouds(at_s: float, seed: str) -> float:
    """Return how much of the sky is covered, 0 to 1."""
    return 1 / (1 + math.exp(-1.6 * _spell(at_s / _DAY_S * 2, seed, "clouds") - 0.4))


def _spell(days: float, seed: str, what: str) -> float:
    """Return a slow noise of spread about 1: draws for whole days with a smooth way between."""
    day = math.floor(days)
    share = days - day
    share = share * share * (3 - 2 * share)
    return _drawn(seed, what, day) * (1 - share) + _drawn(seed, what, day + 1) * share


@lru_cache(maxsize=4096)
def _drawn(seed: str, what: str, day: int) -> float:
    return random.Random(f"{seed}/{what}/{day}").gauss(0, 1)  # noqa: S311 - weather, not a secret


@lru_cache(maxsize=1024)
def _sun_on(day: int) -> tuple[float, float]:
    """Return the sun's declination in radians and the equation of time in minutes, on a day counted from 1970."""
    when = date.fromordinal(_EPOCH_ORDINAL + day)
    year = 2 * math.pi / 365 * (when.timetuple().tm_yday - 1)
    equation = 229.18 * (
        0.000075
        + 0.001868 * math.cos(year)
        - 0.032077 * math.sin(year)
        - 0.014615 * math.cos(2 * year)
        - 0.040849 * math.sin(2 * year)
    )
    declination = (
        0.006918
        - 0.399912 * math.cos(year)
        + 0.070257 * math.sin(year)
        - 0.006758 * math.cos(2 * year)
        + 0.000907 * math.sin(2 * year)
        - 0.002697 * math.cos(3 * year)
        + 0.00148 * math.sin(3 * year)
    )
    return declination, equation
