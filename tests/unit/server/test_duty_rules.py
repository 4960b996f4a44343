"""Planned hours are never without somebody unnoticed, and nobody is planned in two places."""

from datetime import datetime, timedelta

from builders import HOUR, MINUTE, T0
from hypothesis import given
from hypothesis import strategies as st

from server.duty.rules import ARRIVES_WITHIN, GRACE, Member, Planned, clash, counted, cover, has_failed, may_leave

_hours = st.integers(-50, 50).map(lambda hours: T0 + hours * HOUR)
_lengths = st.integers(1, 12).map(lambda hours: hours * HOUR)
_shifts = st.builds(lambda who, at, long: Planned(who, at, at + long), st.integers(1, 3), _hours, _lengths)
_members = st.builds(Member, st.integers(1, 9), on_duty=st.booleans(), is_nurse_here=st.booleans())


@given(members=st.lists(_members, unique_by=lambda member: member.person_id), keeps=st.booleans())
def test_whoever_began_counts_and_a_unit_that_keeps_no_lists_is_never_without_its_nurses(
    members: list[Member], *, keeps: bool
) -> None:
    found = counted(members, keeps_lists=keeps)

    begun = [member.person_id for member in members if member.on_duty]
    nurses = [member.person_id for member in members if member.is_nurse_here]
    assert found == (begun if begun or keeps else nurses)


@given(_shifts, st.lists(_shifts, max_size=6))
def test_a_clash_is_found_exactly_when_one_person_would_be_in_two_places(
    wanted: Planned, others: list[Planned]
) -> None:
    twice = [
        other
        for other in others
        if other.person_id == wanted.person_id and max(other.from_at, wanted.from_at) < min(other.to_at, wanted.to_at)
    ]

    found = clash(wanted, others)
    assert (found in twice) if twice else found is None


def test_shifts_may_touch_and_a_shift_does_not_clash_with_itself() -> None:
    day = Planned(1, T0, T0 + 8 * HOUR, "a")

    assert clash(Planned(1, T0 + 8 * HOUR, T0 + 16 * HOUR), [day]) is None
    assert clash(Planned(1, T0 + HOUR, T0 + 9 * HOUR, "a"), [day]) is None
    assert clash(Planned(2, T0, T0 + HOUR), [day]) is None


@given(
    shifts=st.lists(_shifts, max_size=5),
    now=_hours,
    anybody=st.booleans(),
    since=st.none() | st.just(T0 - 60 * HOUR),
)
def test_the_guard_always_looks_again_later_while_something_is_planned(
    shifts: list[Planned], now: datetime, *, anybody: bool, since: datetime | None
) -> None:
    found = cover(shifts, now, anybody=anybody, bare_since=since)

    if any(shift.from_at > now for shift in shifts) or found.bare_since is not None:
        assert found.look_at is not None
        assert found.look_at > now
    is_planned = any(shift.covers(now) for shift in shifts)
    assert (found.bare_since is not None) == (is_planned and not anybody)


def test_nobody_in_a_planned_hour_alarms_when_the_grace_is_over_and_not_before() -> None:
    shifts = [Planned(1, T0, T0 + 8 * HOUR)]

    before = cover(shifts, T0 - MINUTE, anybody=False, bare_since=None)
    assert (before.bare_since, before.look_at) == (None, T0)
    start = cover(shifts, T0, anybody=False, bare_since=None)
    assert (start.bare_since, start.look_at, start.is_alarming(T0)) == (T0, T0 + GRACE, False)
    later = cover(shifts, T0 + GRACE, anybody=False, bare_since=start.bare_since)
    assert later.is_alarming(T0 + GRACE)
    assert not cover(shifts, T0 + GRACE, anybody=True, bare_since=T0).is_alarming(T0 + GRACE)


@given(st.lists(_shifts, max_size=5), _hours)
def test_the_last_one_leaves_only_when_the_plan_says_that_nobody_need_be_here(
    shifts: list[Planned], now: datetime
) -> None:
    is_free = bool(shifts) and not any(shift.covers(now) for shift in shifts)

    assert may_leave(shifts, now, others=0) == is_free
    assert may_leave(shifts, now, others=1)


def test_a_test_alert_that_does_not_arrive_in_time_has_failed() -> None:
    assert not has_failed(None, None, T0)
    assert not has_failed(T0, None, T0 + ARRIVES_WITHIN - timedelta(milliseconds=1))
    assert has_failed(T0, None, T0 + ARRIVES_WITHIN)
    assert not has_failed(T0, T0 + MINUTE, T0 + HOUR)
