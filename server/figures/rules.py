"""What each figure is, reckoned from what happened in a month. Pure. The definitions in words: docs/figures.md."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from typing_extensions import override

from server.alerting.rules import AlertClass, AlertKind, Outcome, Severity
from server.latency.rules import percentile

_K = TypeVar("_K")

_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(days=7)
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month by the clock on the wall."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a month as it is written in URLs and by browsers: 2026-03.

        Raises:
            ValueError: it is none.
        """
        first = date.fromisoformat(f"{text}-01")
        return cls(first.year, first.month)

    @override
    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        """The month's first day."""
        return date(self.year, self.number, 1)

    @property
    def next(self) -> "Month":
        """The month after."""
        return Month(self.year + 1, 1) if self.number == _DECEMBER else Month(self.year, self.number + 1)

    @property
    def before(self) -> "Month":
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when it begins and ends in a zone."""
        begin, end = (datetime(one.year, one.month, 1, tzinfo=zone) for one in (self.first, self.next.first))
        return begin, end


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as the figures need it. `place`: home and room it came from; empty: not known."""

    kind: AlertKind
    alert_class: AlertClass
    severity: int
    raised_at: datetime
    sent_at: datetime | None
    taken_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    repeats: int
    place: str = ""
    is_budgeted: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in seconds: half at most `p50_s`, all but one in twenty at most `p95_s`.

    `count`: of how many; None: nobody did it, so nobody knows.
    """

    count: int
    p50_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long alerts about people took: to a channel (the grave ones), to be taken, until somebody was there."""

    to_send: Times
    to_take: Times
    to_arrive: Times


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. `share`: None where there is nothing to take a share of."""

    part: int
    of: int

    @property
    def share(self) -> float | None:
        """The share, 0 to 1."""
        return self.part / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class OfPlace:
    """How many of the alerts of a kind from one place, and so of one sensor, were false."""

    kind: AlertKind
    place: str
    false: Share


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """What alerts tell of a month. Tests are left out of all of it."""

    raised: dict[AlertClass, int]
    by_day: dict[date, dict[AlertClass, int]]
    waits: Waits
    waits_by_day: dict[date, Waits]
    taken_within: tuple[int, ...]
    repeats: int
    false: Share
    false_by_kind: dict[AlertKind, Share]
    false_by_place: tuple[OfPlace, ...]
    waiting_for_visit: Share
    budgeted: int


# Upper edges of the picture of how long alerts waited, in seconds; the last column is everything beyond.
WAITED: Final = (60, 120, 300, 900, 3600)
_PLACES_SHOWN: Final = 10
_LEAST_OF_A_PLACE: Final = 3  # of fewer, a share says nothing


def alert_figures(told: Iterable[Told], zone: ZoneInfo) -> AlertFigures:
    """Return what a month's alerts tell; those whose outcome is a test are left out."""
    real = [one for one in told if one.outcome is not Outcome.TEST]
    people = [one for one in real if one.alert_class is AlertClass.PERSON]
    judged = [one for one in people if one.outcome not in {None, Outcome.TECHNICAL}]
    to_take = _spans(people, lambda one: one.taken_at)
    return AlertFigures(
        raised=dict(Counter(one.alert_class for one in real)),
        by_day=_by_day(real, zone),
        waits=_waits(people),
        waits_by_day={day: _waits(ones) for day, ones in _days(people, zone)},
        taken_within=tuple(np.histogram(to_take, (-np.inf, *WAITED, np.inf))[0].tolist()),
        repeats=sum(one.repeats for one in people),
        false=_false(judged),
        false_by_kind={kind: _false(ones) for kind, ones in _grouped(judged, lambda one: one.kind)},
        false_by_place=_by_place(judged),
        waiting_for_visit=_share(judged, Outcome.WAITING_FOR_VISIT),
        budgeted=sum(one.is_budgeted for one in people),
    )


def _spans(told: Sequence[Told], when: Callable[[Told], datetime | None]) -> list[float]:
    return [(at - one.raised_at).total_seconds() for one in told if (at := when(one)) is not None]


def _waits(people: Sequence[Told]) -> Waits:
    # A mild alert may wait for the morning by its policy: that says nothing of how quick the chain is.
    grave = [one for one in people if one.severity >= Severity.SERIOUS]
    return Waits(
        to_send=_times(_spans(grave, lambda one: one.sent_at)),
        to_take=_times(_spans(people, lambda one: one.taken_at)),
        to_arrive=_times(_spans(people, lambda one: one.arrived_at)),
    )


def _times(spans_s: Sequence[float]) -> Times:
    if not spans_s:
        return Times(0, None, None)
    spans = [timedelta(seconds=one) for one in spans_s]
    return Times(len(spans), *(percentile(spans, percent).total_seconds() for percent in (50, 95)))


def _grouped(told: Sequence[Told], key: Callable[[Told], _K]) -> list[tuple[_K, list[Told]]]:
    groups: dict[_K, list[Told]] = {}
    for one in told:
        groups.setdefault(key(one), []).append(one)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _by_day(told: Sequence[Told], zone: ZoneInfo) -> dict[date, dict[AlertClass, int]]:
    return {day: dict(Counter(one.alert_class for one in ones)) for day, ones in _days(told, zone)}


def _days(told: Sequence[Told], zone: ZoneInfo) -> list[tuple[date, list[Told]]]:
    return sorted(_grouped(told, lambda one: one.raised_at.astimezone(zone).date()), key=lambda group: group[0])


def _false(judged: Sequence[Told]) -> Share:
    return _share(judged, Outcome.FALSE_ALARM)


def _share(judged: Sequence[Told], outcome: Outcome) -> Share:
    return Share(sum(one.outcome is outcome for one in judged), len(judged))


def _by_place(judged: Sequence[Told]) -> tuple[OfPlace, ...]:
    placed = [one for one in judged if one.place]
    groups = _grouped(placed, lambda one: (one.kind, one.place))
    found = [OfPlace(kind, place, _false(ones)) for (kind, place), ones in groups if len(ones) >= _LEAST_OF_A_PLACE]
    worst = sorted((one for one in found if one.false.part), key=lambda one: (-one.false.part, one.place))
    return tuple(worst[:_PLACES_SHOWN])


def home_weeks(watched_from: Iterable[date], begin: datetime, end: datetime) -> float | None:
    """Return for how many weeks homes were watched in [begin, end), all together; None: none was.

    `watched_from`: for each home, the first day on which something could be told of it.
    """
    spans = [end - max(begin, datetime(day.year, day.month, day.day, tzinfo=begin.tzinfo)) for day in watched_from]
    weeks = sum((span / _WEEK for span in spans if span > timedelta(0)), 0.0)
    return weeks or None


def hours_within(spans: Iterable[tuple[datetime, datetime | None]], begin: datetime, end: datetime) -> float:
    """Return how many hours of spans (None: it lasts) lie in [begin, end)."""
    inside = (min(until or end, end) - max(since, begin) for since, until in spans)
    return sum((span / _HOUR for span in inside if span > timedelta(0)), 0.0)
