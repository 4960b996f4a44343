"""Simulated homes by seed: who lives in which plan. The same seed gives the same home."""

import random
from typing import Final
from zoneinfo import ZoneInfo

from device_sims.life.life import Life
from device_sims.life.people import Person, Pet
from device_sims.life.plan_file import plan_named, plan_names
from device_sims.life.profile import PROFILES, SPOUSE, Profile

OSLO: Final = ZoneInfo("Europe/Oslo")
COUPLE: Final = "couple"

# How often each kind of person is drawn where nobody says which.
_DRAWN: Final = {
    "healthy": 3.0,
    "frail": 2.0,
    "dementia": 3.0,
    "copd_night_unrest": 1.0,
    "rehabilitation": 0.5,
    COUPLE: 1.5,
}
_HAS_PET: Final = 0.15
# What there is to do is shared, as in the spouse's profile.
_HALF_THE_WORK: Final = {"tidying_taste": 0.5, "fridge_openings": 0.6, "door_taste": 0.6, "liveliness": 0.85}


def home_of(seed: str, kind: str | None = None, plan: str | None = None, zone: ZoneInfo = OSLO) -> Life:
    """Return a home.

    Args:
        seed: names it.
        kind: a profile's name, or "couple"; None to draw one.
        plan: a floor plan's name; None to draw one.
        zone: its time zone.

    Raises:
        KeyError: there is no such kind.
        YamlFileError: there is no such plan.
    """
    chance = random.Random(f"{seed}/home")  # noqa: S311 - a simulated home, not a secret
    drawn_kind = chance.choices(list(_DRAWN), list(_DRAWN.values()))[0]
    drawn_plan = chance.choice(plan_names())
    pets = (Pet(),) if chance.random() < _HAS_PET else ()
    return Life(seed, plan_named(plan or drawn_plan), zone, _people(seed, kind or drawn_kind), pets)


def _people(seed: str, kind: str) -> tuple[Person, ...]:
    if kind == COUPLE:
        return Person("resident", PROFILES["healthy"].changed(_HALF_THE_WORK).varied(seed)), Person(
            "spouse", SPOUSE.varied(seed)
        )
    return (Person("resident", _varied(PROFILES[kind], seed)),)


def _varied(profile: Profile, seed: str) -> Profile:
    return profile.varied(seed)
