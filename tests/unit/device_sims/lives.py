"""Homes and people that the tests of simulated lives share."""

from zoneinfo import ZoneInfo

from device_sims.life.life import Life
from device_sims.life.people import Person
from device_sims.life.plan_file import plan_named
from device_sims.life.profile import HEALTHY, Profile

OSLO = ZoneInfo("Europe/Oslo")


def life_of(profile: Profile = HEALTHY, plan: str = "house", seed: str = "inger") -> Life:
    return Life(seed, plan_named(plan), OSLO, (Person("inger", profile),))
