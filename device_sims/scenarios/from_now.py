"""Scenarios that a tester lets begin in a home that is being lived in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from typing_extensions import override

from device_sims.life.life import Life
from device_sims.scenarios.incidents import Alone, Does, Falls, GetsPet, MovesSensor, Tells, Visited
from device_sims.scenarios.scenario import Scenario, Timing, staged, truth_of
from device_sims.scenarios.scenario_file import scenario_named, scenario_names
from device_sims.turns import AtHand, Scenarios, Turn

# Whoever is going to fall somewhere has to come there first.
_SOON: Final = timedelta(minutes=3)
_ANY_DAY: Final = date(2026, 1, 1)
# The others are about days that are over already, or about what a tester breaks by hand.
_AT_ONCE: Final = (Does, Falls, Alone, Visited, GetsPet, Tells, MovesSensor)


class FromNow(Scenarios):
    """What is at hand anyway, and the scenarios from files that can begin at any moment.

    A scenario's first incident comes three minutes after it is asked for, and the others as long after it as the file
    says, whatever the hour.
    """

    def __init__(self, at_hand: Scenarios | None = None) -> None:
        self._at_hand = at_hand or AtHand()

    @override
    def titles(self, life: Life) -> Mapping[str, str]:
        """Return code and title of each that this home has rooms and sensors for."""
        files = {code: one.title for code, one in _at_once().items() if _suits(one, life)}
        return {
            **self._at_hand.titles(life),
            **{code: title for code, title in files.items() if not self._has(code, life)},
        }

    @override
    def begin(self, code: str, home: str, life: Life, at: datetime) -> Turn:
        """Let one begin. Raises SimulationError where there is none of that code."""
        scenario = _at_once().get(code)
        if scenario is None or self._has(code, life) or not _suits(scenario, life):
            return self._at_hand.begin(code, home, life, at)
        timing = _beginning(scenario, life, at)
        scene = staged(scenario, life, timing)
        truth = truth_of(scenario, home, timing)
        quiet = (replace(one, begins_at=max(one.begins_at, at)) for one in truth.forbidden if one.ends_at > at)
        return Turn(scene.life, tuple(scene.told), tuple(scene.changes), (*truth.expected, *quiet))

    def _has(self, code: str, life: Life) -> bool:
        return code in self._at_hand.titles(life)


@cache
def _at_once() -> Mapping[str, Scenario]:
    known = {name: scenario_named(name) for name in scenario_names()}
    return {name: one for name, one in known.items() if all(isinstance(each, _AT_ONCE) for each in one.incidents)}


def _beginning(scenario: Scenario, life: Life, at: datetime) -> Timing:
    timing = Timing(at.astimezone(life.zone).date(), life.zone)
    return replace(timing, later=at + _SOON - timing.of(min(one.at for one in scenario.incidents)))


def _suits(scenario: Scenario, life: Life) -> bool:
    try:
        staged(scenario, life, Timing(_ANY_DAY, life.zone))
    except (ValueError, LookupError):
        return False
    return True
