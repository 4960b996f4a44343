"""Looks at a home's days each night: which slow changes there are."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days.table import Table
from models.finding import Reason
from models.trends.kinds import KINDS, Kind, Part, TrendKind
from models.trends.priors import BUDGET, SHARE, Tails, default
from models.trends.ramp import PAST_DAYS, RAMP_DAYS, Slide, slide

_LEAST_DAYS: Final = 14
_SETTLED: Final = 14  # days before this many days ago are the past against which the measures are formed
_LEAST_SETTLED: Final = 7

Ok = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trend:
    """One slow change as it is seen on one day.

    `started_on`: local day, days since 1970-01-01. `score`: how far, in spreads of this home's single days.
    `p_value`: how many times in a home-month such a score comes by chance, at most 1.
    """

    kind: TrendKind
    started_on: int
    score: float
    p_value: float
    reasons: tuple[Reason, ...]


def evaluate(table: Table, ok: Ok, today: int, budget: float = BUDGET, tails: Tails | None = None) -> list[Trend]:
    """Return the slow changes of a home as of the morning of `today`, those least by chance first.

    Args:
        table: `day_features` of the days up to and with yesterday, one row a day without gaps.
        ok: which of them may be learnt from; absences, outages and days seen in part may not.
        today: days since 1970-01-01, local.
        budget: false notes a home-month of all kinds together.
        tails: how often which score comes by chance; None: as fitted on other homes.
    """
    by_chance = default() if tails is None else tails
    scored = scores(table, ok)
    found = [
        Trend(kind, today - RAMP_DAYS, score, by_chance[kind].chance(score), _reasons(KINDS[kind], slides))
        for kind, (score, slides) in scored.items()
        if score > by_chance[kind].line(budget * SHARE[kind])
    ]
    return sorted(found, key=lambda one: (one.p_value / SHARE[one.kind], one.kind))


def scores(table: Table, ok: Ok) -> dict[TrendKind, tuple[float, tuple[Slide, ...]]]:
    """Return each kind's score, positive for the change it tells of, and its parts'; without kinds of too few days."""
    rows = np.flatnonzero(ok[-PAST_DAYS:]) + max(0, len(ok) - PAST_DAYS)
    if rows.size < _LEAST_DAYS:
        return {}
    ages = len(ok) - rows
    settled = ages > _SETTLED
    past = settled if settled.sum() >= _LEAST_SETTLED else np.ones(rows.size, np.bool_)
    lately = table[rows]
    out = {}
    for name, kind in KINDS.items():
        slides = tuple(one for part in kind.parts if (one := _part(part, lately, past, ages)) is not None)
        if len(slides) == len(kind.parts):
            mean = float(np.mean([one.score for one in slides]))
            out[name] = (abs(mean) if kind.sign == 0 else mean * kind.sign, slides)
    return out


def _part(part: Part, table: Table, past: Ok, ages: NDArray[np.int64]) -> Slide | None:
    return slide(ages, part.measure(table, past), part.spread)


def _reasons(kind: Kind, slides: tuple[Slide, ...]) -> tuple[Reason, ...]:
    """Return one reason a part: by how much the last week differs from the four before."""
    return tuple(Reason(part.key, _figures(part, one)) for part, one in zip(kind.parts, slides, strict=True))


def _figures(part: Part, one: Slide) -> dict[str, float]:
    change = one.now - one.before
    told = (
        {"change_percent": round(100 * float(np.expm1(change)))} if part.is_log else {"change_minutes": round(change)}
    )
    return {**told, "days": RAMP_DAYS, "spreads": round(one.score, 1)}
