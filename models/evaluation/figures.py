"""An evaluation as figures that another program can read. Pure."""

from dataclasses import asdict
from typing import Any

from models.evaluation import goals
from models.evaluation.measuring import Evaluation


def figures(found: Evaluation) -> dict[str, Any]:
    """Return every line, every trial and the price. Times in seconds."""
    rates = found.rates
    return {
        "sentence": goals.sentence(found),
        "homes": [one.home for one in found.untouched],
        "home_weeks": rates.home_weeks,
        "person_a_week": rates.person_a_week,
        "trend_a_month": rates.trend_a_month,
        "technical_a_week": rates.technical_a_week,
        "kinds_a_week": [
            {"class": cls, "kind": kind, "rate": rate} for (cls, kind), rate in rates.kinds_a_week.items()
        ],
        "lines": {
            line.name: {
                **asdict(one),
                "recall": one.recall,
                "interval": one.interval,
                "asked": [asdict(ask) for ask in wanted],
            }
            for line, one, wanted in goals.rows(found)
        },
        "trials": [asdict(one) for one in found.trials],
    }
