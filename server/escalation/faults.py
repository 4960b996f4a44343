"""Why a policy must not be saved: no chain may end on a single phone, or on nobody. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from server.alerting.rules import Severity
from server.escalation.rules import AtNight, Policy, QuietHours, Step, Who

_LEAST = timedelta(seconds=15)  # shorter, and nobody has the time to find the phone
_MOST = timedelta(hours=24)
_MOST_STEPS = 12
_LONGEST_QUIET = timedelta(hours=12)
_MORE_THAN_ONE_PHONE = 2


class FaultKind(StrEnum):
    """What is wrong with a policy."""

    NO_STEPS = "no_steps"
    TOO_MANY_STEPS = "too_many_steps"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    ENDS_ON_FEW = "ends_on_few"
    ENDS_FOR_SOME = "ends_for_some"
    FEWER_AFTER_ALL = "fewer_after_all"
    NO_NAME = "no_name"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_UNIT = "unknown_unit"
    IN_A_CIRCLE = "in_a_circle"
    NOBODY_THERE = "nobody_there"
    REACHES_ONE = "reaches_one"
    REACHES_NOBODY = "reaches_nobody"
    NO_QUIET_HOURS = "no_quiet_hours"
    QUIET_HOURS = "quiet_hours"


_WORDS = {
    FaultKind.NO_STEPS: "a policy needs at least one step",
    FaultKind.TOO_MANY_STEPS: "a policy has at most twelve steps",
    FaultKind.TOO_SHORT: "every step needs some time to answer in: at least 15 seconds",
    FaultKind.TOO_LONG: "nobody may be waited for longer than a day",
    FaultKind.ENDS_ON_FEW: "the last step must tell everyone in the unit, so that the chain never ends on one phone",
    FaultKind.ENDS_FOR_SOME: "the last step must hold for every severity, or milder alerts would end on nobody",
    FaultKind.FEWER_AFTER_ALL: "a step that tells fewer people cannot follow one that tells everyone",
    FaultKind.NO_NAME: "this step needs a person or a unit",
    FaultKind.UNKNOWN_PERSON: "this person is not known here, or could not open the unit's alerts",
    FaultKind.UNKNOWN_UNIT: "a back-up must be a unit above this one, or one beside it in the same municipality",
    FaultKind.IN_A_CIRCLE: "these units would stand in for each other, and each would wait for the other",
    FaultKind.NOBODY_THERE: "nobody works in this unit who could be on duty",
    FaultKind.REACHES_ONE: "the last step would reach one person only: the chain would end on a single phone",
    FaultKind.REACHES_NOBODY: "the last step would reach nobody",
    FaultKind.NO_QUIET_HOURS: "a step minds the night, but the policy has no quiet hours",
    FaultKind.QUIET_HOURS: "quiet hours need a beginning and an end, and last at most 12 hours",
}
_NEEDS_NAME = frozenset({Who.PERSON, Who.BACKUP, Who.RESPONDER_CENTRE})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong; `step`: at which one (0 is the first), None when it is about the whole policy."""

    kind: FaultKind
    step: int | None = None

    @property
    def words(self) -> str:
        """What is wrong, in English; pages say it in the reader's language."""
        at = "" if self.step is None else f"step {self.step + 1}: "
        return at + _WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Who there is where a policy is to hold.

    `people`: those a step may name. `units`: those it may name as back-up, each with why it cannot be one; None: it
    can. `reached_last`: people a step for everyone reaches, where fewest are.
    """

    people: frozenset[int]
    units: Mapping[int, FaultKind | None]
    reached_last: int

    @property
    def backups(self) -> frozenset[int]:
        """The units that can be a back-up."""
        return frozenset(number for number, fault in self.units.items() if fault is None)


def fault_of(policy: Policy) -> Fault | None:
    """Return why a policy must not be saved anywhere, or None when its shape will do."""
    if not policy.steps:
        return Fault(FaultKind.NO_STEPS)
    if len(policy.steps) > _MOST_STEPS:
        return Fault(FaultKind.TOO_MANY_STEPS)
    if policy.quiet is not None and not timedelta(0) < length_of(policy.quiet) <= _LONGEST_QUIET:
        return Fault(FaultKind.QUIET_HOURS)
    for number, step in enumerate(policy.steps):
        kind = _fault_of_step(step, has_night=policy.quiet is not None)
        if kind is not None:
            return Fault(kind, number)
    return _fault_of_order(policy.steps)


def fault_among(policy: Policy, around: Surroundings) -> Fault | None:
    """Return why a policy that is well shaped must not be saved where it is to hold."""
    for number, step in enumerate(policy.steps):
        if step.who in {Who.PERSON, Who.RESPONDER_CENTRE} and step.named not in around.people:
            return Fault(FaultKind.UNKNOWN_PERSON, number)
        unfit = around.units.get(step.named or 0, FaultKind.UNKNOWN_UNIT) if step.who is Who.BACKUP else None
        if unfit is not None:
            return Fault(unfit, number)
    if around.reached_last >= _MORE_THAN_ONE_PHONE:
        return None
    kind = FaultKind.REACHES_ONE if around.reached_last else FaultKind.REACHES_NOBODY
    return Fault(kind, len(policy.steps) - 1)


def length_of(quiet: QuietHours) -> timedelta:
    """Return how long quiet hours last by the clock on the wall; none when they end as they begin."""
    day = datetime.min  # noqa: DTZ901 - of no zone: only the difference counts
    length = datetime.combine(day, quiet.end) - datetime.combine(day, quiet.start)
    return length % timedelta(days=1)


def _fault_of_step(step: Step, *, has_night: bool) -> FaultKind | None:
    if step.answer_within < _LEAST:
        return FaultKind.TOO_SHORT
    if step.answer_within > _MOST:
        return FaultKind.TOO_LONG
    if step.who in _NEEDS_NAME and step.named is None:
        return FaultKind.NO_NAME
    if step.at_night is not AtNight.TELL and not has_night:
        return FaultKind.NO_QUIET_HOURS
    return None


def _fault_of_order(steps: tuple[Step, ...]) -> Fault | None:
    last = len(steps) - 1
    if steps[last].who is not Who.EVERYONE:
        return Fault(FaultKind.ENDS_ON_FEW, last)
    if steps[last].from_severity > Severity.NORMAL:
        return Fault(FaultKind.ENDS_FOR_SOME, last)
    for number, (first, then) in enumerate(pairwise(steps)):
        if first.who is Who.EVERYONE and then.who in {Who.ON_DUTY, Who.PERSON}:
            return Fault(FaultKind.FEWER_AFTER_ALL, number + 1)
    return None
