"""What a relative may know, and when they are told of an alert."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.relatives.rules import (
    UNWRITTEN,
    Agreed,
    Basis,
    Category,
    Fault,
    Happening,
    Hearer,
    Quiet,
    Verdict,
    Wanted,
    Wishes,
    Word,
    faults_in_times,
    faults_of,
    verdict,
)

OSLO = ZoneInfo("Europe/Oslo")
AT = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)  # 10:00 in Oslo
TODAY = date(2025, 1, 15)
MINUTE = timedelta(minutes=1)
NIGHT = Quiet(22 * 60, 7 * 60)
ALL = frozenset(Category)
OPEN = Happening(AT, is_critical=True, is_open=True)
CLOSED = Happening(AT, is_critical=True, is_open=False, was_real=True)
FALSE_ALARM = Happening(AT, is_critical=True, is_open=False)


def _hears(agreed: Agreed, told: Word | None = None) -> Hearer:
    return Hearer(agreed, OSLO, told)


def test_a_relative_of_whom_nothing_was_noted_sees_the_status_and_nothing_else() -> None:
    shared = {category for category in Category if UNWRITTEN.allows(category, TODAY)}

    assert shared == {Category.STATUS}
    assert not UNWRITTEN.may_be_asked(AT, OSLO)


def test_after_its_last_day_an_agreement_shares_nothing() -> None:
    agreed = Agreed(ALL, ends_on=TODAY, takes_steps=True)

    assert agreed.allows(Category.STATUS, TODAY)
    assert not any(agreed.allows(category, TODAY + timedelta(days=1)) for category in Category)
    assert not agreed.may_be_asked(AT + timedelta(days=1), OSLO)


def test_a_critical_alert_is_told_when_the_delay_has_run_out_and_not_before() -> None:
    hearer = _hears(Agreed(ALL, delay=20 * MINUTE))

    assert verdict(hearer, OPEN, AT) == Verdict(again_at=AT + 20 * MINUTE)
    assert verdict(hearer, OPEN, AT + 19 * MINUTE) == Verdict(again_at=AT + 20 * MINUTE)
    assert verdict(hearer, OPEN, AT + 20 * MINUTE) == Verdict(Word.OPEN)


def test_what_is_open_is_told_once() -> None:
    assert verdict(_hears(Agreed(ALL), Word.OPEN), OPEN, AT) == Verdict()


def test_what_was_handled_before_the_delay_ran_out_is_one_calm_word_or_none() -> None:
    soon = AT + 5 * MINUTE
    everything = _hears(Agreed(ALL, delay=20 * MINUTE))
    only_critical = _hears(Agreed(frozenset({Category.CRITICAL}), delay=20 * MINUTE))

    assert verdict(everything, CLOSED, soon) == Verdict(again_at=AT + 20 * MINUTE)
    assert verdict(everything, CLOSED, AT + 20 * MINUTE) == Verdict(Word.HANDLED)
    assert verdict(only_critical, CLOSED, AT + 20 * MINUTE) == Verdict()
    assert verdict(everything, FALSE_ALARM, AT + 20 * MINUTE) == Verdict()


@pytest.mark.parametrize("end", [CLOSED, FALSE_ALARM])
def test_who_was_told_that_something_is_open_is_told_at_once_that_it_is_over(end: Happening) -> None:
    hearer = _hears(Agreed(frozenset({Category.CRITICAL}), delay=20 * MINUTE), Word.OPEN)

    assert verdict(hearer, end, AT + 21 * MINUTE) == Verdict(Word.HANDLED)
    assert verdict(_hears(hearer.agreed, Word.HANDLED), end, AT + 22 * MINUTE) == Verdict()


def test_what_was_reopened_is_open_again() -> None:
    assert verdict(_hears(Agreed(ALL), Word.HANDLED), OPEN, AT) == Verdict(Word.OPEN)


def test_nothing_is_told_in_quiet_hours_and_it_waits_for_their_end() -> None:
    at_night = AT.replace(hour=23)  # 00:00 in Oslo
    hearer = _hears(Agreed(ALL, quiet=NIGHT))
    morning = AT.replace(day=16, hour=6)

    assert verdict(hearer, OPEN, at_night) == Verdict(again_at=morning)
    assert verdict(hearer, OPEN, morning) == Verdict(Word.OPEN)


def test_less_than_critical_is_told_only_when_it_was_handled() -> None:
    minor = Happening(AT, is_critical=False, is_open=True)

    assert verdict(_hears(Agreed(ALL)), minor, AT) == Verdict()


def test_nobody_is_asked_to_go_there_in_quiet_hours() -> None:
    agreed = Agreed(ALL, quiet=NIGHT, takes_steps=True)

    assert agreed.may_be_asked(AT, OSLO)
    assert not agreed.may_be_asked(AT.replace(hour=23), OSLO)


@given(
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.datetimes(datetime(2025, 3, 1), datetime(2025, 11, 30)),  # noqa: DTZ001
)
def test_quiet_hours_always_end_within_a_day_at_a_moment_that_is_not_quiet(
    begins: int, ends: int, at: datetime
) -> None:
    if begins == ends:
        return
    quiet, moment = Quiet(begins, ends), at.replace(tzinfo=UTC)

    after = quiet.after(moment, OSLO)

    assert moment <= after <= moment + timedelta(hours=25)
    assert not quiet.holds(after.astimezone(OSLO)) or after.astimezone(OSLO).day != moment.astimezone(OSLO).day


@given(
    st.sets(st.sampled_from(Category)), st.integers(0, 120),
    st.builds(Happening, st.just(AT), st.booleans(), st.booleans(), st.booleans()),
    st.sampled_from([None, *Word]), st.integers(0, 48 * 60),
)  # fmt: skip
def test_whatever_was_agreed_nothing_is_said_that_was_not(
    shared: set[Category], delay: int, what: Happening, told: Word | None, after: int
) -> None:
    agreed = Agreed(frozenset(shared), delay=delay * MINUTE, quiet=NIGHT)
    now = AT + after * MINUTE

    said = verdict(_hears(agreed, told), what, now)

    if said.word is Word.OPEN:
        assert Category.CRITICAL in shared
        assert after >= delay
    if said.word is Word.HANDLED:
        assert Category.HANDLED in shared or told is Word.OPEN
    if said.word:
        assert not NIGHT.holds(now.astimezone(OSLO))
    assert said.again_at is None or said.again_at > now


def test_an_agreement_needs_an_end_a_basis_and_times_that_make_sense() -> None:
    fine = Wanted(ALL, Basis.CONSENT, TODAY + timedelta(days=365), 15, 22 * 60, 7 * 60)

    assert faults_of(fine, TODAY) == {}
    assert faults_of(Wanted(ALL, None, None, 9999, 60, None), TODAY) == {
        "basis": Fault.NO_BASIS, "ends_on": Fault.NO_END, "delay": Fault.DELAY, "quiet": Fault.HALF_QUIET,
    }  # fmt: skip
    assert faults_of(Wanted(frozenset(), None, TODAY - timedelta(days=1)), TODAY) == {"ends_on": Fault.ENDED}
    assert faults_of(Wanted(frozenset(), None, date(2040, 1, 1)), TODAY) == {"ends_on": Fault.TOO_LONG}
    assert faults_in_times(Wishes(0, 60, 60)) == {"quiet": Fault.ALL_QUIET}
