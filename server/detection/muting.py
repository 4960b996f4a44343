"""What is not looked at or not told, for people said so: pauses, absences, and staff who are there themselves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlmodel import Session

from gateway.contract.observation import SensorKind
from models.activity import shows_activity
from models.finding import FindingKind
from models.presence import Fact
from models.rooms import Role, role_of
from models.technical.findings import Unseen
from models.trace import Trace
from server.absences.rules import EMPTY_HOME, STRANGE, UNWATCHED, AbsenceKind, Span, is_back
from server.absences.service import Held, absence_at, seen_at_home
from server.observations.service import facts_since
from server.residents.service import residents_of, rooms_of
from server.visits.rules import BY_MOTION, BY_VISITORS, Known, doors_of_staff, explained_until
from server.visits.service import staff_in

# A pause may be ended and a carer leave at any moment: while something is held back the home is looked at so often.
LOOKS_AGAIN_AFTER = timedelta(minutes=10)
STAFF_LEFT = "staff_left"  # the door was theirs
BY_PEOPLE = "people"  # somebody muted the kind in this home
# Who left is missed at night within this time.
_WENT_WITHIN = timedelta(hours=3)
_SETTLES = timedelta(hours=1)  # who has only just been said to leave may still be packing
_BACK_WITHIN = timedelta(minutes=30)
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Muted:
    """Nobody is told of a finding before `until`. `why`: a kind of absence, or how staff are known to be there."""

    until: datetime
    why: str


def unwatched(held: Iterable[Held]) -> list[Span]:
    """Return when nobody's movement is looked at."""
    return [one.span for one in held if one.kind in UNWATCHED]


def away_until(held: Iterable[Held], at: datetime) -> datetime | None:
    """Return until when nobody should be at home, of what holds at that moment; None: somebody should."""
    ends = (one.span.ends_at for one in held if one.kind in EMPTY_HOME and one.span.holds(at))
    return max(ends, default=None)


def looked_at(facts: Iterable[Fact], spans: Sequence[Span]) -> list[Fact]:
    """Return the facts without movement in these spans: what was measured is kept."""
    return [fact for fact in facts if not (_by_people(fact.kind) and any(span.holds(fact.at) for span in spans))]


def without_absences(trace: Trace, held: Sequence[Held]) -> Trace:
    """Return what may be learned from of a trace: without movement while nobody's was looked at."""
    keep = np.ones(trace.at.size, np.bool_)
    people = np.array([_by_people(one.kind) for one in trace.channels], np.bool_)
    for span in unwatched(held):
        rows = trace.between(span.begins_at.timestamp(), span.ends_at.timestamp())
        keep[rows] &= ~people[trace.channel[rows]]
    return trace if keep.all() else trace.kept(keep)


def unseen_in(held: Sequence[Held]) -> list[Unseen]:
    """Return the same spans as the models know them."""
    spans = ((int(one.begins_at.timestamp()), int(one.ends_at.timestamp())) for one in unwatched(held))
    return [Unseen(begin, begin, end, None, is_fault=True) for begin, end in spans]


def strange_spans(held: Iterable[Held]) -> list[Span]:
    """Return when nothing may be learned at all: nobody was at home, or others were."""
    return [one.span for one in held if one.kind in STRANGE]


def muted(db: Session, home_id: int, held: Sequence[Held], kind: FindingKind, at: datetime) -> Muted | None:
    """Return why nobody is told of a finding of this kind now; None: nothing stands in the way.

    `at`: up to when the home is known. What people or their homes call for (a button, smoke) never comes by here.
    """
    holds = [one for one in held if one.span.holds(at) and kind in _muted_by(one.kind)]
    longest = max(holds, key=lambda one: one.span.ends_at, default=None)
    if longest is not None:
        return Muted(longest.span.ends_at, longest.kind)
    there = explained_until(kind, staff_in(db, [home_id], at, at).get(home_id, ()), at)
    return None if there is None else Muted(there.until, there.known)


def by_leaving_staff(db: Session, home_id: int, noticed_at: datetime, at: datetime) -> Muted | None:
    """Return why nobody is told that the resident left: the last outer door was staff going; None: it was not.

    Held back for as long as it lasts: of who went out as well another finding tells, by day.
    """
    since = noticed_at - _WENT_WITHIN
    there = staff_in(db, [home_id], since, noticed_at).get(home_id, ())
    if not there:
        return None
    facts = facts_since(db, home_id, since, noticed_at + _MOMENT)
    doors = [fact for fact in facts if fact.kind is SensorKind.DOOR and fact.value > 0]
    rooms = rooms_of(db, {fact.sensor_id for fact in doors}) if doors else {}
    opened = sorted(fact.observed_at for fact in doors if role_of(fact.kind, rooms[fact.sensor_id]) is Role.OUTER_DOOR)
    is_theirs = bool(opened) and opened[-1] in doors_of_staff(opened, there)
    return Muted(at + LOOKS_AGAIN_AFTER, STAFF_LEFT) if is_theirs else None


def _muted_by(kind: AbsenceKind) -> Collection[FindingKind]:
    return BY_MOTION if kind in UNWATCHED else BY_VISITORS


def note_return(db: Session, home_id: int, held: Sequence[Held], at: datetime, now: datetime) -> None:
    """Let people be asked where movement looks as if somebody who is said to be away is home again.

    Not while staff are known to be there: somebody waters the flowers. `at`: up to when the home is known.
    """
    for resident in residents_of(db, home_id) if away_until(held, at) else ():
        absence = absence_at(db, resident.resident_id or 0, at)
        if absence is None or absence.kind not in EMPTY_HOME or absence.back_at is not None:
            continue
        since = max(absence.begins_at + _SETTLES, at - _BACK_WITHIN)
        facts = [
            fact for fact in facts_since(db, home_id, since, at + _MOMENT) if shows_activity(fact.kind, fact.value)
        ]
        rooms = rooms_of(db, {fact.sensor_id for fact in facts}) if facts else {}
        back_at = is_back([(fact.observed_at, rooms[fact.sensor_id]) for fact in facts])
        if back_at is not None and not _is_staff(db, home_id, back_at):
            seen_at_home(db, absence, back_at, now)


def _is_staff(db: Session, home_id: int, at: datetime) -> bool:
    there = staff_in(db, [home_id], at, at).get(home_id, ())
    return any(one.since <= at < one.until and one.known is not Known.PLANNED for one in there)


def _by_people(kind: SensorKind) -> bool:
    return shows_activity(kind, 1.0)
