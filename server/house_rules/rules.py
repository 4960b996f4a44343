"""When an agreed rule holds in a home: from what was heard, and from what was not. Pure.

A rule is judged anew from the stored facts each time, so that a restart, a repeat or a late fact changes nothing that
one look at the whole would not. What is true at a moment rests only on what happened before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from models.presence import Fact
from server.house_rules.conditions import Around, Condition, Past, Truth, soonest, truths
from server.house_rules.windows import Span, Window, next_begin, spans

# As far before a window as is looked: a stay or an outing may have begun then.
LOOK_BACK: Final = timedelta(hours=24)


class Match(StrEnum):
    """Whether every condition must hold at once, or one is enough."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class HouseRule:
    """What was agreed: in these windows, alert somebody when the conditions hold; at most once a window."""

    window: Window
    conditions: tuple[Condition, ...]
    match: Match = Match.ALL


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule held. `ended_at`: from when it no longer did; None: it still does, as far as is known.

    `because`: which of the conditions (by place), with the figures for a sentence.
    """

    span: Span
    at: datetime
    ended_at: datetime | None
    because: tuple[tuple[int, Truth], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One window. `is_unknown`: it was not all seen, and what was seen made nothing hold."""

    span: Span
    firing: Firing | None
    is_unknown: bool


def judge(
    rule: HouseRule, zone: tzinfo, facts: Sequence[Fact], since: datetime, until: datetime, around: Around
) -> list[Judged]:
    """Return the windows that were open after `since`, as far as `until`.

    Args:
        rule: what was agreed.
        zone: the home's.
        facts: in any order, also twice, from `LOOK_BACK` before the first window on; later than `until` none counts.
        since: windows that had ended by then are left out.
        until: up to when all facts are known.
        around: what could not be seen, and planned visits.
    """
    past = Past.of(facts, until)
    return [_judged(rule, span, past, around, until) for span in spans(rule.window, zone, since, until)]


def next_look(
    rule: HouseRule, zone: tzinfo, facts: Sequence[Fact], until: datetime, around: Around, fired: Span | None
) -> datetime:
    """Return before when, if nothing more is heard, the rule cannot hold. Later than `until`.

    `fired`: the last window in which it held, which is done with.
    """
    later = next_begin(rule.window, zone, until)
    past, bounds = Past.of(facts, until), [later]
    for span in spans(rule.window, zone, until, until):
        if span != fired:
            inside = [soonest(one, span, past.near(span, LOOK_BACK), around, until) for one in rule.conditions]
            bounds += [at for at in inside if at is not None and until < at <= span.end]
    return min(bounds)


def _judged(rule: HouseRule, span: Span, past: Past, around: Around, until: datetime) -> Judged:
    near = past.near(span, LOOK_BACK)
    held = [[one for one in truths(condition, span, near, around) if one.at <= until] for condition in rule.conditions]
    firing = _first(rule.match, span, held)
    is_whole = until >= span.end and not any(
        around.is_unseen(one.room, span.begin, span.end) for one in rule.conditions
    )
    return Judged(span, firing, firing is None and not is_whole)


def _first(match: Match, span: Span, held: Sequence[Sequence[Truth]]) -> Firing | None:
    """Return the first moment at which enough of the conditions hold."""
    for at in sorted({one.at for truths_of_one in held for one in truths_of_one}):
        now = [(place, one) for place, one in _holding(held, at)]
        if len(now) == len(held) or (match is Match.ANY and now):
            ends = [one.ended_at for _, one in now if one.ended_at is not None]
            is_over = bool(ends) and (match is Match.ALL or len(ends) == len(now))
            over = (min if match is Match.ALL else max)(ends) if is_over else None
            return Firing(span, at, over, tuple(now))
    return None


def _holding(held: Sequence[Sequence[Truth]], at: datetime) -> Iterator[tuple[int, Truth]]:
    for place, truths_of_one in enumerate(held):
        found = next(
            (one for one in truths_of_one if one.at <= at and (one.ended_at is None or at < one.ended_at)), None
        )
        if found is not None:
            yield place, found
