"""Draws one day of one person, from getting up to getting up the next day, from a seed and the date alone.

What is planned (meals, medicine, outings, a nap) begins about its hour; visits and bedtime come come what may; a
semi-Markov chain fills the time between: what follows depends on what is done, the hour and the person, and each
activity has a length of its own. Times inside are seconds since 1970 (UTC); hours are the home's wall clock, so both
clock changes come out right.
"""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from device_sims.life.activities import ERRANDS, FILLS, FOLLOWS, Doing, Stay
from device_sims.life.agenda import (
    MEALS,
    Agenda,
    Planned,
    Setting,
    Visit,
    chance_of,
    epoch_s,
    poisson,
    spread_of,
    wakes_s,
)
from device_sims.life.daylight import outdoors_c
from device_sims.life.floor_plan import FRONT_DOOR
from device_sims.life.profile import Profile

_SHORTEST_S: Final = 40.0
_ERRAND_ROOMS: Final = ("kitchen", "kitchen", "hallway", "bedroom", "lounge", "bathroom")
_WARM_ENOUGH_C: Final = 6.0
_BIRDS_TO_FEED: Final = 0.15  # also in the cold


def one_day(setting: Setting, today: Profile, tomorrow: Profile, day: date, visits: Sequence[Visit]) -> list[Stay]:
    """Return the stays from getting up on `day` until getting up on the next, without a gap."""
    ends = wakes_s(setting, tomorrow, day + timedelta(days=1))
    return _Day(setting, today, day, ends).lived(visits)


