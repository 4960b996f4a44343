"""Follows one home through its judged ticks: what begins to be a finding, and what ends one.

A year in one go and one tick at a time give the same: everything that is carried on is in `Standing`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.concerns.bathroom import BATHROOM
from models.concerns.leaving import LEAVING
from models.concerns.silence import EVERYTHING, KITCHEN, OUT_OF_BED, SilenceConcern
from models.concerns.wandering import WANDERING
from models.finding import Reason
from models.minutes import TICK_MINUTES, TICKS_A_DAY
from models.rooms import EVERYWHERE
from models.routine import Judged, Limit
from models.series import Series

_SILENCES: Final = {concern.name: concern for concern in (EVERYTHING, OUT_OF_BED, KITCHEN)}
# While one of these is being told of, the others would tell of the same happening once more.
_COVERS: Final = {
    LEAVING.name: (EVERYTHING.name, OUT_OF_BED.name, KITCHEN.name),
    EVERYTHING.name: (LEAVING.name, OUT_OF_BED.name, KITCHEN.name),
    OUT_OF_BED.name: (EVERYTHING.name, KITCHEN.name),
}
_MORNING: Final = 6 * 12  # tick of the day at which a night's wandering is over
_DAY_OVER: Final = TICKS_A_DAY
# After it ended, the same is not told again for so many ticks: one night, one day of visits.
_RESTS: Final = {WANDERING.name: 6 * 12, BATHROOM.name: TICKS_A_DAY}


@dataclass(frozen=True, slots=True)
class Open:
    """Something that was noticed and still lasts: ticks since 1970 UTC."""

    started: int
    raised: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is carried from tick to tick. `rests_until`: the tick before which a concern is not raised again."""

    open: Mapping[str, Open] = field(default_factory=dict)
    rests_until: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "open": {name: [one.started, one.raised] for name, one in self.open.items()},
            "rests_until": dict(self.rests_until),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote; an empty one is a home that nothing was noticed in."""
        open_ = {name: Open(started, raised) for name, (started, raised) in stored.get("open", {}).items()}
        return cls(open_, dict(stored.get("rests_until", {})))


@dataclass(frozen=True, slots=True)
class Opened:
    """A finding began.

    `score`: after the home's own shift. `place`: where in the series it was raised. `reasons`: empty until told why.
    """

    concern: str
    started: int
    raised: int
    score: float
    place: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A finding ended at this tick."""

    concern: str
    raised: int
    at: int


Event = Opened | Ended


def follow(
    standing: Standing,
    judged: Mapping[str, Judged],
    limits: Mapping[str, Limit],
    series: Series,
    of_day: NDArray[np.intp],
    last: int,
) -> tuple[Standing, list[Event]]:
    """Let the judged ticks of a series pass, up to and with place `last`; return what stands then and what happened.

    Ticks that are judged already must not be among them.

    `limits`: from which score on each concern is a finding; one that is missing raises nothing.
    """
    events: list[Event] = []
    first = series.minutes.first_tick
    over = {name: _over_at(name, series, of_day, one.raised - first, last) for name, one in standing.open.items()}
    for place, name, score in _crossings(judged, limits):
        if place > last:
            break
        standing = _end(standing, over, first, place, events)
        if name in standing.open or _is_covered(name, standing) or place + first < standing.rests_until.get(name, 0):
            continue
        opened = Opened(name, _started(name, series, place) + first, place + first, score, place)
        events.append(opened)
        standing = replace(standing, open={**standing.open, name: Open(opened.started, opened.raised)})
        over[name] = _over_at(name, series, of_day, place, last)
    return _end(standing, over, first, last, events), events


def _crossings(judged: Mapping[str, Judged], limits: Mapping[str, Limit]) -> Iterator[tuple[int, str, float]]:
    found = []
    for rank, (name, one) in enumerate(judged.items()):
        if name in limits:
            over = np.flatnonzero(one.scores > limits[name].score)
            found += [(int(one.places[i]), rank, name, float(one.scores[i]) - limits[name].shift) for i in over]
    return ((place, name, score) for place, _, name, score in sorted(found))


def _is_covered(name: str, standing: Standing) -> bool:
    return any(name in _COVERS.get(other, ()) for other in standing.open)


def _end(standing: Standing, over: Mapping[str, int | None], first: int, up_to: int, events: list[Event]) -> Standing:
    """Close what ended at or before place `up_to`, in order of time. `over`: the place at which each ends."""
    ended = [(place, one.raised, name) for name, one in standing.open.items() if (place := over[name]) is not None]
    for place, raised, name in sorted(one for one in ended if one[0] <= up_to):
        events.append(Ended(name, raised, place + first))
        open_ = {other: still for other, still in standing.open.items() if other != name}
        rests = {**standing.rests_until, name: place + first + _RESTS.get(name, 0)}
        standing = Standing(open_, rests)
    return standing


def _over_at(name: str, series: Series, of_day: NDArray[np.intp], raised: int, last: int) -> int | None:
    """Return the place after `raised`, up to `last`, at which a finding of this concern is over; None: it lasts.

    A silence ends when somebody is heard, not when nobody can be.
    """
    if name == BATHROOM.name:
        return raised + _DAY_OVER if raised + _DAY_OVER <= last else None
    after = max(raised + 1, 0)
    stretch = slice(after, last + 1)
    if name == WANDERING.name:
        is_over = (series.within(EVERYWHERE, 60)[stretch] == 0) | (of_day[stretch] == _MORNING)
    else:
        is_over = series.within(_silence(name).mask, TICK_MINUTES)[stretch] > 0
    places = np.flatnonzero(is_over)
    return int(places[0]) + after if places.size else None


def _silence(name: str) -> SilenceConcern:
    """Return what a concern waits to hear; that of who left home is anything at all."""
    return _SILENCES.get(name, EVERYTHING)


def _started(name: str, series: Series, place: int) -> int:
    """Return the place at which what is raised at `place` began."""
    if name in _SILENCES or name == LEAVING.name:
        return place - int(series.silence(_silence(name).mask).minutes[place]) // TICK_MINUTES
    if name == BATHROOM.name:
        return place - TICKS_A_DAY
    quiet = np.flatnonzero(~series.active[max(place - 36, 0) : place + 1])
    still = [int(each) for each in quiet if not series.active[max(place - 36, 0) + each - 1 : place][:4].any()]
    return max(place - 36, 0) + (still[-1] + 1 if still else 0)
