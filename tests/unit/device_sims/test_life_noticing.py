import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from lives import OSLO, life_of

from device_sims.life.activities import IN_BED, Doing
from device_sims.life.homes import COUPLE, home_of
from device_sims.life.noticing import (
    REFRACTORY,
    Chattering,
    Circumstances,
    Happening,
    Moved,
    Silent,
    noticed,
    tells,
)
from device_sims.life.people import Pet
from device_sims.life.profile import FRAIL
from gateway.contract.observation import SensorKind

_DAY = timedelta(days=1)
_FIRST, _LAST = date(2026, 3, 1), date(2026, 3, 14)
_NOON = datetime(2026, 3, 7, 11, tzinfo=UTC)


@cache
def _fortnight(seed: str = "inger") -> list[Happening]:
    return noticed(life_of(seed=seed), _FIRST, _LAST)


def _of(sensor: str, told: list[Happening] | None = None) -> list[Happening]:
    return [one for one in (_fortnight() if told is None else told) if one.sensor == sensor]


def test_the_same_seed_tells_the_same_and_another_something_else() -> None:
    assert noticed(life_of(), _FIRST, _LAST) == _fortnight()
    assert _fortnight("olav") != _fortnight()


def test_the_same_seed_tells_the_same_in_another_process() -> None:
    code = (
        "import hashlib; from datetime import date; from device_sims.life.homes import home_of;"
        "from device_sims.life.noticing import noticed;"
        "told = noticed(home_of('n7'), date(2026, 3, 25), date(2026, 4, 2));"
        "print(len(told), hashlib.sha256(repr(told).encode()).hexdigest())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hashes},
            stdout=subprocess.PIPE,
            text=True,
        )
        for hashes in ("1", "2")
    ]

    one, other = (process.communicate(timeout=100)[0] for process in processes)

    assert one == other
    assert int(one.split()[0]) > 3_000


def test_all_that_is_noticed_is_in_order_in_utc_and_of_a_sensor_of_the_plan() -> None:
    told = _fortnight()
    sensors = {(one.name, one.room, kind) for one in life_of().plan.sensors for kind in one.kinds}

    assert told == sorted(told, key=lambda one: one.at)
    assert {one.at.tzinfo for one in told} == {UTC}
    assert {(one.sensor, one.room, one.kind) for one in told} <= sensors
    silent = {name for name, _, _ in sensors} - {one.sensor for one in told}
    assert silent == {"button", "smoke", "water"}, "these tell nothing by themselves"


def test_a_day_asked_for_by_itself_tells_the_same_of_doors_and_beds() -> None:
    alone = noticed(life_of(), date(2026, 3, 7), date(2026, 3, 7))

    for sensor in ("fridge", "front_door", "bed", "kettle"):
        begins, ends = alone[0].at + timedelta(hours=1), alone[0].at + timedelta(hours=22)
        assert _between(_of(sensor, alone), begins, ends) == _between(_of(sensor), begins, ends)


def _between(told: list[Happening], begins: datetime, ends: datetime) -> list[Happening]:
    return [one for one in told if begins <= one.at < ends]


def test_a_motion_sensor_is_blind_for_a_minute_after_each_movement() -> None:
    for sensor in ("kitchen_motion", "hallway_motion", "bedroom_motion"):
        seen = [one.at for one in _of(sensor) if one.kind is SensorKind.MOTION]
        assert len(seen) > 200
        assert min(after - before for before, after in pairwise(seen)) >= REFRACTORY - timedelta(seconds=1)


@pytest.mark.parametrize("sensor", ["front_door", "back_door", "fridge", "bed", "chair"])
def test_what_opens_closes_and_who_lies_down_gets_up(sensor: str) -> None:
    values = [one.value for one in _of(sensor)]

    assert len(values) > 10
    assert all(before != after for before, after in pairwise(values))
    assert values[0] == 1


def test_the_fridge_goes_in_bursts() -> None:
    gaps = [after.at - before.at for before, after in pairwise(_of("fridge"))]

    assert sum(gap <= timedelta(seconds=12) for gap in gaps) > len(gaps) / 2


def test_the_bed_tells_who_lies_in_it_and_the_kettle_when_it_boils() -> None:
    asleep = [s for s in life_of().stays_of("inger", _FIRST, _LAST) if s.doing in IN_BED]
    into_bed = [one.at for one in _of("bed") if one.value]

    assert all(any(s.start <= at <= s.end for s in asleep) for at in into_bed)
    watts = {one.value for one in _of("kettle")}
    assert min(watts) == 0
    assert 1_800 < max(watts) < 2_200


