"""A scenario: who lives how, what happens there, what should be alerted of it and how soon, and what must not be.

    Scenario("fall", "Falls in the bathroom", lasts=DAY).with_incident(
        Falls(at(1, "09:40"), "bathroom", 8 * HOUR)
    ).alerting(("inactivity", "fall"), at(1, "09:40"), within=4 * HOUR)

A scenario never changes: each method returns another one.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from device_sims.life.homes import OSLO, home_of
from device_sims.life.life import Life
from device_sims.scenarios.incidents import Incident, Scene, When
from device_sims.scenarios.kinds import CLASS_OF
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, Truth, Watched


@dataclass(frozen=True, slots=True)
class Alerted:
    """Should be alerted by any of `kinds`, not later than `within` after `since`. `until`: when it is over."""

    kinds: tuple[str, ...]
    since: When
    within: timedelta
    until: When | None = None

    @property
    def alert_class(self) -> AlertClass:
        """Whom such an alert is about; its kinds are all of one class."""
        return CLASS_OF[self.kinds[0]]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Must not be alerted, and why. `kinds` None: nothing about the person; no times: as long as the scenario lasts."""

    reason: str
    kinds: tuple[str, ...] | None = None
    since: When | None = None
    until: When | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens in one home.

    `profile` is a profile's name or "couple", `plan` a floor plan's; `lasts` are whole hours or more, from midnight of
    its first day; `title` is what testers read.
    """

    code: str
    title: str
    lasts: timedelta = timedelta(days=1)
    profile: str = "healthy"
    plan: str = "house"
    incidents: tuple[Incident, ...] = ()
    alerted: tuple[Alerted, ...] = ()
    quiet: tuple[Quiet, ...] = ()

    def with_incident(self, incident: Incident) -> "Scenario":
        """Return the scenario in which this happens too."""
        return replace(self, incidents=(*self.incidents, incident))

    def alerting(self, kinds: tuple[str, ...], since: When, within: timedelta, until: When | None = None) -> "Scenario":
        """Return the scenario of which this should be alerted.

        Raises:
            ValueError: a kind is unknown, or they are not of one class.
        """
        if len({CLASS_OF.get(kind) for kind in kinds}) != 1 or kinds[0] not in CLASS_OF:
            raise ValueError(f"{', '.join(kinds)}: known kinds of one class were expected: {', '.join(CLASS_OF)}")
        return replace(self, alerted=(*self.alerted, Alerted(kinds, since, within, until)))

    def keeping_quiet(
        self,
        reason: str,
        kinds: tuple[str, ...] | None = None,
        since: When | None = None,
        until: When | None = None,
    ) -> "Scenario":
        """Return the scenario of which this must not be alerted."""
        return replace(self, quiet=(*self.quiet, Quiet(reason, kinds, since, until)))

    def home(self, seed: str) -> Life:
        """Return a home it suits, before anything has happened."""
        return home_of(seed, self.profile, self.plan)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a scenario is played: its first day in the home's zone, and how far all of it is put off."""

    first: date
    zone: ZoneInfo = OSLO
    later: timedelta = timedelta()

    def of(self, when: When) -> datetime:
        """Return a moment of the scenario, aware."""
        return when.on(self.first, self.zone) + self.later

    @property
    def begins(self) -> datetime:
        """Midnight of the first day."""
        return self.of(When(1, time()))


def at(day: int, clock: str) -> When:
    """Return a moment of a scenario, such as `at(1, "09:40")`."""
    return When(day, time.fromisoformat(clock))


def staged(scenario: Scenario, life: Life, timing: Timing) -> Scene:
    """Return what comes of a scenario in a home.

    Raises:
        ValueError, LookupError: the home has not what it takes.
    """
    scene = Scene(life)
    for incident in scenario.incidents:
        incident.befall(scene, timing.of(incident.at))
    return scene


def truth_of(scenario: Scenario, home: str, timing: Timing) -> Truth:
    """Return what should, and must not, be alerted of it in a home; the home is watched as long as it lasts."""
    begins = timing.begins
    ends = begins + scenario.lasts
    return Truth(
        (Watched(home, begins, ends),),
        tuple(
            Expected(
                home,
                one.kinds,
                timing.of(one.since),
                one.within,
                scenario.title,
                None if one.until is None else timing.of(one.until),
                one.alert_class,
            )
            for one in scenario.alerted
        ),
        tuple(
            Forbidden(
                home,
                begins if one.since is None else timing.of(one.since),
                ends if one.until is None else timing.of(one.until),
                scenario.title,
                one.reason,
                one.kinds,
            )
            for one in scenario.quiet
        ),
    )
