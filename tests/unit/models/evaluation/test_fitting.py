"""Priors are learned from homes alone: the same from the same, and finite whatever a home's figures are."""

import json

import numpy as np
import pytest

from models.evaluation.fitting import RECIPES, Studied, fit, fit_priors, study
from models.evaluation.setting import Setting
from models.prior import TAIL_RATES, Prior, Priors
from models.routine import CONCERNS
from tests.unit.models.evaluation.lives import ZONE, life

SETTING = Setting(ZONE, 14)
NAMES = {concern.name for concern in CONCERNS}


@pytest.fixture(scope="module")
def fleet() -> list[Studied]:
    return [study(life(str(seed), days=35, seed=seed), SETTING, [1, seed], copies=1) for seed in range(3)]


@pytest.fixture(scope="module")
def priors(fleet: list[Studied]) -> Priors:
    return fit(fleet)


def test_there_is_a_recipe_and_a_prior_for_every_concern(priors: Priors) -> None:
    assert set(RECIPES) == set(priors) == NAMES
    for concern in CONCERNS:
        assert priors[concern.name].features == concern.feature_names


def test_weights_levels_and_tails_are_finite_and_tails_rise_as_rates_fall(priors: Priors) -> None:
    for prior in priors.values():
        assert np.all(np.isfinite([*prior.weights, prior.offset, prior.level, *prior.tail]))
        assert prior.tail.size == TAIL_RATES.size
        assert np.all(np.diff(prior.tail) > 0)


def test_a_smaller_budget_asks_for_a_higher_score(priors: Priors) -> None:
    for prior in priors.values():
        assert prior.threshold(0.05) > prior.threshold(0.5)


def test_what_was_put_in_scores_higher_than_ordinary_life(fleet: list[Studied], priors: Priors) -> None:
    for name in ("inactivity", "not_up", "wandering", "no_meals"):
        noted = fleet[0].concerns[name]
        ordinary = priors[name].score(noted.figures)
        highest = [priors[name].score(figures).max() for figures, _ in noted.put_in if len(figures)]
        assert highest, f"nothing could be put in for {name}"
        assert np.median(highest) > np.quantile(ordinary, 0.99), name


def test_the_shares_together_leave_some_of_the_budget_for_homes_unlike_these() -> None:
    assert sum(recipe.share for recipe in RECIPES.values()) < 1


def test_the_same_seed_gives_the_same_priors_and_the_file_gives_them_back() -> None:
    traces = [life(str(seed), days=32, seed=seed) for seed in range(2)]
    told: list[tuple[int, int]] = []
    first, second = (
        fit_priors(traces, SETTING, seed=3, copies=1, progress=lambda done, of: told.append((done, of)))
        for _ in range(2)
    )
    assert told == [(1, 2), (2, 2)] * 2
    for name, prior in first.items():
        assert np.array_equal(prior.weights, second[name].weights)
        assert np.array_equal(prior.tail, second[name].tail)
        read = Prior.from_json(json.loads(json.dumps(prior.as_json())))
        assert read.features == prior.features
        assert np.allclose(read.weights, prior.weights, atol=1e-5)


def test_a_homes_ordinary_ticks_belong_to_days_after_those_it_learned_from(fleet: list[Studied]) -> None:
    for home in fleet:
        assert home.weeks > 0
        for noted in home.concerns.values():
            assert np.all(home.days[noted.places] > 0)
            assert np.all(np.isfinite(noted.figures))
