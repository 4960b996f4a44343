"""Looks back over the traces of a fleet: what people would have been alerted to, and when."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.alerts import Alert
from models.finding import FACTS, Finding, FindingKind, Reason
from models.follow import Ended, Opened
from models.minutes import TICK_S
from models.nights import News, Settings, Slow, nights
from models.prior import Priors, shipped
from models.rhythm import p_value
from models.stays.live import Ended as StayEnded
from models.technical.findings import Faults, Technical
from models.technical.fleet_replay import fleet_faults
from models.technical.home_faults import home_faults
from models.trace import Channel, Trace


def replay(
    traces: Sequence[Trace],
    zone: ZoneInfo,
    learn_days: int = 21,
    budget: float = 0.5,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    priors: Priors | None = None,
) -> list[Alert]:
    """Return what each home would have been alerted to, in order of time."""
    settings = Settings(zone, learn_days, budget)
    traces = [trace for trace in traces if trace.at.size]
    fleet = fleet_faults(traces, zone)
    alerts: list[Alert] = []
    for number, trace in enumerate(traces, start=1):
        faults = Faults.of([home_faults(trace, zone), fleet.get(trace.home, Faults())])
        alerts += replay_home(trace, settings, priors or shipped(), faults)
        progress(number, len(traces))
    return sorted(alerts, key=lambda one: (one.raised_at, one.home))


def replay_home(trace: Trace, settings: Settings, priors: Priors, faults: Faults) -> list[Alert]:
    """Return what one home would have been alerted to, when this was wrong with its equipment."""
    events = [event for _, found in nights(trace, settings, priors, faults=faults) for event in found]
    begins = int(trace.at[0]) + timedelta(days=settings.learn_days).total_seconds()
    technical = [_of_fault(trace, one) for one in faults.technical if one.raised_at >= begins]
    return [*alerts_of(trace.home, events, priors), *technical]


def alerts_of(home: str, events: Sequence[News], priors: Priors) -> Iterator[Alert]:
    """Return the alerts of a home's events."""
    ended = {(event.concern, event.raised): event.at for event in events if isinstance(event, Ended)}
    over = [event for event in events if isinstance(event, StayEnded)]
    for event in events:
        if isinstance(event, Opened):
            end = ended.get((event.concern, event.raised))
            yield _alert(
                home,
                FindingKind(event.concern),
                (_moment(event.started), _moment(event.raised + 1), None if end is None else _moment(end + 1)),
                p_value(event, priors),
                event.reasons,
            )
        elif isinstance(event, Finding):
            yield _alert(home, event.kind, _times(event, over), event.p_value or 0.0, event.reasons)
        elif isinstance(event, Slow):
            started = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=event.trend.started_on)
            kind = FindingKind(event.trend.kind.value)
            yield _alert(home, kind, (started, _moment(event.tick), None), event.trend.p_value, event.trend.reasons)


def _times(found: Finding, over: Sequence[StayEnded]) -> tuple[datetime, datetime, datetime | None]:
    ends = (one.at for one in over if (one.kind, one.subject) == (found.kind, found.subject))
    ended = min((at for at in ends if at >= found.noticed_at), default=None)
    return found.started_at.astimezone(UTC), found.noticed_at.astimezone(UTC), ended


def _of_fault(trace: Trace, fault: Technical) -> Alert:
    channel: Channel | None = None if fault.channel is None else trace.channels[fault.channel]
    figures: dict[str, Any] = {**fault.figures, **({} if channel is None else {"room": channel.room})}
    ended = None if fault.ended_at is None else _second(fault.ended_at)
    times = (_second(fault.started_at), _second(fault.raised_at), ended)
    return _alert(trace.home, FindingKind(fault.fault.value), times, 0.0, (Reason(fault.fault.value, figures),))


def _alert(
    home: str,
    kind: FindingKind,
    times: tuple[datetime, datetime, datetime | None],
    p: float,
    reasons: Sequence[Reason],
) -> Alert:
    facts = FACTS[kind]
    told = tuple({"key": reason.key, **reason.figures} for reason in reasons)
    started, raised, ended = times
    return Alert(home, raised, started, ended, facts.cls, kind.value, facts.code, facts.severity, p, told)


def _moment(tick: int) -> datetime:
    return _second(tick * TICK_S)


def _second(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
