"""Real homes: in ordinary weeks hardly any stay is told of, and measurements no more often than clinicians were."""

import csv
import gzip
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gateway.contract.observation import SensorKind
from models.events_file import read_traces
from models.finding import Finding
from models.presence import Fact
from models.stays.learning import learn_stays
from models.stays.lengths import local_minutes
from models.stays.live import advance
from models.stays.routine import StayRoutine
from models.stays.state import StayState
from models.trace import Trace

_TIHM: Final = Path(os.environ.get("LIVSRYTME_DATA", "../shared/data")) / "tihm"
_LONDON: Final = ZoneInfo("Europe/London")
_LEARNED_FROM: Final = 28
_FEWEST_DAYS: Final = 42
# When the platform heard of hardly any home; other parts know of it, and no resident is asked after.
_OUTAGE: Final = (datetime(2019, 6, 14, tzinfo=UTC), datetime(2019, 6, 18, 18, tzinfo=UTC))
_MEASURES: Final = {
    "Body Temperature": SensorKind.BODY_TEMPERATURE,
    "Body weight": SensorKind.WEIGHT,
    "Diastolic blood pressure": SensorKind.DIASTOLIC,
    "Heart rate": SensorKind.HEART_RATE,
    "Systolic blood pressure": SensorKind.SYSTOLIC,
}

pytestmark = pytest.mark.skipif(
    not _TIHM.exists(), reason=f"the TIHM data are not at {_TIHM}: set LIVSRYTME_DATA to have them used"
)


def facts_of(trace: Trace) -> list[Fact]:
    rows = zip(trace.at.tolist(), trace.channel.tolist(), trace.value.tolist(), strict=True)
    channels = trace.channels
    return [Fact(datetime.fromtimestamp(at, UTC), channels[n].room, channels[n].kind, value) for at, n, value in rows]


def followed(trace: Trace) -> tuple[float, list[Finding]]:
    """Learn each night from four weeks at most; return the weeks after the first four, and what is found in them."""
    day, _ = local_minutes(trace.at, _LONDON)
    days, many = np.unique(day, return_counts=True)
    if days.size < _FEWEST_DAYS:
        return 0.0, []
    outage = range(_OUTAGE[0].toordinal(), _OUTAGE[1].toordinal() + 1)
    counted = zip(days[1:].tolist(), many[1:].tolist(), strict=True)
    whole = [one for one, count in counted if count > 0.2 * np.median(many) and one not in outage]
    facts, state, weeks, found = facts_of(trace), StayState(), 0.0, list[Finding]()
    for today in range(int(days[0]) + _LEARNED_FROM, int(days[-1]) + 1):
        past = [one for one in whole if one < today][-_LEARNED_FROM:]
        now, end = np.searchsorted(day, (today, today + 1))
        learned = trace.kept((day >= past[0]) & (day < today))
        limits = learn_stays(learned, _LONDON, past).limits()
        midnight = datetime.combine(date.fromordinal(today + 1), datetime.min.time(), _LONDON)
        outcome = advance(state, limits, _LONDON, facts[now:end], midnight - timedelta(seconds=1))
        state = outcome.state
        if today not in outage:
            weeks += 1 / 7
            found += [one for one in outcome.opened if not _OUTAGE[0] <= one.noticed_at <= _OUTAGE[1]]
    return weeks, found


def test_ordinary_weeks_of_real_homes_are_hardly_ever_told_of_a_stay() -> None:
    each = [followed(trace) for trace in read_traces(_TIHM / "activity.csv.gz", _LONDON)]
    weeks, found = sum(one[0] for one in each), [finding for one in each for finding in one[1]]

    assert weeks > 60
    assert len(found) / weeks < 0.12, [(one.kind, one.started_at, one.noticed_at) for one in found]


def test_measurements_of_real_residents_are_told_less_often_than_clinicians_were() -> None:
    told: dict[str, list[Fact]] = defaultdict(list)
    with gzip.open(_TIHM / "physiology.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["type"] in _MEASURES:
                at = datetime.fromisoformat(row["ts"]).replace(tzinfo=_LONDON).astimezone(UTC)
                told[row["home"]].append(Fact(at, "home", _MEASURES[row["type"]], float(row["value"])))
    limits = StayRoutine(days=28).limits()
    spans = [(min(facts).at, max(facts).at) for facts in told.values()]
    weeks = sum(((last - first) / timedelta(weeks=1) for first, last in spans), 0.0)
    found = [
        one for facts in told.values()
        for one in advance(StayState(), limits, _LONDON, sorted(facts), max(facts).at + timedelta(hours=1)).opened
    ]  # fmt: skip

    assert 0.03 < len(found) / weeks < 0.3
