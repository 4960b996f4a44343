"""What the presence of staff explains, and what it never does."""

from datetime import UTC, datetime, timedelta

import pytest

from models.finding import FACTS, FindingKind
from server.errors import VisitTimesError
from server.visits.rules import (
    BY_MOTION,
    STAYS_AT_MOST,
    Known,
    StaffThere,
    by_plan,
    checked,
    doors_of_staff,
    explained_until,
    is_due_soon,
    stay_of,
)

NOW = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def there(known: Known, until: timedelta = 30 * MINUTE) -> StaffThere:
    return StaffThere(NOW - 10 * MINUTE, NOW + until, known)


@pytest.mark.parametrize("known", [Known.SAID, Known.ALERT])
def test_staff_who_say_they_are_there_explain_whatever_rests_on_movement(known: Known) -> None:
    explained = {kind for kind in FindingKind if explained_until(kind, [there(known)], NOW)}

    assert explained == BY_MOTION
    assert {FindingKind.INACTIVITY, FindingKind.WANDERING, FindingKind.LONG_IN_BATHROOM} <= explained
    assert not explained & {FindingKind.VITALS, FindingKind.COLD_HOME}
    assert {FACTS[kind].cls for kind in explained} == {"person"}


def test_a_plan_never_explains_that_somebody_is_not_heard() -> None:
    explained = {kind for kind in FindingKind if explained_until(kind, [there(Known.PLANNED)], NOW)}

    assert explained == {FindingKind.WANDERING, FindingKind.BATHROOM_VISITS, FindingKind.DOOR_OPEN}


def test_presence_explains_nothing_before_it_begins_nor_from_its_end_on() -> None:
    one = there(Known.SAID)
    found = [explained_until(FindingKind.INACTIVITY, [one], at) for at in (one.since - MINUTE, one.since, one.until)]

    assert found == [None, one, None]


def test_of_two_who_are_there_the_one_who_stays_longest_counts() -> None:
    short, long = there(Known.ALERT), there(Known.SAID, 60 * MINUTE)

    assert explained_until(FindingKind.WANDERING, [short, long], NOW) == long


def test_a_stay_nobody_ends_is_over_after_two_hours_and_none_lasts_longer() -> None:
    assert stay_of(NOW, None, Known.SAID, 1).until == NOW + STAYS_AT_MOST
    assert stay_of(NOW, NOW + 5 * STAYS_AT_MOST, Known.ALERT, 1).until == NOW + STAYS_AT_MOST
    assert stay_of(NOW, NOW + MINUTE, Known.ALERT, 1).until == NOW + MINUTE


def test_nobody_is_punctual_to_the_quarter_hour() -> None:
    plan = by_plan(NOW, NOW + 20 * MINUTE)

    assert (plan.since, plan.until, plan.known) == (NOW - 15 * MINUTE, NOW + 35 * MINUTE, Known.PLANNED)


@pytest.mark.parametrize(("begins", "ends"), [(0, 0), (5, 4), (-30, -1), (0, 24 * 60 + 1)])
def test_a_visit_is_not_over_and_lasts_no_longer_than_a_day(begins: int, ends: int) -> None:
    with pytest.raises(VisitTimesError):
        checked(NOW + begins * MINUTE, NOW + ends * MINUTE, NOW)


def test_a_call_may_be_about_a_visit_within_the_hour_or_one_that_is_late() -> None:
    ends = NOW + 15 * MINUTE

    assert [is_due_soon(NOW, ends, NOW + after * MINUTE) for after in (-61, -60, 0, 44, 45)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def left(after: timedelta, known: Known = Known.SAID) -> StaffThere:
    return StaffThere(NOW - 30 * MINUTE, NOW + after, known)


@pytest.mark.parametrize(
    ("minutes", "theirs"),
    [
        ((-25, -3), {-3}),  # they came in, went out, and said so in the car
        ((2,), {2}),  # they said so in the hall
        ((-3, 2), {-3}),  # somebody follows: that is not theirs
        ((2, 4), {2}),
        ((6,), set()),
        ((-11,), set()),
        ((), set()),
    ],
)
def test_who_says_that_they_leave_explains_one_opening_of_a_door(minutes: tuple[int, ...], theirs: set[int]) -> None:
    opened = [NOW + minute * MINUTE for minute in minutes]

    assert doors_of_staff(opened, [left(0 * MINUTE)]) == {NOW + minute * MINUTE for minute in theirs}


def test_who_never_said_that_they_leave_or_was_only_planned_explains_no_door() -> None:
    forgot = StaffThere(NOW - STAYS_AT_MOST, NOW, Known.SAID)

    assert doors_of_staff([NOW], [forgot, left(0 * MINUTE, Known.PLANNED)]) == set()
    assert doors_of_staff([NOW], [left(0 * MINUTE, Known.ALERT)]) == {NOW}
