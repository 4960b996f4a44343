from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from device_sims.home import REFRACTORY, Fall, Happening, Press, happenings, played
from device_sims.resident import Doing, Resident, Stay
from device_sims.sensors.sensor import Form, Sensor

_OSLO = ZoneInfo("Europe/Oslo")
_FIRST, _LAST = date(2026, 3, 1), date(2026, 4, 11)  # the clocks go forward on 29 March


@cache
def _life(seed: str = "inger") -> list[Happening]:
    return happenings(Resident(seed).lives(_FIRST, _LAST), _OSLO, seed)


@cache
def _stays(seed: str = "inger") -> list[Stay]:
    return list(Resident(seed).lives(_FIRST, _LAST))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    def on_air(seed: str) -> list[bytes]:
        sensors = {place: Sensor.made_from(seed, *place) for place in {(one.room, one.form) for one in _life(seed)}}
        return [sensors[one.room, one.form].says(one.value, one.at).service_data for one in _life(seed)]

    assert on_air("inger") == on_air("inger")
    assert on_air("inger") != on_air("olav")


def test_any_day_can_be_lived_by_itself() -> None:
    one_day = list(Resident("inger").lives(date(2026, 3, 9), date(2026, 3, 9)))

    assert one_day
    assert set(one_day) <= set(_stays())


@pytest.mark.parametrize("seed", ["inger", "olav", "kari"])
def test_the_resident_is_always_somewhere_and_only_in_one_place(seed: str) -> None:
    assert all(before.end == after.start for before, after in pairwise(_stays(seed)))
    assert all(stay.start < stay.end for stay in _stays(seed))


@pytest.mark.parametrize("seed", ["inger", "olav", "kari"])
def test_a_day_has_as_many_events_as_a_real_home(seed: str) -> None:
    days = Counter(one.at.astimezone(_OSLO).date() for one in _life(seed))
    whole = [count for day, count in days.items() if _FIRST < day <= _LAST]

    assert 250 <= median(whole) <= 600
    assert min(whole) >= 150
    assert max(whole) <= 600


@pytest.mark.parametrize("seed", ["inger", "olav", "kari"])
def test_nights_are_quiet_but_not_silent(seed: str) -> None:
    life = _life(seed)
    share = sum(one.at.astimezone(_OSLO).hour < 6 for one in life) / len(life)

    assert 0.015 <= share <= 0.19  # between the quietest and the most restless of the real homes


def test_there_are_about_as_many_long_silences_as_in_real_homes() -> None:
    life = _life()
    weeks = (life[-1].at - life[0].at) / timedelta(weeks=1)
    long = sum(after.at - before.at > timedelta(hours=2) for before, after in pairwise(life)) / weeks

    assert 4 <= long <= 18  # 11.1 in the real homes


def test_a_motion_sensor_is_blind_for_a_minute_after_each_movement() -> None:
    last: dict[str, datetime] = {}
    for one in (one for one in _life() if one.form is Form.MOTION):
        assert one.room not in last or one.at - last[one.room] >= REFRACTORY
        last[one.room] = one.at


def test_doors_open_and_close_in_turn_and_the_fridge_goes_in_bursts() -> None:
    fridge = [one for one in _life() if one.room == "fridge"]
    gaps = [after.at - before.at for before, after in pairwise(fridge)]

    assert {one.value for one in fridge} == {0, 1}
    assert sum(gap <= timedelta(seconds=12) for gap in gaps) > len(gaps) / 2


def test_nobody_moves_at_home_while_the_resident_is_out() -> None:
    stays = [stay for stay in _stays() if stay.doing is Doing.OUT]
    life = _life()

    assert stays
    for stay in stays:
        left, came = (moment.replace(tzinfo=_OSLO).astimezone(UTC) for moment in (stay.start, stay.end))
        inside = [one for one in life if left < one.at < came - timedelta(seconds=10)]
        assert {one.room for one in inside} <= {"front_door"}


def test_after_a_fall_in_the_bathroom_the_home_is_silent_until_the_resident_is_found() -> None:
    falls, found = datetime(2026, 3, 20, 9, tzinfo=UTC), datetime(2026, 3, 20, 15, tzinfo=UTC)

    life = played(_life(), [Fall(falls, found)])

    assert not [one for one in life if falls <= one.at < found]
    assert max((one for one in life if one.at < falls), key=lambda one: one.at).room == "bathroom"
    assert [one for one in life if one.at >= found]


def test_a_press_is_one_event_among_the_others() -> None:
    pressed = datetime(2026, 3, 20, 9, tzinfo=UTC)

    life = played(_life(), [Press(pressed)])

    assert len(life) == len(_life()) + 1
    assert [one.at for one in life if one.form is Form.BUTTON] == [pressed]
    assert life == sorted(life, key=lambda one: one.at)


def test_a_simulated_sensor_never_uses_an_encryption_counter_twice() -> None:
    sensor = Sensor.made_from("inger", "kitchen", Form.MOTION)
    at = datetime(2026, 3, 20, 9, tzinfo=UTC)

    counters = [int.from_bytes(sensor.says(1, at).service_data[-8:-4], "little") for _ in range(5)]

    assert counters == sorted(set(counters))


def test_a_simulated_sensor_has_an_address_that_belongs_to_no_maker() -> None:
    addresses = [Sensor.made_from(f"home-{number}", "kitchen", Form.MOTION).address for number in range(50)]

    assert len(set(addresses)) == 50
    assert all(address[0] & 0b11 == 0b10 for address in addresses)
