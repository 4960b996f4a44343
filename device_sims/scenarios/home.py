"""One home of a played scenario: what its gateway will hear, and what should come of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from device_sims.life.floor_plan import distance_m
from device_sims.life.life import Life
from device_sims.life.noticing import Circumstances, Happening, noticed
from device_sims.radio.faults import Channel, Duplication, Interference
from device_sims.radio.frames import Packet
from device_sims.radio.reception import Place, Reception
from device_sims.scenarios.incidents import Failing, Scene
from device_sims.scenarios.scenario import Scenario, Timing, staged, truth_of
from device_sims.scoring.truth import Truth
from device_sims.sensors.kit import AS_THEY_ARE, Kit, Thinning

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Performance:
    """A scenario in one home: `code` names the home, `history` is the time lived through before it begins."""

    code: str
    scenario: Scenario
    timing: Timing
    scene: Scene
    kit: Kit
    history: timedelta

    @property
    def life(self) -> Life:
        """Who lives there, with everything that will happen."""
        return self.scene.life

    @property
    def begins(self) -> datetime:
        """When the scenario begins, aware."""
        return self.timing.begins

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.begins + self.scenario.lasts

    @property
    def failing(self) -> list[Failing]:
        """What of the installation fails, and when."""
        return self.scene.failing

    @property
    def truth(self) -> Truth:
        """What should, and must not, be alerted."""
        return truth_of(self.scenario, self.code, self.timing)

    def packets(self) -> Iterator[Packet]:
        """Yield what the gateway can hear from the first day of history on, in order; once only."""
        channel = Channel(*ordinary_air(self.life, self.kit))
        return channel.over(self.kit.over(self._noticed(), self.ends))

    def _noticed(self) -> list[Happening]:
        scene, zone = self.scene, self.life.zone
        begins = self.begins - self.history
        # A day more before: the night before the first day began on it.
        first, last = (begins - _DAY).astimezone(zone).date(), self.ends.astimezone(zone).date()
        circumstances = Circumstances(tuple(scene.changes), tuple(scene.unheated))
        known = [*noticed(scene.life, first, last, circumstances), *scene.told]
        return sorted((one for one in known if begins <= one.at < self.ends), key=lambda one: one.at)


def performance(
    scenario: Scenario, code: str, seed: str, timing: Timing, history: timedelta, thinning: Thinning = AS_THEY_ARE
) -> Performance:
    """Return a scenario in a home of this seed.

    Args:
        scenario: what happens.
        code: names the home to the service.
        seed: the same seed, scenario, timing and history give the same bytes on the air.
        timing: when.
        history: how long the home has been lived in before.
        thinning: what is left out of what the sensors would send.

    Raises:
        ValueError, LookupError: no home of this kind has what the scenario takes.
    """
    timing = replace(timing, zone=scenario.home(seed).zone)
    scene = staged(scenario, scenario.home(seed), timing)
    kit = Kit.hung(seed, scene.life.plan.sensors, timing.begins - history, ills=scene.ills, thinning=thinning)
    return Performance(code, scenario, timing, scene, kit, history)


def truth_of_all(homes: Iterable[Performance]) -> Truth:
    """Return what should, and must not, be alerted in any of these homes."""
    truths = [home.truth for home in homes]
    return Truth(
        tuple(one for each in truths for one in each.watched),
        tuple(one for each in truths for one in each.expected),
        tuple(one for each in truths for one in each.forbidden),
    )


def ordinary_air(life: Life, kit: Kit) -> tuple[Reception, Interference, Duplication]:
    """Return what happens to packets in any home: distance and walls, a microwave oven now and then, some copies."""
    plan = life.plan
    places = {
        kit.devices[hung.name].sensor.address: Place(
            distance_m(plan.gateway, hung.at), plan.walls_between(plan.gateway, hung.at)
        )
        for hung in plan.sensors
    }
    return (
        Reception(places, life.seed),
        Interference(timedelta(minutes=20), timedelta(seconds=8), 0.7, life.seed),
        Duplication(0.02, timedelta(seconds=1), life.seed),
    )
