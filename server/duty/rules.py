"""Who is on duty, who may leave, and when hours that were planned have nobody. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A planned hour may begin this much later than planned before it is said to have nobody.
GRACE = timedelta(minutes=10)
# A test alert that has not arrived by then will not: what is wrong is said, with what to do.
ARRIVES_WITHIN = timedelta(seconds=15)
LONGEST_SHIFT = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Planned:
    """One shift. `code` is None before it is stored."""

    person_id: int
    from_at: datetime
    to_at: datetime
    code: str | None = None

    def covers(self, at: datetime) -> bool:
        """Return whether the shift lasts at that moment. Its end is no longer in it."""
        return self.from_at <= at < self.to_at


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who could be told. `on_duty`: has begun duty for the unit or one above it."""

    person_id: int
    on_duty: bool
    is_nurse_here: bool


def counted(members: Collection[Member], *, keeps_lists: bool) -> list[int]:
    """Return who counts as on duty: whoever has begun.

    Where nobody has, and the unit never kept lists, all its nurses: a unit that only just joined is not without help.
    """
    begun = [member.person_id for member in members if member.on_duty]
    if begun or keeps_lists:
        return begun
    return [member.person_id for member in members if member.is_nurse_here]


def clash(wanted: Planned, others: Iterable[Planned]) -> Planned | None:
    """Return the first other shift of the same person that overlaps; None when there is none. Ends may touch."""
    overlapping = (
        other
        for other in others
        if other.person_id == wanted.person_id
        and (other.code is None or other.code != wanted.code)
        and other.from_at < wanted.to_at
        and wanted.from_at < other.to_at
    )
    return min(overlapping, key=lambda other: other.from_at, default=None)


@dataclass(frozen=True, slots=True)
class Cover:
    """How a unit's planned hours stand. `bare_since`: since when they have nobody. `look_at`: when to look again."""

    bare_since: datetime | None
    look_at: datetime | None

    def is_alarming(self, now: datetime) -> bool:
        """Return whether it has lasted longer than somebody may be late."""
        return self.bare_since is not None and now >= self.bare_since + GRACE


def cover(shifts: Collection[Planned], now: datetime, *, anybody: bool, bare_since: datetime | None) -> Cover:
    """Return how planned hours stand now. `bare_since`: what was known before.

    `look_at` is the next moment at which the answer can change by time alone; whoever begins or ends duty, or changes
    the plan, must look at once.
    """
    next_start = min((shift.from_at for shift in shifts if shift.from_at > now), default=None)
    running = [shift for shift in shifts if shift.covers(now)]
    if anybody or not running:
        return Cover(None, next_start)
    since = bare_since or now
    alarm_at = since + GRACE
    return Cover(since, alarm_at if alarm_at > now else min(shift.to_at for shift in running))


def may_leave(shifts: Collection[Planned], now: datetime, *, others: int) -> bool:
    """Return whether somebody may end their duty: others stay, or the plan says that nobody need be here now.

    `shifts`: those that have not ended. Without any the plan says nothing: then the last one names who takes over.
    """
    if others:
        return True
    return bool(shifts) and not any(shift.covers(now) for shift in shifts)


def has_failed(tested_at: datetime | None, proven_at: datetime | None, now: datetime) -> bool:
    """Return whether a test alert was sent, and has had time to arrive, and has not."""
    return proven_at is None and tested_at is not None and now >= tested_at + ARRIVES_WITHIN
