"""How like a home's nights and its days a moment is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.concerns.likeness import LIKENESS, Unlike, likeness, most_unlike, sampled
from models.concerns.view import Learned, View
from models.hearing import minutes_of
from models.minutes import TICK_S
from models.past import LocalTicks, local_ticks, past_of
from models.rooms import Role
from models.series import Series
from models.trace import Trace
from tests.unit.models.evaluation.lives import FIRST, KITCHEN, LOUNGE, ZONE, life

_HOUR_S = 3_600
_LEARNED_DAYS = 28
_NIGHT_S = FIRST + 29 * 24 * _HOUR_S + 2 * _HOUR_S  # two in the morning, the day after next


class Home:
    """A simple life with something put into one of its nights."""

    def __init__(self, put_in: Trace | None = None, learned_days: int = _LEARNED_DAYS) -> None:
        trace = life(days=32) if put_in is None else put_in
        minutes = minutes_of(trace)
        self.series = Series(minutes)
        self.local: LocalTicks = local_ticks(minutes.first_tick, minutes.end_tick, ZONE)
        first = int(self.local.day[0])
        past = past_of(self.series, self.local, range(first + _LEARNED_DAYS - learned_days, first + _LEARNED_DAYS))
        self.learned: Learned = sampled(past)

    def figures(self, second: int) -> dict[str, float]:
        """Return the figures at a moment."""
        place = np.array([second // TICK_S - self.series.minutes.first_tick])
        row = likeness(self.learned, View(self.series, self.local.of_day, place))[0]
        return dict(zip(LIKENESS, row.tolist(), strict=True))

    def unlike(self, second: int) -> Unlike | None:
        """Return where the hour before a moment is least like the nights."""
        place = np.array([second // TICK_S - self.series.minutes.first_tick])
        return most_unlike(self.learned, View(self.series, self.local.of_day, place))


def awake(trace: Trace, at: NDArray[np.int64], rooms: tuple[int, ...] = (KITCHEN, LOUNGE)) -> Trace:
    """Return the trace with somebody going between rooms at these moments."""
    channel = np.concatenate([trace.channel, np.resize(np.array(rooms), at.size)])
    return Trace.of("a", np.concatenate([trace.at, at]), channel, np.ones(channel.size), trace.channels)


def test_a_night_like_all_others_is_near_to_them_and_far_from_the_days() -> None:
    figures = Home().figures(_NIGHT_S)

    assert figures["from_half_of_nights"] < figures["from_some_daytime"]
    assert figures["night_1_to_daytime"] < 0


def test_who_lives_at_night_as_by_day_is_far_from_the_nights_and_near_to_the_days() -> None:
    up = np.arange(_NIGHT_S - _HOUR_S, _NIGHT_S, 90)
    calm, wanders = Home().figures(_NIGHT_S), Home(awake(life(days=32), up)).figures(_NIGHT_S)

    assert wanders["from_night_1"] > 2 * calm["from_half_of_nights"]
    assert wanders["night_1_to_daytime"] > calm["night_1_to_daytime"] + 0.5


def test_the_nearest_nights_come_first() -> None:
    figures = Home(awake(life(days=32), np.arange(_NIGHT_S - 1_200, _NIGHT_S, 90))).figures(_NIGHT_S)

    nights = [figures[name] for name in LIKENESS[:4]]
    assert nights == sorted(nights)


@pytest.mark.parametrize("days", [5, 9, 28])
def test_of_few_days_each_stands_for_several(days: int) -> None:
    learned = Home(learned_days=days).learned

    assert (learned["nights"].shape, learned["daytimes"].shape) == ((28, 18, 16), (28, 12, 16))
    assert len(np.unique(learned["nights"], axis=0)) == days


def test_where_a_night_is_unlike_the_others_is_told_and_nothing_where_it_is_not() -> None:
    up = np.arange(_NIGHT_S - _HOUR_S, _NIGHT_S, 90)
    calm, wanders = Home().unlike(_NIGHT_S), Home(awake(life(days=32), up)).unlike(_NIGHT_S)

    assert calm is None
    assert wanders is not None
    assert wanders.role in {Role.KITCHEN, Role.LIVING}
    assert wanders.minutes >= 15 > wanders.usual
