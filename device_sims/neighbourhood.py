"""Who lives in the demo's world, and what has happened and will happen in their homes. All names are invented."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from device_sims import tihm
from device_sims.home import HUNG_UP, Fall, Happening, Press, Scenario, happenings, played
from device_sims.household import Household, Tenancy
from device_sims.resident import Habits, Resident
from device_sims.tihm import Activation

OSLO: Final = ZoneInfo("Europe/Oslo")

# How far the world is thought out from its start: half a real day at sixty times real time.
_FUTURE_DAYS: Final = 30

_INGER: Final = Tenancy("a", "Inger Solberg", 1938, "Fjellveien 12", OSLO)
_TORVALD: Final = Tenancy("b", "Torvald Haugen", 1941, "Elvegata 3", OSLO)

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
    falls = era.begins + _FALLS_AFTER
    inger = _lives(_INGER, Habits(), era, [Fall(falls, falls + _FOUND_AFTER)], sockets)
    early = Habits(
        wakes_at=time(6, 20), goes_to_bed_at=time(21, 50), goes_out_at=time(11, 0), toilet_visits_a_night=2.4
    )
    torvald = _lives(_TORVALD, early, era, [Press(era.begins + PRESSES_AFTER)], sockets)
    return [inger, torvald]


def from_tihm(home: str, rows: list[Activation], era: Era, sockets: Path) -> Neighbour:
    """Return a real home, its dates shifted by whole weeks: weekdays stay, and up to a week of it lies ahead."""
    last = rows[-1].at()
    shift = timedelta(weeks=(era.begins - last) // timedelta(weeks=1) + 1)
    tenancy = Tenancy(home, f"TIHM {home}", 1940, "Storgata 1", tihm.ZONE)
    known = [Happening(row.at(shift=shift), row.place.room, row.place.form, 1) for row in rows]
    places = [(row.place.room, row.place.form) for row in rows]
    return _split(Household(tenancy, places, sockets, era.history_begins), known, era)


def _lives(tenancy: Tenancy, habits: Habits, era: Era, scenarios: list[Scenario], sockets: Path) -> Neighbour:
    stays = Resident(tenancy.code, habits).lives(*era.dates)
    known = played(happenings(stays, tenancy.zone, tenancy.code), scenarios)
    return _split(Household(tenancy, HUNG_UP, sockets, era.history_begins), known, era)


def _split(household: Household, known: list[Happening], era: Era) -> Neighbour:
    past = [one for one in known if era.history_begins <= one.at < era.begins]
    return Neighbour(household, past, [one for one in known if one.at >= era.begins])
