"""When an absence ends, when people are reminded of it, and when somebody seems to be home again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.absences.rules import (
    LONGEST,
    AbsenceKind,
    OwnPause,
    Span,
    checked,
    is_back,
    own_pause_ends,
    remind_at,
    tells_most,
)
from server.errors import AbsenceTimesError

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (datetime(2025, 1, 15, 9, tzinfo=UTC), datetime(2025, 1, 16, 7, tzinfo=UTC)),
        (datetime(2025, 3, 29, 20, tzinfo=UTC), datetime(2025, 3, 30, 6, tzinfo=UTC)),  # the night that lacks an hour
        (datetime(2025, 10, 25, 20, tzinfo=UTC), datetime(2025, 10, 26, 7, tzinfo=UTC)),  # the one that has one more
        (datetime(2025, 1, 14, 23, 30, tzinfo=UTC), datetime(2025, 1, 16, 7, tzinfo=UTC)),  # half past midnight there
    ],
)
def test_until_tomorrow_is_eight_by_the_clock_on_the_wall(now: datetime, ends: datetime) -> None:
    assert own_pause_ends(OwnPause.TOMORROW, now, OSLO) == ends


def test_a_pause_of_hours_lasts_so_long_whatever_the_clocks_do() -> None:
    before_the_change = datetime(2025, 3, 30, 0, 30, tzinfo=UTC)

    assert own_pause_ends(OwnPause.HOUR, before_the_change, OSLO) == before_the_change + HOUR
    assert own_pause_ends(OwnPause.FOUR_HOURS, before_the_change, OSLO) == before_the_change + 4 * HOUR


@given(
    kind=st.sampled_from(AbsenceKind),
    begins=st.timedeltas(-100 * DAY, 100 * DAY),
    lasts=st.timedeltas(-2 * DAY, 200 * DAY),
)
def test_whatever_is_kept_has_an_end_ahead_that_people_are_reminded_of_before_it(
    kind: AbsenceKind, begins: timedelta, lasts: timedelta
) -> None:
    span = Span(NOW + begins, NOW + begins + lasts)
    try:
        checked(kind, span, NOW)
    except AbsenceTimesError:
        assert lasts <= timedelta(0) or begins + lasts <= timedelta(0) or lasts > LONGEST[kind]
        return

    assert span.begins_at < span.ends_at <= NOW + 100 * DAY + LONGEST[kind]
    assert NOW <= remind_at(span, NOW) < span.ends_at
    assert not span.holds(span.ends_at)


def test_a_long_absence_is_reminded_of_a_day_before_and_a_short_one_half_an_hour() -> None:
    spans = {hours: remind_at(Span(NOW, NOW + hours * HOUR), NOW) - NOW for hours in (0.5, 4, 240)}

    assert spans == {0.5: HOUR / 4, 4: 3.5 * HOUR, 240: 9 * DAY}


def test_hospital_tells_most_and_guests_least() -> None:
    kinds = [AbsenceKind.GUESTS, AbsenceKind.PAUSE, AbsenceKind.AWAY, AbsenceKind.HOSPITAL]

    ranked = []
    while kinds:
        ranked.append(kinds.pop(tells_most(kinds)))

    assert ranked == ["hospital", "away", "pause", "guests"]


def test_two_rooms_within_half_an_hour_are_somebody_who_is_home_and_one_movement_is_not() -> None:
    def seen(*told: tuple[int, str]) -> list[tuple[datetime, str]]:
        return [(NOW + timedelta(minutes=minutes), room) for minutes, room in told]

    assert is_back(seen((0, "hall"), (10, "hall"))) is None
    assert is_back(seen((0, "hall"), (31, "kitchen"))) is None
    assert is_back(seen((0, "hall"), (40, "hall"), (50, "kitchen"))) == NOW + timedelta(minutes=50)