def test_nobody_moves_at_home_while_the_only_resident_is_out() -> None:
    stays = life_of().stays(_FIRST, _LAST)
    guests = [s for s in stays if s.who != "inger" and s.room]
    outings = [s for s in stays if s.who == "inger" and s.doing is Doing.OUT]

    assert outings
    for out in outings:
        if any(s.start < out.end and out.start < s.end for s in guests):
            continue
        inside = _between(_fortnight(), out.start + timedelta(seconds=90), out.end)
        assert {one.kind for one in inside if one.value} <= {
            SensorKind.TEMPERATURE, SensorKind.HUMIDITY, SensorKind.LIGHT,
        }  # fmt: skip


def test_who_leaves_opens_the_front_door_and_who_goes_into_the_garden_the_back_door() -> None:
    life = life_of()
    told = noticed(life, date(2026, 6, 1), date(2026, 6, 7))
    stays = life.stays_of("inger", date(2026, 6, 1), date(2026, 6, 7))

    for doing, door in ((Doing.OUT, "front_door"), (Doing.IN_GARDEN, "back_door")):
        left = [s.start for s in stays if s.doing is doing]
        opened = [one.at for one in told if one.sensor == door and one.value]
        assert left
        assert all(any(abs(at - start) < timedelta(minutes=1) for at in opened) for start in left)


def test_two_people_and_a_cat_leave_more_than_one_person_and_a_cat_opens_no_door() -> None:
    couple = home_of("c", COUPLE, "house")
    alone = home_of("c", "healthy", "house")

    def told(life_told: list[Happening]) -> Counter[SensorKind]:
        return Counter(one.kind for one in life_told)

    two, one = told(noticed(couple, _FIRST, _LAST)), told(noticed(alone, _FIRST, _LAST))
    assert two[SensorKind.MOTION] > 1.15 * one[SensorKind.MOTION]
    quiet = life_of(FRAIL, seed="eye-3")
    with_cat = noticed(quiet.with_pet(Pet()), _FIRST, _LAST)
    without = noticed(quiet, _FIRST, _LAST)
    assert told(with_cat)[SensorKind.MOTION] > told(without)[SensorKind.MOTION]
    assert told(with_cat)[SensorKind.DOOR] == told(without)[SensorKind.DOOR]


def test_a_cat_that_comes_later_is_not_seen_before() -> None:
    life = life_of(FRAIL, seed="eye-3")
    later = noticed(life.with_pet(Pet(since=_NOON)), _FIRST, _LAST)

    assert _between(later, datetime(2026, 1, 1, tzinfo=UTC), _NOON) == _between(
        noticed(life, _FIRST, _LAST), datetime(2026, 1, 1, tzinfo=UTC), _NOON
    )


def test_a_silent_sensor_tells_nothing_for_so_long_and_the_others_go_on() -> None:
    until = _NOON + 2 * _DAY
    told = noticed(life_of(), _FIRST, _LAST, Circumstances((Silent("kitchen_motion", _NOON, until),)))

    assert not _between(_of("kitchen_motion", told), _NOON, until)
    assert _between(_of("kitchen_motion", told), until, until + _DAY)
    assert _of("fridge", told) == _of("fridge")
    dead = noticed(life_of(), _FIRST, _LAST, Circumstances((Silent("kitchen_motion", _NOON),)))
    assert max(one.at for one in _of("kitchen_motion", dead)) < _NOON


def test_a_moved_sensor_sees_another_room_and_still_tells_its_old_one() -> None:
    told = noticed(life_of(), _FIRST, _LAST, Circumstances((Moved("bathroom_motion", _NOON, "lounge"),)))

    moved = _between(_of("bathroom_motion", told), _NOON, _NOON + 10 * _DAY)
    lounge = _between(_of("lounge_motion"), _NOON, _NOON + 10 * _DAY)
    assert {one.room for one in moved} == {"bathroom"}
    near = sum(any(abs(one.at - other.at) < timedelta(minutes=3) for other in lounge) for one in moved)
    assert near > 0.6 * len(moved)
    assert _of("bathroom_motion", told)[:50] == _of("bathroom_motion")[:50]


def test_a_sensor_with_a_loose_contact_chatters() -> None:
    hour = timedelta(hours=1)
    told = noticed(life_of(), _FIRST, _LAST, Circumstances((Chattering("front_door", _NOON, _NOON + hour),)))

    assert len(_between(_of("front_door", told), _NOON, _NOON + hour)) > 60
    assert told == sorted(told, key=lambda one: one.at)


def test_a_sensor_the_home_does_not_have_is_told() -> None:
    with pytest.raises(LookupError, match="has no sensor 'celler'; it has hallway_motion"):
        noticed(life_of(), _FIRST, _FIRST, Circumstances((Silent("celler", _NOON),)))


def test_a_press_is_what_its_sensor_tells() -> None:
    pressed = tells(life_of().plan, "button", _NOON.astimezone(OSLO), 4)

    assert pressed == Happening(_NOON, "button", "lounge", SensorKind.BUTTON, 4)
