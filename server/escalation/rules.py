"""Who is told, in what order, and when the next one is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise


class Who(StrEnum):
    """Whom a step tells."""

    ON_DUTY = "on_duty"  # the unit's nurses
    EVERYONE = "everyone"  # nurses, staff and administrators of the unit


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to tell and how long they have to answer before the next step."""

    who: Who
    answer_within: timedelta


Policy = tuple[Step, ...]

# For a unit that has set nothing up: a chain never ends on one phone.
DEFAULT_POLICY: Policy = (Step(Who.ON_DUTY, timedelta(minutes=2)), Step(Who.EVERYONE, timedelta(minutes=5)))


@dataclass(frozen=True, slots=True)
class Move:
    """A step to run now, and when to look again if nobody answers."""

    step: int
    due_at: datetime


def next_move(policy: Policy, last_step: int | None, now: datetime) -> Move:
    """Return the step that follows. The last one repeats for ever: an unanswered alert never falls silent."""
    step = 0 if last_step is None else min(last_step + 1, len(policy) - 1)
    return Move(step, now + policy[step].answer_within)


def fault_of(policy: Policy) -> str | None:
    """Return why a policy must not be saved, or None when it will do."""
    if not policy:
        return "a policy needs at least one step"
    if any(step.answer_within <= timedelta(0) for step in policy):
        return "every step needs some time to answer in"
    if policy[-1].who is not Who.EVERYONE:
        return "the last step must tell everyone in the unit, so that the chain never ends on one phone"
    if any(first.who is Who.EVERYONE and then.who is Who.ON_DUTY for first, then in pairwise(policy)):
        return "a step that tells fewer people cannot follow one that tells everyone"
    return None
