"""The conditions a rule is made of: what each needs to be told, and when it holds within one window. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from gateway.contract.observation import SensorKind
from models.activity import shows_activity
from models.presence import GOING_OUT_S, Fact, cached_role
from models.rooms import Role
from server.house_rules.windows import Span

# Heard again in a room after so long, or after another room, somebody has come there anew.
_VISITS_APART: Final = timedelta(minutes=10)
_GOING_OUT: Final = timedelta(seconds=GOING_OUT_S)
# Silent for so long after an outer door, and somebody has gone: as `models.presence` says it.
_GONE: Final = timedelta(minutes=10)
# A carer who comes this much before the agreed time has come.
EARLY: Final = timedelta(minutes=30)


class ConditionKind(StrEnum):
    """What may be agreed."""

    FIRST_BY = "first_by"  # nobody was heard by the window's end
    NONE_FOR = "none_for"  # nobody is heard for so long, within the window
    TOO_LONG_IN = "too_long_in"  # so long in a room, and nowhere else meanwhile
    TOO_MANY = "too_many"  # more visits to a room, or openings of a door, than so many
    NOT_BACK = "not_back"  # out at the window's end
    DOOR_UNOPENED = "door_unopened"  # a door was not opened by the window's end
    CARER_MISSING = "carer_missing"  # a door was not opened so long after a planned visit should have begun


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `room` None: anywhere in the home. `minutes`, `times`: where the kind asks for them."""

    kind: ConditionKind
    room: str | None = None
    minutes: int | None = None
    times: int | None = None

    @property
    def span(self) -> timedelta:
        """How long, for the kinds that ask for it."""
        return timedelta(minutes=self.minutes or 0)


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition holds from `at` on, until `ended_at`; None: not ended, as far as is known."""

    at: datetime
    ended_at: datetime | None
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A time in which a room (None: the whole home) could not be seen. `until` None: it goes on."""

    room: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Around:
    """What is known besides facts: what could not be seen, and when planned visits begin, in order."""

    unseen: tuple[Unseen, ...] = ()
    visits: tuple[datetime, ...] = ()

    def gaps(self, room: str | None) -> list[tuple[datetime, datetime | None]]:
        """Return when a room, or the home, could not be seen."""
        return [(one.since, one.until) for one in self.unseen if one.room is None or one.room == room]

    def is_unseen(self, room: str | None, since: datetime, until: datetime) -> bool:
        """Return whether some of [since, until) could not be seen."""
        return any(begin < until and (end is None or end > since) for begin, end in self.gaps(room))


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody did something. `opens`: it was a door that opened; `is_outer`: an outer door, whichever way."""

    at: datetime
    room: str
    opens: bool
    is_outer: bool
    by_door: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What somebody did, in order of time, each once."""

    deeds: tuple[Deed, ...]

    @classmethod
    def of(cls, facts: Iterable[Fact], until: datetime) -> Self:
        """Read facts, also repeated or in disorder; of what happened after `until` nothing counts."""
        shown = sorted({fact for fact in facts if fact.at <= until and shows_activity(fact.kind, fact.value)})
        return cls(tuple(map(_deed, shown)))

    def near(self, span: Span, look_back: timedelta) -> Self:
        """Return what counts for a window: some time before it, and all that is known after."""
        return type(self)(self.deeds[bisect_left(self.deeds, span.begin - look_back, key=_when) :])

    def between(self, since: datetime, until: datetime, room: str | None = None) -> list[Deed]:
        """Return what was done in [since, until), in a room or anywhere."""
        first, last = (bisect_left(self.deeds, at, key=_when) for at in (since, until))
        return [deed for deed in self.deeds[first:last] if room is None or deed.room == room]

    def first_from(self, since: datetime, wanted: Callable[[Deed], bool]) -> datetime | None:
        """Return when the first of such deeds was done, at `since` or later; None: none was."""
        first = bisect_left(self.deeds, since, key=_when)
        return next((deed.at for deed in self.deeds[first:] if wanted(deed)), None)


def _when(deed: Deed) -> datetime:
    return deed.at


def _deed(fact: Fact) -> Deed:
    by_door = fact.kind is SensorKind.DOOR
    is_outer = by_door and cached_role(fact.kind, fact.room) is Role.OUTER_DOOR
    return Deed(fact.at, fact.room, by_door and fact.value > 0, is_outer, by_door)


