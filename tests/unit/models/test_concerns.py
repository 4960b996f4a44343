"""Every concern's figures: finite, causal, and the same however events were delivered."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from models.concerns.view import Concern, View
from models.evaluation import injection
from models.evaluation.setting import Setting
from models.guard import learnable_days
from models.hearing import minutes_of
from models.minutes import TICK_S, TICKS_A_DAY, Minutes
from models.past import LocalTicks, local_ticks
from models.prior import shipped
from models.routine import CONCERNS, Routine, judge, learn
from models.series import HORIZON_TICKS, Series
from models.store import of_many_homes
from models.trace import Trace
from tests.unit.models.evaluation.lives import ZONE, life

TODAY = 30


@dataclass
class Home:
    """A life, its columns, and what was learned from the days before the last ones."""

    trace: Trace
    series: Series
    local: LocalTicks
    routine: Routine

    @classmethod
    def of(cls, trace: Trace, minutes: Minutes | None = None) -> "Home":
        minutes = minutes or minutes_of(trace)
        series, local = Series(minutes), local_ticks(minutes.first_tick, minutes.end_tick, ZONE)
        routine = learn(series, local, learnable_days(series, local, int(local.day[0]) + TODAY, 28))
        assert routine is not None
        return cls(trace, series, local, routine)

    def figures(self, concern: Concern, series: Series | None = None) -> NDArray[np.float64]:
        """Return the figures of the last two days."""
        series = series or self.series
        own = View(
            series, self.local.of_day[-series.minutes.ticks :], np.arange(series.minutes.ticks)[-2 * TICKS_A_DAY :]
        )
        own = own.only(concern.applies(own))
        return concern.features(self.routine.tables[concern.name], own)


@pytest.fixture(scope="module")
def home() -> Home:
    return Home.of(life(days=TODAY + 4))


@pytest.mark.parametrize("concern", CONCERNS, ids=lambda one: one.name)
def test_figures_are_finite_and_as_many_as_their_names(home: Home, concern: Concern) -> None:
    figures = home.figures(concern)
    assert figures.shape[1] == len(concern.feature_names) == len(set(concern.feature_names))
    assert np.all(np.isfinite(figures))


@pytest.mark.parametrize("concern", CONCERNS, ids=lambda one: one.name)
def test_events_delivered_twice_and_in_another_order_change_nothing(home: Home, concern: Concern) -> None:
    rng = np.random.default_rng(1)
    order = rng.permutation(np.concatenate([np.arange(home.trace.at.size), rng.integers(0, home.trace.at.size, 500)]))
    again = Trace.of("a", home.trace.at[order], home.trace.channel[order], home.trace.value[order], home.trace.channels)
    other = Home.of(again)
    assert np.array_equal(home.figures(concern), other.figures(concern))
    for name, table in home.routine.tables[concern.name].items():
        assert np.array_equal(table, other.routine.tables[concern.name][name]), name


@pytest.mark.parametrize("concern", CONCERNS, ids=lambda one: one.name)
def test_figures_need_no_more_than_the_horizon_before_them(home: Home, concern: Concern) -> None:
    minutes = home.series.minutes
    late = Series(minutes.between(minutes.end_tick - 2 * TICKS_A_DAY - HORIZON_TICKS, minutes.end_tick))
    assert np.allclose(home.figures(concern), home.figures(concern, late))


@pytest.mark.parametrize("concern", CONCERNS, ids=lambda one: one.name)
def test_the_future_changes_no_figure(home: Home, concern: Concern) -> None:
    size = home.series.minutes.ticks - TICKS_A_DAY
    minutes = home.series.minutes
    cut = Series(minutes.between(minutes.first_tick, minutes.first_tick + size))
    places = np.arange(size - TICKS_A_DAY, size)
    told = []
    for series in (home.series, cut):
        view = View(series, home.local.of_day, places)
        told.append(concern.features(home.routine.tables[concern.name], view.only(concern.applies(view))))
    assert np.array_equal(*told)


@pytest.mark.parametrize("concern", CONCERNS, ids=lambda one: one.name)
def test_nothing_is_judged_while_the_home_cannot_be_seen(concern: Concern) -> None:
    minutes = minutes_of(life(days=3))
    minutes.seen[:] = False
    view = View(Series(minutes), np.arange(minutes.ticks) % TICKS_A_DAY, np.arange(minutes.ticks))
    assert not concern.applies(view).any()


def test_the_shipped_priors_and_tables_fit_these_concerns(home: Home) -> None:
    priors, many = shipped(), of_many_homes()
    for concern in CONCERNS:
        assert priors[concern.name].features == concern.feature_names, concern.name
        for name, table in home.routine.tables[concern.name].items():
            assert many.tables[concern.name][name].shape == table.shape, f"{concern.name} {name}"


def test_a_fall_scores_higher_the_longer_it_lasts(home: Home) -> None:
    fallen = injection.fall_by_day(home.trace, Setting(ZONE, TODAY - 5), np.random.default_rng(2))
    assert fallen is not None
    copy, window = fallen
    minutes = minutes_of(copy, home.series.minutes.first_tick, home.series.minutes.end_tick)
    series = Series(minutes)
    first, end = (second // TICK_S - minutes.first_tick for second in (window.start, window.end))
    scores = judge(home.routine, shipped(), series, home.local.of_day, np.arange(first, end))["inactivity"].scores
    assert scores[5 * 12] > scores[2 * 12] > scores[0]
    assert scores[5 * 12] > judge(home.routine, shipped(), home.series, home.local.of_day, np.arange(first, end))[
        "inactivity"
    ].scores.max(initial=-np.inf)
