"""What sensors that may be at fault take from a home's story, and from what is told of it. Pure, causal."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.activity import shows_activity
from models.concerns.bathroom import BATHROOM
from models.concerns.leaving import LEAVING
from models.concerns.silence import EVERYTHING, KITCHEN, OUT_OF_BED
from models.concerns.wandering import WANDERING
from models.minutes import MINUTE_S, TICK_MINUTES, TICK_S, TICKS_A_DAY, Minutes
from models.rooms import role_of
from models.routine import CONCERNS, NEEDS
from models.series import HORIZON_TICKS, Series
from models.technical.findings import Unseen, deaf_at
from models.trace import Trace

# How many ticks each of these looks back at what was heard; too much of it is no silence, but what they tell of.
LOOKS_BACK: Final = {WANDERING.name: 12, KITCHEN.name: 12, BATHROOM.name: HORIZON_TICKS}
# A home in which one sensor hears nothing is more often silent, and its nights are unlike those before; so much more
# unusual must these be meanwhile: until the nights' learning knows the home without it, and somewhat after.
HEARS_LESS: Final = (EVERYTHING.name, OUT_OF_BED.name, LEAVING.name, WANDERING.name)
HANDICAP: Final = 1.0
HANDICAP_TICKS: Final = 7 * TICKS_A_DAY  # after a week without it the home's own days tell what is ordinary


class Heard:
    """One home as it is judged, and as it is learned from. `unseen`: what was wrong meanwhile.

    `babble`: which rows tell of nobody. `minutes` and `series`: what the others tell.
    """

    def __init__(
        self, trace: Trace, unseen: Sequence[Unseen], first_tick: int | None = None, end_tick: int | None = None
    ) -> None:
        self.trace, self.unseen = trace, unseen
        self.babble = babbling(trace, unseen)
        self.minutes = blinded(minutes_of(trace, first_tick, end_tick, self.babble), unseen)
        self.series = Series(self.minutes)
        self._without: dict[frozenset[int], Series] = {frozenset(): self.series}

    def to_learn_from(self, second: float) -> Series:
        """Return the columns that tell what is ordinary of what can be heard at a moment: without what cannot be."""
        deaf = deaf_at(self.unseen, second)
        if deaf not in self._without:
            of_nobody = ~self.rows_to_learn_from(second)
            minutes = minutes_of(self.trace, self.minutes.first_tick, self.minutes.end_tick, of_nobody)
            self._without[deaf] = Series(blinded(minutes, self.unseen))
        return self._without[deaf]

    def rows_to_learn_from(self, second: float, rows: slice = slice(None)) -> NDArray[np.bool_]:
        """Return which of these rows of the trace those are."""
        deaf = list(deaf_at(self.unseen, second))
        return np.asarray(~(self.babble[rows] | np.isin(self.trace.channel[rows], deaf)))


def blinded(minutes: Minutes, unseen: Sequence[Unseen]) -> Minutes:
    """Return the minutes with those unseen in which it was known that the whole home could not be seen.

    A mere suspicion is none: if it turns out to have been nothing, the silence counts in full.
    """
    for one in unseen:
        if one.channel is None and one.is_fault:
            first = minutes.first_tick * TICK_MINUTES
            end = minutes.bits.size if one.until is None else one.until // MINUTE_S - first
            minutes.seen[max(one.known_at // MINUTE_S - first, 0) : max(end, 0)] = False
    return minutes


def babbling(trace: Trace, unseen: Sequence[Unseen]) -> NDArray[np.bool_]:
    """Return which rows were said by a sensor that was known to be at fault: they tell of nobody."""
    babble = np.zeros(trace.at.size, np.bool_)
    for one in unseen:
        if one.channel is not None and not one.is_doubt_of_babble:
            rows = trace.between(one.known_at, np.inf if one.until is None else one.until)
            babble[rows] |= trace.channel[rows] == one.channel
    return babble


def muted(trace: Trace, minutes: Minutes, unseen: Sequence[Unseen]) -> dict[str, NDArray[np.float64]]:
    """Return by concern what is taken from the score of each tick while some sensor may be at fault.

    Infinite where it needs that sensor, and for a week where it hears a babbling one: nobody goes unwatched at night
    for as long as a sensor hangs broken. A silence of the whole home is still told of, only
    later: the others would have heard somebody.
    """
    mute = {concern.name: np.zeros(minutes.ticks) for concern in CONCERNS}
    for one in unseen:
        until = np.inf if one.until is None else one.until
        channel = None if one.channel is None else trace.channels[one.channel]
        role = None if channel is None else role_of(channel.kind, channel.room)
        begin = max((one.known_at - 1) // TICK_S - minutes.first_tick, 0)  # known at the end of that tick
        end = max(int(min(until, minutes.end_tick * TICK_S)) // TICK_S - minutes.first_tick, 0)
        if one.is_doubt_of_babble:
            mute[WANDERING.name][begin:end] = np.inf
            continue
        for name, less in mute.items():
            looks_back = LOOKS_BACK.get(name, 0) if one.babbles else 0
            if role is None or role in NEEDS.get(name, ()):
                less[begin : end + looks_back] = np.inf
            elif looks_back:
                less[begin : min(end + looks_back, begin + HANDICAP_TICKS)] = np.inf
            elif name in HEARS_LESS:
                for_now = slice(begin, min(end, begin + HANDICAP_TICKS))
                less[for_now] = np.maximum(less[for_now], HANDICAP)
    return mute


def minutes_of(
    trace: Trace,
    first_tick: int | None = None,
    end_tick: int | None = None,
    babble: NDArray[np.bool_] | None = None,
) -> Minutes:
    """Return a trace's minutes, without what `babble` marks; those between two ticks where they are given."""
    roles = np.array([1 << role_of(one.kind, one.room) for one in trace.channels], dtype=np.uint8)
    shows = _shows(trace) if babble is None else _shows(trace) & ~babble
    if first_tick is not None and end_tick is not None:
        rows = trace.between(first_tick * TICK_S, end_tick * TICK_S)
        at, channel, shows = trace.at[rows], trace.channel[rows], shows[rows]
        return Minutes.of_events(at[shows], roles[channel[shows]], first_tick, end_tick)
    return Minutes.of_events(trace.at[shows], roles[trace.channel[shows]])


def _shows(trace: Trace) -> NDArray[np.bool_]:
    """Return which rows show that somebody did something."""
    rising = np.array([shows_activity(one.kind, 1.0) for one in trace.channels])
    falling = np.array([shows_activity(one.kind, 0.0) for one in trace.channels])
    return np.asarray(np.where(trace.value > 0, rising[trace.channel], falling[trace.channel]))
