"""The rhythm of one home as it is followed live: minute by minute, look by look, without a clock of its own.

It gives what a look back over the same facts gives (`models.replay`): the same columns, tables and rules, over the
three days that any of them can reach back to.
"""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.finding import Finding, FindingKind
from models.follow import Ended, Opened, Standing, follow
from models.hearing import HANDICAP, HANDICAP_TICKS, HEARS_LESS, LOOKS_BACK
from models.minutes import MINUTE_S, TICK_MINUTES, TICK_S, TICKS_A_DAY, Minutes
from models.past import local_ticks
from models.prior import Priors
from models.reasons import Scene, last_heard_at, reasons
from models.rooms import Role
from models.routine import NEEDS, Judged, Routine, judge
from models.series import HORIZON_TICKS, Series
from models.technical.findings import Suspect

# What a column reaches back to, and what that in turn was counted from.
WINDOW_TICKS: Final = HORIZON_TICKS + TICKS_A_DAY
# So far ahead is looked for the moment at which silence itself would be a finding.
_AHEAD_TICKS: Final = TICKS_A_DAY
# A day of the home's diary begins when most homes are at their quietest, and the routine is learned anew.
_DAY_BEGINS: Final = 4 * 12
_KEPT_DAYS: Final = 4
_T = TypeVar("_T")


@dataclass(frozen=True)
class RhythmState:
    """Where one home stands.

    `minutes`: the last three days, and whatever came after. `judged_until`: the first tick that is not judged yet.
    `highest`: by local day (ordinal) and concern, the highest score so far; the nightly learning takes it up.
    """

    minutes: Minutes
    judged_until: int
    standing: Standing = field(default_factory=Standing)
    highest: dict[int, dict[str, float]] = field(default_factory=dict)
    raised: dict[int, int] = field(default_factory=dict)

    @classmethod
    def begun(cls, at: datetime) -> Self:
        """Return the state of a home that is first heard of at `at`: before it nothing is known."""
        tick = int(at.timestamp()) // TICK_S
        minutes = Minutes.empty(tick - WINDOW_TICKS, tick + 1)
        minutes.seen[: WINDOW_TICKS * TICK_MINUTES] = False
        return cls(minutes, tick)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored between two looks: some 2 KB."""
        return {
            "first": self.minutes.first_tick,
            "bits": _packed(self.minutes.bits.tobytes()),
            "seen": _packed(np.packbits(self.minutes.seen).tobytes()),
            "judged": self.judged_until,
            "standing": self.standing.as_json(),
            "highest": {str(day): scores for day, scores in self.highest.items()},
            "raised": {str(day): count for day, count in self.raised.items()},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        bits = np.frombuffer(_unpacked(stored["bits"]), np.uint8).copy()
        seen = np.unpackbits(np.frombuffer(_unpacked(stored["seen"]), np.uint8))[: bits.size].astype(np.bool_)
        return cls(
            Minutes(stored["first"], bits, seen),
            stored["judged"],
            Standing.from_json(stored["standing"]),
            {int(day): scores for day, scores in stored["highest"].items()},
            {int(day): count for day, count in stored["raised"].items()},
        )


@dataclass(frozen=True, slots=True)
class Over:
    """Something that was noticed is over. `noticed_at`: of the finding it ends."""

    kind: FindingKind
    noticed_at: datetime
    at: datetime


Noticed = Finding | Over


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a home brought.

    `due_at`: when, if nothing more is heard, a finding would begin or end, or the home should be looked at again.
    """

    state: RhythmState
    noticed: tuple[Noticed, ...]
    due_at: datetime


def step(state: RhythmState, at: datetime, role: Role) -> RhythmState:
    """Return the state after somebody did something at `at` (aware). A repeat, and what is too old, changes nothing."""
    place = int(at.timestamp()) // MINUTE_S - state.minutes.first_tick * TICK_MINUTES
    bit = 1 << role
    if place < 0:
        return state
    if place >= state.minutes.bits.size:
        tick = int(at.timestamp()) // TICK_S
        minutes = state.minutes.between(min(state.judged_until, tick) - WINDOW_TICKS, tick + 1)
        state = replace(state, minutes=minutes)
        place = int(at.timestamp()) // MINUTE_S - minutes.first_tick * TICK_MINUTES
    elif state.minutes.bits[place] & bit:
        return state
    bits = state.minutes.bits.copy()
    bits[place] |= bit
    return replace(state, minutes=Minutes(state.minutes.first_tick, bits, state.minutes.seen))


