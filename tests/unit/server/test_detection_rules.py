"""Of one happening people are told once, by the kind that says most of it."""

from datetime import UTC, datetime, timedelta

import pytest

from models.finding import FindingKind as Kind
from server.detection.rules import Lasting, to_tell

T0 = datetime(2025, 1, 15, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def lasting(kind: Kind, started: int, told: int | None = None) -> Lasting:
    return Lasting(kind, T0 + started * MINUTE, None if told is None else T0 + told * MINUTE)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Kind.LONG_IN_BATHROOM, Kind.INACTIVITY),
        (Kind.NOT_RETURNED, Kind.INACTIVITY),
        (Kind.LEFT_AT_NIGHT, Kind.NOT_RETURNED),
        (Kind.OUT_OF_BED, Kind.WANDERING),
        (Kind.OUT_OF_BED, Kind.INACTIVITY),
        (Kind.NOT_UP, Kind.INACTIVITY),
        (Kind.INACTIVITY, Kind.NO_MEALS),
    ],
)
def test_two_kinds_of_one_happening_are_one_alert_whether_found_together_or_not(first: Kind, then: Kind) -> None:
    early, late = lasting(first, 0), lasting(then, 5)

    assert to_tell([late, early], [], T0 + 60 * MINUTE) == [early]
    assert to_tell([late], [lasting(first, 0, told=30)], T0 + 60 * MINUTE) == []


def test_a_graver_one_is_still_told() -> None:
    graver = lasting(Kind.LEFT_AT_NIGHT, 0)

    assert to_tell([graver], [lasting(Kind.INACTIVITY, 0, told=30)], T0 + 60 * MINUTE) == [graver]
    assert to_tell([lasting(Kind.INACTIVITY, 9)], [lasting(Kind.WANDERING, 0, told=30)], T0 + 60 * MINUTE)


def test_what_began_after_people_were_told_is_another_happening() -> None:
    fall = lasting(Kind.INACTIVITY, 31)

    assert to_tell([fall], [lasting(Kind.OUT_OF_BED, 0, told=30)], T0 + 90 * MINUTE) == [fall]


def test_what_outlasts_the_one_that_was_told_is_told_then() -> None:
    hungry = lasting(Kind.NO_MEALS, 0)

    assert to_tell([hungry], [lasting(Kind.INACTIVITY, 5, told=30)], T0 + 60 * MINUTE) == []
    assert to_tell([hungry], [], T0 + 61 * MINUTE) == [hungry]


def test_what_tells_of_something_else_is_told_beside_it() -> None:
    every = [lasting(Kind.INACTIVITY, 0), lasting(Kind.COLD_HOME, 0), lasting(Kind.VITALS, 0)]

    assert len(to_tell(every, [], T0 + 60 * MINUTE)) == 3
