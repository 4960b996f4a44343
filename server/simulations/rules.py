"""What may be asked of a simulated home, and how what it should have alerted compares with what was. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.simulations.messages import Expected, HomePlan, TruthLine, Watched, watched_since

SLOWEST, FASTEST = 1, 3_600  # world seconds in a real second
# A simulator tells twice a second, and every other second at least while its world stands still.
_HEARD_WITHIN = timedelta(seconds=10)


class Verb(StrEnum):
    """What a tester asks for."""

    START = "start"
    STOP = "stop"
    SPEED = "speed"
    SCENARIO = "scenario"
    FAULT = "fault"
    MEND = "mend"


class OrderOutcome(StrEnum):
    """What became of an order."""

    DONE = "done"
    REFUSED = "refused"  # by the simulator, which says why
    MISSED = "missed"  # no simulator ran this home


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `argument`: a speed, or the code of a scenario or a fault; else empty."""

    verb: Verb
    argument: str = ""


def fault_of(order: Order, plan: HomePlan) -> str | None:
    """Return why a home cannot be asked for that, or None when it can."""
    match order.verb:
        case Verb.SPEED:
            return None if _is_speed(order.argument) else f"a speed is a number from {SLOWEST} to {FASTEST}"
        case Verb.SCENARIO:
            return _fault_of_choice(order.argument, [one.code for one in plan.scenarios])
        case Verb.FAULT | Verb.MEND:
            return _fault_of_choice(order.argument, [one.code for one in plan.faults])
        case _:
            return None if not order.argument else "starting and stopping need nothing more"


def _fault_of_choice(code: str, known: Sequence[str]) -> str | None:
    return None if code in known else f"this home offers {', '.join(known) or 'nothing of the kind'}"


def _is_speed(argument: str) -> bool:
    try:
        return SLOWEST <= float(argument) <= FASTEST
    except ValueError:
        return False


def is_connected(heard_at: datetime, real_now: datetime) -> bool:
    """Return whether a simulator runs the home. Both are real time: a world that has ended has no time of its own."""
    return real_now - heard_at <= _HEARD_WITHIN


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert as it is compared with the truth. `closed_at` None: it is still open."""

    id: str
    kind: str
    raised_at: datetime
    closed_at: datetime | None
    is_technical: bool = False


class Verdict(StrEnum):
    """How what happened and what was alerted go together."""

    IN_TIME = "in time"
    LATE = "late"
    ALREADY = "already"  # one of that kind was open when it began, and is repeated instead of raised anew
    AWAITED = "awaited"
    OVER = "over"  # it ended before it had to be alerted, and was not
    MISSED = "missed"
    UNEXPECTED = "unexpected"  # an alert of which the truth knows nothing
    FORBIDDEN = "forbidden"  # an alert that must not have come


@dataclass(frozen=True, slots=True)
class Compared:
    """Something that happened with the alert about it, or an alert about nothing that did.

    `label` is None for such an alert; `reason` is why it must not have come.
    """

    verdict: Verdict
    at: datetime
    label: str | None
    alert: RaisedAlert | None
    due_at: datetime | None = None
    reason: str = ""


def compare(truth: tuple[TruthLine, ...], alerts: Sequence[RaisedAlert], now: datetime) -> tuple[Compared, ...]:
    """Pair what happened with alerts, each with one at most, the earliest first; newest first as they are shown.

    Simpler than the scoring of whole runs: it shows a tester what came of the button just pressed.
    """
    since = watched_since(truth)
    if since is None:
        return ()
    unused = sorted((one for one in alerts if one.closed_at is None or one.closed_at >= since), key=_raised)
    happened = [line for line in truth if isinstance(line, Expected) and line.begins_at <= now]
    rows: list[Compared] = []
    for line in sorted(happened, key=lambda one: one.begins_at):
        row = _judged(line, unused, now)
        if row.alert is not None and row.verdict is not Verdict.ALREADY:
            unused.remove(row.alert)
        rows.append(row)
    told = {row.alert for row in rows}
    rows += [_unasked(truth, one) for one in unused if one.raised_at >= since and one not in told]
    return tuple(sorted(rows, key=lambda row: row.at, reverse=True))


def _raised(alert: RaisedAlert) -> datetime:
    return alert.raised_at


def _judged(line: Expected, alerts: Sequence[RaisedAlert], now: datetime) -> Compared:
    due = line.begins_at + line.within
    over = max(due, line.ends_at or due)
    of_kind = [one for one in alerts if one.kind in line.kinds]
    about = next((one for one in of_kind if line.begins_at <= one.raised_at <= over), None)
    if about is not None:
        verdict = Verdict.IN_TIME if about.raised_at <= due else Verdict.LATE
        return Compared(verdict, line.begins_at, line.label, about, due)
    for one in of_kind:
        if one.raised_at < line.begins_at and (one.closed_at is None or one.closed_at > line.begins_at):
            return Compared(Verdict.ALREADY, line.begins_at, line.label, one, due)
    is_over = line.ends_at is not None and line.ends_at < due and line.ends_at <= now
    verdict = Verdict.OVER if is_over else Verdict.AWAITED if now <= due else Verdict.MISSED
    return Compared(verdict, line.begins_at, line.label, None, due)


def _unasked(truth: tuple[TruthLine, ...], alert: RaisedAlert) -> Compared:
    for line in truth:
        if isinstance(line, Watched | Expected) or not _is_meanwhile(line.begins_at, line.ends_at, alert):
            continue
        if alert.kind in line.kinds if line.kinds is not None else not alert.is_technical:
            return Compared(Verdict.FORBIDDEN, alert.raised_at, None, alert, reason=line.reason)
    return Compared(Verdict.UNEXPECTED, alert.raised_at, None, alert)


def _is_meanwhile(begins: datetime, ends: datetime | None, alert: RaisedAlert) -> bool:
    return begins <= alert.raised_at and (ends is None or alert.raised_at < ends)
