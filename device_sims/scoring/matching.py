"""Pairs alerts with the truth. Pure.

1. An alert counts while its home is watched, and after that where it is in time for what happened before.
2. An alert is *in time* for what was expected in its home when its kind is one of the kinds and it was raised between
   the beginning and the limit. Each alert is paired with one truth at most and each truth with one alert, so that as
   many truths as possible are met; where there is a choice, by the earlier alert.
3. What is left, in this order: *late*, of a right kind about a truth that was not met, raised before it was over;
   *again*, of a right kind about a truth that was told already; *wrong kind*, of the same class while something
   happened that nothing else has told, unless that very kind was forbidden then. Late and wrong kind are paired one
   to one, too.
4. Every other alert is *false*. A false alert about the person inside a time in which it was forbidden *violates* that;
   one while something technical was the matter *takes technical for human*. Both are counted among the false.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from device_sims.scoring.alerts import Alert
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, Truth, is_watched


class Verdict(StrEnum):
    """What an alert was."""

    IN_TIME = "in time"
    LATE = "late"
    AGAIN = "again"
    WRONG_KIND = "wrong kind"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class JudgedAlert:
    """An alert and what it was; `about` is None where it was about nothing that happened."""

    alert: Alert
    verdict: Verdict
    about: Expected | None = None
    violated: Forbidden | None = None
    took_technical_for_human: bool = False


@dataclass(frozen=True, slots=True)
class JudgedTruth:
    """Something that happened and how it was alerted: `by` is None when it was missed."""

    truth: Expected
    verdict: Verdict | None
    by: Alert | None = None

    @property
    def delay(self) -> timedelta | None:
        """From its beginning to the alert; None when it was missed or taken for something else."""
        is_told = self.by is not None and self.verdict in {Verdict.IN_TIME, Verdict.LATE}
        return self.by.raised_at - self.truth.begins_at if self.by is not None and is_told else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every alert and every truth, judged; both by home and time. `left_out`: how many alerts do not count."""

    alerts: tuple[JudgedAlert, ...]
    truths: tuple[JudgedTruth, ...]
    left_out: int = 0


def judge(truth: Truth, alerts: Iterable[Alert]) -> Judgement:
    """Pair alerts with the truth. The order of neither changes anything."""
    told: dict[str, list[Alert]] = defaultdict(list)
    left_out = 0
    for alert in sorted(alerts, key=lambda one: (one.raised_at, one.kind, one.alert_class)):
        if _counts(truth, alert):
            told[alert.home].append(alert)
        else:
            left_out += 1
    judged_alerts: list[JudgedAlert] = []
    judged_truths: list[JudgedTruth] = []
    for home in sorted({one.home for one in truth.watched}):
        happened = sorted(
            (one for one in truth.expected if one.home == home),
            key=lambda one: (one.due_at, one.begins_at, one.over_at, one.kinds, one.alert_class, one.label),
        )
        forbidden = sorted(
            (one for one in truth.forbidden if one.home == home), key=lambda one: (one.begins_at, one.label)
        )
        of_home = _judge_home(happened, told[home], forbidden)
        judged_alerts += of_home.alerts
        judged_truths += of_home.truths
    return Judgement(tuple(judged_alerts), tuple(judged_truths), left_out)


def _counts(truth: Truth, alert: Alert) -> bool:
    return is_watched(truth.watched, alert.home, alert.raised_at) or any(
        one.home == alert.home and _is_in_time(one, alert) for one in truth.expected
    )


def _judge_home(happened: Sequence[Expected], alerts: Sequence[Alert], forbidden: Sequence[Forbidden]) -> Judgement:
    """Judge one home. Truths and alerts go by their places in the two lists: two alike are still two."""
    verdicts: dict[int, tuple[Verdict, int]] = {}  # of an alert: what it was, and about which truth
    told: dict[int, int] = {}  # of a truth: the alert that told of it

    def is_mistaken(one: Expected, alert: Alert) -> bool:
        return _is_mistaken(one, alert) and not any(kept.kinds and _violates(alert, kept) for kept in forbidden)

    def settle(verdict: Verdict, fits: Fits) -> None:
        found = pairs(happened, alerts, fits, without=(told, verdicts))
        told.update(found)
        verdicts.update({alert: (verdict, one) for one, alert in found.items()})

    settle(Verdict.IN_TIME, _is_in_time)
    settle(Verdict.LATE, _is_about)
    for place, alert in enumerate(alerts):
        about = next((one for one in told if place not in verdicts and _is_about(happened[one], alert)), None)
        if about is not None:
            verdicts[place] = (Verdict.AGAIN, about)
    settle(Verdict.WRONG_KIND, is_mistaken)
    verdict_on = {one: verdicts[alert][0] for one, alert in told.items()}
    return Judgement(
        tuple(
            JudgedAlert(alert, verdicts[place][0], happened[verdicts[place][1]])
            if place in verdicts
            else _false(alert, happened, forbidden)
            for place, alert in enumerate(alerts)
        ),
        tuple(
            JudgedTruth(one, verdict_on.get(place), alerts[told[place]] if place in told else None)
            for place, one in enumerate(happened)
        ),
    )


Fits = Callable[[Expected, Alert], bool]


def pairs(
    happened: Sequence[Expected],
    alerts: Sequence[Alert],
    fits: Fits,
    without: tuple[Container[int], Container[int]] = ((), ()),
) -> dict[int, int]:
    """Pair as many truths as possible with one fitting alert each, by augmenting paths (Kuhn); places to places.

    A truth takes the first fitting alert that is free, and another's only where it could not be met else.

    `without`: places of truths and of alerts that are settled already.
    """
    of_truth: dict[int, int] = {}
    of_alert: dict[int, int] = {}
    fitting = {
        place: [n for n, alert in enumerate(alerts) if n not in without[1] and fits(one, alert)]
        for place, one in enumerate(happened)
        if place not in without[0]
    }

    def find(place: int, seen: set[int]) -> bool:
        for alert in sorted(fitting[place], key=lambda one: one in of_alert):
            if alert not in seen:
                seen.add(alert)
                if alert not in of_alert or find(of_alert[alert], seen):
                    of_truth[place], of_alert[alert] = alert, place
                    return True
        return False

    for place in fitting:
        find(place, set())
    return of_truth


def _is_in_time(one: Expected, alert: Alert) -> bool:
    return alert.kind in one.kinds and one.begins_at <= alert.raised_at <= one.due_at


def _is_about(one: Expected, alert: Alert) -> bool:
    return alert.kind in one.kinds and one.begins_at <= alert.raised_at <= one.over_at


def _is_mistaken(one: Expected, alert: Alert) -> bool:
    return alert.alert_class is one.alert_class and one.begins_at <= alert.raised_at <= one.over_at


def _false(alert: Alert, happened: Sequence[Expected], forbidden: Sequence[Forbidden]) -> JudgedAlert:
    is_technical = alert.alert_class is AlertClass.TECHNICAL
    violated = next((one for one in forbidden if _violates(alert, one)), None)
    took = not is_technical and any(
        one.alert_class is AlertClass.TECHNICAL and one.begins_at <= alert.raised_at <= one.over_at for one in happened
    )
    return JudgedAlert(alert, Verdict.FALSE, None, violated, took)


def _violates(alert: Alert, one: Forbidden) -> bool:
    if not one.begins_at <= alert.raised_at < one.ends_at:
        return False
    return alert.alert_class is not AlertClass.TECHNICAL if one.kinds is None else alert.kind in one.kinds
