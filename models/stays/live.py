"""Follows one home: what began to last too long, what ended, and when time itself would next make a finding."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from gateway.contract.observation import VITALS, SensorKind
from models.finding import Finding, FindingKind, Reason
from models.presence import Fact
from models.presence import seen as seen_presence
from models.stays.measures import measured, weighed
from models.stays.routine import Limits
from models.stays.standing import NEVER, Standing
from models.stays.state import AGAIN_S, StayState, step
from models.stays.view import Circumstances, View, to_moment
from models.stays.warmth import cold_home
from models.stays.watched import away, bathroom, empty_bed, open_doors, silent_home

_Watch = Callable[[View], Iterator[Standing]]
_BY_MOVEMENT: Final[tuple[_Watch, ...]] = (bathroom, empty_bed, away, silent_home, open_doors)
_MEASURED: Final[tuple[_Watch, ...]] = (cold_home, measured, weighed)
_WATCHED: Final = _BY_MOVEMENT + _MEASURED
_OF_MEASURED: Final = frozenset({FindingKind.COLD_HOME, FindingKind.VITALS})
# In how many seconds a fact of this kind may become a finding; of others, no sooner than a stay is too long.
_SOON_S: Final = {SensorKind.TEMPERATURE: 0.0} | dict.fromkeys(VITALS, AGAIN_S)
_NOTHING_SPECIAL: Final = Circumstances()


@dataclass(frozen=True, slots=True)
class Ended:
    """What was told is over. `subject` as in `Standing`; `at`: aware, when it was known."""

    kind: FindingKind
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a look. `next_due`: when time itself would make a finding, if nothing is heard; None: never."""

    state: StayState
    opened: tuple[Finding, ...] = ()
    ended: tuple[Ended, ...] = ()
    next_due: datetime | None = None


def look(
    state: StayState, limits: Limits, zone: tzinfo, now: datetime, around: Circumstances = _NOTHING_SPECIAL
) -> Outcome:
    """Let the home's time move to `now`, up to which all facts are known. Looking again finds nothing again.

    In a home that cannot be seen nothing begins or ends, for nobody knows; what lasts counts from when it can be seen.
    While it is paused that holds of what rests on movement; what is measured goes on.
    """
    presence = seen_presence(state.presence, now, is_blind=not around.sees_movement)
    if presence is not state.presence:
        state = replace(state, presence=presence)
    if around.sight.is_blind:
        return Outcome(state)
    at, next_due = now.timestamp(), NEVER
    opened: list[Finding] = []
    still = {key: told for key, told in state.open.items() if around.is_paused and _kind(key) not in _OF_MEASURED}
    view = View(state, limits, zone, around)
    for one in (each for watch in (_MEASURED if around.is_paused else _WATCHED) for each in watch(view)):
        told = state.open.get(one.key)
        if told is not None and (one.goes_on or told == one.started_s):
            still[one.key] = told
        elif one.room in around.sight.unseen_rooms:
            continue
        elif one.due_s <= at:
            still[one.key] = one.started_s
            opened.append(_finding(one, limits, zone))
        else:
            next_due = min(next_due, one.due_s)
    ended = [_ended(key, now) for key in sorted(state.open.keys() - still.keys())]
    if still != state.open:
        state = replace(state, open=still)
    opened.sort(key=lambda one: (one.noticed_at, one.kind, one.subject))
    return Outcome(state, tuple(opened), tuple(ended), to_moment(next_due) if next_due < NEVER else None)


def advance(
    state: StayState,
    limits: Limits,
    zone: tzinfo,
    facts: Iterable[Fact],
    now: datetime,
    around: Circumstances = _NOTHING_SPECIAL,
) -> Outcome:
    """Let facts, in order of time, and then time up to `now` pass: the same in one go and in pieces.

    It looks whenever something may have become due or be over, as of that moment.
    """
    opened: list[Finding] = []
    ended: list[Ended] = []
    calm_until, shortest = 0.0, limits.shortest_s

    def look_at(moment: datetime) -> Outcome:
        outcome = look(state, limits, zone, moment, around)
        opened.extend(outcome.opened)
        ended.extend(outcome.ended)
        return outcome

    for fact in facts:
        at = fact.at.timestamp()
        if at >= calm_until:
            outcome = look_at(fact.at)
            state = outcome.state
            calm_until = outcome.next_due.timestamp() if outcome.next_due else NEVER
        before, state = state, step(state, fact)
        if state is before:
            continue
        if state.open:
            state = look_at(fact.at).state
        calm_until = min(calm_until, at + _SOON_S.get(fact.kind, shortest))
    last = look_at(now)
    return Outcome(last.state, tuple(opened), tuple(ended), last.next_due)


def _kind(key: str) -> FindingKind:
    return FindingKind(key.partition(":")[0])


def _ended(key: str, now: datetime) -> Ended:
    return Ended(_kind(key), key.partition(":")[2], now)


def _finding(one: Standing, limits: Limits, zone: tzinfo) -> Finding:
    started, noticed = (to_moment(moment).astimezone(zone) for moment in (one.started_s, one.due_s))
    days = limits.routine.days
    figures = {**one.figures, "learned_days": days}
    if one.last_s:
        figures["last_seen_at"] = to_moment(one.last_s).astimezone(zone).isoformat()
    reason = Reason(one.reason, figures)
    return Finding(one.kind, started, noticed, one.room, (reason,), (started,), one.p_value, days, one.subject)