class _Day:
    def __init__(self, setting: Setting, profile: Profile, day: date, ends_s: float) -> None:
        self._setting = setting
        self._profile = profile
        self._day = day
        self._chance = chance_of(setting.seed, day, "day")
        self._noon = epoch_s(day, 12, setting.zone)
        self._now = wakes_s(setting, profile, day)
        self._until = ends_s
        self._limit = ends_s  # what comes come what may
        self._stays: list[tuple[str | None, float, float, Doing]] = []
        self._last = Doing.TIDYING
        # Nobody is the same every day.
        self._vigour = self._chance.lognormvariate(0, profile.days_differ)
        self._tastes = {
            Doing.WATCHING_TV: profile.tv_taste,
            Doing.READING: profile.tv_taste,
            Doing.TIDYING: profile.tidying_taste * self._vigour,
            Doing.MAKING_COFFEE: profile.coffee_taste,
            Doing.ON_TOILET: profile.toilet_taste,
            Doing.AT_THE_DOOR: profile.door_taste,
            Doing.IN_GARDEN: profile.garden_taste * self._garden_weather(),
        }

    def lived(self, visits: Sequence[Visit]) -> list[Stay]:
        spread = spread_of(self._chance) * self._profile.spread_min
        bed = self._hour(self._profile.bed_at) + spread * 60
        bed = round(min(max(bed, self._now + 6 * 3_600), self._until - 3 * 3_600))
        planned = Agenda(self._setting, self._profile, self._day, self._chance).planned(self._now, bed)
        for visit in visits:
            if self._now < visit.end_s and visit.start_s < bed - 600:
                planned = self._until_then(visit.start_s, planned)
                self._limit = min(visit.end_s, bed)
                self._with(visit)
        self._until_then(bed - 600, planned)
        self._limit = self._until
        self._put("bathroom", 7, Doing.WASHING)
        self._night(self._now)
        return self._as_stays()

    # Living through it.

    def _until_then(self, moment: float, planned: list[Planned]) -> list[Planned]:
        """Live until `moment`, and return what of the plan lies beyond it."""
        self._limit = moment
        for index, one in enumerate(planned):
            if one.at_s >= moment:
                self._fill(moment)
                return planned[index:]
            self._fill(one.at_s)
            if self._now - one.at_s < 3_600:  # noqa: PLR2004 - an hour late is too late
                self._do(one)
        self._fill(moment)
        return []

    def _do(self, one: Planned) -> None:
        match one.doing:
            case Doing.COOKING:
                self._meal(one.number)
            case Doing.OUT:
                self._put("hallway", 2, Doing.DRESSING)
                self._put(None, one.minutes, Doing.OUT)
                self._put("hallway", 1.5, Doing.DRESSING)
            case Doing.NAPPING:
                self._put("lounge" if self._chance.random() < 0.6 else self._bedroom, one.minutes, Doing.NAPPING)  # noqa: PLR2004
            case Doing.MEDICATION:
                self._put("kitchen", one.minutes, Doing.MEDICATION)
            case Doing.DRESSING:
                self._put(self._bedroom, one.minutes, Doing.DRESSING)
            case doing:
                self._put("bathroom", one.minutes * self._chance.lognormvariate(0, 0.3), doing)

    def _meal(self, number: int) -> None:
        _, cook, eat = MEALS[number]
        length = self._profile.meal_length * self._chance.lognormvariate(0, 0.25)
        self._put("kitchen", cook * length, Doing.COOKING)
        self._put("kitchen" if number < 2 else self._chance.choice(("kitchen", "lounge")), eat * length, Doing.EATING)  # noqa: PLR2004
        self._put("kitchen", 3 * length, Doing.TIDYING)

    def _with(self, visit: Visit) -> None:
        long = (visit.end_s - self._now) / 60
        self._put("hallway", 0.8, Doing.AT_THE_DOOR)
        if visit.is_care:
            self._put("bathroom", long * 0.45, Doing.CARED_FOR)
            self._put("kitchen", long * 0.55, Doing.CARED_FOR)
        else:
            self._put("lounge", long * 0.3, Doing.WITH_VISITOR)
            self._put("kitchen", 5, Doing.MAKING_COFFEE)
            self._put("lounge", long, Doing.WITH_VISITOR)

    def _fill(self, until: float) -> None:
        """Let one activity follow another until then."""
        while until - self._now > 2 * _SHORTEST_S:
            doing = self._following()
            habit = FILLS[doing]
            room = self._chance.choice(habit.rooms) if habit.rooms else None
            minutes = habit.minutes * self._chance.lognormvariate(0, habit.spread)
            self._put(room, min(minutes, (until - self._now) / 60), doing)
            self._last = doing

    def _following(self) -> Doing:
        hour = (self._now - self._noon) / 3_600
        part = 0 if hour < 0 else 1 if hour < 6 else 2  # noqa: PLR2004 - evening begins at 18
        next_ = FOLLOWS[self._last]
        weights = [weight * self._tastes[doing] * FILLS[doing].by_part[part] for doing, weight in next_.items()]
        return self._chance.choices(list(next_), weights)[0]

    def _put(self, room: str | None, minutes: float, doing: Doing) -> None:
        """Stay there so long, with short errands between, and never past what comes come what may."""
        end = min(self._now + minutes * 60, self._limit)
        every = ERRANDS.get(doing, 0.0) * self._profile.errands_an_hour
        while every and room:
            leaves = self._now + self._chance.expovariate(every / 3_600) + 60
            back = leaves + 60 * self._chance.lognormvariate(0.4, 0.6)
            if back > end - 60:
                break
            self._stay(room, leaves, doing)
            self._stay(self._chance.choice([one for one in _ERRAND_ROOMS if one != room]), back, Doing.FETCHING)
        self._stay(room, end, doing)

    def _stay(self, room: str | None, end: float, doing: Doing) -> None:
        end = round(end)
        if end <= self._now:
            return
        if self._stays and self._stays[-1][0] == room and self._stays[-1][3] is doing:
            self._stays[-1] = (room, self._stays[-1][1], end, doing)
        else:
            self._stays.append((room, self._now, end, doing))
        self._now = end

    # The night.

    def _night(self, falls_asleep: float) -> None:
        profile, chance = self._profile, self._chance
        hours = (self._until - falls_asleep) / 3_600
        breaks = [
            (chance.uniform(0.1, 0.93), Doing.ON_TOILET) for _ in range(poisson(chance, profile.toilet_visits_a_night))
        ]
        breaks += [
            (chance.random(), Doing.LYING_AWAKE) for _ in range(poisson(chance, profile.lies_awake_an_hour * hours))
        ]
        if chance.random() < profile.awake_nights:
            breaks.append((chance.uniform(0.25, 0.8), Doing.READING))
        if chance.random() < profile.wandering_nights:
            breaks.append((chance.uniform(0.15, 0.8), Doing.WANDERING))
        for share, doing in sorted(breaks):
            wakes = falls_asleep + share * (self._until - falls_asleep)
            if wakes > self._now + 900 and wakes < self._until - 900:
                self._stay(self._bedroom, wakes, Doing.SLEEPING)
                self._awake(doing)
        self._stay(self._bedroom, self._until, Doing.SLEEPING)

    def _awake(self, doing: Doing) -> None:
        chance = self._chance
        match doing:
            case Doing.ON_TOILET:
                self._put("bathroom", chance.uniform(2.5, 6.5), doing)
            case Doing.READING:
                self._put("kitchen", chance.uniform(2, 7), Doing.MAKING_COFFEE)
                self._put("lounge", self._profile.awake_min * chance.lognormvariate(0, 0.4), Doing.WATCHING_TV)
            case Doing.WANDERING:
                self._wander(self._now + 60 * chance.uniform(15, 60))
            case _:
                self._put(self._bedroom, chance.uniform(4, 20), Doing.LYING_AWAKE)

    def _wander(self, until: float) -> None:
        for room, end in wandered(self._chance, self._now, min(until, self._limit - 600)):
            self._stay(room, end, Doing.WANDERING)

    @property
    def _bedroom(self) -> str:
        return self._setting.sleeps_in

    def _as_stays(self) -> list[Stay]:
        who, lively, sleeps = self._setting.who, self._profile.liveliness, self._profile.sleep_moves
        return [
            Stay(
                who,
                room,
                datetime.fromtimestamp(start, UTC),
                datetime.fromtimestamp(end, UTC),
                doing,
                sleeps if doing is Doing.SLEEPING else lively,
            )
            for room, start, end, doing in self._stays
        ]

    def _garden_weather(self) -> float:
        if self._setting.plan.outer_door(to_garden=True).name == FRONT_DOOR:
            return 0.0
        return 1.0 if outdoors_c(self._noon, self._setting.together) > _WARM_ENOUGH_C else _BIRDS_TO_FEED

    def _hour(self, hour: float) -> float:
        return epoch_s(self._day, hour, self._setting.zone)


def wandered(chance: random.Random, start_s: float, until_s: float) -> list[tuple[str, float]]:
    """Return a way through the rooms as (room, until when), seconds since 1970, ending at `until_s`."""
    way: list[tuple[str, float]] = []
    now = start_s
    while now < until_s:
        now = min(until_s, now + 60 * chance.lognormvariate(0.7, 0.6))
        way.append((chance.choice([one for one in _ERRAND_ROOMS if not way or one != way[-1][0]]), now))
    return way
