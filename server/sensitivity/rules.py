"""How often a kind is told in a home, from what people set and how they rate. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from models.finding import FACTS, FindingKind
from server.alerting.rules import AlertKind, Outcome

# False alerts a home and week, over all kinds together.
USUAL_BUDGET: Final = 0.5
LEAST_BUDGET: Final = 0.1
MOST_BUDGET: Final = 2.0
# What is offered to choose from.
BUDGETS: Final = (0.1, 0.25, 0.5, 1.0, 2.0)

# A rating counts for so long, and less with each day.
RATED_FOR: Final = timedelta(days=90)
LEAST_FACTOR: Final = 0.25
MOST_FACTOR: Final = 2.0

# What has a learned threshold. A cold home is told by degrees, whoever rates it.
_LEARNED: Final = frozenset(kind for kind, facts in FACTS.items() if facts.cls == "person") - {FindingKind.COLD_HOME}
RATEABLE: Final = frozenset(AlertKind(kind.value) for kind in _LEARNED)


class Rating(StrEnum):
    """What an alert was worth to whoever answered it."""

    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"
    KNOWN_REASON = "known_reason"


# In doublings of how often the kind is told: three of a sort halve it, or double it. What had a known reason was
# noticed rightly, and still called somebody out for nothing.
_DOUBLINGS: Final = {Rating.RELEVANT: 1 / 3, Rating.NOT_RELEVANT: -1 / 3, Rating.KNOWN_REASON: -1 / 6}
_BY_OUTCOME: Final = {
    Outcome.REAL_EVENT: Rating.RELEVANT,
    Outcome.FALSE_ALARM: Rating.NOT_RELEVANT,
    Outcome.KNOWN_REASON: Rating.KNOWN_REASON,
}


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating that counts. `at`: when the alert was raised."""

    rating: Rating
    at: datetime


def of_outcome(outcome: Outcome | None) -> Rating | None:
    """Return what an outcome says of an alert nobody rated; None: nothing."""
    return None if outcome is None else _BY_OUTCOME.get(outcome)


def factor(ratings: Iterable[Rated], now: datetime) -> float:
    """Return what one kind's rate in one home is multiplied by, from `LEAST_FACTOR` to `MOST_FACTOR`; 1: as it was."""
    doublings = sum(_DOUBLINGS[one.rating] * _weight(now - one.at) for one in ratings)
    return float(min(max(2**doublings, LEAST_FACTOR), MOST_FACTOR))


def _weight(age: timedelta) -> float:
    return min(max(1 - age / RATED_FOR, 0.0), 1.0)
