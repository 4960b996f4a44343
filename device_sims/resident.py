"""One simulated person's days: in which room, from when to when, doing what. The same seed gives the same days."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final


class Doing(StrEnum):
    """What somebody does in a room; it decides how often the sensors there see something."""

    SLEEPING = "sleeping"
    RESTING = "resting"
    WASHING = "washing"
    COOKING = "cooking"
    TIDYING = "tidying"
    OUT = "out"
    WITH_VISITOR = "with_visitor"


@dataclass(frozen=True, slots=True)
class Stay:
    """Some time in one room, by the home's wall clock (no zone). `room` is None while the resident is out."""

    room: str | None
    start: datetime
    end: datetime
    doing: Doing


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs between people. Times are the home's wall clock."""

    wakes_at: time = time(7, 10)
    goes_to_bed_at: time = time(22, 40)
    toilet_visits_a_night: float = 1.6
    goes_out_on: float = 0.5  # share of days
    goes_out_at: time = time(13, 15)
    has_visitor_on: float = 0.15  # share of days


# Meals on the day's clock, with their length in minutes.
_MEALS: Final = ((time(8, 0), 30), (time(11, 45), 35), (time(16, 30), 40), (time(19, 45), 20))
# What fills the time between, with weights: television and handiwork most of all.
_FILLERS: Final = (
    ("lounge", Doing.RESTING, (25, 60), 5.0),
    ("kitchen", Doing.TIDYING, (6, 18), 2.5),
    ("bathroom", Doing.WASHING, (3, 8), 2.0),
    ("bedroom", Doing.TIDYING, (4, 12), 1.5),
    ("hallway", Doing.TIDYING, (2, 4), 0.8),
)
_SHORTEST_STAY: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Something that begins about then, come what may."""

    at: datetime
    room: str | None
    doing: Doing
    minutes: int


class Resident:
    """A person with habits. Every day is drawn from the seed and its date alone, so any day can be asked for."""

    def __init__(self, seed: str, habits: Habits | None = None) -> None:
        self._seed = seed
        self._habits = habits or Habits()

    def lives(self, first: date, last: date) -> Iterator[Stay]:
        """Yield the stays from getting up on `first` until getting up on the day after `last`, without a gap."""
        day = first
        while day <= last:
            yield from self._lives_day(day)
            day += timedelta(days=1)

    def _wakes(self, day: date) -> datetime:
        return _around(self._chance(day, "wakes"), day, self._habits.wakes_at, minutes=14)

    def _lives_day(self, day: date) -> Iterator[Stay]:
        chance = self._chance(day, "day")
        bed = _around(chance, day, self._habits.goes_to_bed_at, minutes=16)
        now = self._wakes(day)
        for plan in self._plans(day, now, bed, chance):
            for filler in _fill(chance, now, plan.at):
                yield filler
                now = filler.end
            end = now + timedelta(minutes=plan.minutes)
            yield Stay(plan.room, now, end, plan.doing)
            now = end
        for filler in _fill(chance, now, bed):
            yield filler
            now = filler.end
        yield from self._night(now, self._wakes(day + timedelta(days=1)), chance)

    def _plans(self, day: date, wakes: datetime, bed: datetime, chance: random.Random) -> list[_Plan]:
        plans = [
            _Plan(wakes, "bathroom", Doing.WASHING, 14),
            _Plan(wakes + timedelta(minutes=15), "bedroom", Doing.TIDYING, 9),
            _Plan(bed - timedelta(minutes=12), "bathroom", Doing.WASHING, 10),
        ]
        plans += [_Plan(_around(chance, day, at, minutes=9), "kitchen", Doing.COOKING, long) for at, long in _MEALS]
        if chance.random() < self._habits.goes_out_on:
            leaves = _around(chance, day, self._habits.goes_out_at, minutes=25)
            plans.append(_Plan(leaves, None, Doing.OUT, chance.randint(35, 110)))
        if chance.random() < self._habits.has_visitor_on:
            plans.append(_Plan(_around(chance, day, time(17, 45), minutes=20), "lounge", Doing.WITH_VISITOR, 70))
        return sorted(plans, key=lambda plan: plan.at)

    def _night(self, falls_asleep: datetime, wakes: datetime, chance: random.Random) -> Iterator[Stay]:
        visits = min(4, int(chance.expovariate(1 / self._habits.toilet_visits_a_night) + 0.5))
        night_s = int((wakes - falls_asleep).total_seconds())
        now = falls_asleep
        for share in sorted(chance.uniform(0.12, 0.9) for _ in range(visits)):
            gets_up = falls_asleep + timedelta(seconds=int(share * night_s))
            if gets_up - now < timedelta(minutes=40):
                continue
            yield Stay("bedroom", now, gets_up, Doing.SLEEPING)
            now = gets_up + timedelta(seconds=chance.randint(150, 420))
            yield Stay("bathroom", gets_up, now, Doing.WASHING)
        yield Stay("bedroom", now, wakes, Doing.SLEEPING)

    def _chance(self, day: date, what: str) -> random.Random:
        return random.Random(f"{self._seed}/{day.isoformat()}/{what}")  # noqa: S311 - a simulated life, not a secret


def _around(chance: random.Random, day: date, at: time, *, minutes: float) -> datetime:
    """Return about that time of the day; never more than two and a half spreads away: plans keep their order."""
    spread = max(-2.5, min(2.5, chance.gauss(0, 1))) * minutes
    return datetime.combine(day, at) + timedelta(seconds=round(spread * 60))


def _fill(chance: random.Random, now: datetime, until: datetime) -> Iterator[Stay]:
    """Yield stays that reach from `now` to `until`; none where it is already past."""
    weights = [weight for *_, weight in _FILLERS]
    while until - now > _SHORTEST_STAY:
        room, doing, (shortest, longest), _ = chance.choices(_FILLERS, weights)[0]
        end = now + timedelta(seconds=chance.randint(shortest * 60, longest * 60))
        if until - end < _SHORTEST_STAY:
            end = until
        yield Stay(room, now, end, doing)
        now = end
