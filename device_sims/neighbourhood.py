"""Who lives in the demo's world, and what has happened and will happen in their homes. All names are invented."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from device_sims import tihm
from device_sims.household import Household, Tenancy
from device_sims.life.activities import Doing
from device_sims.life.life import Life
from device_sims.life.noticing import Happening, noticed, tells
from device_sims.life.people import Person
from device_sims.life.plan_file import plan_named
from device_sims.life.profile import HEALTHY, Profile
from device_sims.scoring.truth import Expected, Forbidden
from device_sims.sensors.sensor import Form
from device_sims.tihm import Activation
from device_sims.turns import fall_expected, press_expected
from gateway.contract.observation import SensorKind

OSLO: Final = ZoneInfo("Europe/Oslo")

# How far the world is thought out from its start: half a real day at sixty times real time.
_FUTURE_DAYS: Final = 30

_INGER: Final = Tenancy("a", "Inger Solberg", 1938, "Fjellveien 12", OSLO)
_TORVALD: Final = Tenancy("b", "Torvald Haugen", 1941, "Elvegata 3", OSLO)

_SELDOM_VISITED: Final = replace(HEALTHY, visits_a_day=0.15)
_EARLY: Final = replace(
    HEALTHY, wakes_at=6.3, bed_at=21.8, toilet_visits_a_night=2.4, errands_an_hour=0.9, visits_a_day=0.15
)

# One resident falls a few minutes into the live world; another calls for help before that silence becomes an alert.
_FALLS_AFTER: Final = timedelta(minutes=4)
_FOUND_AFTER: Final = timedelta(hours=7)
PRESSES_AFTER: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A home with its past, to be back-filled, and its future, to be lived."""

    household: Household
    past: list[Happening]
    future: list[Happening]
    life: Life | None = None  # None for a real home, of which nothing else is known
    besides: tuple[Happening, ...] = ()  # of the future: what does not come of the life itself
    truth: tuple[Expected | Forbidden, ...] = ()  # what will happen in it by itself


@dataclass(frozen=True, slots=True)
class Era:
    """When the live world begins (aware), and how many days of history it has."""

    begins: datetime
    days: int

    @property
    def history_begins(self) -> datetime:
        """The first moment anything is remembered from."""
        return self.begins - timedelta(days=self.days)

    @property
    def dates(self) -> tuple[date, date]:
        """The first and last local day that has to be known."""
        first = (self.history_begins - timedelta(days=1)).astimezone(OSLO).date()
        return first, (self.begins + timedelta(days=_FUTURE_DAYS)).astimezone(OSLO).date()


def era_from(today: date, days: int) -> Era:
    """Return the world that begins at ten o'clock in the morning of `today` in Norway."""
    return Era(datetime.combine(today, time(10), OSLO), days)


def simulated(era: Era, sockets: Path) -> list[Neighbour]:
    """Return the two simulated homes: in one the resident falls, in the other the help button is pressed."""
    inger = _fallen(_life(_INGER, "house", _SELDOM_VISITED), era.begins + _FALLS_AFTER)
    torvald = _life(_TORVALD, "care_flat", _EARLY)
    presses = tells(torvald.plan, "button", era.begins + PRESSES_AFTER)
    falls = fall_expected(_INGER.code, era.begins + _FALLS_AFTER, era.begins + _FALLS_AFTER + _FOUND_AFTER)
    calls = press_expected(_TORVALD.code, presses.at)
    return [
        replace(_lived(_INGER, inger, era, [], sockets), truth=(falls,)),
        replace(_lived(_TORVALD, torvald, era, [presses], sockets), truth=(calls,)),
    ]


def from_tihm(home: str, rows: list[Activation], era: Era, sockets: Path) -> Neighbour:
    """Return a real home, its dates shifted by whole weeks: weekdays stay, and up to a week of it lies ahead."""
    last = rows[-1].at()
    shift = timedelta(weeks=(era.begins - last) // timedelta(weeks=1) + 1)
    tenancy = Tenancy(home, f"TIHM {home}", 1940, "Storgata 1", tihm.ZONE)
    known = [row.as_noticed(shift) for row in rows]
    places = [(row.place.room, row.place.form) for row in rows]
    return _split(Household(tenancy, places, sockets, era.history_begins), known, era)


def _life(tenancy: Tenancy, plan: str, profile: Profile) -> Life:
    home = plan_named(plan).only(SensorKind.MOTION, SensorKind.DOOR, SensorKind.BUTTON)
    return Life(tenancy.code, home, tenancy.zone, (Person(tenancy.resident, profile),))


def _fallen(life: Life, falls: datetime) -> Life:
    """Return the life with a fall in the bathroom, where nobody comes by until much later."""
    found = falls + _FOUND_AFTER
    washes = falls - timedelta(minutes=3)
    life = life.without_visits(washes, found).with_interruption(washes, falls, Doing.WASHING, "bathroom")
    return life.with_interruption(falls, found, Doing.LYING_ON_FLOOR, "bathroom")


def _lived(tenancy: Tenancy, life: Life, era: Era, besides: list[Happening], sockets: Path) -> Neighbour:
    places = [(hung.room, Form(kind)) for hung in life.plan.sensors for kind in hung.kinds]
    known = sorted([*noticed(life, *era.dates), *besides], key=lambda one: one.at)
    home = _split(Household(tenancy, places, sockets, era.history_begins), known, era)
    return replace(home, life=life, besides=tuple(besides))


def _split(household: Household, known: list[Happening], era: Era) -> Neighbour:
    past = [one for one in known if era.history_begins <= one.at < era.begins]
    return Neighbour(household, past, [one for one in known if one.at >= era.begins])
