"""A home's routine: the tables of every concern, learned from its own past days, and when each is told of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.concerns.bathroom import BATHROOM
from models.concerns.leaving import LEAVING
from models.concerns.silence import EVERYTHING, KITCHEN, OUT_OF_BED
from models.concerns.view import Concern, Learned, View
from models.concerns.wandering import WANDERING
from models.minutes import TICK_MINUTES
from models.past import LocalTicks, Past, past_of
from models.prior import Priors
from models.rooms import Role, mask_of
from models.series import Series

# In the order in which one tick's findings are weighed against each other: the more urgent first.
CONCERNS: Final[tuple[Concern, ...]] = (LEAVING, EVERYTHING, OUT_OF_BED, WANDERING, KITCHEN, BATHROOM)
# What must be heard for a concern to be judged at all. Of these, any one.
NEEDS: Final = {
    LEAVING.name: (Role.OUTER_DOOR,),
    OUT_OF_BED.name: (Role.BEDROOM,),
    KITCHEN.name: (Role.KITCHEN, Role.FRIDGE),
    BATHROOM.name: (Role.BATHROOM,),
}
_HEARD_PART: Final = 0.5  # of the days learned from
LEARN_FROM_DAYS: Final = 28  # four of each weekday, and short enough to follow a changing life
FEWEST_DAYS: Final = 5
_GROWN_DAYS: Final = 14
_OF_MOMENTS: Final = 3  # dimensions of a table that holds moments as they were: days, times, figures


@dataclass(frozen=True)
class Routine:
    """What was learned of one home.

    `days`: from how many of its days; `tables`: by concern and name. `limits`: none are told of that are not there.
    `unheard`: concerns that cannot be judged here, for want of a sensor.
    """

    days: int
    tables: Mapping[str, Learned]
    limits: Mapping[str, "Limit"] = field(default_factory=dict)
    unheard: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limit:
    """From which score on a concern is told of in a home. `shift`: how much higher its scores run than in most homes.

    `threshold` is held against the score less the shift.
    """

    shift: float
    threshold: float

    @property
    def score(self) -> float:
        """The score itself from which on it is told."""
        return self.shift + self.threshold


@dataclass(frozen=True)
class Judged:
    """One concern's scores. `places`: the ticks it could be judged at; `scores`: log odds, without the home's shift."""

    places: NDArray[np.intp]
    scores: NDArray[np.float64]

    def less(self, handicap: NDArray[np.float64]) -> "Judged":
        """Return it with so much taken from the score of each tick of the series; what is infinite, is left out."""
        taken = handicap[self.places]
        kept = np.isfinite(taken)
        return Judged(self.places[kept], self.scores[kept] - taken[kept]) if taken.any() else self


def learn(series: Series, local: LocalTicks, days: Collection[int]) -> Routine | None:
    """Learn a routine from these local days (ordinals) of a series. None: they are too few."""
    if len(days) < FEWEST_DAYS:
        return None
    past: Past = past_of(series, local, days)
    tables = {concern.name: _stored(concern.learn(past)) for concern in CONCERNS}
    return Routine(past.days, tables, unheard=frozenset(name for name in NEEDS if not _is_heard(past, NEEDS[name])))


def grown(own: Routine | None, many: Routine) -> Routine:
    """Return a home's routine while it is young: what holds for `many` homes, giving way to its own past.

    From two weeks on it is the home's own alone. `own` None: nothing was learned yet.
    """
    if own is None:
        return many
    if own.days >= _GROWN_DAYS:
        return own
    part = own.days / _GROWN_DAYS
    tables = {
        concern: _stored({name: _between(table, many.tables[concern][name], part) for name, table in of.items()})
        for concern, of in own.tables.items()
    }
    return replace(own, tables=tables)


def _between(own: NDArray[np.float32], many: NDArray[np.float32], part: float) -> NDArray[np.float32]:
    """Return what lies between two tables; of moments as they were, which have no mean, so many of each."""
    if own.ndim == _OF_MOMENTS:
        return np.concatenate([own[: round(part * len(own))], many[round(part * len(own)) :]])
    return part * own + (1 - part) * many


def middling(routines: Sequence[Routine]) -> Routine:
    """Return the routine of a home about which nothing is known: the mean of these."""
    tables = {
        concern: _stored({name: _middle([one.tables[concern][name] for one in routines]) for name in of})
        for concern, of in routines[0].tables.items()
    }
    return Routine(0, tables)


def _middle(tables: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the mean; of moments as they were one of each home in turn, so that no day is anybody's."""
    if tables[0].ndim != _OF_MOMENTS:
        return np.asarray(np.mean(tables, axis=0))
    day, time = np.indices(tables[0].shape[:2])
    return np.asarray(np.stack(tables)[(day + time) % len(tables), day, time])


def judge(
    routine: Routine, priors: Priors, series: Series, of_day: NDArray[np.intp], places: NDArray[np.intp]
) -> dict[str, Judged]:
    """Return every concern's scores of these ticks of a series. Who was silent for two days is away, or found."""
    view = View(series, of_day, places[series.is_recent[places]])
    judged = {}
    for concern in CONCERNS:
        is_heard = concern.name not in routine.unheard
        own = view.only(concern.applies(view) & is_heard)
        prior = priors[concern.name]
        scores = prior.score(concern.features(routine.tables[concern.name], own)) if own.places.size else np.empty(0)
        judged[concern.name] = Judged(own.places, scores)
    return judged


def _is_heard(past: Past, roles: tuple[Role, ...]) -> bool:
    heard = past.series.within(mask_of(*roles), TICK_MINUTES)[past.at] > 0
    return bool(heard.any(axis=1).mean() >= _HEARD_PART)


def _stored(learned: Learned) -> Learned:
    """Return the tables as they come back from where they are kept: in half precision."""
    return {name: table.astype(np.float16).astype(np.float32) for name, table in learned.items()}
