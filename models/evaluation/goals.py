"""What was asked for and whether it was reached; the same words in the terminal and on the page. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.evaluation.measuring import Evaluation
from models.evaluation.protocol import Line
from models.evaluation.scoring import Rates, Recall
from models.evaluation.setting import DAY, HOUR, MINUTE

MOST_PERSON_A_WEEK: Final = 1.0
_MOST_TREND_A_MONTH: Final = 0.13
_MOST_A_DAY: Final = 0.09  # where the published figure for emergencies stands
_DAYS_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """One figure that was asked for, in words, and whether it was reached."""

    text: str
    is_met: bool


def asked(line: Line, found: Recall, rates: Rates) -> list[Asked]:
    """Return all that is asked of a line. What was found at the price of too many false alerts is not reached."""
    return list(_asked(line, found, rates))


def _asked(line: Line, found: Recall, rates: Rates) -> Iterator[Asked]:
    goal = line.goal
    if goal.recall is not None:
        yield Asked(f"recall ≥ {goal.recall:.2f}", found.recall >= goal.recall)
    if goal.within is not None:
        yield Asked(f"≥ {goal.within:.2f} within {span(line.within_s)}", found.within >= goal.within)
    if goal.median_s is not None:
        is_met = found.median_s is not None and found.median_s <= goal.median_s
        yield Asked(f"median ≤ {span(goal.median_s)}", is_met)
    if goal.mean_s is not None:
        yield Asked(f"mean ≤ {span(goal.mean_s)}", found.mean_s <= goal.mean_s)
        yield Asked(f"false ≤ {_MOST_A_DAY} a day", rates.person_a_week / _DAYS_A_WEEK <= _MOST_A_DAY)
    if goal.chance is not None:
        yield Asked(f"by chance ≤ {goal.chance:.2f}", found.chance <= goal.chance)
    if goal.no_more_persons:
        yield Asked(f"no person alerts more (+{found.more_persons})", found.more_persons == 0)
    if line.cls == "trend":
        yield Asked(f"trends ≤ {_MOST_TREND_A_MONTH} a home-month", rates.trend_a_month <= _MOST_TREND_A_MONTH)


def rows(found: Evaluation) -> list[tuple[Line, Recall, list[Asked]]]:
    """Return each line that was tried, how it was done, and what was asked of it."""
    tried = ((line, found.recall(line)) for line in found.lines)
    return [(line, one, asked(line, one, found.rates)) for line, one in tried if one]


def sentence(found: Evaluation) -> str:
    """Say the price and the sum."""
    rates, judged = found.rates, rows(found)
    met = sum(all(one.is_met for one in wanted) for *_, wanted in judged)
    price = "within" if rates.person_a_week <= MOST_PERSON_A_WEEK else "MORE THAN"
    return (
        f"{rates.person_a_week:.2f} false person alerts a home-week ({price} the {MOST_PERSON_A_WEEK} allowed), "
        f"{rates.trend_a_month:.2f} trends a home-month, {rates.technical_a_week:.2f} technical a home-week, on "
        f"{len(found.untouched)} untouched homes and {rates.home_weeks:.0f} home-weeks. "
        f"{met} of {len(judged)} lines reach all that was asked."
    )


def span(seconds: float | None) -> str:
    """Return a length of time as people say it; None: a dash."""
    if seconds is None:
        return "–"
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.3g} d"
    return f"{seconds / HOUR:.3g} h" if seconds >= HOUR else f"{seconds / MINUTE:.0f} min"


def delay(line: Line, found: Recall) -> str:
    """Return the delay in words: the median of what was found, or the mean where that was asked for."""
    return span(found.median_s) if line.goal.mean_s is None else f"mean {span(found.mean_s)}"
