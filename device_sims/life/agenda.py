"""What somebody has before them on a day: when to get up, meals, medicine, showers, naps and ways out.

Times are seconds since 1970 (UTC); hours are the home's wall clock, so both clock changes come out right.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from device_sims.life.activities import Doing
from device_sims.life.daylight import sun_up_s
from device_sims.life.floor_plan import FloorPlan
from device_sims.life.profile import Profile

# The hour each meal begins (of the first: hours after waking), and the minutes it takes to cook and to eat.
MEALS: Final = ((0.7, 7, 14), (11.9, 10, 18), (16.4, 20, 20), (19.6, 5, 12))

_SATURDAY: Final = 5
_SUNDAY: Final = 6
_TOGETHER: Final = 0.6  # of the days, those who live together go out together
_MOST_OUTINGS: Final = 3
_DAY_OUT: Final = 4.0  # times as long as an ordinary outing
_MOST_SPREADS: Final = 2.5


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody comes at `start_s` and goes at `end_s`; `is_care` when it is the home-care service."""

    who: str
    start_s: float
    end_s: float
    is_care: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when a day is lived. `seed` names home and person, `together` those who go out together."""

    seed: str
    together: str
    who: str
    plan: FloorPlan
    zone: ZoneInfo
    sleeps_in: str = "bedroom"


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that begins about then, and is given up when it would begin more than an hour late."""

    at_s: float
    doing: Doing
    minutes: float = 0.0
    number: int = 0


def epoch_s(day: date, hour: float, zone: ZoneInfo) -> float:
    """Return the moment an hour of the wall clock begins, in seconds since 1970; hours past 24 are the next day's."""
    wall = datetime.combine(day, time()) + timedelta(hours=hour)
    return wall.replace(tzinfo=zone).timestamp()


def wakes_s(setting: Setting, profile: Profile, day: date) -> float:
    """Return when somebody gets up, to a whole second."""
    chance = chance_of(setting.seed, day, "wakes")
    later = profile.weekend_later_min if day.weekday() >= _SATURDAY else 0.0
    sunrise, _ = sun_up_s(day)
    # People get up a little later in the dark of winter.
    dark = min(1.0, max(0.0, (sunrise - epoch_s(day, 5, setting.zone)) / 3_600 / 4)) * 0.3
    spread = spread_of(chance) * profile.spread_min
    return float(round(epoch_s(day, profile.wakes_at + dark, setting.zone) + 60 * (later + spread)))


class Agenda:
    """One person's plans for one day, drawn with `chance`."""

    def __init__(self, setting: Setting, profile: Profile, day: date, chance: random.Random) -> None:
        self._setting = setting
        self._profile = profile
        self._day = day
        self._chance = chance

    def planned(self, wakes: float, bed: float) -> list[Planned]:
        """Return what is planned between getting up and going to bed, in order of time."""
        profile, chance = self._profile, self._chance
        shower = chance.random() < profile.showers_a_week / 7
        plans = [
            Planned(wakes, Doing.ON_TOILET, 4),
            Planned(wakes + 240, Doing.SHOWERING if shower else Doing.WASHING, 11 if shower else 6),
            Planned(wakes + 900, Doing.DRESSING, 7),
        ]
        for number, (hour, *_) in enumerate(MEALS):
            at = max(wakes + 1_500, self._about(hour, 14)) if number else wakes + 60 * chance.uniform(20, 50)
            if chance.random() < profile.meals_kept:
                plans.append(Planned(at, Doing.COOKING, number=number))
        plans += [
            Planned(max(wakes + 600, self._about(hour, 8)), Doing.MEDICATION, 1.5)
            for hour in profile.medication_at
            if chance.random() < profile.medication_kept
        ]
        naps = poisson(chance, profile.naps_a_day)
        plans += [Planned(self._about(13.8, 50), Doing.NAPPING, profile.nap_min) for _ in range(naps)]
        plans += self._outings()
        return sorted((one for one in plans if one.at_s < bed - 1_200), key=lambda one: one.at_s)

    def _outings(self) -> list[Planned]:
        """Draw the ways out, fewer where the days are short; on most days those who live together go together."""
        profile = self._profile
        shared = chance_of(self._setting.together, self._day, "out")
        chance = shared if shared.random() < _TOGETHER else self._chance
        ways = [(chance.random(), chance.lognormvariate(0, 0.5)) for _ in range(_MOST_OUTINGS)]
        rises, sets = sun_up_s(self._day)
        weekday = 0.75 if self._day.weekday() == _SUNDAY else 1.05
        many = poisson(chance, profile.outings_a_day * weekday * (0.5 + (sets - rises) / 3_600 / 28))
        longer = _DAY_OUT if chance.random() < profile.days_out else 1.0
        first = max(epoch_s(self._day, 9.5, self._setting.zone), rises)
        last = max(first + 3_600, min(epoch_s(self._day, 18.5, self._setting.zone), sets - 1_800))
        return [
            Planned(first + share * (last - first), Doing.OUT, profile.outing_min * longer * length)
            for share, length in ways[:many]
        ]

    def _about(self, hour: float, spread_min: float) -> float:
        return epoch_s(self._day, hour, self._setting.zone) + 60 * spread_min * spread_of(self._chance)


def poisson(chance: random.Random, mean: float) -> int:
    """Return how often something happens that happens `mean` times on average."""
    count, left = 0, 1.0
    while mean > 0 and (left := left - chance.expovariate(mean)) > 0:
        count += 1
    return count


def chance_of(seed: str, day: date, what: str) -> random.Random:
    """Return the dice of one day for one purpose: the same for the same names, in every process."""
    return random.Random(f"{seed}/{day.isoformat()}/{what}")  # noqa: S311 - a simulated life, not a secret


def spread_of(chance: random.Random) -> float:
    """Return a draw of spread 1 that is never far out: plans keep their order."""
    return max(-_MOST_SPREADS, min(_MOST_SPREADS, chance.gauss(0, 1)))
