"""The life of a home: everybody in it, who comes by, and what is made to happen there.

A life never changes: each `with_…` returns another life. Any days can be asked for; the same seed gives the same days.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from device_sims.life.activities import Doing, Stay
from device_sims.life.agenda import Setting, Visit, epoch_s
from device_sims.life.callers import (
    CARER,
    GUEST,
    VISITOR,
    drawn_visits,
    one_at_a_time,
    pet_day,
    visiting,
    weekend_of_guest,
)
from device_sims.life.days import one_day
from device_sims.life.floor_plan import FloorPlan
from device_sims.life.interruption import Interruption, between, instead
from device_sims.life.people import Drift, Person, Pet
from device_sims.life.profile import HEALTHY, Profile
from device_sims.life.whereabouts import Position, position_in

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Life:
    """A home with its people. The first person is the resident the service watches over."""

    seed: str
    plan: FloorPlan
    zone: ZoneInfo
    people: tuple[Person, ...]
    pets: tuple[Pet, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    more_visits: tuple[Visit, ...] = ()
    unvisited: tuple[tuple[datetime, datetime], ...] = ()

    def with_interruption(
        self, at: datetime, until: datetime | None, doing: Doing, room: str | None, who: str | None = None
    ) -> "Life":
        """Return the life in which this happens instead of what would have; a later one goes before an earlier.

        Args:
            at: when it begins (aware).
            until: when the ordinary day goes on; None for never.
            doing: what is done.
            room: where; None is outside.
            who: one of the people; None for the resident.

        Raises:
            ValueError: it would end before it begins, nobody is called so, or the home has no such room.
        """
        name = who or self.people[0].name
        if until is not None and until <= at:
            raise ValueError(f"what begins at {at:%Y-%m-%d %H:%M} cannot end at {until:%Y-%m-%d %H:%M}")
        if name not in (known := [one.name for one in self.people]):
            raise ValueError(f"nobody here is called {name!r}; here live {', '.join(known)}")
        if room is not None and room not in self.plan.rooms:
            raise ValueError(f"{self.plan.name} has no room {room!r}; it has {', '.join(self.plan.rooms)}")
        return replace(self, interruptions=(*self.interruptions, Interruption(name, at, until, doing, room)))

    def with_person(self, person: Person) -> "Life":
        """Return the life with somebody more, or somebody changed: a name is there once."""
        others = [one if one.name != person.name else person for one in self.people]
        return replace(self, people=tuple(others if person in others else [*others, person]))

    def with_profile(self, since: date, profile: Profile, who: str | None = None) -> "Life":
        """Return the life in which a person has another profile from a day on."""
        return self.with_person(self.person(who).turning(since, profile))

    def with_drift(self, drift: Drift, who: str | None = None) -> "Life":
        """Return the life in which a person slowly changes."""
        return self.with_person(self.person(who).drifting(drift))

    def with_pet(self, pet: Pet) -> "Life":
        """Return the life with an animal more."""
        return replace(self, pets=(*self.pets, pet))

    def with_visit(self, at: datetime, until: datetime, *, is_care: bool = False) -> "Life":
        """Return the life in which somebody comes by then."""
        visit = Visit(CARER if is_care else VISITOR, at.timestamp(), until.timestamp(), is_care)
        return replace(self, more_visits=(*self.more_visits, visit))

    def without_visits(self, at: datetime, until: datetime) -> "Life":
        """Return the life in which nobody from outside is in the home at that time: no visitor, carer or guest."""
        return replace(self, unvisited=(*self.unvisited, (at, until)))

    def person(self, who: str | None = None) -> Person:
        """Return one of the people; None for the resident.

        Raises:
            LookupError: nobody here is called so.
        """
        for one in self.people:
            if who in {None, one.name}:
                return one
        raise LookupError(f"nobody here is called {who!r}")

    def stays(self, first: date, last: date) -> list[Stay]:
        """Return everybody's stays from getting up on `first` until getting up on the day after `last`, by start.

        Those who live here have no gap; others have stays only while they are in the home.
        """
        found = [stay for one in self.people for stay in self.stays_of(one.name, first, last)]
        found += self._others(first, last)
        return sorted(found, key=lambda stay: (stay.start, stay.who))

    def stays_of(self, who: str, first: date, last: date) -> list[Stay]:
        """Return one person's stays from getting up on `first` until getting up on the day after `last`."""
        person = self.person(who)
        days = (first + _DAY * number for number in range((last - first).days + 1))
        stays = [stay for day in days for stay in _day_of(self, person, day)]
        for interruption in self.interruptions:
            if interruption.who == who:
                stays = list(instead(stays, interruption, self.seed))
        return list(between(stays, person.since, person.until))

    def position(self, at: datetime, who: str | None = None) -> Position:
        """Return where somebody is at a moment (aware); on the way between rooms, how far they have come."""
        person = self.person(who)
        day = at.astimezone(self.zone).date()
        stays = self.stays_of(person.name, day - _DAY, day)
        return position_in(stays, at, person.name, self.plan, person.on(day).walking_m_s)

    def visits(self, day: date) -> list[Visit]:
        """Return who comes by on a day, in order, one at a time; what was told goes before what is drawn."""
        begins, ends = epoch_s(day, 0, self.zone), epoch_s(day, 24, self.zone)
        told = [visit for visit in self.more_visits if begins <= visit.start_s < ends]
        drawn = drawn_visits(self.seed, self.people[0].on(day), day, self.zone)
        return one_at_a_time([*told, *(visit for visit in drawn if self._may_come(visit.start_s, visit.end_s))])

    def _may_come(self, start_s: float, end_s: float) -> bool:
        return all(end_s <= at.timestamp() or start_s >= until.timestamp() for at, until in self.unvisited)

    def _others(self, first: date, last: date) -> Iterator[Stay]:
        day = first
        while day <= last:
            for visit in self.visits(day):
                yield from visiting(visit)
            for pet in self.pets:
                yield from between(pet_day(self.seed, pet, day, self.zone), pet.since, None)
            yield from self._guest_from(day)
            day += _DAY

    def _guest_from(self, day: date) -> Iterator[Stay]:
        weekend = weekend_of_guest(self.seed, self.people[0].on(day), day, self.zone)
        if weekend is not None and self._may_come(*(moment.timestamp() for moment in weekend)):
            room = "guest_room" if "guest_room" in self.plan.rooms else "lounge"
            guest = Person(GUEST, replace(HEALTHY, visits_a_day=0.0), sleeps_in=room)
            days = (day + _DAY * number for number in range(3))
            yield from between((stay for one in days for stay in _day_of(self, guest, one)), *weekend)


def _day_of(life: Life, person: Person, day: date) -> tuple[Stay, ...]:
    setting = Setting(f"{life.seed}/{person.name}", life.seed, person.name, life.plan, life.zone, person.sleeps_in)
    return _drawn(setting, person.on(day), person.on(day + _DAY), day, tuple(life.visits(day)))


@lru_cache(maxsize=1_024)
def _drawn(
    setting: Setting, today: Profile, tomorrow: Profile, day: date, visits: tuple[Visit, ...]
) -> tuple[Stay, ...]:
    return tuple(one_day(setting, today, tomorrow, day, visits))
