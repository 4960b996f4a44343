"""When staff count as being with a resident, and what that explains. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from models.finding import FACTS, FindingKind
from server.errors import VisitTimesError

# Nobody stays longer without saying so again: who forgot to say that they left must not keep a home unwatched.
STAYS_AT_MOST: Final = timedelta(hours=2)
# Who leaves says so after the door, or before it.
_SAYS_SO_WITHIN: Final = timedelta(minutes=10)
_AT_THE_DOOR_WITHIN: Final = timedelta(minutes=5)
# Around a planned visit nobody is punctual.
_SLACK: Final = timedelta(minutes=15)
_LONGEST_VISIT: Final = timedelta(days=1)
# Who presses now and has a visit so soon may be asking where it is.
DUE_SOON: Final = timedelta(minutes=60)
OVERDUE_FOR: Final = timedelta(minutes=45)


class Known(StrEnum):
    """How it is known that staff are there, the surest first."""

    SAID = "said"  # by themselves, in the app
    ALERT = "alert"  # "I am with the resident" of an alert
    PLANNED = "planned"  # nobody said anything: it is their time


@dataclass(frozen=True, slots=True)
class StaffThere:
    """Somebody of staff is with a resident in [since, until), aware. `person_id`: None where only a plan tells."""

    since: datetime
    until: datetime
    known: Known
    person_id: int | None = None


_BODY_AND_HOME: Final = frozenset({FindingKind.COLD_HOME, FindingKind.VITALS})
# What rests on movement: while somebody of staff stands beside the resident it tells nothing new.
BY_MOTION: Final = frozenset(kind for kind, facts in FACTS.items() if facts.cls == "person") - _BODY_AND_HOME
# What a visitor's own steps and doors bring about. A plan alone explains no more than that: that somebody was to come
# must never hide that nobody came, and that somebody lies on the floor.
BY_VISITORS: Final = frozenset({FindingKind.WANDERING, FindingKind.BATHROOM_VISITS, FindingKind.DOOR_OPEN})


def explained_until(kind: FindingKind, there: Iterable[StaffThere], at: datetime) -> StaffThere | None:
    """Return whose presence at a moment explains a finding of this kind the longest; None: nobody's does."""
    explains = (one for one in there if one.since <= at < one.until and kind in _explained_by(one.known))
    return max(explains, key=lambda one: one.until, default=None)


def _explained_by(known: Known) -> Collection[FindingKind]:
    return BY_VISITORS if known is Known.PLANNED else BY_MOTION


def doors_of_staff(opened: Sequence[datetime], there: Iterable[StaffThere]) -> set[datetime]:
    """Return which openings of outer doors (in order) were staff going away: one for each who said that they leave.

    People say so at the door or in the car: it is the last opening shortly before, or else the first one just after.
    Another opening so near may be the resident who follows, and stays theirs. Who never said it explains none.
    """
    found = set()
    for one in there:
        if one.known is Known.PLANNED or one.until == one.since + STAYS_AT_MOST:
            continue
        before = [at for at in opened if max(one.since, one.until - _SAYS_SO_WITHIN) <= at <= one.until]
        after = [at for at in opened if one.until < at <= one.until + _AT_THE_DOOR_WITHIN]
        found |= set(before[-1:] or after[:1])
    return found


def stay_of(arrived_at: datetime, ended_at: datetime | None, known: Known, person_id: int | None) -> StaffThere:
    """Return a stay that somebody told of; one that nobody ended is over after `STAYS_AT_MOST`."""
    latest = arrived_at + STAYS_AT_MOST
    return StaffThere(arrived_at, min(ended_at, latest) if ended_at else latest, known, person_id)


def by_plan(begins_at: datetime, ends_at: datetime) -> StaffThere:
    """Return when staff may be there by a plan."""
    return StaffThere(begins_at - _SLACK, ends_at + _SLACK, Known.PLANNED)


def checked(begins_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Let the times of a visit that is entered pass.

    Raises:
        VisitTimesError: it ends before it begins, lasts longer than a day, or is over.
    """
    if not begins_at < ends_at <= begins_at + _LONGEST_VISIT or ends_at <= now:
        raise VisitTimesError


def is_due_soon(begins_at: datetime, ends_at: datetime, at: datetime) -> bool:
    """Return whether a visit is near enough that a call may be about it: soon to come, or late."""
    return begins_at - DUE_SOON <= at < max(ends_at, begins_at + OVERDUE_FOR)
