"""What is put into a trace does what it says, where it may, and touches nothing before its window."""

from datetime import date
from itertools import pairwise
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation import faults, injection
from models.evaluation.injection import Injection
from models.evaluation.protocol import LINES
from models.evaluation.setting import DAY, HOUR, MINUTE, Day, Setting, Window
from models.trace import Trace
from tests.unit.models.evaluation.lives import (
    BATHROOM,
    BEDROOM,
    FIRST,
    FRIDGE,
    FRONT,
    KITCHEN,
    WARMTH,
    ZONE,
    life,
)

TRACE = life(days=75)
SETTING = Setting(ZONE, closed=Window(FIRST + 50 * DAY, FIRST + 54 * DAY))
seeds = st.integers(0, 2**32)
INJECTIONS = {line.name: line.inject for line in LINES if line.inject}


def put(inject: Injection, seed: int, trace: Trace = TRACE) -> tuple[Trace, Window]:
    injected = inject(trace, SETTING, np.random.default_rng(seed))
    assert injected is not None
    return injected


def rows(trace: Trace, window: Window) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the channels of a window, the thermometer's left out."""
    channel = trace.channel[trace.between(window.start, window.end)]
    return channel[channel != WARMTH]


def local_hour(second: int) -> float:
    """Return the hour on the wall; the life begins in summer time and ends in it."""
    return (second - FIRST) % DAY / HOUR


@pytest.mark.parametrize("name", INJECTIONS)
@settings(max_examples=25, deadline=None)
@given(seeds)
def test_nothing_before_the_window_is_changed_and_the_window_is_where_alerts_count(name: str, seed: int) -> None:
    copy, window = put(INJECTIONS[name], seed)
    # To go out one walks to the door first.
    before = Window(0, window.start - (7 * MINUTE if name == "left_at_night" else 0))
    ours, untouched = copy.between(before.start, before.end), TRACE.between(before.start, before.end)
    assert np.array_equal(copy.at[ours], TRACE.at[untouched])
    assert np.array_equal(copy.channel[ours], TRACE.channel[untouched])
    assert any(part.start <= window.start and window.end <= part.end for part in SETTING.watched(TRACE))
    assert (np.diff(copy.at) >= 0).all()


@pytest.mark.parametrize("name", INJECTIONS)
def test_one_seed_gives_one_copy_and_another_another(name: str) -> None:
    one, same, other = (put(INJECTIONS[name], seed) for seed in (7, 7, 8))
    assert one[1] == same[1]
    assert np.array_equal(one[0].at, same[0].at)
    assert one[1] != other[1] or not np.array_equal(one[0].at, other[0].at)


@pytest.mark.parametrize(
    ("inject", "hours", "length"),
    [
        (injection.fall_by_day, (8, 22), 12),
        (injection.fall_by_night, (23, 30), 12),
        (injection.emergency_since_last_sign, (0, 24), 24),
    ],
)
@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_after_a_fall_nobody_moves_and_the_thermometer_still_measures(
    inject: Injection, hours: tuple[int, int], length: int, seed: int
) -> None:
    copy, window = put(inject, seed)
    assert window.end - window.start == length * HOUR
    assert rows(copy, window).size == 1  # the last movement, from which the time counts
    assert copy.at[copy.between(window.start, window.start + 1)][0] == window.start
    assert (copy.channel[copy.between(window.start, window.end)] == WARMTH).any()
    assert hours[0] <= local_hour(window.start) < hours[1] or local_hour(window.start) < hours[1] - 24
    assert copy.at[-1] == TRACE.at[-1]


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_an_emergency_counts_from_its_moment_though_the_last_sign_of_life_is_older(seed: int) -> None:
    copy, window = put(injection.emergency, seed)
    _, since_last_sign = put(injection.emergency_since_last_sign, seed)
    before = Window(since_last_sign.start, window.start)
    assert 0 <= before.end - before.start < 12 * HOUR
    assert window.end - window.start == 24 * HOUR
    assert rows(copy, Window(since_last_sign.start + 1, window.end)).size == 0


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_nobody_falls_who_has_just_gone_out(seed: int) -> None:
    _, window = put(injection.fall_by_day, seed)
    doors = TRACE.at[TRACE.channel == FRONT]
    assert not ((window.start - 10 * MINUTE <= doors) & (doors <= window.start)).any()


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_who_does_not_get_up_turns_over_in_bed_a_few_times(seed: int) -> None:
    copy, window = put(injection.not_getting_up, seed)
    assert 4.5 * HOUR <= window.end - window.start <= 6 * HOUR
    assert window.start == injection.first_activity(TRACE, Day(day_of(window.start), ZONE))
    assert set(rows(copy, window)) == {BEDROOM}
    assert rows(copy, window).size <= 4


