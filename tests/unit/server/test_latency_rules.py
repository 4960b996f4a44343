"""How long alerts take, and when that is too long: nothing that was never sent passes for quick."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import MINUTE, T0
from hypothesis import given
from hypothesis import strategies as st

from server.latency.rules import (
    SENT_WITHIN,
    WINDOW,
    Passing,
    Slow,
    Stage,
    Times,
    latencies,
    percentile,
    slowness,
    spans_of,
)

SECOND = timedelta(seconds=1)
ALERT = Times(
    observed_at=T0, received_at=T0 + SECOND, raised_at=T0 + 2 * SECOND, sent_at=T0 + 5 * SECOND,
    delivered_at=T0 + 6 * SECOND, shown_at=T0 + 9 * SECOND, taken_at=T0 + MINUTE, arrived_at=T0 + 5 * MINUTE,
    closed_at=T0 + 9 * MINUTE,
)  # fmt: skip
QUICK = Passing(1, T0, T0 + SECOND, is_late=False)


def test_each_step_is_counted_from_the_one_it_follows() -> None:
    seconds = {stage: span.total_seconds() for stage, span in spans_of(ALERT).items()}

    assert seconds == {
        Stage.RECEIVED: 1, Stage.RAISED: 1, Stage.SENT: 3, Stage.DELIVERED: 1, Stage.SHOWN: 4, Stage.TAKEN: 58,
        Stage.ARRIVED: 240, Stage.CLOSED: 538,
    }  # fmt: skip


def test_what_has_not_happened_has_no_length_and_a_clock_ahead_gives_none_below_nothing() -> None:
    spans = spans_of(replace(ALERT, observed_at=T0 + MINUTE, sent_at=None, taken_at=None))

    assert spans.keys() == {Stage.RECEIVED, Stage.RAISED, Stage.CLOSED}
    assert spans[Stage.RECEIVED] == timedelta()


def test_one_slow_alert_in_twenty_shows_beyond_the_95th_and_two_show_in_it() -> None:
    slow = replace(ALERT, sent_at=ALERT.raised_at + MINUTE)
    for times, p95 in ((1, 3 * SECOND), (2, MINUTE)):
        sent = next(one for one in latencies([ALERT] * (20 - times) + [slow] * times) if one.stage is Stage.SENT)
        assert (sent.alerts, sent.p50, sent.p95) == (20, 3 * SECOND, p95)


@given(st.lists(st.timedeltas(timedelta(), timedelta(hours=1)), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_them_that_as_many_do_not_exceed(spans: list[timedelta], percent: int) -> None:
    found = percentile(spans, percent)

    assert found in spans
    assert sum(span <= found for span in spans) * 100 >= percent * len(spans)


@pytest.mark.parametrize(
    ("passing", "after", "slow"),
    [
        ([], timedelta(), None),
        ([QUICK] * 9, MINUTE, None),
        ([QUICK, replace(QUICK, sent_at=T0 + 40 * SECOND)], MINUTE, Slow(40, 0)),
        ([replace(QUICK, sent_at=None)], SENT_WITHIN, None),
        ([replace(QUICK, sent_at=None)], SENT_WITHIN + SECOND, Slow(16, 0)),
        ([replace(QUICK, sent_at=T0 + 40 * SECOND)], WINDOW + SECOND, None),
        ([replace(QUICK, is_late=True)] * 2, MINUTE, None),
        ([replace(QUICK, is_late=True), Passing(2, T0, T0, is_late=True)], MINUTE, Slow(1, 2)),
    ],
)
def test_the_chain_is_slow_when_one_waited_or_two_homes_are_heard_of_late(
    passing: list[Passing], after: timedelta, slow: Slow | None
) -> None:
    assert slowness(passing, T0 + after) == slow
