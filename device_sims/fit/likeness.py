"""How like a real home a trace is: a few numbers of its rhythm, and where real homes' numbers lie.

A trace is what rooms-and-doors sensors tell, one row for each activation, by the home's wall clock (no zone).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from device_sims.tihm import Activation

# The data set's platform was down on these days: what is missing then is no rhythm of anybody.
OUTAGE: Final = frozenset(date(2019, 6, day) for day in (14, 15, 16, 17, 18))

# A home is comparable with this many whole days, of about this many events; so the back-tests choose their homes.
_WHOLE_DAYS: Final = 37
_EVENTS_A_DAY: Final = 150

_ROOMS: Final = ("kitchen", "hallway", "lounge", "bedroom", "bathroom", "fridge", "front_door", "back_door")
_DAY_S: Final = 86_400.0
_BURST_S: Final = 5.0
_LONG_H: Final = (0.5, 1, 2, 4, 6)
_EARLY_H: Final = 5
_NIGHT_H: Final = (21, 10)

Row = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Band:
    """Where the real homes lie in one number."""

    least: float
    low: float  # 10 % of the homes are below
    middle: float
    high: float  # 10 % are above
    most: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of the simulated homes against the real ones'. `inside`: the share within least to most."""

    name: str
    band: Band
    simulated: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The simulated homes' median."""
        return median(self.simulated)

    @property
    def inside(self) -> float:
        """The share of the simulated homes that lie no further out than some real home."""
        return sum(self.band.least <= one <= self.band.most for one in self.simulated) / len(self.simulated)

    @property
    def is_like(self) -> bool:
        """Whether the median is an ordinary home's and at most one home in five is stranger than every real one."""
        return self.band.low <= self.middle <= self.band.high and self.inside >= _MOST_INSIDE


_MOST_INSIDE: Final = 0.8


def rows_of(activations: Iterable[Activation]) -> list[Row]:
    """Return a real home's rows."""
    return [(one.local_time, one.place.room) for one in activations]


def comparable(homes: Mapping[str, Sequence[Row]]) -> dict[str, Sequence[Row]]:
    """Return the homes with enough whole days to be compared with."""
    chosen = {}
    for home, rows in homes.items():
        counts = _whole_days(rows)
        if len(counts) >= _WHOLE_DAYS and median(counts.values()) >= _EVENTS_A_DAY:
            chosen[home] = rows
    return chosen


def compared(real: Iterable[Mapping[str, float]], simulated: Iterable[Mapping[str, float]]) -> list[Comparison]:
    """Return how the simulated homes lie among the real ones, number by number."""
    known, made = list(real), list(simulated)
    names = dict.fromkeys(name for one in made for name in one)
    return [
        Comparison(name, band, tuple(one[name] for one in made if name in one))
        for name in names
        if (band := _band([one[name] for one in known if name in one])) is not None
    ]


def rhythm_of(rows: Sequence[Row]) -> dict[str, float]:
    """Return the numbers of a trace (oldest first), over its whole days; a place it does not have is left out."""
    counts = _whole_days(rows)
    kept = [row for row in rows if row[0].date() in counts]
    gaps = [gap for gap in ((after[0] - before[0]).total_seconds() for before, after in pairwise(kept)) if gap < _DAY_S]
    weeks = len(counts) / 7
    a_day = _quantiles(list(counts.values()))
    return {
        "events a day": a_day[1],
        "quiet day / median": a_day[0] / a_day[1],
        "busy day / median": a_day[2] / a_day[1],
        "gap, median (s)": _quantiles(gaps)[1],
        "gap, 90 % (s)": _quantiles(gaps)[2],
        "gaps up to 5 s (share)": sum(gap <= _BURST_S for gap in gaps) / len(gaps),
        **{f"gaps over {long:g} h a week": sum(gap > long * 3_600 for gap in gaps) / weeks for long in _LONG_H},
        "same place again (share)": sum(a[1] == b[1] for a, b in pairwise(kept)) / len(kept),
        **_parts_of_the_day(kept),
        **_nights(kept, counts),
        **_rooms(kept),
    }


def _parts_of_the_day(rows: Sequence[Row]) -> dict[str, float]:
    parts = Counter(at.hour // 6 for at, _ in rows)
    names = ("00-06", "06-12", "12-18", "18-24")
    return {f"{name} (share)": parts[part] / len(rows) for part, name in enumerate(names)}


def _nights(rows: Sequence[Row], days: Iterable[date]) -> dict[str, float]:
    """Tell how much happens between midnight and five, and the longest quiet time between 21 and 10 o'clock."""
    early = Counter(at.date() for at, _ in rows if at.hour < _EARLY_H)
    nights: dict[date, list[datetime]] = {}
    for at, _ in rows:
        if at.hour >= _NIGHT_H[0] or at.hour < _NIGHT_H[1]:
            nights.setdefault((at - timedelta(hours=12)).date(), []).append(at)
    quiet = [max(b - a for a, b in pairwise(one)).total_seconds() / 3_600 for one in nights.values() if len(one) > 1]
    return {
        "events 00-05, median": float(median(early[day] for day in days)),
        "longest quiet at night (h)": median(quiet),
    }


def _rooms(rows: Sequence[Row]) -> dict[str, float]:
    places = Counter(place for _, place in rows)
    return {f"{room} (share)": places[room] / len(rows) for room in _ROOMS if places[room]}


def _whole_days(rows: Sequence[Row]) -> Counter[date]:
    counts = Counter(at.date() for at, _ in rows)
    ends = (rows[0][0].date(), rows[-1][0].date()) if rows else ()
    return Counter({day: n for day, n in counts.items() if day not in OUTAGE and day not in ends})


def _band(values: Sequence[float]) -> Band | None:
    if not values:
        return None
    low, middle, high = _quantiles(values)
    return Band(min(values), low, middle, high, max(values))


def _quantiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the values below which lie 10, 50 and 90 %, between neighbours in a straight line."""
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return at(0.1), at(0.5), at(0.9)
