"""Kinds of people, as numbers with units.

Where a number is not said to come from elsewhere it was fitted: homes drawn with it lie among the TIHM homes
(likeness.py). Walking speeds: 0.8 m/s and below goes with frailty (EWGSOP2, Age and Ageing 2019).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Profile:
    """One person's habits. Hours are the home's wall clock; shares are 0 to 1."""

    name: str = "healthy"
    wakes_at: float = 7.1
    bed_at: float = 22.7
    spread_min: float = 16.0  # of getting up and going to bed
    weekend_later_min: float = 20.0
    toilet_visits_a_night: float = 1.3
    awake_nights: float = 0.12  # share of nights with a spell awake
    awake_min: float = 25.0
    wandering_nights: float = 0.0  # share of nights with walking about
    lies_awake_an_hour: float = 0.15  # of the night
    sleep_moves: float = 1.0  # seen while asleep, against most people's
    days_differ: float = 0.48  # sigma of the logarithm of how much is done on a day
    days_out: float = 0.2  # share of days on which an outing is a long one
    errands_an_hour: float = 0.7  # short ways to another room while sitting
    liveliness: float = 1.0  # movements to be seen, against most people's
    tv_taste: float = 1.0
    tidying_taste: float = 1.5
    coffee_taste: float = 1.0
    toilet_taste: float = 1.0
    door_taste: float = 2.2
    garden_taste: float = 1.6
    outings_a_day: float = 0.8
    outing_min: float = 90.0
    meals_kept: float = 0.97
    meal_length: float = 1.0
    fridge_openings: float = 2.8  # each time something is cooked
    naps_a_day: float = 0.25
    nap_min: float = 35.0
    showers_a_week: float = 4.0
    medication_at: tuple[float, ...] = (8.3, 20.2)
    medication_kept: float = 0.95
    care_visits_at: tuple[float, ...] = ()
    visits_a_day: float = 0.25
    guest_weeks: float = 0.04  # share of weeks with somebody staying over the weekend
    walking_m_s: float = 0.95

    def changed(self, factors: Mapping[str, float], share: float = 1.0) -> "Profile":
        """Return the profile with some numbers multiplied; `share` of the way, 0 not at all, 1 wholly.

        Raises:
            ValueError: there is no such number; the text lists those there are.
        """
        unknown = set(factors) - _NUMBERS
        if unknown:
            raise ValueError(f"{min(unknown)!r} is no number of a profile; there are {', '.join(sorted(_NUMBERS))}")
        new = {name: getattr(self, name) * (1 + (factor - 1) * share) for name, factor in factors.items()}
        return replace(self, **new)

    def factors_to(self, other: "Profile") -> dict[str, float]:
        """Return by what each number, hours apart, would have to be multiplied to be the other's."""
        return {
            name: getattr(other, name) / getattr(self, name)
            for name in sorted(_NUMBERS - {"wakes_at", "bed_at"})
            if getattr(self, name)
        }

    def varied(self, seed: str) -> "Profile":
        """Return somebody of this kind: no two people are alike, and the same seed gives the same person."""
        chance = random.Random(f"{seed}/{self.name}")  # noqa: S311 - a simulated person, not a secret
        new = {name: getattr(self, name) * chance.lognormvariate(0, _DIFFERENCE[name]) for name in _DIFFERENCE}
        new["meals_kept"] = min(1.0, self.meals_kept * chance.uniform(0.95, 1.03))
        new["wakes_at"] = self.wakes_at + chance.gauss(0, 0.55)
        new["bed_at"] = self.bed_at + chance.gauss(0, 0.5)
        return replace(self, **new)


_NUMBERS: Final = frozenset(one.name for one in fields(Profile) if one.type in {float, "float"})

# Sigma of the logarithm of each number between people of the same kind.
_DIFFERENCE: Final = {
    "toilet_visits_a_night": 0.35,
    "awake_nights": 0.3,
    "lies_awake_an_hour": 0.3,
    "sleep_moves": 0.8,
    "errands_an_hour": 0.25,
    "liveliness": 0.15,
    "tv_taste": 0.2,
    "tidying_taste": 0.12,
    "coffee_taste": 0.3,
    "toilet_taste": 0.25,
    "door_taste": 0.4,
    "garden_taste": 0.5,
    "outings_a_day": 0.3,
    "outing_min": 0.2,
    "fridge_openings": 0.3,
    "naps_a_day": 0.4,
    "visits_a_day": 0.4,
    "walking_m_s": 0.1,
}

HEALTHY: Final = Profile()

FRAIL: Final = Profile(
    name="frail",
    wakes_at=7.6,
    bed_at=21.9,
    toilet_visits_a_night=2.0,
    lies_awake_an_hour=0.3,
    errands_an_hour=0.6,
    liveliness=0.9,
    tv_taste=1.1,
    tidying_taste=1.6,
    garden_taste=0.3,
    outings_a_day=0.3,
    outing_min=45,
    naps_a_day=0.8,
    nap_min=50,
    showers_a_week=2,
    care_visits_at=(8.6, 20.0),
    visits_a_day=0.3,
    guest_weeks=0.02,
    walking_m_s=0.55,
)

DEMENTIA: Final = Profile(
    name="dementia",
    wakes_at=7.2,
    bed_at=22.2,
    spread_min=32,
    toilet_visits_a_night=2.2,
    awake_nights=0.3,
    awake_min=35,
    wandering_nights=0.12,
    lies_awake_an_hour=0.35,
    errands_an_hour=1.1,
    tidying_taste=1.35,
    door_taste=2.4,
    outings_a_day=0.45,
    outing_min=55,
    meals_kept=0.9,
    fridge_openings=2.9,
    naps_a_day=0.5,
    showers_a_week=2,
    medication_kept=0.75,
    care_visits_at=(8.4, 12.6, 19.5),
    visits_a_day=0.35,
    walking_m_s=0.75,
)

COPD_NIGHT_UNREST: Final = Profile(
    name="copd_night_unrest",
    wakes_at=7.3,
    bed_at=23.0,
    spread_min=26,
    toilet_visits_a_night=2.3,
    awake_nights=0.6,
    awake_min=45,
    lies_awake_an_hour=0.8,
    errands_an_hour=0.6,
    liveliness=0.9,
    tv_taste=1.15,
    tidying_taste=1.45,
    garden_taste=0.4,
    outings_a_day=0.35,
    outing_min=45,
    naps_a_day=0.9,
    nap_min=45,
    medication_at=(8.0, 14.0, 20.5),
    care_visits_at=(9.0,),
    walking_m_s=0.65,
)

# As on the day of coming home from hospital; `recovering` of people.py leads from here to HEALTHY.
REHABILITATION: Final = replace(
    FRAIL,
    name="rehabilitation",
    outings_a_day=0.15,
    naps_a_day=1.1,
    liveliness=0.7,
    tidying_taste=1.0,
    care_visits_at=(8.8, 13.0, 19.5),
    walking_m_s=0.45,
)

# Each of two who live together does a part of what one alone does.
SPOUSE: Final = replace(
    HEALTHY,
    name="spouse",
    wakes_at=7.6,
    bed_at=23.0,
    errands_an_hour=0.7,
    tidying_taste=0.75,
    fridge_openings=1.7,
    liveliness=0.85,
    door_taste=1.0,
    meals_kept=0.6,
)

PROFILES: Final = {one.name: one for one in (HEALTHY, FRAIL, DEMENTIA, COPD_NIGHT_UNREST, REHABILITATION, SPOUSE)}
