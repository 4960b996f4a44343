"""The columns of a home's minutes: causal, of three days, and the same however facts were delivered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.minutes import TICK_MINUTES, TICK_S, TICKS_A_DAY, Minutes
from models.rhythm import WINDOW_TICKS
from models.rooms import EVERYWHERE, ROLES, Role, mask_of
from models.series import HORIZON_MINUTES, Series

DOOR, KITCHEN = mask_of(Role.OUTER_DOOR), mask_of(Role.KITCHEN, Role.FRIDGE)
DAYS = 8
MINUTES = DAYS * 1440


def columns(series: Series) -> dict[str, NDArray[np.generic]]:
    """Return every column there is, with the longest stretches that are asked for."""
    silences = {f"{what} {mask}": getattr(series.silence(mask), what) for mask in (EVERYWHERE, KITCHEN, 0)
                for what in ("minutes", "busy")}  # fmt: skip
    return silences | {
        "within": series.within(KITCHEN, HORIZON_MINUTES),
        "seen": series.seen,
        "active": series.active,
        "last_role": series.last_role,
        "last_was_two": series.last_was_two,
        "after_door": series.after_door,
        "indoors": series.indoors,
        "looks_out": series.looks_out,
        "before_silence": series.before_silence(180, DOOR),
        "moves": series.moves(60),
        "visits": series.visits(KITCHEN, 5, HORIZON_MINUTES),
        "roles_heard": series.roles_heard(60),
    }


@st.composite
def lives(draw: st.DrawFn) -> Minutes:
    """Return eight days that are lively, or all but empty, in which the home cannot be seen for a while."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    minutes = Minutes.empty(0, DAYS * TICKS_A_DAY)
    heard = rng.random(MINUTES) < draw(st.sampled_from([0.3, 0.02, 0.002, 0.0004]))
    minutes.bits[heard] = 1 << rng.integers(0, ROLES, int(heard.sum()))
    minutes.bits[heard & (rng.random(MINUTES) < 0.2)] |= 1 << draw(st.sampled_from([Role.OUTER_DOOR, Role.KITCHEN]))
    for _ in range(draw(st.integers(0, 2))):
        begin = draw(st.integers(0, MINUTES))
        minutes.seen[begin : begin + draw(st.integers(0, 5000))] = False
    return minutes


@settings(max_examples=60)
@given(minutes=lives())
def test_no_column_needs_more_than_the_three_days_that_are_kept_live(minutes: Minutes) -> None:
    every, tick = columns(Series(minutes)), minutes.end_tick - 1
    kept = columns(Series(minutes.between(tick - WINDOW_TICKS, minutes.end_tick)))
    for name, column in every.items():
        assert column[-1] == kept[name][-1], name


@settings(max_examples=30)
@given(minutes=lives(), ticks=st.integers(1, DAYS * TICKS_A_DAY))
def test_what_comes_later_changes_no_column(minutes: Minutes, ticks: int) -> None:
    every = columns(Series(minutes))
    for name, column in columns(Series(minutes.between(0, ticks))).items():
        assert np.array_equal(column, every[name][:ticks]), name


@settings(max_examples=50)
@given(
    events=st.lists(st.tuples(st.integers(0, 3 * 86_400), st.sampled_from(list(Role))), min_size=1),
    seed=st.integers(0, 99),
)
def test_facts_that_come_again_and_in_another_order_make_the_same_minutes(
    events: list[tuple[int, Role]], seed: int
) -> None:
    at, bits = np.array([at for at, _ in events]), np.array([1 << role for _, role in events], dtype=np.uint8)
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.concatenate([np.arange(at.size), rng.integers(0, at.size, 10)]))

    once, again = Minutes.of_events(at, bits), Minutes.of_events(at[order], bits[order])

    assert (once.first_tick, once.end_tick) == (again.first_tick, again.end_tick)
    assert np.array_equal(once.bits, again.bits)
    assert all(once.bits[second // 60 - once.first_tick * TICK_MINUTES] & 1 << role for second, role in events)


def test_events_outside_the_ticks_that_are_asked_for_are_left_out() -> None:
    at = np.array([TICK_S - 1, TICK_S, 3 * TICK_S - 1, 3 * TICK_S])
    minutes = Minutes.of_events(at, np.ones(4, np.uint8), 1, 3)
    assert np.flatnonzero(minutes.bits).tolist() == [0, 9]


def test_a_silence_counts_from_when_the_home_was_seen_again() -> None:
    minutes = Minutes.empty(0, 24)
    minutes.bits[4] = mask_of(Role.LIVING)
    minutes.seen[60:70] = False
    silence = Series(minutes).silence(EVERYWHERE).minutes
    assert [silence[tick] for tick in (0, 1, 11, 12, 13, 14)] == [0, 5, 55, 0, 0, 5]


@pytest.mark.parametrize(("indoors_min", "out"), [(2, True), (20, False)])
def test_who_was_heard_long_after_the_door_is_in(indoors_min: int, out: bool) -> None:  # noqa: FBT001 - a table's column
    minutes = Minutes.empty(0, TICKS_A_DAY)
    minutes.bits[100] = DOOR
    minutes.bits[100 + indoors_min] = mask_of(Role.LIVING)
    assert Series(minutes).looks_out[60] == out


def test_who_is_heard_again_after_days_has_moved_wherever_it_was() -> None:
    minutes = Minutes.empty(0, 4 * TICKS_A_DAY)
    minutes.bits[[0, 1, -1]] = mask_of(Role.KITCHEN)
    moves = Series(minutes).moves(60)
    assert (moves[0], moves[-2], moves[-1]) == (1, 0, 1)


def test_who_was_not_heard_for_two_days_is_away() -> None:
    minutes = Minutes.empty(0, 3 * TICKS_A_DAY)
    minutes.bits[0] = mask_of(Role.LIVING)
    away = Series(minutes).looks_out
    assert np.flatnonzero(away)[0] == HORIZON_MINUTES // TICK_MINUTES
