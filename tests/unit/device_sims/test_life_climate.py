from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from statistics import mean

import pytest
from lives import OSLO, life_of

from device_sims.life.activities import Doing
from device_sims.life.daylight import elevation_deg, outdoors_c, sun_up_s
from device_sims.life.noticing import Circumstances, Happening, noticed
from gateway.contract.observation import SensorKind

_JANUARY = (date(2026, 1, 10), date(2026, 1, 17))
_JULY = (date(2026, 7, 10), date(2026, 7, 17))
_CLIMATE = (SensorKind.TEMPERATURE, SensorKind.HUMIDITY, SensorKind.LIGHT)


@cache
def _week(first: date, last: date) -> list[Happening]:
    return [one for one in noticed(life_of(), first, last) if one.kind in _CLIMATE]


def _values(told: Iterable[Happening], room: str, kind: SensorKind) -> list[float]:
    return [one.value for one in told if (one.room, one.kind) == (room, kind)]


@pytest.mark.parametrize(
    ("day", "rises", "sets"),
    [
        # By the almanac for 59.5° N, 11.7° E, to the minute.
        (date(2026, 6, 21), "03:54", "22:35"),
        (date(2026, 12, 21), "09:10", "15:12"),
        (date(2026, 3, 20), "06:18", "18:25"),
    ],
)
def test_the_sun_rises_and_sets_when_the_almanac_says_so(day: date, rises: str, sets: str) -> None:
    for at_s, said in zip(sun_up_s(day), (rises, sets), strict=True):
        hour, minute = map(int, said.split(":"))
        expected = datetime(day.year, day.month, day.day, hour, minute, tzinfo=OSLO)
        assert abs(datetime.fromtimestamp(at_s, UTC) - expected) < timedelta(minutes=6)
        assert elevation_deg(at_s) == pytest.approx(-0.83, abs=0.3)


def test_it_is_cold_outside_in_january_and_warm_in_july() -> None:
    def month(number: int) -> float:
        begins = datetime(2026, number, 1, tzinfo=UTC).timestamp()
        return mean(outdoors_c(begins + 3_600 * hour, "marker") for hour in range(24 * 30))

    assert -12 < month(1) < 2
    assert 12 < month(7) < 21


def test_a_heated_home_is_warm_in_winter_and_drier_than_in_summer() -> None:
    winter, summer = _week(*_JANUARY), _week(*_JULY)

    warmth = _values(winter, "lounge", SensorKind.TEMPERATURE)
    assert 18 < min(warmth) < max(warmth) < 27
    damp = [mean(_values(week, "lounge", SensorKind.HUMIDITY)) for week in (winter, summer)]
    assert 15 < damp[0] < damp[1] < 75


def test_a_shower_is_seen_in_the_bathrooms_air() -> None:
    showers = [s for s in life_of().stays_of("inger", *_JANUARY) if s.doing is Doing.SHOWERING]
    damp = [one for one in _week(*_JANUARY) if (one.room, one.kind) == ("bathroom", SensorKind.HUMIDITY)]

    usual = sorted(one.value for one in damp)[len(damp) // 2]
    assert showers
    for shower in showers:
        during = [one.value for one in damp if shower.start <= one.at <= shower.end + timedelta(minutes=15)]
        later = [one.value for one in damp if timedelta(hours=3) < one.at - shower.end < timedelta(hours=4)]
        assert max(during) > usual + 10
        assert max(later) < max(during) - 5


def test_a_home_that_is_not_heated_grows_cold_within_a_day_or_two() -> None:
    off, on = datetime(2026, 1, 12, 12, tzinfo=UTC), datetime(2026, 1, 15, 12, tzinfo=UTC)
    told = noticed(life_of(), *_JANUARY, Circumstances(unheated=((off, on),)))

    cold = _values((one for one in told if on - timedelta(hours=12) < one.at < on), "lounge", SensorKind.TEMPERATURE)
    again = _values((one for one in told if one.at > on + timedelta(days=1)), "lounge", SensorKind.TEMPERATURE)
    assert max(cold) < 16
    assert min(again) > 18


def test_lamps_burn_in_the_evening_where_somebody_is_awake_and_not_at_night() -> None:
    lux = [one for one in _week(*_JANUARY) if one.kind is SensorKind.LIGHT]

    def between(first: int, last: int) -> list[float]:
        return [one.value for one in lux if first <= one.at.astimezone(OSLO).hour < last]

    assert max(between(18, 22)) > 100
    assert sorted(between(1, 5))[len(between(1, 5)) // 2] < 2
    assert max(between(11, 14)) > max(between(18, 22))


def test_thermometers_tell_changes_and_live_signs_and_no_more() -> None:
    told = [one for one in _week(*_JANUARY) if one.sensor == "bedroom_climate" and one.kind is SensorKind.TEMPERATURE]

    gaps = [after.at - before.at for before, after in pairwise(told)]
    assert max(gaps) <= timedelta(hours=1)
    assert len(told) < 8 * 144 * 0.6
