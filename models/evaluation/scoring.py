"""What counts as found, and what as a false alert. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.alerts import Alert, AlertClass
from models.evaluation.setting import DAY, HOUR, Window

MERGE_S: Final = 6 * HOUR
WEEK: Final = 7 * DAY
MONTH: Final = 30 * DAY


def first_delay_s(alerts: Iterable[Alert], window: Window, cls: AlertClass) -> float | None:
    """Return how long after a window's start the first alert of a class was raised inside it; None: none was."""
    moments = (one.raised_at.timestamp() for one in alerts if one.cls == cls)
    return min((moment - window.start for moment in moments if window.holds(moment)), default=None)


def merged(moments: Iterable[float]) -> int:
    """Return how many times somebody was disturbed: moments less than 6 h after the one before are the same time."""
    ordered = np.sort(np.fromiter(moments, dtype=np.float64))
    return int(ordered.size and 1 + np.count_nonzero(np.diff(ordered) >= MERGE_S))


@dataclass(frozen=True, slots=True)
class Disturbance:
    """The alerts of one untouched home while it was watched.

    `person`: all person kinds, those within 6 h counted once. The others are counted one by one, `kinds` by kind.
    """

    home: str
    watched_s: int
    person: int
    trend: int
    technical: int
    kinds: Counter[tuple[AlertClass, str]]


def disturbance(home: str, alerts: Iterable[Alert], watched: Sequence[Window]) -> Disturbance:
    """Count what one untouched home's alerts disturb people for."""
    counted = [
        one for one in alerts if one.home == home and any(part.holds(one.raised_at.timestamp()) for part in watched)
    ]
    by_class = Counter(one.cls for one in counted)
    return Disturbance(
        home,
        sum(part.end - part.start for part in watched),
        merged(one.raised_at.timestamp() for one in counted if one.cls == "person"),
        by_class["trend"],
        by_class["technical"],
        Counter((one.cls, one.kind) for one in counted),
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """One copy with one thing put into it. `delay_s`, `chance_delay_s`: None when nothing was raised in the window.

    `chance_delay_s` is the untouched trace's. `persons`, `chance_persons`: person alerts raised in it and the two hours
    after, merged; with technical faults there must be no more of them than by chance. `kinds`: what was raised first.
    """

    line: str
    home: str
    window: Window
    delay_s: float | None
    chance_delay_s: float | None
    persons: int
    chance_persons: int
    kind: str | None


def trial(
    line: str, cls: AlertClass, home: str, window: Window, alerts: Iterable[Alert], untouched: Iterable[Alert]
) -> Trial:
    """Judge one copy by its own alerts and the untouched trace's."""
    ours = sorted((one for one in alerts if one.home == home), key=lambda one: one.raised_at)
    chance = [one for one in untouched if one.home == home]
    inside = [one.kind for one in ours if one.cls == cls and window.holds(one.raised_at.timestamp())]
    return Trial(
        line,
        home,
        window,
        first_delay_s(ours, window, cls),
        first_delay_s(chance, window, cls),
        _persons(ours, window),
        _persons(chance, window),
        inside[0] if inside else None,
    )


def _persons(alerts: Iterable[Alert], window: Window) -> int:
    wider = Window(window.start, window.end + 2 * HOUR)
    moments = (one.raised_at.timestamp() for one in alerts if one.cls == "person")
    return merged(moment for moment in moments if wider.holds(moment))


@dataclass(frozen=True, slots=True)
class Recall:
    """How one line of the protocol was done. Delays in seconds, over what was found; None: nothing was.

    `mean_s` counts what was not found as found at the window's end. `within` is the share found in a time that the
    line asks for. `more_persons`: person alerts of copies beyond those of the same time untouched.
    """

    count: int
    found: int
    chance: float
    median_s: float | None
    mean_s: float
    within: float
    more_persons: int

    @property
    def recall(self) -> float:
        """The share found."""
        return self.found / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share found (Wilson 1927)."""
        n, share, z = self.count, self.recall, 1.96
        middle, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return max(0.0, middle - half) / (1 + z * z / n), min(1.0, (middle + half) / (1 + z * z / n))


def recall(trials: Sequence[Trial], within_s: float) -> Recall:
    """Sum up the trials of one line, of which there is at least one."""
    delays = [one.delay_s for one in trials if one.delay_s is not None]
    censored = [one.window.end - one.window.start if one.delay_s is None else one.delay_s for one in trials]
    return Recall(
        count=len(trials),
        found=len(delays),
        chance=sum(one.chance_delay_s is not None for one in trials) / len(trials),
        median_s=float(np.median(delays)) if delays else None,
        mean_s=float(np.mean(censored)),
        within=sum(delay <= within_s for delay in delays) / len(trials),
        more_persons=sum(max(0, one.persons - one.chance_persons) for one in trials),
    )


@dataclass(frozen=True, slots=True)
class Rates:
    """What untouched homes disturb people for: person kinds a home-week, trends a home-month, technical a home-week."""

    home_weeks: float
    person_a_week: float
    trend_a_month: float
    technical_a_week: float
    kinds_a_week: dict[tuple[AlertClass, str], float]


def rates(counted: Sequence[Disturbance]) -> Rates:
    """Sum up untouched homes."""
    weeks = sum(one.watched_s for one in counted) / WEEK
    kinds: Counter[tuple[AlertClass, str]] = sum((one.kinds for one in counted), Counter())
    return Rates(
        weeks,
        sum(one.person for one in counted) / weeks,
        sum(one.trend for one in counted) / weeks * MONTH / WEEK,
        sum(one.technical for one in counted) / weeks,
        {kind: count / weeks for kind, count in kinds.most_common()},
    )