def truths(condition: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    """Give when a condition holds in a window, in order. What it rests on that was not seen makes it hold nowhere."""
    return _TRUTHS[condition.kind](condition, span, past, around)


def _in(room: str | None) -> Callable[[Deed], bool]:
    return lambda deed: room is None or deed.room == room


def _opens(room: str | None) -> Callable[[Deed], bool]:
    return lambda deed: deed.opens and (deed.room == room if room is not None else deed.is_outer)


def _first_by(one: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    if not around.is_unseen(one.room, span.begin, span.end) and not past.between(span.begin, span.end, one.room):
        yield Truth(span.end, past.first_from(span.end, _in(one.room)))


def _door_unopened(one: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    opened = past.first_from(span.begin, _opens(one.room))
    if not around.is_unseen(one.room, span.begin, span.end) and (opened is None or opened >= span.end):
        yield Truth(span.end, opened)


def _none_for(one: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    for since in _silences(one, span, past, around):
        at = since + one.span
        heard = past.first_from(since + _INSTANT, _in(one.room))
        if at <= span.end and (heard is None or heard > at) and not around.is_unseen(one.room, since, at):
            yield Truth(at, heard, {"since": since.isoformat()})


_INSTANT: Final = timedelta(microseconds=1)


def _silences(one: Condition, span: Span, past: Past, around: Around) -> list[datetime]:
    """Return from when a silence may be counted: the window's begin, what was heard, and when it is seen again."""
    seen_again = [end for _, end in around.gaps(one.room) if end is not None and span.begin <= end < span.end]
    return sorted({span.begin, *seen_again, *(deed.at for deed in past.between(span.begin, span.end, one.room))})


def _too_long_in(one: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    for since, left in _stays(one.room, past, around):
        at = max(since + one.span, span.begin)
        is_seen = not around.is_unseen(one.room, since, at)
        if at <= span.end and (left is None or left > at) and is_seen:
            yield Truth(at, left, {"since": since.isoformat()})


def _stays(room: str | None, past: Past, around: Around) -> list[tuple[datetime, datetime | None]]:
    """Return from when to when somebody was heard in this room and in no other; a gap ends a stay without a word."""
    gaps, found, last = around.gaps(room), list[tuple[datetime, datetime | None]](), None
    for deed in past.deeds:
        if last is not None and deed.room != room:
            found[-1] = (found[-1][0], deed.at)
            last = None
        elif deed.room == room:
            if last is None or any(last < begin < deed.at for begin, _ in gaps):
                found.append((deed.at, None))
            last = deed.at
    return found


def _too_many(one: Condition, span: Span, past: Past, _around: Around) -> Iterator[Truth]:
    visits = [at for at in _visits(one.room, past) if span.begin <= at < span.end]
    if len(visits) > (one.times or 0):
        yield Truth(visits[one.times or 0], span.end, {"counted": (one.times or 0) + 1})


def _visits(room: str | None, past: Past) -> Iterator[datetime]:
    """Give when somebody came to a room anew, or each opening where a door tells."""
    before: Deed | None = None
    for deed in past.deeds:
        if deed.room == room:
            comes = before is None or before.room != room or deed.at - before.at >= _VISITS_APART
            if deed.opens if deed.by_door else comes:
                yield deed.at
        before = deed


def _not_back(_one: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    before = past.between(span.end - timedelta(days=2), span.end)
    door = next((deed.at for deed in reversed(before) if deed.is_outer), None)
    if door is None or before[-1].at - door > _GOING_OUT or span.end - before[-1].at < _GONE:
        return
    if not around.is_unseen(None, before[-1].at, span.end):
        yield Truth(span.end, past.first_from(span.end, _in(None)), {"since": door.isoformat()})


def _carer_missing(one: Condition, span: Span, past: Past, around: Around) -> Iterator[Truth]:
    for visit in around.visits:
        if span.begin <= visit < span.end:
            at, earliest = min(visit + one.span, span.end), visit - EARLY
            opened = past.first_from(earliest, _opens(one.room))
            if (opened is None or opened >= at) and not around.is_unseen(one.room, earliest, at):
                yield Truth(at, opened, {"planned": visit.isoformat()})


_TRUTHS: Final = MappingProxyType(
    {
        ConditionKind.FIRST_BY: _first_by,
        ConditionKind.NONE_FOR: _none_for,
        ConditionKind.TOO_LONG_IN: _too_long_in,
        ConditionKind.TOO_MANY: _too_many,
        ConditionKind.NOT_BACK: _not_back,
        ConditionKind.DOOR_UNOPENED: _door_unopened,
        ConditionKind.CARER_MISSING: _carer_missing,
    }
)
# What comes to hold by being heard, and not by silence.
BY_DEEDS: Final = frozenset({ConditionKind.TOO_MANY})


def soonest(one: Condition, span: Span, past: Past, around: Around, until: datetime) -> datetime | None:
    """Return before when silence cannot make a condition hold in an open window. None: silence never does."""
    if one.kind in BY_DEEDS:
        return None
    if one.kind is ConditionKind.NONE_FOR:
        return _silences(one, span, past, around)[-1] + one.span
    if one.kind is ConditionKind.TOO_LONG_IN:
        lasting = [since for since, left in _stays(one.room, past, around) if left is None]
        at = (lasting[-1] if lasting else until) + one.span
        return at if at > until else until + one.span
    if one.kind is ConditionKind.CARER_MISSING:
        ahead = [visit + one.span for visit in around.visits if visit + one.span > until]
        return min([*ahead, span.end])
    return span.end


def rests_on_the_past(conditions: Sequence[Condition]) -> bool:
    """Return whether what was before a window counts for any of these."""
    return any(one.kind in {ConditionKind.TOO_LONG_IN, ConditionKind.NOT_BACK} for one in conditions)
