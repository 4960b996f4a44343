"""Windows of local time that come again on weekdays, over midnight and both clock changes. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

MINUTES_A_DAY: Final = 24 * 60
EVERY_DAY: Final = frozenset(range(7))
_CLOCK: Final = re.compile(r"([0-9]{1,2})[:.]([0-5][0-9])")
_DAY: Final = timedelta(days=1)
_DAYS_AHEAD: Final = 9  # a week, and what a window over midnight and a clock change may add


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the local day: from `begins` to before `ends`, the next day's where that is not later.

    `days`: weekdays on which it begins, Monday 0. A window of the whole day ends at 24:00.
    """

    begins: int
    ends: int
    days: frozenset[int] = EVERY_DAY

    @property
    def minutes(self) -> int:
        """How long it is on a day without a clock change."""
        return (self.ends - self.begins) % MINUTES_A_DAY or (MINUTES_A_DAY if self.ends == MINUTES_A_DAY else 0)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One coming of a window: [begin, end), both UTC."""

    begin: datetime
    end: datetime


def moment_of(day: date, minutes: int, zone: tzinfo) -> datetime:
    """Return when the wall's clock shows so many minutes of a day, UTC.

    Of an hour that comes twice the first counts. One that is left out is an hour later by the new clock.
    """
    return (datetime.combine(day, time(), zone) + timedelta(minutes=minutes)).astimezone(UTC)


def _last_moment_of(day: date, minutes: int, zone: tzinfo) -> datetime:
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    return max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))


def spans(window: Window, zone: tzinfo, since: datetime, until: datetime) -> Iterator[Span]:
    """Give the comings of a window that end after `since` and begin by `until`, in order."""
    day, last = since.astimezone(zone).date() - 2 * _DAY, until.astimezone(zone).date()
    while day <= last:
        span = _on(window, zone, day)
        if span is not None and span.end > since and span.begin <= until:
            yield span
        day += _DAY


def next_begin(window: Window, zone: tzinfo, after: datetime) -> datetime:
    """Return when the window begins next, later than `after`."""
    until = after + _DAYS_AHEAD * _DAY
    return next((span.begin for span in spans(window, zone, after, until) if span.begin > after), until)


def _on(window: Window, zone: tzinfo, day: date) -> Span | None:
    """Return the window that begins on a day. None: there is none, or the clock change leaves nothing of it."""
    if day.weekday() not in window.days:
        return None
    ends_on = day if window.ends > window.begins else day + _DAY
    span = Span(moment_of(day, window.begins, zone), _last_moment_of(ends_on, window.ends, zone))
    return span if span.begin < span.end else None


def clock(minutes: int) -> str:
    """Return minutes of the day as a clock shows them: 07:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: str) -> int | None:
    """Return the minutes of the day that a clock time stands for: 7:30, 07:30, 24:00. None: it is no time."""
    found = _CLOCK.fullmatch(text.strip())
    told = int(found[1]) * 60 + int(found[2]) if found else None
    return told if told is not None and told <= MINUTES_A_DAY else None
