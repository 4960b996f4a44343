"""When an alert should have moved and did not. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A step is run within a second of its time; a minute late, something that runs steps is broken.
LATE_AFTER = timedelta(minutes=1)
# Somebody who has an alert and says nothing for so long has forgotten it, whatever else should have asked.
FORGOTTEN_AFTER = timedelta(hours=8)
# The longest night that a step may wait for, with an hour in which clocks go back.
_LONGEST_NIGHT = timedelta(hours=13)


class Stall(StrEnum):
    """How an alert came to stand still."""

    NOT_BEGUN = "not_begun"  # it waits, and no way through a policy was begun
    NO_TIME = "no_time"  # it waits, and nobody will look at it again
    OVERDUE = "overdue"  # its step was due and did not run
    TOO_FAR = "too_far"  # its next step is later than any policy allows
    UNTOLD = "untold"  # a step ran, there was somebody to tell, and no message was queued
    FORGOTTEN = "forgotten"  # somebody has it and has not been heard of since


@dataclass(frozen=True, slots=True)
class Way:
    """How far an alert has come through its policy. `told`: whether its last step queued a message to anybody."""

    due_at: datetime | None
    longest: timedelta
    rounds: int
    told: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """An open alert as the auditor sees it. `way` None: none was begun. `is_reported`: it waits for somebody."""

    is_reported: bool
    last_event_at: datetime
    way: Way | None


def stall_of(seen: Seen, now: datetime) -> Stall | None:
    """Return how an open alert stands still, or None when it is on its way."""
    if not seen.is_reported:
        return Stall.FORGOTTEN if now - seen.last_event_at > FORGOTTEN_AFTER else None
    if seen.way is None:
        return Stall.NOT_BEGUN if now - seen.last_event_at > LATE_AFTER else None
    return _stall_of_way(seen.way, now)


def _stall_of_way(way: Way, now: datetime) -> Stall | None:
    if way.due_at is None:
        return Stall.NO_TIME
    if now - way.due_at > LATE_AFTER:
        return Stall.OVERDUE
    if way.due_at - now > max(way.longest, _LONGEST_NIGHT):
        return Stall.TOO_FAR
    return Stall.UNTOLD if way.rounds and not way.told else None
