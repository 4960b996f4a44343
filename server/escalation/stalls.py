"""When an alert should have moved and did not. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A step is run within a second of its time; a minute late, something that runs steps is broken.
LATE_AFTER = timedelta(minutes=1)
# The longest night that a step may wait for, with an hour in which clocks go back.
_LONGEST_NIGHT = timedelta(hours=13)


class Stall(StrEnum):
    """How an alert came to stand still."""

    NOT_BEGUN = "not_begun"  # it waits, and no way through a policy was begun
    NO_TIME = "no_time"  # it waits, and nobody will look at it again
    OVERDUE = "overdue"  # its step was due and did not run
    TOO_FAR = "too_far"  # its next step is later than any policy allows
    UNTOLD = "untold"  # a step ran, there was somebody to tell, and no message was queued
    FORGOTTEN = "forgotten"  # somebody has it, and nobody asks whether they still do


@dataclass(frozen=True, slots=True)
class Way:
    """How far an alert has come through its policy. `told`: whether its last step queued a message to anybody."""

    due_at: datetime | None
    longest: timedelta
    rounds: int
    told: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """An open alert as the auditor sees it.

    `is_reported`: it waits, since `waiting_since`. `asked_at`: when whoever has it is asked after, None for never.
    `way` None: none was begun.
    """

    is_reported: bool
    waiting_since: datetime
    asked_at: datetime | None
    way: Way | None


def stall_of(seen: Seen, now: datetime) -> Stall | None:
    """Return how an open alert stands still, or None when it is on its way."""
    if not seen.is_reported:
        is_asked = seen.asked_at is not None and now - seen.asked_at <= LATE_AFTER
        return None if is_asked else Stall.FORGOTTEN
    if seen.way is None or seen.way.due_at is None:
        # Given back a moment ago, it is begun in the next turn.
        if now - seen.waiting_since <= LATE_AFTER:
            return None
        return Stall.NOT_BEGUN if seen.way is None else Stall.NO_TIME
    return _stall_of_way(seen.way, seen.way.due_at, now)


def _stall_of_way(way: Way, due_at: datetime, now: datetime) -> Stall | None:
    if now - due_at > LATE_AFTER:
        return Stall.OVERDUE
    if due_at - now > max(way.longest, _LONGEST_NIGHT):
        return Stall.TOO_FAR
    return Stall.UNTOLD if way.rounds and not way.told else None
