"""What a relative is told of a day and a night."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from server.overview.calm import Calm, Night, Up, calm_of, coarse
from server.overview.rules import Status

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)  # 10:12 in Norway
# From quarter past ten yesterday: a day, a calm night from half past ten, up at half past six.
DAY = (3,) * 49 + (0,) * 32 + (2,) * 15


def test_a_calm_night_and_a_day_that_has_begun() -> None:
    assert coarse(DAY, NOW, OSLO) == (Night.CALM, Up.YES)


def test_a_restless_night_and_somebody_who_is_not_up_yet() -> None:
    assert coarse((3,) * 49 + (1,) * 30 + (0,) * 17, NOW, OSLO) == (Night.RESTLESS, Up.NOT_YET)


def test_what_is_not_known_is_said_to_be_so() -> None:
    assert coarse((3,) * 49 + (None,) * 47, NOW, OSLO) == (Night.UNKNOWN, Up.UNKNOWN)


def test_before_six_nothing_is_said_of_today() -> None:
    assert coarse((0,) * 96, NOW.replace(hour=3), OSLO)[1] is None


@pytest.mark.parametrize("status", Status)
def test_a_relative_is_never_told_that_all_is_well_when_it_is_not_known(status: Status) -> None:
    assert (calm_of(status) is Calm.NORMAL) is (status is Status.NORMAL)
