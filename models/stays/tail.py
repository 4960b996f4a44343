"""How long is too long, for something that happens some times a week: a Pareto tail, shrunk while little is known."""

from dataclasses import astuple, dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

_SHARE: Final = 0.025  # of all lengths are in the tail
_PRIOR_LENGTHS: Final = 120.0  # that a default weighs as much as
_PRIOR_BEYOND: Final = 6.0
_PRIOR_WEEKS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Tail:
    """The longest 2.5 % of lengths. They begin at `high_s` seconds; beyond, P(longer than x) falls as x ** -`alpha`.

    `per_week`: how many lengths there are, in the tail or not; `count`: from how many it was learned; 0: a default.
    """

    per_week: float
    high_s: float
    alpha: float
    count: int = 0

    def length_at(self, rate: float) -> float:
        """Return the length in whole seconds that is passed `rate` times a week; infinite for none at all."""
        if rate <= 0:
            return float("inf")
        return float(round(self.high_s * max(self.per_week * _SHARE / rate, 1.0) ** (1 / self.alpha)))

    def p_value(self, length_s: float) -> float:
        """Return the share of lengths that are longer."""
        return float(_SHARE * max(length_s / self.high_s, 1.0) ** -self.alpha)

    def fitted(self, lengths_s: NDArray[np.float64], weeks: float) -> Self:
        """Return what these lengths of so many weeks say, this being what is believed before (Hill 1975, shrunk)."""
        count = int(lengths_s.size)
        if not count:
            return self
        weight = count / (count + _PRIOR_LENGTHS)
        own = float(np.quantile(lengths_s, 1 - _SHARE, method="higher"))
        high = self.high_s ** (1 - weight) * max(own, 1.0) ** weight
        beyond = np.log(lengths_s[lengths_s > high] / high)
        mean = (beyond.sum() + _PRIOR_BEYOND / self.alpha) / (beyond.size + _PRIOR_BEYOND)
        per_week = (count + _PRIOR_WEEKS * self.per_week) / (weeks + _PRIOR_WEEKS)
        return type(self)(round(per_week, 3), round(high, 1), round(float(1 / mean), 4), count)

    def as_json(self) -> list[Any]:
        """Return it as it is stored."""
        return list(astuple(self))
