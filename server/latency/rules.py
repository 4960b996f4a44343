"""How long each step of an alert's way took, and when the chain is slow. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

# A grave alert that no channel has after this long is slow. Ordinarily it is a part of a second.
SENT_WITHIN: Final = timedelta(seconds=15)
# So long the watchdog looks back: after as long without a slow one the chain is well again.
WINDOW: Final = timedelta(minutes=10)
# One home's line may be bad; from two homes at once it is the way to us.
_LATE_HOMES: Final = 2
# Whoever closed it knows; it is told again when it still is so after this long.
TOLD_AGAIN_AFTER: Final = timedelta(minutes=30)


class Stage(StrEnum):
    """One step of an alert's way, counted from the step before that it follows from."""

    RECEIVED = "received"
    RAISED = "raised"
    SENT = "sent"
    DELIVERED = "delivered"
    SHOWN = "shown"
    TAKEN = "taken"
    ARRIVED = "arrived"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Times:
    """An alert's times; None for what has not happened."""

    observed_at: datetime
    received_at: datetime | None
    raised_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    shown_at: datetime | None
    taken_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None


def spans_of(times: Times) -> dict[Stage, timedelta]:
    """Return how long each step took, never less than nothing: clocks of gateways may be ahead."""
    between = {
        Stage.RECEIVED: (times.observed_at, times.received_at),
        Stage.RAISED: (times.received_at, times.raised_at),
        Stage.SENT: (times.raised_at, times.sent_at),
        Stage.DELIVERED: (times.sent_at, times.delivered_at),
        Stage.SHOWN: (times.sent_at, times.shown_at),
        Stage.TAKEN: (times.raised_at, times.taken_at),
        Stage.ARRIVED: (times.taken_at, times.arrived_at),
        Stage.CLOSED: (times.raised_at, times.closed_at),
    }
    return {
        stage: max(until - since, timedelta())
        for stage, (since, until) in between.items()
        if since is not None and until is not None
    }


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one step took for some alerts: half of them at most `p50`, all but one in twenty at most `p95`."""

    stage: Stage
    alerts: int
    p50: timedelta
    p95: timedelta


def latencies(found: Iterable[Times]) -> list[Latency]:
    """Return each step's latency, in the order of the way; nothing of steps that no alert has taken."""
    took: dict[Stage, list[timedelta]] = {stage: [] for stage in Stage}
    for times in found:
        for stage, span in spans_of(times).items():
            took[stage].append(span)
    return [
        Latency(stage, len(spans), percentile(spans, 50), percentile(spans, 95))
        for stage, spans in took.items()
        if spans
    ]


def percentile(spans: Sequence[timedelta], percent: int) -> timedelta:
    """Return the smallest of the spans that `percent` of them do not exceed (nearest rank). There is at least one."""
    return sorted(spans)[max(ceil(len(spans) * percent / 100), 1) - 1]


@dataclass(frozen=True, slots=True)
class Passing:
    """A grave alert of the last while. `sent_at` None: no channel has it; `is_late`: it reached us late."""

    home_id: int | None
    raised_at: datetime
    sent_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Slow:
    """That the chain is slow. `seconds`: the longest an alert waited to be sent; `late_homes`: heard of late."""

    seconds: int
    late_homes: int

    def as_figures(self) -> Mapping[str, int]:
        """Return it as a reason's figures."""
        return {"seconds": self.seconds, "late_homes": self.late_homes}


def slowness(passing: Sequence[Passing], now: datetime) -> Slow | None:
    """Return how slow the chain is, judged by the alerts of the last `WINDOW`; None: it is as quick as it should be."""
    lately = [one for one in passing if now - one.raised_at <= WINDOW]
    waited = max(((one.sent_at or now) - one.raised_at for one in lately), default=timedelta())
    late_homes = len({one.home_id for one in lately if one.is_late})
    if waited <= SENT_WITHIN and late_homes < _LATE_HOMES:
        return None
    return Slow(int(waited.total_seconds()), late_homes)
