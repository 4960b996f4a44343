"""What was learned from many homes and is the same for all: what each figure of a concern weighs, and how scores run.

Fitted by `livsrytme models fit` on homes of the TIHM set (Palermo et al. 2023, doi 10.1038/s41597-023-02519-y,
CC BY 4.0): a logistic regression of the ticks in which something was put into a trace against those in which nothing
was.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

# How often a week an untouched home's score passes each of a concern's tail scores.
TAIL_RATES = np.array([7.0, 4.0, 2.0, 1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.025])


@dataclass(frozen=True)
class Prior:
    """One concern's weights.

    `weights` and `offset` turn figures into a score (log odds). `level`: where the highest eighth of ordinary days'
    highest scores lies in a middling home; `own`: how far a home's own level replaces it, 0 to 1. `tail`: scores that
    are passed `TAIL_RATES` times a week, after both. `share` of the budget, 0 to 1.
    """

    features: tuple[str, ...]
    weights: NDArray[np.float64]
    offset: float
    level: float
    own: float
    tail: NDArray[np.float64]
    share: float

    def score(self, figures: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each row of figures."""
        return np.asarray(figures @ self.weights + self.offset)

    def threshold(self, rate: float) -> float:
        """Return the score that is passed `rate` times a week."""
        return float(_line(np.log(rate), np.log(TAIL_RATES[::-1]), self.tail[::-1]))

    def rate(self, score: float) -> float:
        """Return how often a week a score as high as this is passed."""
        return float(np.exp(_line(score, self.tail, np.log(TAIL_RATES))))

    def as_json(self) -> dict[str, Any]:
        """Return it as the file of priors says it."""
        return {
            "features": dict(zip(self.features, self.weights.round(5).tolist(), strict=True)),
            "offset": round(self.offset, 5),
            "level": round(self.level, 4),
            "own": self.own,
            "tail": self.tail.round(4).tolist(),
            "share": self.share,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            features=tuple(stored["features"]),
            weights=np.array(list(stored["features"].values())),
            offset=stored["offset"],
            level=stored["level"],
            own=stored["own"],
            tail=np.array(stored["tail"]),
            share=stored["share"],
        )


Priors = dict[str, Prior]


@cache
def shipped() -> Priors:
    """Return the priors that come with this version."""
    stored = json.loads(files("models").joinpath("priors.json").read_text(encoding="utf-8"))
    return {name: Prior.from_json(each) for name, each in stored["concerns"].items()}


def _line(x: float, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> float:
    """Interpolate, and beyond the ends go on as between the outermost points. `xs` rise."""
    place = int(np.clip(np.searchsorted(xs, x), 1, xs.size - 1))
    span = max(xs[place] - xs[place - 1], 1e-9)
    return float(ys[place - 1] + (x - xs[place - 1]) / span * (ys[place] - ys[place - 1]))
