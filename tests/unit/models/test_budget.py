"""One number sets every threshold: false alerts a week; a home's own days, feedback and what it brought move them."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import KEPT_DAYS, Diary, limits
from models.prior import TAIL_RATES, Prior

DAY = 740_000


def prior(own: float = 1.0, share: float = 0.5) -> Prior:
    return Prior(("silence",), np.ones(1), 0.0, 2.0, own, np.arange(TAIL_RATES.size, dtype=float), share)


PRIORS = {"inactivity": prior(), "not_up": prior(share=0.1)}
budgets = st.floats(0.01, 20)


def diary(scores: list[float], concern: str = "inactivity") -> Diary:
    """Return the diary of the days before DAY."""
    found = Diary()
    for ago, score in enumerate(scores, start=1):
        found = found.noted(concern, DAY - ago, score)
    return found


@given(rates=st.tuples(budgets, budgets))
def test_a_rate_has_one_threshold_and_a_smaller_one_a_higher(rates: tuple[float, float]) -> None:
    low, high = sorted(rates)
    assert prior().threshold(low) >= prior().threshold(high)
    assert prior().rate(prior().threshold(low)) == pytest.approx(low)


@given(score=st.floats(-5, 20))
def test_beyond_the_outermost_rates_the_line_goes_on(score: float) -> None:
    assert prior().threshold(prior().rate(score)) == pytest.approx(score, abs=1e-6)


def test_a_prior_is_read_back_as_it_was_written() -> None:
    assert Prior.from_json(json.loads(json.dumps(prior().as_json()))).as_json() == prior().as_json()


def test_a_home_of_which_nothing_is_known_has_the_limits_of_all() -> None:
    found = limits(PRIORS, Diary(), DAY, 1.0)
    assert found["inactivity"].shift == 0
    assert found["inactivity"].score == prior().threshold(0.5)
    assert found["not_up"].score == prior().threshold(0.1)


def test_without_a_budget_nothing_is_ever_told() -> None:
    assert all(limit.score == np.inf for limit in limits(PRIORS, Diary(), DAY, 0.0).values())


def test_who_lives_with_higher_scores_has_a_higher_limit_and_the_more_so_the_more_days_are_known() -> None:
    few, many = (diary([6.0] * days) for days in (2, 28))
    known = [limits(PRIORS, each, DAY, 1.0)["inactivity"] for each in (Diary(), few, many)]
    assert known[0].score < known[1].score < known[2].score < known[0].score + 4.0
    assert len({limit.threshold for limit in known}) == 1
    assert limits({"inactivity": prior(own=0.0)}, many, DAY, 1.0)["inactivity"].shift == 0


def test_today_and_what_is_longer_ago_than_four_weeks_say_nothing_of_what_is_ordinary() -> None:
    later = diary([6.0] * 3).noted("inactivity", DAY, 50.0)
    assert later.shift(prior(), "inactivity", DAY) == diary([6.0] * 3).shift(prior(), "inactivity", DAY)
    assert diary([6.0] * 3).shift(prior(), "inactivity", DAY + 60) == 0


def test_feedback_moves_its_own_kind_alone() -> None:
    before, after = limits(PRIORS, Diary(), DAY, 1.0), limits(PRIORS, Diary(), DAY, 1.0, {"inactivity": 0.5})
    assert after["inactivity"].score > before["inactivity"].score
    assert after["not_up"] == before["not_up"]


def test_the_diary_keeps_each_days_highest_score_and_a_repeat_is_harmless() -> None:
    noted = Diary().noted("inactivity", DAY, 1.0).noted("inactivity", DAY, 3.0)
    assert noted.noted("inactivity", DAY, 2.0) == noted.noted("inactivity", DAY, 3.0) == noted
    assert noted.scores == {"inactivity": {DAY: 3.0}}
    assert noted.with_raised(DAY, 2).with_raised(DAY, 2).raised == {DAY: 2}


def test_the_diary_forgets_what_is_old_and_strange_days() -> None:
    found = Diary()
    for day in range(DAY, DAY + 100):
        found = found.noted("inactivity", day, 1.0).with_raised(day, 1)
    assert set(found.scores["inactivity"]) == set(found.raised) == set(range(DAY + 100 - KEPT_DAYS, DAY + 100))
    left = found.without({DAY + 99, DAY})
    assert DAY + 99 not in left.raised
    assert DAY + 99 not in left.scores["inactivity"]
    assert len(left.raised) == KEPT_DAYS - 1


def test_the_diary_is_read_back_as_it_was_stored() -> None:
    found = diary([1.5, 2.0]).with_raised(DAY, 2)
    assert Diary.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert Diary.from_json({}) == Diary()


@given(budget=budgets, counts=st.lists(st.integers(0, 20), min_size=1, max_size=80))
def test_what_was_told_too_often_is_told_less_within_bounds(budget: float, counts: list[int]) -> None:
    found, since = Diary(), DAY - len(counts)
    for day, count in enumerate(counts, start=since):
        found = found.with_raised(day, count)
    factor = found.correction(budget, DAY, since)
    assert 0.5 <= factor <= 1.2 + 1e-9
    surplus = sum(counts[-KEPT_DAYS:]) - budget * min(len(counts), KEPT_DAYS) / 7
    assert factor == pytest.approx(1) or (factor < 1) == (surplus > 0)


def test_before_anything_could_be_told_nothing_is_corrected() -> None:
    assert Diary(raised={DAY - 1: 9}).correction(0.5, DAY, DAY) == 1
    assert Diary(raised={DAY - 9: 9}).correction(0.5, DAY, DAY - 7) > 1
    assert Diary().correction(0.0, DAY, DAY - 30) == 1
