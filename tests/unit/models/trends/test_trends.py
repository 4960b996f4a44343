"""Slow changes of a home, seen by its own past."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from models.days.column import Column
from models.days.local import LocalDays
from models.days.table import Table, day_features
from models.rooms import Role
from models.trends.change import change_day
from models.trends.evaluate import Trend, evaluate, scores
from models.trends.fitting import fitted
from models.trends.kinds import TrendKind
from models.trends.note import Note
from models.trends.priors import Tail, default

DAYS = 60
ROOMS = (Role.KITCHEN, Role.LIVING, Role.BATHROOM, Role.HALL)
ALL_OK = np.ones(DAYS, np.bool_)


@cache
def life(seed: int) -> NDArray[np.uint8]:
    """Return two months of stays in rooms by day, each with movement in most minutes."""
    rng = np.random.default_rng(seed)
    bits = np.zeros((DAYS, 1440), np.uint8)
    for day in bits:
        at = int(rng.normal(7 * 60, 20))
        while at < 22 * 60:
            stay = int(rng.integers(5, 25))
            day[at : at + stay] = np.where(rng.random(stay) < 0.7, 1 << ROOMS[rng.integers(len(ROOMS))], 0)
            at += stay + int(rng.exponential(25))
        day[22 * 60 + 10] = 1 << Role.BEDROOM
    return bits


def thinned(bits: NDArray[np.uint8], lost: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the days with a share of each day's activity lost."""
    return np.where(np.random.default_rng(9).random(bits.shape) < lost[:, None], 0, bits).astype(np.uint8)


def table(bits: NDArray[np.uint8]) -> Table:
    return day_features(LocalDays(0, bits, np.ones(len(bits)), np.zeros(len(bits), np.int64)))


RAMP = np.clip((np.arange(DAYS) - (DAYS - 21)) / 21, 0, 1)


def kinds(found: list[Trend]) -> list[TrendKind]:
    return [one.kind for one in found]


def test_a_home_that_goes_on_as_before_has_no_note() -> None:
    for seed in range(5):
        assert evaluate(table(life(seed)), ALL_OK, DAYS) == []


@pytest.mark.parametrize("depth", [0.5, 0.3])
def test_a_gradual_decline_is_told_first_and_with_figures(depth: float) -> None:
    found = evaluate(table(thinned(life(1), RAMP * depth)), ALL_OK, DAYS)
    decline = found[0]
    assert decline.kind == TrendKind.DECLINE
    assert decline.started_on == DAYS - 17
    assert decline.p_value < 0.03
    assert [one.key for one in decline.reasons] == ["trend.movements_in_a_row", "trend.movements_close_together"]
    assert all(one.figures["change_percent"] < -5 for one in decline.reasons)


def test_being_away_for_half_of_each_day_is_no_decline() -> None:
    bits = life(2).copy()
    bits[-14:, 12 * 60 : 17 * 60] = 0
    assert TrendKind.DECLINE not in kinds(evaluate(table(bits), ALL_OK, DAYS))


def test_days_that_may_not_be_learned_from_change_nothing() -> None:
    strange = life(3).copy()
    away = ALL_OK.copy()
    away[40:45] = False
    strange[40:45] = 0
    assert scores(table(strange), away)[TrendKind.DECLINE] == scores(table(life(3)), away)[TrendKind.DECLINE]


@pytest.mark.parametrize(
    ("column", "kind", "end"),
    [
        (Column.IN_BED, TrendKind.LONG_IN_BED, 800.0),
        (Column.RESTLESSNESS, TrendKind.NIGHT_RESTLESSNESS, 12.0),
        (Column.OUT, TrendKind.FEW_OUTINGS, 0.0),
        (Column.WALKING, TrendKind.SLOWER_WALKING, 45.0),
        (Column.PHASE, TrendKind.RHYTHM_CHANGE, 1140.0),
        (Column.ACTIVE, TrendKind.LOW_ACTIVITY, 20.0),
    ],
)
def test_each_kind_is_told_by_what_it_is_about(column: Column, kind: TrendKind, end: float) -> None:
    days = table(life(4))
    usual = {Column.IN_BED: 480.0, Column.RESTLESSNESS: 1.0, Column.OUT: 600.0, Column.WALKING: 15.0}
    begin = usual.get(column, float(np.median(days[:, column])))
    days[:, column] = begin + (end - begin) * RAMP + np.random.default_rng(1).normal(0, 0.02 * begin, DAYS)
    days[:, column] = np.maximum(days[:, column], 0)
    assert kinds(evaluate(days, ALL_OK, DAYS)) == [kind]


