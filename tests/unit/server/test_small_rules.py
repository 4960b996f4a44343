"""Rules of one or two lines: what is known, what is present, and how a resident is."""

from datetime import timedelta

import pytest
from builders import MINUTE, PATIENCE, T0
from hypothesis import given
from hypothesis import strategies as st

from server.absences.rules import Span
from server.detection.rules import is_present
from server.liveness.rules import Claim, is_settled, later
from server.overview.rules import Status, quarters, status_of

QUARTER = 15 * MINUTE


@pytest.mark.parametrize(
    ("routine", "urgent", "settled"), [(5, 2, True), (6, 9, True), (4, 2, False), (5, 1, False), (None, 2, False)]
)
def test_a_claim_is_settled_when_every_stream_has_come_so_far(
    routine: int | None, urgent: int, *, settled: bool
) -> None:
    claim = Claim(T0, "0000000a", {"routine": 5, "urgent": 2})
    have = {("0000000a", "urgent"): urgent}
    have |= {("0000000a", "routine"): routine} if routine is not None else {}

    assert is_settled(claim, have) is settled


def test_a_claim_of_nothing_is_settled_at_once() -> None:
    assert is_settled(Claim(T0, "0000000a", {"routine": 0, "urgent": 0}), {})


def test_another_outboxs_facts_settle_no_claim() -> None:
    assert not is_settled(Claim(T0, "0000000b", {"routine": 1}), {("0000000a", "routine"): 5})


@given(first=st.none() | st.datetimes(), second=st.datetimes())
def test_knowledge_never_shrinks(first, second) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert later(first, second) >= second
    assert first is None or later(first, second) >= first


@pytest.mark.parametrize(("ago", "present"), [(-1, True), (0, True), (10, True), (10.1, False), (600, False)])
def test_only_what_is_known_up_to_a_short_while_ago_is_present(ago: float, *, present: bool) -> None:
    assert is_present(T0 - timedelta(minutes=ago), T0, PATIENCE) is present


@pytest.mark.parametrize(
    ("severities", "technical", "known", "days", "status"),
    [
        ([40], True, False, 0, Status.CRITICAL),
        ([20, 40], False, True, 9, Status.CRITICAL),
        ([30], True, False, 9, Status.WATCH),
        ([], True, True, 9, Status.TECHNICAL),
        ([], True, False, 9, Status.TECHNICAL),
        ([], False, False, 9, Status.UNKNOWN),
        ([], False, True, 6, Status.LEARNING),
        ([], False, True, 7, Status.NORMAL),
    ],
)
def test_a_resident_is_as_the_gravest_thing_that_holds(
    severities: list[int], status: Status, days: int, *, technical: bool, known: bool
) -> None:
    assert status_of(severities=severities, technical=technical, known=known, learned_days=days) is status


@given(
    severities=st.lists(st.sampled_from([10, 20, 30, 40])), technical=st.booleans(), known=st.booleans(),
    days=st.integers(0, 30),
)  # fmt: skip
def test_nobody_of_whom_nothing_is_known_is_shown_as_well(
    severities: list[int], days: int, *, technical: bool, known: bool
) -> None:
    status = status_of(severities=severities, technical=technical, known=known, learned_days=days)

    assert status is not Status.NORMAL or (known and not technical and not severities)


def test_what_is_not_known_of_a_day_is_not_nothing() -> None:
    assert quarters([2, 1, 0, 0], T0, T0 + 2 * QUARTER) == (2, 1, 0, None)


def test_of_a_home_never_heard_nothing_is_known() -> None:
    assert quarters([0, 0], T0, None) == (None, None)


@given(begins=st.integers(-200, 200), lasts=st.integers(1, 200), known=st.none() | st.integers(-60, 120))
def test_a_pause_hides_every_quarter_it_touches_and_no_other(begins: int, lasts: int, known: int | None) -> None:
    span = Span(T0 + begins * MINUTE, T0 + (begins + lasts) * MINUTE)
    known_until = None if known is None else T0 + known * MINUTE

    shown = quarters([1] * 6, T0, known_until, [span])

    for place, quarter in enumerate(shown):
        begin, end = place * 15, place * 15 + 15
        is_paused = begins < end and begin < begins + lasts
        is_known = known is not None and begin <= known
        assert (quarter is not None) is (is_known and not is_paused)
