"""What is known of slow changes in homes in general: how often which score comes by chance."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Self

import numpy as np

from models.trends.kinds import TrendKind

# False notes a home-month, of all kinds together.
BUDGET: Final = 0.08

# Which part of the budget each kind may use. Decline is what the notes are for.
SHARE: Final = dict.fromkeys(TrendKind, 0.05) | {TrendKind.DECLINE: 0.65}

_BLOCK_DAYS: Final = 28  # a note stays open for as long
_HIGHEST: Final = 0.3  # share of the blocks' highest scores that the tail is fitted to
_PRIOR_COUNT: Final = 3.0
_PRIOR_EXCESS: Final = 0.4
_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Tail:
    """How often a score comes by chance: `rate` times a home-month above `level`, and `fall` is how fast it thins."""

    level: float
    rate: float
    fall: float

    @classmethod
    def of(cls, homes: Iterable[Sequence[float]]) -> Self:
        """Return the tail of the scores of homes of which nothing is known to be wrong, each day by day; NaN: none.

        The highest score of each four weeks falls off exponentially; with few homes an assumed fall weighs with it.
        """
        blocks = [np.asarray(days[start : start + _BLOCK_DAYS]) for days in homes for start in _starts(len(days))]
        known = [one[np.isfinite(one)] for one in blocks]
        highest = np.array([one.max() for one in known if one.size])
        days = sum(one.size for one in known)
        if highest.size == 0:
            return cls(1.0, 1.0, 1 / _PRIOR_EXCESS)
        level = float(np.quantile(highest, 1 - _HIGHEST))
        excess = highest[highest > level] - level
        fall = (excess.size + _PRIOR_COUNT) / (excess.sum() + _PRIOR_COUNT * _PRIOR_EXCESS)
        return cls(level, max(1, excess.size) * _MONTH / days, float(fall))

    def chance(self, score: float) -> float:
        """Return how many times in a home-month such a score comes by chance, at most 1."""
        return min(1.0, self.rate * math.exp(min(self.fall * (self.level - score), 50)))

    def line(self, a_month: float) -> float:
        """Return the score that comes so many times in a home-month by chance."""
        return self.level + math.log(self.rate / a_month) / self.fall


Tails = Mapping[TrendKind, Tail]


def _starts(days: int) -> range:
    return range(0, days, _BLOCK_DAYS)


@cache
def default() -> Tails:
    """Return the tails fitted on the homes of TIHM (Palermo et al. 2023), forwards and with their days reversed."""
    told = json.loads(files("models.trends").joinpath("priors.json").read_text(encoding="utf-8"))
    return {TrendKind(kind): Tail(**one) for kind, one in told.items()}


def as_json(tails: Tails) -> str:
    """Return tails as `priors.json` keeps them."""
    return json.dumps({kind.value: {k: round(v, 3) for k, v in asdict(one).items()} for kind, one in tails.items()})
