"""A home's own usual."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from models.days.baseline import PersonalBaseline


@parametrize_with_checks([PersonalBaseline()])
def test_it_is_an_estimator_as_scikit_learn_means_it(
    estimator: PersonalBaseline, check: Callable[[PersonalBaseline], None]
) -> None:
    check(estimator)


def test_a_day_is_told_in_spreads_of_the_homes_own_days() -> None:
    rng = np.random.default_rng(1)
    days = rng.normal(100, 10, (200, 1))
    assert PersonalBaseline(usual_spread=10).fit(days).transform([[70.0]]) == pytest.approx(-3, abs=0.4)


def test_few_days_lean_on_homes_in_general() -> None:
    same = np.full((3, 1), 5.0)
    far = [PersonalBaseline(usual_spread=2.0, prior_days=days).fit(same).transform([[9.0]])[0, 0] for days in (3, 300)]
    assert far[0] == pytest.approx(2 * np.sqrt(2))
    assert far[1] == pytest.approx(2, abs=0.05)


def test_what_is_not_known_stays_unknown_and_teaches_nothing() -> None:
    days = np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    told = PersonalBaseline().fit(days).transform([[2.0, 4.0], [np.nan, 1.0]])
    assert told[0, 0] == 0
    assert told[0, 1] == 4
    assert np.isnan(told[1, 0])
