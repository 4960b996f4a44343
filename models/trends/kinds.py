"""The kinds of slow change: which measures tell of each, and in which direction."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.days.column import Column
from models.trends.measures import Measure, density, logarithm, plain, turned


class TrendKind(StrEnum):
    """What has changed over weeks."""

    DECLINE = "decline"
    LOW_ACTIVITY = "low_activity"
    FEW_OUTINGS = "few_outings"
    LONG_IN_BED = "long_in_bed"
    NIGHT_RESTLESSNESS = "night_restlessness"
    POOR_SLEEP = "poor_sleep"
    RHYTHM_CHANGE = "rhythm_change"
    SLOWER_WALKING = "slower_walking"


@dataclass(frozen=True, slots=True)
class Part:
    """One measure of a kind.

    `key`: the sentence that tells of it. `spread`: of ordinary days in homes in general, in the measure's form.
    `is_log`: a difference is a ratio, and told in per cent.
    """

    key: str
    measure: Measure
    spread: float
    is_log: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind's parts, and the sign of the change: -1 down, 1 up, 0 either way. A score is the mean of the parts'."""

    parts: tuple[Part, ...]
    sign: int


def _less(column: Column) -> Measure:
    return lambda table, past: -plain(column)(table, past)


KINDS: Final = {
    TrendKind.DECLINE: Kind(
        (
            Part("trend.movements_in_a_row", density(Column.NEXT_0), 0.1),
            Part("trend.movements_close_together", density(Column.NEAR_0), 0.1),
        ),
        -1,
    ),
    TrendKind.LOW_ACTIVITY: Kind((Part("trend.active_minutes", logarithm(Column.ACTIVE, 5), 0.25),), -1),
    TrendKind.FEW_OUTINGS: Kind((Part("trend.minutes_out", logarithm(Column.OUT, 20), 1.0),), -1),
    TrendKind.LONG_IN_BED: Kind((Part("trend.minutes_in_bed", plain(Column.IN_BED), 60, is_log=False),), 1),
    TrendKind.NIGHT_RESTLESSNESS: Kind((Part("trend.restless_minutes", logarithm(Column.RESTLESSNESS), 0.4),), 1),
    TrendKind.POOR_SLEEP: Kind(
        (
            Part("trend.quiet_minutes_lost", _less(Column.QUIET_IN_BED), 90, is_log=False),
            Part("trend.times_up", logarithm(Column.TIMES_UP), 0.5),
        ),
        1,
    ),
    TrendKind.RHYTHM_CHANGE: Kind((Part("trend.day_turned", turned(Column.PHASE), 45, is_log=False),), 0),
    TrendKind.SLOWER_WALKING: Kind((Part("trend.seconds_between_rooms", logarithm(Column.WALKING), 0.15),), 1),
}