def day_of(second: int) -> date:
    return np.datetime64(second + HOUR, "s").astype(object).date()


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_night_wandering_is_a_piece_of_the_homes_own_earlier_day(seed: int) -> None:
    copy, window = put(injection.night_wandering, seed)
    assert 40 * MINUTE <= window.end - window.start <= 90 * MINUTE
    assert 0.5 <= local_hour(window.start) < local_hour(window.end) <= 4.5
    part = copy.between(window.start, window.end)
    moved = copy.at[part][copy.channel[part] != WARMTH]
    shapes = np.diff(moved)
    earlier = TRACE.at[(TRACE.channel != WARMTH) & (TRACE.at < window.start)]
    assert moved.size >= 5
    assert any(np.array_equal(np.diff(earlier[at : at + moved.size]), shapes) for at in range(earlier.size))


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_who_leaves_at_night_is_up_then_at_the_door_then_gone(seed: int) -> None:
    copy, window = put(injection.left_at_night, seed)
    assert 0.5 <= local_hour(window.start) <= 4.8
    assert 3 * HOUR <= window.end - window.start <= 6 * HOUR
    assert set(rows(copy, window)) == {FRONT}
    assert copy.at[copy.between(window.start, window.end)][0] == window.start
    before = rows(copy, Window(window.start - 7 * MINUTE, window.start))
    assert before.size >= 2
    assert FRONT not in before


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_twice_the_bathroom_visits_and_three_more_a_day_for_two_days(seed: int) -> None:
    copy, window = put(injection.bathroom, seed)
    assert window.end - window.start == 2 * DAY
    more = np.count_nonzero(rows(copy, window) == BATHROOM) - np.count_nonzero(rows(TRACE, window) == BATHROOM)
    # Fourteen visits are copied, and six more; some events fall on the same second or over the edge.
    assert 3 * 20 - 8 <= more <= 3 * 20
    others = rows(copy, window) != BATHROOM
    assert np.array_equal(rows(copy, window)[others], rows(TRACE, window)[rows(TRACE, window) != BATHROOM])


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_a_day_without_kitchen_or_fridge_has_everything_else(seed: int) -> None:
    copy, window = put(injection.no_kitchen, seed)
    assert (local_hour(window.start), window.end - window.start) == (0, DAY)
    kept = rows(TRACE, window)
    assert np.array_equal(rows(copy, window), kept[~np.isin(kept, [KITCHEN, FRIDGE])])


@pytest.mark.parametrize("depth", [0.5, 0.3])
def test_a_decline_grows_to_its_depth_and_stays(depth: float) -> None:
    copy, window = put(injection.decline(depth), 3)
    days = [Window(window.start + DAY * day, window.start + DAY * (day + 1)) for day in (0, 10, 20)]
    left = [rows(copy, one).size / rows(TRACE, one).size for one in days]
    assert left == pytest.approx([1, 1 - depth / 2, 1 - depth], abs=0.09)


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_a_dead_sensor_is_one_that_is_heard_daily_and_only_that(seed: int) -> None:
    copy, window = put(faults.sensor_dead, seed)
    assert window.end - window.start == 3 * DAY
    part, untouched = copy.between(window.start, window.end), TRACE.between(window.start, window.end)
    gone = set(TRACE.channel[untouched]) - set(copy.channel[part])
    assert len(gone) == 1
    assert TRACE.at.size - copy.at.size == np.count_nonzero(TRACE.channel[untouched] == gone.pop())


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_a_flapping_sensor_fires_far_more_than_ever(seed: int) -> None:
    copy, window = put(faults.flapping, seed)
    assert 6 * HOUR <= window.end - window.start <= 24 * HOUR
    more = rows(copy, window).size - rows(TRACE, window).size
    assert more / ((window.end - window.start) / HOUR) > 20


