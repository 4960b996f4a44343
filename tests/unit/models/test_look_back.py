"""A look back over a trace: nothing in it knows what comes later, and it tells all that went wrong in order."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.alerts import Alert
from models.evaluation.setting import DAY, HOUR
from models.replay import replay
from models.trace import Trace
from tests.unit.models.evaluation.lives import FIRST, KITCHEN, LOUNGE, ZONE, life

DAYS, LEARN_DAYS, BUDGET = 36, 14, 20.0
FALL = FIRST + 25 * DAY + 13 * HOUR


def looked_back(trace: Trace, budget: float = BUDGET) -> list[Alert]:
    return replay([trace], ZONE, LEARN_DAYS, budget)


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Return five weeks, with a day and a half in which nobody moved, and then no more from the kitchen."""
    whole = life(days=DAYS, seed=5)
    fallen = (whole.at > FALL) & (whole.at < FALL + 36 * HOUR)
    return whole.kept(~fallen & ~((whole.channel == KITCHEN) & (whole.at > FALL)))


@pytest.fixture(scope="module")
def alerts(trace: Trace) -> list[Alert]:
    return looked_back(trace)


def test_a_fall_is_told_in_time_and_ends_when_somebody_is_heard_again(alerts: list[Alert]) -> None:
    told = [one for one in alerts if one.kind == "inactivity" and 0 < one.raised_at.timestamp() - FALL < 24 * HOUR]
    assert told
    assert told[0].cls == "person"
    assert told[0].ended_at is not None
    assert told[0].ended_at.timestamp() >= FALL + 36 * HOUR
    assert {"no_movement_for", "ends_with_movement"} <= {one["key"] for one in told[0].reasons}


def test_a_sensor_that_fell_silent_is_technical(alerts: list[Alert]) -> None:
    [silent] = [one for one in alerts if one.kind == "sensor_silent" and one.reasons[0].get("room") == "kitchen"]
    assert silent.cls == "technical"
    assert silent.raised_at.timestamp() > FALL


def test_alerts_are_in_order_and_none_begins_after_it_was_raised(alerts: list[Alert]) -> None:
    assert all(one.raised_at <= other.raised_at for one, other in pairwise(alerts))
    assert all(one.started_at <= one.raised_at for one in alerts)
    assert all(one.ended_at is None or one.ended_at > one.raised_at for one in alerts)
    assert all(0 <= one.p_value <= 1 for one in alerts)
    assert min(one.raised_at.timestamp() for one in alerts) >= FIRST + LEARN_DAYS * DAY


@pytest.mark.parametrize("cut", [FALL, FALL + 38 * HOUR, FALL + 6 * DAY + HOUR // 2])
def test_what_comes_later_changes_nothing_that_was_told(trace: Trace, alerts: list[Alert], cut: float) -> None:
    early = trace.kept(trace.at < cut)
    until = float(early.at[-1])  # a trace says nothing of the time after its last fact

    def known(found: list[Alert]) -> list[Alert]:
        return [replace(one, ended_at=None) for one in found if one.raised_at.timestamp() <= until]

    assert known(alerts)
    assert known(looked_back(early)) == known(alerts)


def test_facts_that_come_again_and_in_another_order_tell_the_same(trace: Trace, alerts: list[Alert]) -> None:
    order = np.random.default_rng(0).permutation(np.append(np.arange(trace.at.size), np.arange(500)))
    again = Trace.of("a", trace.at[order], trace.channel[order], trace.value[order], trace.channels)
    assert looked_back(again) == alerts


def test_a_larger_budget_tells_more_and_none_no_person_at_all(trace: Trace, alerts: list[Alert]) -> None:
    def persons(found: list[Alert]) -> int:
        return sum(one.cls == "person" for one in found)

    assert persons(looked_back(trace, 0.0)) == 0
    assert persons(looked_back(trace, 0.5)) < persons(alerts)


def test_a_trace_in_which_nothing_was_heard_is_no_home_to_tell_of(trace: Trace) -> None:
    empty = trace.kept(np.zeros(trace.at.size, np.bool_))
    assert replay([empty], ZONE) == []
    assert looked_back(trace.kept(trace.channel == LOUNGE).kept(trace.at[trace.channel == LOUNGE] < FIRST + DAY)) == []
