"""Rates, their intervals and quantiles."""

from datetime import UTC, datetime, timedelta

import pytest

from device_sims.scoring.alerts import Alert
from device_sims.scoring.figures import figures, merged, quantile, rate, united
from device_sims.scoring.matching import judge
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, Truth, Watched

T0 = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


# Source: Garwood 1936; scipy.stats.chi2.ppf(.025, 2k) / 2 and chi2.ppf(.975, 2k + 2) / 2.
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.025318, 5.57164), (3, 0.618672, 8.76727), (10, 4.79539, 18.3904), (200, 173.242, 229.723)],
)  # fmt: skip
def test_the_interval_of_a_count_is_the_exact_one(count: int, low: float, high: float) -> None:
    found = rate(count, 2.0)

    assert found.rate == count / 2
    assert (found.low * 2, found.high * 2) == pytest.approx((low, high), rel=2e-4)


def test_alerts_of_one_home_less_than_six_hours_apart_disturb_once() -> None:
    def told(hour: float, home: str = "a") -> Alert:
        return Alert(home, "fall", AlertClass.PERSON, T0 + hour * HOUR)

    assert merged([told(0), told(5.9), told(11.8)]) == 1
    assert merged([told(0), told(6)]) == 2
    assert merged([told(0), told(1, "b")]) == 2


def test_time_that_is_watched_twice_counts_once() -> None:
    twice = [Watched("a", T0, T0 + 2 * WEEK), Watched("a", T0 + WEEK, T0 + 3 * WEEK), Watched("b", T0, T0 + WEEK)]

    assert [one.ends_at - one.begins_at for one in united(twice)] == [3 * WEEK, WEEK]


def test_a_quantile_lies_between_two_values_by_proportion() -> None:
    assert quantile([10.0], 0.9) == 10
    assert quantile([0.0, 10.0], 0.9) == 9
    assert quantile([1.0, 2.0, 3.0], 0.5) == 2


def test_technical_alerts_are_counted_apart_and_delays_only_of_alerts_in_time() -> None:
    truth = Truth(
        (Watched("a", T0, T0 + WEEK),),
        tuple(Expected("a", ("fall",), T0 + at * HOUR, HOUR, "fall", T0 + (at + 10) * HOUR) for at in (0, 20, 40, 60)),
        (Forbidden("a", T0 + 100 * HOUR, T0 + 110 * HOUR, "dead sensor", "nobody fell"),),
    )
    told = [
        Alert("a", "fall", AlertClass.PERSON, T0 + 0.5 * HOUR),
        Alert("a", "fall", AlertClass.PERSON, T0 + 25 * HOUR),
        Alert("a", "inactivity", AlertClass.PERSON, T0 + 41 * HOUR),
        Alert("a", "inactivity", AlertClass.PERSON, T0 + 105 * HOUR),
        Alert("a", "sensor_silent", AlertClass.TECHNICAL, T0 + 150 * HOUR),
    ]

    found = figures(truth, judge(truth, told))

    [fall] = found.by_kind
    assert (fall.expected, fall.in_time, fall.late, fall.wrong_kind, fall.missed) == (4, 1, 1, 1, 1)
    assert (fall.delay_p50, fall.delay_max) == (HOUR / 2, HOUR / 2)
    assert (found.false_all.count, found.false_technical.count, found.home_weeks) == (1, 1, 1.0)
    assert (found.forbidden, found.forbidden_violated) == (1, 1)


def test_every_figure_of_a_case_reckoned_by_hand() -> None:
    """Two homes, 10 and 4 days: two home-weeks. Falls due in 2 h, told after 10, 40, 60 and 110 minutes."""
    minute = HOUR / 60

    def fell(home: str, hour: int) -> Expected:
        return Expected(home, ("fall",), T0 + hour * HOUR, 2 * HOUR, "fall", T0 + (hour + 6) * HOUR)

    def told(home: str, hour: float, kind: str = "fall", of: AlertClass = AlertClass.PERSON) -> Alert:
        return Alert(home, kind, of, T0 + hour * HOUR)

    falls = tuple(fell("a", hour) for hour in (10, 34, 58, 82, 106, 130, 154))
    dead = Expected(
        "b", ("gateway_silent",), T0 + 20 * HOUR, HOUR, "gateway dead", T0 + 30 * HOUR, AlertClass.TECHNICAL
    )
    truth = Truth(
        (Watched("a", T0, T0 + timedelta(days=10)), Watched("b", T0, T0 + timedelta(days=4))),
        (*falls, dead),
        (
            Forbidden("b", T0 + 20 * HOUR, T0 + 30 * HOUR, "gateway dead", "nobody fell"),
            Forbidden("b", T0 + 60 * HOUR, T0 + 70 * HOUR, "holiday", "nobody is at home", ("fall",)),
        ),
    )
    alerts = [
        *(told("a", hour + after / 60) for hour, after in ((10, 10), (34, 40), (58, 60), (82, 110))),
        told("a", 83),  # in time for nothing: the fourth fall is told after 60 minutes by this one
        told("a", 106 + 4),  # late
        told("a", 130 + 1, "inactivity"),  # the wrong kind
        told("a", 200),  # false
        told("a", 203, "inactivity"),  # false, and within 6 h of the one before
        told("a", 220, "poor_sleep", AlertClass.TREND),  # false
        told("b", 20.5, "gateway_silent", AlertClass.TECHNICAL),
        told("b", 25, "inactivity"),  # a dead gateway taken for a person, and forbidden
        told("b", 40, "sensor_silent", AlertClass.TECHNICAL),  # false, technical
        told("b", 100),  # after its watch
    ]

    found = figures(truth, judge(truth, alerts))

    assert (found.homes, found.home_weeks) == (2, 2.0)
    gateway, fall = found.by_kind[1], found.by_kind[0]
    assert (gateway.label, gateway.in_time, gateway.expected, gateway.delay_p50) == ("gateway dead", 1, 1, 30 * minute)
    assert (fall.expected, fall.in_time, fall.late, fall.wrong_kind, fall.missed) == (7, 4, 1, 1, 1)
    assert fall.recall == 4 / 7
    # 10, 40, 60, 60: the middle of 40 and 60; nine tenths of the way through three steps is 0.7 into the last.
    assert (fall.delay_p50, fall.delay_p90, fall.delay_max) == (50 * minute, 60 * minute, 60 * minute)
    assert found.again == 1  # after 110 minutes it was known
    assert (found.false_all.count, found.false_all.rate) == (4, 2.0)
    assert (found.false_merged.count, found.false_merged.rate) == (3, 1.5)
    assert (found.false_technical.count, found.false_technical.rate) == (1, 0.5)
    assert {kind: one.count for kind, one in found.false_by_kind} == {
        "fall": 1, "inactivity": 2, "poor_sleep": 1, "sensor_silent": 1,
    }  # fmt: skip
    assert (found.technical_taken_for_human, found.forbidden, found.forbidden_violated) == (1, 2, 1)
    assert found.left_out == 1
