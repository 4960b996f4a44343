"""The simulated homes are ordinary homes: in each number of their rhythm they lie among the TIHM homes."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from device_sims.fit.comparison import compare, table_of
from device_sims.fit.likeness import Comparison, comparable, compared, rhythm_of

_TIHM = Path(os.environ.get("LIVSRYTME_DATA", "../shared/data")) / "tihm"

_HOMES = 24


@pytest.mark.timeout(300)
@pytest.mark.skipif(
    not _TIHM.exists(), reason=f"the TIHM data are not at {_TIHM}: set LIVSRYTME_DATA to have them used"
)
def test_a_month_of_simulated_homes_lies_among_the_real_ones_in_every_number() -> None:
    comparisons = compare(_TIHM, _HOMES, days=31, seed="held-out-")

    Console(width=110).print(table_of(comparisons))
    assert len(comparisons) >= 20
    assert [one.name for one in comparisons if not one.is_like] == []


def _trace(every: timedelta, places: tuple[str, ...] = ("kitchen", "lounge")) -> list[tuple[datetime, str]]:
    begins = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall clock
    return [(begins + number * every, places[number % len(places)]) for number in range(45 * _DAY // every)]


_DAY = timedelta(days=1)


def test_the_numbers_of_a_trace_are_what_they_say() -> None:
    rhythm = rhythm_of(_trace(timedelta(minutes=6)))

    assert rhythm["events a day"] == 240
    assert rhythm["gap, median (s)"] == rhythm["gap, 90 % (s)"] == 360
    assert rhythm["gaps over 0.5 h a week"] == 0
    assert rhythm["00-06 (share)"] == pytest.approx(0.25)
    assert rhythm["kitchen (share)"] == pytest.approx(0.5)
    assert rhythm["events 00-05, median"] == 50
    assert rhythm["longest quiet at night (h)"] == pytest.approx(0.1)
    assert "bedroom (share)" not in rhythm


def test_only_homes_with_many_whole_busy_days_are_compared_with() -> None:
    homes = {
        "busy": _trace(timedelta(minutes=6)),
        "quiet": _trace(timedelta(hours=1)),
        "short": _trace(_DAY / 240)[:900],
    }

    assert list(comparable(homes)) == ["busy"]


def test_homes_unlike_every_real_one_are_told_apart() -> None:
    real = [rhythm_of(_trace(timedelta(minutes=minutes))) for minutes in (4, 5, 6, 7, 8)]

    def events(minutes: int) -> Comparison:
        made = compared(real, [rhythm_of(_trace(timedelta(minutes=minutes)))])
        return next(one for one in made if one.name == "events a day")

    assert events(6).is_like
    assert not events(2).is_like
    assert not events(20).is_like
    assert events(20).inside == 0
