"""When residents are to be looked at, what is known of them then, and what may be said of it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from models.presence import Presence, Present, Where, is_between
from server.house_rules.windows import moment_of

OPENS_BEFORE: Final = timedelta(minutes=30)
SIGNED_WITHIN: Final = timedelta(hours=1)
VISITED_WITHIN: Final = timedelta(minutes=30)
# A decision is looked at anew each year, and so is the plan that rests on it.
LONGEST_PLAN: Final = timedelta(days=366)
QUARTER_MIN: Final = 15
MOST_TIMES: Final = 12
LONGEST_BASIS: Final = 300
# So long without a movement, and somebody is quiet.
_QUIET: Final = timedelta(minutes=20)
_NIGHT: Final = (22, 8)  # local hours in which being out of bed says something, as `models.presence` has it


class State(StrEnum):
    """What is known of a resident without a camera."""

    IN_BED = "in_bed"
    IN_BATHROOM = "in_bathroom"
    OUT_OF_BED = "out_of_bed"
    QUIET = "quiet"
    UP = "up"
    OUT = "out"
    UNKNOWN = "unknown"


class Mark(StrEnum):
    """What somebody says of a look."""

    SEEN = "seen"
    SPOKEN = "spoken"  # they were reached in another way: by telephone, at the door
    VISIT = "visit"  # somebody must go there


class Unfit(StrEnum):
    """What is wrong with a plan of looks."""

    NOT_A_TIME = "not_a_time"
    NOT_A_QUARTER = "not_a_quarter"
    NO_TIMES = "no_times"
    NO_DAYS = "no_days"
    NOT_A_DATE = "not_a_date"
    ENDS_BEFORE = "ends_before"
    TOO_LONG = "too_long"
    NO_BASIS = "no_basis"
    BASIS_TOO_LONG = "basis_too_long"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown of a resident. `since`: of the state; None: not known. `quiet_since`: the last movement."""

    state: State
    since: datetime | None
    quiet_since: datetime | None
    room: str | None
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Looks at these minutes of the day, on these weekdays, from one date to another, both of them in it."""

    times: tuple[int, ...]
    days: frozenset[int]
    from_date: date
    until_date: date

    def moments(self, zone: tzinfo, day: date) -> list[datetime]:
        """Return when to look on a day, UTC."""
        if day.weekday() not in self.days or not self.from_date <= day <= self.until_date:
            return []
        return [moment_of(day, minutes, zone) for minutes in self.times]


def is_planned(plan: Plan, zone: tzinfo, at: datetime) -> bool:
    """Return whether the plan has a look at exactly this moment."""
    return at in plan.moments(zone, at.astimezone(zone).date())


def next_moment(plans: Iterable[tuple[Plan, tzinfo]], after: datetime) -> datetime | None:
    """Return the first moment later than `after` at which any of these plans has a look; None: none ever has."""
    found = [at for plan, zone in plans if (at := _next_of(plan, zone, after)) is not None]
    return min(found, default=None)


def _next_of(plan: Plan, zone: tzinfo, after: datetime) -> datetime | None:
    day = max(plan.from_date, after.astimezone(zone).date())
    for _ in range(8):  # every weekday, and the first one once more
        ahead = [at for at in plan.moments(zone, day) if at > after]
        if ahead:
            return min(ahead)
        day += timedelta(days=1)
    return None


def picture(presence: Presence, present: Present, zone: tzinfo, now: datetime, *, is_known: bool) -> Picture:
    """Return what is known of a resident now. Of a home that is not known it is only that."""
    if not is_known or present.where is Where.UNKNOWN:
        return Picture(State.UNKNOWN, None, None, None, is_quiet=False)
    last = presence.last_at
    is_quiet = last is not None and now - last >= _QUIET
    state, since = _state(presence, present, zone, now, is_quiet=is_quiet)
    room = present.room if state in {State.QUIET, State.UP, State.OUT_OF_BED} else None
    return Picture(state, since, last, room, is_quiet)


def _state(
    presence: Presence, present: Present, zone: tzinfo, now: datetime, *, is_quiet: bool
) -> tuple[State, datetime | None]:
    if present.where is Where.IN_BED:
        return State.IN_BED, present.since
    if present.where is Where.OUT:
        return State.OUT, present.since
    if present.where is Where.IN_BATHROOM:
        return State.IN_BATHROOM, present.since
    if presence.in_bed is False and presence.left_s and is_between(now, zone, *_NIGHT):
        return State.OUT_OF_BED, datetime.fromtimestamp(presence.left_s, now.tzinfo)
    return (State.QUIET, presence.last_at) if is_quiet else (State.UP, presence.last_at)


def may_be(mark: Mark, state: State) -> bool:
    """Return whether a mark can be set: nobody is seen whose home is not known."""
    return mark is not Mark.SEEN or state is not State.UNKNOWN


def saves_visit(mark: Mark, *, replaces_visit: bool) -> bool:
    """Return whether a look saved a physical visit: one would have been made, and none was needed."""
    return replaces_visit and mark is not Mark.VISIT


def is_open(at: datetime, now: datetime) -> bool:
    """Return whether a round may be made and signed."""
    return now >= at - OPENS_BEFORE


def unfit_times(times: Collection[int | None]) -> Unfit | None:
    """Return what is wrong with clock times (minutes of the day; None: one that was none); None: nothing."""
    if not times or len(times) > MOST_TIMES:
        return Unfit.NO_TIMES
    if any(minutes is None for minutes in times):
        return Unfit.NOT_A_TIME
    return Unfit.NOT_A_QUARTER if any(minutes and minutes % QUARTER_MIN for minutes in times) else None


def unfit_dates(from_date: date | None, until_date: date | None) -> Unfit | None:
    """Return what is wrong with the last day of a plan; None: nothing."""
    if from_date is None or until_date is None:
        return Unfit.NOT_A_DATE
    if until_date < from_date:
        return Unfit.ENDS_BEFORE
    return Unfit.TOO_LONG if until_date - from_date > LONGEST_PLAN else None


def unfit_basis(basis: str) -> Unfit | None:
    """Return what is wrong with what a plan rests on; None: nothing."""
    if not basis:
        return Unfit.NO_BASIS
    return Unfit.BASIS_TOO_LONG if len(basis) > LONGEST_BASIS else None
