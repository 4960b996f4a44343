"""What is let go of first when not everything can be kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from gateway.keeping import LEAST_BYTES, Rank, keep, missing, most_bytes, rank
from gateway.observe import Fact

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fact(kind: SensorKind, value: float = 1.0, minute: float = 0, sensor: str = "a4c138000001") -> Fact:
    return Fact(sensor, "hallway", kind, value, _NOON + timedelta(minutes=minute), True, None)  # noqa: FBT003 - a dataclass in order


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (SensorKind.BUTTON, 1.0, Rank.CALL),
        (SensorKind.SMOKE, 1.0, Rank.CALL),
        (SensorKind.SMOKE, 0.0, Rank.TELLING),
        (SensorKind.DOOR, 1.0, Rank.TELLING),
        (SensorKind.BED, 0.0, Rank.TELLING),
        (SensorKind.MOTION, 1.0, Rank.MOVEMENT),
        (SensorKind.TEMPERATURE, 21.5, Rank.HOURLY),
    ],
)
def test_each_kind_has_its_rank(kind: SensorKind, value: float, expected: Rank) -> None:
    assert rank([fact(kind, value)], {})[0] == [expected]


def test_the_first_of_a_slow_measure_in_each_hour_is_kept_longer_than_the_others() -> None:
    told = [fact(SensorKind.TEMPERATURE, minute=minute) for minute in (0, 15, 59, 60, 75)]

    ranks, hours = rank(told, {})

    assert ranks == [Rank.HOURLY, Rank.EXTRA, Rank.EXTRA, Rank.HOURLY, Rank.EXTRA]
    assert rank([fact(SensorKind.TEMPERATURE, minute=90)], hours)[0] == [Rank.EXTRA]


def test_each_sensor_and_each_measure_has_its_own_hour() -> None:
    told = [
        fact(SensorKind.TEMPERATURE),
        fact(SensorKind.HUMIDITY),
        fact(SensorKind.TEMPERATURE, sensor="a4c138000002"),
    ]

    assert rank(told, {})[0] == [Rank.HOURLY] * 3


def test_the_lowest_rank_goes_first_and_of_it_the_oldest() -> None:
    kinds = [SensorKind.DOOR, SensorKind.TEMPERATURE, SensorKind.TEMPERATURE, SensorKind.MOTION, SensorKind.MOTION]
    facts = [fact(kind, minute=number) for number, kind in enumerate(kinds)]

    assert keep(facts, 5) == (facts, {})
    assert keep(facts, 4) == ([facts[0], facts[1], facts[3], facts[4]], {SensorKind.TEMPERATURE: 1})
    assert keep(facts, 2) == ([facts[0], facts[4]], {SensorKind.TEMPERATURE: 2, SensorKind.MOTION: 1})


def test_the_outbox_may_grow_to_its_limit_while_the_disk_has_room() -> None:
    assert most_bytes(100_000_000, taken=10_000_000, free=10**10, floor=2 * 10**8) == 85_000_000


def test_on_a_disk_below_its_floor_the_outbox_grows_no_more() -> None:
    assert most_bytes(100_000_000, taken=10_000_000, free=10**8, floor=2 * 10**8) == 10_000_000


def test_the_last_of_a_disk_above_its_floor_may_be_used() -> None:
    assert most_bytes(100_000_000, taken=10_000_000, free=201_000_000, floor=2 * 10**8) == 11_000_000


def test_a_little_may_always_be_kept() -> None:
    assert most_bytes(100_000_000, taken=0, free=0, floor=2 * 10**8) == LEAST_BYTES


@given(held=st.sets(st.integers(1, 60), min_size=1), after=st.integers(0, 60))
def test_missing_numbers_are_exactly_those_not_held(held: set[int], after: int) -> None:
    rising = sorted(number for number in held if number > after)

    gone = missing(rising, after)

    named = {number for first, last in gone for number in range(first, last + 1)}
    assert named == set(range(after + 1, max(rising, default=after) + 1)) - held
    assert all(first <= last for first, last in gone)
