"""Which channel comes when, and when trying ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.notifications.rules import (
    APP,
    EMAIL,
    LONGEST_RETRY,
    PUSH,
    Level,
    Reach,
    Subject,
    default_order,
    is_down,
    level_of,
    order_of,
    plan,
    retry_at,
)
from server.notifications.words import words_of

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAMES = st.sampled_from(["app", "push", "sms", "call", "email", "signal"])


@given(works=st.frozensets(NAMES), chosen=st.none() | st.lists(NAMES, unique=True), level=st.sampled_from(Level))
def test_the_app_is_always_told_and_nothing_is_told_twice_or_by_what_there_is_not(
    works: frozenset[str], chosen: list[str] | None, level: Level
) -> None:
    order = order_of(Reach(works, {} if chosen is None else {level: chosen}), level)
    planned = plan(order, T0)

    assert planned[0].channel == APP
    assert planned[0].due_at == T0
    assert len({one.channel for one in planned}) == len(planned)
    assert {one.channel for one in planned[1:]} <= works
    assert [one.due_at for one in planned[1:]] == [T0 + 15 * number * SECOND for number in range(len(order))]
    if chosen is None and level >= Level.IMPORTANT:
        assert {one.channel for one in planned} == works | {APP}


def test_what_reaches_a_person_soonest_comes_first_and_mail_last() -> None:
    assert default_order({"email", "signal", "sms", "push", "call"}) == ("push", "sms", "call", "signal", "email")
    assert default_order({EMAIL, PUSH}) == (PUSH, EMAIL)


@pytest.mark.parametrize(
    ("severity", "level"),
    [(10, Level.NOTICE), (20, Level.NOTICE), (30, Level.IMPORTANT), (40, Level.CRITICAL), (0, Level.NOTICE)],
)
def test_a_severity_has_a_level(severity: int, level: Level) -> None:
    assert level_of(severity) is level


@given(attempts=st.integers(1, 10_000), wanted=st.none() | st.timedeltas(timedelta(), timedelta(days=2)))
def test_an_alert_is_tried_again_for_ever_and_never_long_after(attempts: int, wanted: timedelta | None) -> None:
    at = retry_at(Subject.ALERT, attempts, T0, wanted)

    assert at is not None
    assert 2 * SECOND <= at - T0 <= LONGEST_RETRY
    assert at - T0 >= min(wanted or timedelta(), LONGEST_RETRY)


@pytest.mark.parametrize(
    ("since", "failures", "is_it"),
    [(None, 9, False), (T0 - 59 * SECOND, 9, False), (T0 - 60 * SECOND, 2, False), (T0 - 60 * SECOND, 3, True)],
)
def test_a_channel_is_down_when_it_failed_several_times_for_a_while(
    since: datetime | None, failures: int, *, is_it: bool
) -> None:
    assert is_down(since, failures, T0) is is_it


@pytest.mark.parametrize("language", ["nb", "nn", "en", "se"])
@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("severity", [10, 30, 40])
def test_every_message_has_words_in_every_language(subject: Subject, severity: int, language: str) -> None:
    words = words_of(subject, severity, language)

    assert words.title
    assert words.body
    if language == "se":
        assert words == words_of(subject, severity, "nb")
