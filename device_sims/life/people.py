"""Who lives in a home, and how somebody changes over weeks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from device_sims.life.profile import HEALTHY, REHABILITATION, Profile


@dataclass(frozen=True, slots=True)
class Drift:
    """Some numbers of a profile become others: from none of it on `since` to all of it on `until`, and stay so."""

    since: date
    until: date
    factors: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, since: date, until: date, factors: Mapping[str, float]) -> Self:
        """Return the drift by these factors, such as {"liveliness": 0.5}.

        Raises:
            ValueError: a name is no number of a profile, or `until` is before `since`.
        """
        HEALTHY.changed(factors)
        if until < since:
            raise ValueError(f"a change from {since} cannot be over on {until}")
        return cls(since, until, tuple(sorted(factors.items())))

    def share_on(self, day: date) -> float:
        """Return how much of it has come about, 0 to 1."""
        if day < self.since or day >= self.until:
            return float(day >= self.until)
        return (day - self.since) / (self.until - self.since)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who lives here, `since` to `until` (aware; None: always)."""

    name: str
    profile: Profile
    since: datetime | None = None
    until: datetime | None = None
    turns: tuple[tuple[date, Profile], ...] = ()  # from that day on another profile
    drifts: tuple[Drift, ...] = ()
    sleeps_in: str = "bedroom"

    def on(self, day: date) -> Profile:
        """Return how this person is on a day."""
        profile = self.profile
        for since, turned in self.turns:
            if day >= since:
                profile = turned
        for drift in self.drifts:
            profile = profile.changed(dict(drift.factors), drift.share_on(day))
        return profile

    def turning(self, since: date, profile: Profile) -> "Person":
        """Return the same person with another profile from a day on."""
        return replace(self, turns=(*sorted([*self.turns, (since, profile)], key=lambda turn: turn[0]),))

    def drifting(self, drift: Drift) -> "Person":
        """Return the same person who slowly changes."""
        return replace(self, drifts=(*self.drifts, drift))


@dataclass(frozen=True, slots=True)
class Pet:
    """An animal that motion sensors see now and then, `since` (aware; None: always). `lively`: 1 is a cat."""

    name: str = "cat"
    since: datetime | None = None
    lively: float = 1.0


def recovering(name: str, since: date, seed: str, weeks: int = 6) -> Person:
    """Return somebody who comes home from hospital on a day and is about as before some weeks later."""
    weak = REHABILITATION.varied(seed)
    return Person(name, weak, drifts=(Drift.of(since, since + timedelta(weeks=weeks), weak.factors_to(HEALTHY)),))