def look(
    state: RhythmState,
    routine: Routine,
    priors: Priors,
    zone: tzinfo,
    until: datetime,
    *,
    is_seen: bool = True,
    suspects: Sequence[Suspect] = (),
) -> Look:
    """Let the home's time move to `until`, up to which everything is known; return what was noticed meanwhile.

    `is_seen`: whether anybody could have been seen since the last look. `suspects`: sensors that are suspected of a
    fault: nothing is told that needs them. Only whole ticks are judged, each once: a second look at the same time
    changes nothing.
    """
    now = int(until.timestamp()) // TICK_S
    if now <= state.judged_until:
        return Look(state, (), _moment(state.judged_until + 1))
    minutes = state.minutes.between(state.judged_until - WINDOW_TICKS, now + _AHEAD_TICKS)
    first = minutes.first_tick
    if not is_seen:
        minutes.seen[(state.judged_until - first) * TICK_MINUTES : (now - first) * TICK_MINUTES] = False
    series = Series(minutes)
    local = local_ticks(first, minutes.end_tick, zone)
    judged = judge(routine, priors, series, local.of_day, np.arange(state.judged_until - first, minutes.ticks))
    last = now - first - 1
    heard = {name: _less(name, one, suspects, minutes) for name, one in judged.items()}
    standing, events = follow(state.standing, heard, routine.limits, series, local.of_day, last)
    days = (local.day - (local.of_day < _DAY_BEGINS)).astype(np.intp)
    highest, raised = dict(state.highest), dict(state.raised)
    for name, one in judged.items():
        _note(highest, name, one, days, last)
    for event in events:
        if isinstance(event, Opened):
            raised[int(days[event.place])] = raised.get(int(days[event.place]), 0) + 1
    kept = minutes.between(now - WINDOW_TICKS, max(now, state.minutes.end_tick))
    after = RhythmState(kept, now, standing, _lately(highest), _lately(raised))
    _, ahead = follow(standing, _later(heard, last), routine.limits, series, local.of_day, minutes.ticks - 1)
    due = min((one.raised if isinstance(one, Opened) else one.at for one in ahead), default=minutes.end_tick - 1)
    told = tuple(_told(event, Scene(event, routine, series, local.of_day, zone), priors) if isinstance(event, Opened)
                 else _over(event) for event in events)  # fmt: skip
    return Look(after, told, _moment(due + 1))


def _note(highest: dict[int, dict[str, float]], name: str, one: Judged, days: NDArray[np.intp], last: int) -> None:
    known = one.places <= last
    for day in np.unique(days[one.places[known]]):
        score = round(float(one.scores[known][days[one.places[known]] == day].max()), 3)
        of_day = highest.get(int(day), {})
        highest[int(day)] = {**of_day, name: max(score, of_day.get(name, -np.inf))}


def _less(name: str, judged: Judged, suspects: Sequence[Suspect], minutes: Minutes) -> Judged:
    """Return the scores with what `nights.muted` takes from them, as far as a fault is known by now.

    Unlike a look back it takes nothing from the ticks after a fault: what babbled was not listened to.
    """
    if not suspects:
        return judged
    less = np.zeros(minutes.ticks)
    for one in suspects:
        known = (one.known_at - 1) // TICK_S - minutes.first_tick
        begin = max(known, 0)
        if one.role in NEEDS.get(name, ()):
            less[begin:] = np.inf
        elif one.babbles and name in LOOKS_BACK:
            less[begin : max(known + HANDICAP_TICKS, 0)] = np.inf
        elif name in HEARS_LESS:
            for_now = slice(begin, max(known + HANDICAP_TICKS, 0))
            less[for_now] = np.maximum(less[for_now], HANDICAP)
    return judged.less(less)


def _later(judged: dict[str, Judged], last: int) -> dict[str, Judged]:
    return {name: Judged(one.places[one.places > last], one.scores[one.places > last]) for name, one in judged.items()}


def _told(opened: Opened, scene: Scene, priors: Priors) -> Finding:
    kind = FindingKind(opened.concern)
    role = Role(scene.at(scene.series.last_role)).name.lower()
    return Finding(
        kind=kind,
        started_at=_moment(opened.started),
        noticed_at=_moment(opened.raised + 1),
        room=role,
        reasons=reasons(scene),
        evidence=(last_heard_at(scene),),
        p_value=p_value(opened, priors),
        learned_days=scene.routine.days,
    )


def p_value(opened: Opened, priors: Priors) -> float:
    """Return how likely an ordinary day of this home reaches so high a score, 0 to 1."""
    return round(float(1 - np.exp(-priors[opened.concern].rate(opened.score) / 7)), 5)


def _over(ended: Ended) -> Over:
    return Over(FindingKind(ended.concern), _moment(ended.raised + 1), _moment(ended.at + 1))


def _lately(by_day: dict[int, _T]) -> dict[int, _T]:
    return {day: by_day[day] for day in sorted(by_day)[-_KEPT_DAYS:]}


def _moment(tick: int) -> datetime:
    return datetime.fromtimestamp(tick * TICK_S, UTC)


def _packed(raw: bytes) -> str:
    return base64.b85encode(zlib.compress(raw, 1)).decode()


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