def test_broken_nights_are_poor_sleep() -> None:
    days = table(life(4))
    days[:, Column.QUIET_IN_BED] = 450 - 350 * RAMP
    days[:, Column.TIMES_UP] = np.round(1 + 8 * RAMP)
    assert kinds(evaluate(days, ALL_OK, DAYS)) == [TrendKind.POOR_SLEEP]


def test_a_few_days_or_none_say_nothing() -> None:
    days = table(life(1))
    assert evaluate(days[:10], ALL_OK[:10], 10) == []
    assert evaluate(days[:0], ALL_OK[:0], 0) == []
    assert evaluate(days, ~ALL_OK, DAYS) == []


def test_a_smaller_budget_asks_for_more() -> None:
    assert all(tail.line(0.01) > tail.line(0.1) for tail in default().values())
    assert set(default()) == set(TrendKind)


def test_a_tail_tells_how_often_a_score_comes() -> None:
    rng = np.random.default_rng(3)
    homes = [rng.exponential(0.5, 280).tolist() for _ in range(50)]
    tail = Tail.of(homes)
    counted = np.mean([np.max(home[start : start + 28]) > 4 for home in homes for start in range(0, 280, 28)])
    assert tail.chance(4.0) == pytest.approx(counted * 30 / 28, rel=0.4)
    assert tail.chance(tail.line(0.02)) == pytest.approx(0.02)
    assert tail.chance(-5) == 1


def test_tails_are_fitted_from_homes_even_where_a_kind_is_never_seen() -> None:
    tails = fitted([(table(life(seed))[:50], ALL_OK[:50]) for seed in (1, 2)])
    assert set(tails) == set(TrendKind)
    assert tails[TrendKind.DECLINE].line(0.02) > 0


def some(kind: TrendKind) -> Trend:
    return Trend(kind, 0, 3.0, 0.01, ())


def test_one_note_is_open_and_further_kinds_are_added_to_it() -> None:
    note = Note.of([some(TrendKind.DECLINE)], 100)
    assert note is not None
    grown = note.followed([some(TrendKind.LONG_IN_BED), some(TrendKind.DECLINE)], 103)
    assert grown == Note((TrendKind.DECLINE, TrendKind.LONG_IN_BED), 100, 103)
    assert grown.followed([some(TrendKind.DECLINE)], 103) == grown
    assert Note.of([], 100) is None


def test_a_note_is_closed_after_two_quiet_weeks_and_four_at_least() -> None:
    note = Note((TrendKind.DECLINE,), 100, 110)
    assert note.followed([], 128) == note
    assert note.followed([], 129) is None
    assert Note((TrendKind.DECLINE,), 100, 120).followed([], 134) is not None


def test_another_life_begins_on_the_day_on_which_rooms_are_used_otherwise() -> None:
    bits = life(6).copy()
    after = bits[DAYS - 9 :]
    kitchen, living = after == 1 << Role.KITCHEN, after == 1 << Role.LIVING
    quiet = np.random.default_rng(2).random(after.shape) < 0.8
    after[kitchen & quiet] = 0
    after[living & quiet] = 0
    day = change_day(table(bits), ALL_OK)
    assert day is not None
    assert abs(day - (DAYS - 9)) <= 1


def test_a_slow_change_is_not_another_life() -> None:
    assert [change_day(table(thinned(life(seed), RAMP * 0.6)), ALL_OK) for seed in range(6)] == [None] * 6


def test_a_week_is_waited_for_before_a_life_is_another() -> None:
    bits = life(6).copy()
    bits[DAYS - 5 :] = np.where(np.random.default_rng(2).random((5, 1440)) < 0.8, 0, bits[DAYS - 5 :])
    assert change_day(table(bits), ALL_OK) is None
    assert change_day(table(bits)[:12], ALL_OK[:12]) is None
