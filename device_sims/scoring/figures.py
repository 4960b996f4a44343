"""The figures of a judgement: recall, delay, false alerts a home-week. Pure."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from device_sims.scoring.alerts import Alert
from device_sims.scoring.matching import JudgedTruth, Judgement, Verdict
from device_sims.scoring.truth import AlertClass, Truth, Watched

_WEEK: Final = timedelta(weeks=1)
# False alerts of one home this close together disturb somebody once. Source: how published figures are counted.
MERGED_WITHIN: Final = timedelta(hours=6)
_TAIL: Final = 0.025


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How one kind of happening was alerted: all with the same label. Delays of alerts in time; None without one."""

    label: str
    kinds: tuple[str, ...]
    expected: int
    in_time: int
    late: int
    wrong_kind: int
    missed: int
    delay_p50: timedelta | None
    delay_p90: timedelta | None
    delay_max: timedelta | None

    @property
    def recall(self) -> float:
        """Share that was alerted in time by a right kind."""
        return self.in_time / self.expected


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened a home-week, with the exact 95 % interval of a Poisson process."""

    count: int
    home_weeks: float
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures. `false_merged` is the one to compare with published ones: all kinds, within 6 h once.

    `again`: alerts about what was told already. `left_out`: alerts outside the time in which their home is watched.
    """

    homes: int
    home_weeks: float
    by_kind: tuple[KindFigures, ...]
    false_by_kind: tuple[tuple[str, Rate], ...]
    false_all: Rate
    false_merged: Rate
    false_technical: Rate
    again: int
    left_out: int
    technical_taken_for_human: int
    forbidden: int
    forbidden_violated: int


def figures(truth: Truth, judged: Judgement) -> Figures:
    """Count."""
    weeks = sum((one.ends_at - one.begins_at for one in united(truth.watched)), timedelta()) / _WEEK
    wrong = [one for one in judged.alerts if one.verdict is Verdict.FALSE]
    about_people = [one.alert for one in wrong if one.alert.alert_class is not AlertClass.TECHNICAL]
    technical = [one.alert for one in wrong if one.alert.alert_class is AlertClass.TECHNICAL]
    return Figures(
        homes=len({one.home for one in truth.watched}),
        home_weeks=weeks,
        by_kind=tuple(_of_kind(label, some) for label, some in sorted(_by_label(judged.truths).items())),
        false_by_kind=tuple(
            (kind, rate(sum(1 for one in wrong if one.alert.kind == kind), weeks))
            for kind in sorted({one.alert.kind for one in wrong})
        ),
        false_all=rate(len(about_people), weeks),
        false_merged=rate(merged(about_people), weeks),
        false_technical=rate(len(technical), weeks),
        again=sum(1 for one in judged.alerts if one.verdict is Verdict.AGAIN),
        left_out=judged.left_out,
        technical_taken_for_human=sum(1 for one in judged.alerts if one.took_technical_for_human),
        forbidden=len(truth.forbidden),
        forbidden_violated=len({id(one.violated) for one in judged.alerts if one.violated is not None}),
    )


def _by_label(truths: Iterable[JudgedTruth]) -> dict[str, list[JudgedTruth]]:
    groups: dict[str, list[JudgedTruth]] = defaultdict(list)
    for one in truths:
        groups[one.truth.label].append(one)
    return groups


def _of_kind(label: str, truths: Sequence[JudgedTruth]) -> KindFigures:
    delays = sorted(
        one.delay.total_seconds() for one in truths if one.delay is not None and one.verdict is Verdict.IN_TIME
    )
    verdicts = [one.verdict for one in truths]
    return KindFigures(
        label=label,
        kinds=tuple(sorted({kind for one in truths for kind in one.truth.kinds})),
        expected=len(truths),
        in_time=verdicts.count(Verdict.IN_TIME),
        late=verdicts.count(Verdict.LATE),
        wrong_kind=verdicts.count(Verdict.WRONG_KIND),
        missed=verdicts.count(None),
        delay_p50=timedelta(seconds=statistics.median(delays)) if delays else None,
        delay_p90=timedelta(seconds=quantile(delays, 0.9)) if delays else None,
        delay_max=timedelta(seconds=delays[-1]) if delays else None,
    )


def quantile(rising: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them lie, between two of them by proportion."""
    place = share * (len(rising) - 1)
    low = math.floor(place)
    high = min(low + 1, len(rising) - 1)
    return rising[low] + (rising[high] - rising[low]) * (place - low)


def united(watched: Iterable[Watched]) -> list[Watched]:
    """Return the same time without counting any twice."""
    joined: list[Watched] = []
    for one in sorted(watched, key=lambda each: (each.home, each.begins_at)):
        last = joined[-1] if joined else None
        if last is None or last.home != one.home or one.begins_at > last.ends_at:
            joined.append(one)
        elif one.ends_at > last.ends_at:
            joined[-1] = Watched(one.home, last.begins_at, one.ends_at)
    return joined


def merged(alerts: Iterable[Alert]) -> int:
    """Return how often somebody was disturbed: alerts of one home that follow each other closely are one."""
    last: dict[str, datetime] = {}
    count = 0
    for one in sorted(alerts, key=lambda each: each.raised_at):
        count += one.home not in last or one.raised_at - last[one.home] >= MERGED_WITHIN
        last[one.home] = one.raised_at
    return count


def rate(count: int, home_weeks: float) -> Rate:
    """Return a rate with its exact interval (Garwood 1936): both ends leave 2.5 % beyond what was seen."""
    low = 0.0 if count == 0 else _root(lambda mean: 1 - poisson_cdf(count - 1, mean) - _TAIL, count)
    high = _root(lambda mean: _TAIL - poisson_cdf(count, mean), count)
    return Rate(count, home_weeks, count / home_weeks, low / home_weeks, high / home_weeks)


def poisson_cdf(count: int, mean: float) -> float:
    """Return how likely a Poisson variable is at most `count`."""
    if mean == 0:
        return 1.0
    return math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count + 1))


def _root(rising: Callable[[float], float], count: int) -> float:
    """Return where a rising function is 0, by halving; 20 standard deviations around `count` are room enough."""
    low, high = 0.0, count + 20.0 * math.sqrt(count + 1.0)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
