"""How ratings move what is told, and how far at most."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alerting.rules import AlertKind, Outcome
from server.sensitivity import rules
from server.sensitivity.rules import LEAST_FACTOR, MOST_FACTOR, RATEABLE, Rated, Rating

_NOW = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
_SOME = st.lists(
    st.builds(Rated, st.sampled_from(Rating), st.integers(-1, 120).map(lambda days: _NOW - timedelta(days=days))),
    max_size=40,
)


def _rated(rating: Rating, times: int, days_ago: float = 0) -> list[Rated]:
    return [Rated(rating, _NOW - timedelta(days=days_ago))] * times


@pytest.mark.parametrize(
    ("rating", "times", "factor"),
    [
        (Rating.NOT_RELEVANT, 0, 1.0),
        (Rating.NOT_RELEVANT, 3, 0.5),
        (Rating.NOT_RELEVANT, 6, 0.25),
        (Rating.NOT_RELEVANT, 60, LEAST_FACTOR),
        (Rating.KNOWN_REASON, 6, 0.5),
        (Rating.RELEVANT, 3, 2.0),
        (Rating.RELEVANT, 60, MOST_FACTOR),
    ],
)
def test_three_ratings_of_a_sort_halve_or_double_within_bounds(rating: Rating, times: int, factor: float) -> None:
    assert rules.factor(_rated(rating, times), _NOW) == pytest.approx(factor)


def test_a_rating_weighs_less_with_age_and_nothing_after_ninety_days() -> None:
    fresh, older, old = (rules.factor(_rated(Rating.NOT_RELEVANT, 3, days), _NOW) for days in (0, 45, 90))

    assert fresh < older < old
    assert older == pytest.approx(2**-0.5)
    assert old == 1


def test_as_many_for_as_against_change_nothing() -> None:
    assert rules.factor(_rated(Rating.RELEVANT, 2) + _rated(Rating.NOT_RELEVANT, 2), _NOW) == pytest.approx(1)


@given(ratings=_SOME)
def test_the_factor_stays_within_its_bounds_and_one_more_against_never_raises_it(ratings: list[Rated]) -> None:
    factor = rules.factor(ratings, _NOW)

    assert LEAST_FACTOR <= factor <= MOST_FACTOR
    assert rules.factor([*ratings, Rated(Rating.NOT_RELEVANT, _NOW)], _NOW) <= factor


@pytest.mark.parametrize(
    ("outcome", "rating"),
    [
        (Outcome.REAL_EVENT, Rating.RELEVANT),
        (Outcome.FALSE_ALARM, Rating.NOT_RELEVANT),
        (Outcome.KNOWN_REASON, Rating.KNOWN_REASON),
        (Outcome.TECHNICAL, None),
        (Outcome.TEST, None),
        (None, None),
    ],
)
def test_an_outcome_speaks_for_an_alert_that_nobody_rated(outcome: Outcome | None, rating: Rating | None) -> None:
    assert rules.of_outcome(outcome) is rating


def test_no_rating_reaches_a_call_for_help_a_fault_or_the_cold() -> None:
    untouched = {AlertKind.BUTTON, AlertKind.FALL, AlertKind.SMOKE, AlertKind.SENSOR_SILENT, AlertKind.COLD_HOME}

    assert not untouched & RATEABLE
    assert AlertKind.INACTIVITY in RATEABLE
