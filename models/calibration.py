"""From scores to what is unusual in this home: one number, false alerts a week over all kinds, sets every threshold.

A concern's score is the same for all homes; how high it goes on ordinary days is not. Each home's own days shift its
scores (a split-conformal calibration of the level, shrunk towards all homes while the own days are few), the tail
beyond is that of all homes. The rate obtained is held against the budget, and corrected slowly.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np

from models.prior import Prior, Priors
from models.routine import Limit

KEPT_DAYS: Final = 56
LEVEL_DAYS: Final = 28
_LEVEL_PART: Final = 8  # the highest eighth of days tells a home's level
_FEWEST_HIGH: Final = 2
_SHRINK_DAYS: Final = 5.0
_CORRECTION: Final = 0.1  # how much of a week's surplus is taken back, in ln of the rate
_LEAST_BUDGET: Final = 0.5  # a lively home must still be told of a fall
_MOST_BUDGET: Final = 1.2  # a quiet one earns no noise


def level(scores: Collection[float]) -> float:
    """Return where the highest eighth of some days' scores lies."""
    return float(np.mean(sorted(scores)[-max(_FEWEST_HIGH, len(scores) // _LEVEL_PART) :]))


@dataclass(frozen=True)
class Diary:
    """A home's highest score of each day and concern: `{concern: {day: score}}`, days as ordinals; the last 56.

    `raised`: how many alerts each of these days brought.
    """

    scores: dict[str, dict[int, float]] = field(default_factory=dict)
    raised: dict[int, int] = field(default_factory=dict)

    def noted(self, concern: str, day: int, score: float) -> Self:
        """Return it with a day's score, where it is the highest of that day so far. A repeat is harmless."""
        days = self.scores.get(concern, {})
        if score <= days.get(day, -np.inf):
            return self
        kept = {old: value for old, value in days.items() if old > day - KEPT_DAYS} | {day: round(score, 3)}
        return type(self)({**self.scores, concern: kept}, self.raised)

    def with_raised(self, day: int, count: int) -> Self:
        """Return it with how many alerts a day brought. A repeat is harmless."""
        kept = {old: before for old, before in self.raised.items() if old > day - KEPT_DAYS}
        return type(self)(self.scores, {**kept, day: count})

    def without(self, days: set[int]) -> Self:
        """Return it without these days: what was strange there says nothing about what is ordinary."""
        scores = {name: {day: s for day, s in of.items() if day not in days} for name, of in self.scores.items()}
        return type(self)(scores, {day: count for day, count in self.raised.items() if day not in days})

    def shift(self, prior: Prior, concern: str, day: int) -> float:
        """Return how much higher this home's scores run than a middling home's, from the four weeks before `day`."""
        days = self.scores.get(concern, {})
        past = [score for old, score in days.items() if day - LEVEL_DAYS <= old < day]
        if not past:
            return 0.0
        return prior.own * (level(past) - prior.level) * len(past) / (len(past) + _SHRINK_DAYS)

    def correction(self, budget: float, day: int, since: int) -> float:
        """Return by what the budget is multiplied on `day`, so that what it brings comes to be what was wished.

        `since`: the first day on which alerts were raised at all.
        """
        watched = min(day - since, KEPT_DAYS)
        if watched <= 0 or budget <= 0:
            return 1.0
        raised = sum(count for old, count in self.raised.items() if max(since, day - KEPT_DAYS) <= old < day)
        surplus = raised - budget * watched / 7
        return float(np.clip(np.exp(-surplus * _CORRECTION), _LEAST_BUDGET, _MOST_BUDGET))

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "scores": {name: {str(day): score for day, score in days.items()} for name, days in self.scores.items()},
            "raised": {str(day): count for day, count in self.raised.items()},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote; an empty one is a home nobody has judged."""
        scores = {name: {int(d): s for d, s in days.items()} for name, days in stored.get("scores", {}).items()}
        return cls(scores, {int(day): count for day, count in stored.get("raised", {}).items()})


def limits(
    priors: Priors, diary: Diary, day: int, budget: float, own: Mapping[str, float] | None = None
) -> dict[str, Limit]:
    """Return from which score on each concern is told of on `day`.

    Args:
        priors: what holds for all homes.
        diary: the home's own scores.
        day: local day, ordinal; only earlier ones count.
        budget: false alerts a week over all kinds; 0 or less: none is ever told.
        own: by concern, what people's feedback multiplies its rate by.
    """
    shares = {name: prior.share * (own or {}).get(name, 1.0) for name, prior in priors.items()}
    return {
        name: Limit(diary.shift(prior, name, day), prior.threshold(shares[name] * budget) if budget > 0 else np.inf)
        for name, prior in priors.items()
    }