def test_a_silent_gateway_gives_no_events_and_no_signs_of_life() -> None:
    alive = faults.with_heartbeats(TRACE, np.random.default_rng(1), SETTING.closed)
    copy, window = put(faults.gateway_silent, 5, alive)
    assert rows(copy, window).size == 0
    assert copy.heartbeats is not None
    assert alive.heartbeats is not None
    assert not any(window.holds(second) for second in copy.heartbeats)
    assert any(window.holds(second) for second in alive.heartbeats)
    assert SETTING.closed
    assert not any(SETTING.closed.holds(second) for second in alive.heartbeats)


def test_a_week_delivered_twice_has_nothing_that_was_not_there_within_two_seconds() -> None:
    copy, window = put(faults.doubled, 5)
    part = copy.between(window.start, window.end)
    assert rows(copy, window).size > 1.5 * rows(TRACE, window).size
    for number in np.unique(copy.channel[part]):
        true = TRACE.at[TRACE.channel == number]
        later = copy.at[part][copy.channel[part] == number]
        assert (later - true[np.searchsorted(true, later, side="right") - 1] <= 2).all()


@pytest.mark.parametrize("share", [(1.0, 1.0), (0.7, 1.0)])
def test_an_outage_silences_its_share_of_the_homes_at_once(share: tuple[float, float]) -> None:
    fleet = [life(name, days=75, seed=crc32(name.encode())) for name in "abcdefghij"]
    copies, outages = faults.fleet_outages(fleet, SETTING, np.random.default_rng(2), share)
    assert [one.home for one in copies] == [one.home for one in fleet]
    assert len(outages) >= 3
    for outage in outages:
        assert 3 * HOUR <= outage.window.end - outage.window.start <= 10 * HOUR
        assert share[0] * len(fleet) <= len(outage.homes) <= len(fleet)
        for copy, untouched in zip(copies, fleet, strict=True):
            expected = 0 if copy.home in outage.homes else rows(untouched, outage.window).size
            assert rows(copy, outage.window).size == expected
    windows = [outage.window for outage in outages]
    assert all(one.end < other.start for one, other in pairwise(windows))


def test_a_home_without_the_sensor_gets_nothing_of_the_sort() -> None:
    bare = TRACE.kept(np.isin(TRACE.channel, [BEDROOM]))
    nothing = (injection.bathroom, injection.no_kitchen, injection.left_at_night)
    for inject in nothing[:2]:
        assert inject(bare, SETTING, np.random.default_rng(1)) is None


def test_a_short_trace_has_no_place_for_anything() -> None:
    assert all(inject(life(days=21), SETTING, np.random.default_rng(1)) is None for inject in INJECTIONS.values())


def test_who_is_at_home_has_moved_inside_and_not_just_after_an_outer_door() -> None:
    day = Window(FIRST + 3 * DAY, FIRST + 4 * DAY)
    part = TRACE.between(day.start, day.end)
    doors = TRACE.at[TRACE.channel == FRONT]
    moved = TRACE.at[part][~np.isin(TRACE.channel[part], [FRONT, WARMTH])]
    just_after = np.array([((second - 10 * MINUTE <= doors) & (doors <= second)).any() for second in moved])
    assert just_after.any()
    assert np.array_equal(injection.at_home(TRACE, day), moved[~just_after])
