"""What an absence is, how long it may last, and when people are reminded of its end. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from server.errors import AbsenceTimesError

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class AbsenceKind(StrEnum):
    """Why a home is not judged as on other days."""

    PAUSE = "pause"  # movement is not looked at, by the resident's own wish or for a stated reason
    AWAY = "away"
    HOSPITAL = "hospital"
    GUESTS = "guests"  # others move about too: it is judged, but not learned from


# The resident's movement tells nothing while one of these lasts.
UNWATCHED: Final = frozenset({AbsenceKind.PAUSE, AbsenceKind.AWAY, AbsenceKind.HOSPITAL})
# Where nobody should be at home, so that movement is news.
EMPTY_HOME: Final = frozenset({AbsenceKind.AWAY, AbsenceKind.HOSPITAL})
# Days of these teach nothing. Of a pause only what it covers is left out.
STRANGE: Final = EMPTY_HOME | {AbsenceKind.GUESTS}
# Which one tells most where several hold at once.
_RANK: Final = (AbsenceKind.HOSPITAL, AbsenceKind.AWAY, AbsenceKind.PAUSE, AbsenceKind.GUESTS)

LONGEST: Final = {
    AbsenceKind.PAUSE: 14 * _DAY,
    AbsenceKind.AWAY: 92 * _DAY,
    AbsenceKind.HOSPITAL: 92 * _DAY,
    AbsenceKind.GUESTS: 31 * _DAY,
}
LONGEST_OWN: Final = 2 * _DAY  # of a pause the resident begins alone
_BEFOREHAND: Final = 366 * _DAY
_MORNING: Final = time(8)
# Who comes home moves about. One movement may be a curtain, or whoever waters the flowers for a minute.
_BACK_WITHIN: Final = timedelta(minutes=30)
_BACK_ROOMS: Final = 2


class OwnPause(StrEnum):
    """How long a resident may choose to pause: each has an end."""

    HOUR = "1h"
    FOUR_HOURS = "4h"
    TOMORROW = "tomorrow"


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins_at` up to but not with `ends_at`, both aware."""

    begins_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Return whether it is so at that moment."""
        return self.begins_at <= at < self.ends_at


def checked(kind: AbsenceKind, span: Span, now: datetime, *, is_own: bool = False) -> Span:
    """Return the span of an absence that may be kept.

    Raises:
        AbsenceTimesError: it has no time, is over already, or lasts longer than anybody would remember it.
    """
    longest = LONGEST_OWN if is_own else LONGEST[kind]
    if span.ends_at <= span.begins_at:
        raise AbsenceTimesError("end before begin")
    if span.ends_at <= now:
        raise AbsenceTimesError("over already")
    if span.ends_at - span.begins_at > longest:
        raise AbsenceTimesError("too long", longest.days)
    if span.begins_at > now + _BEFOREHAND:
        raise AbsenceTimesError("too far ahead", _BEFOREHAND.days)
    return span


def own_pause_ends(length: OwnPause, now: datetime, zone: tzinfo) -> datetime:
    """Return when a pause of this length ends. "Tomorrow" is 08:00 of the next local day, whatever the clocks do."""
    if length is OwnPause.TOMORROW:
        tomorrow = now.astimezone(zone).date() + _DAY
        return datetime.combine(tomorrow, _MORNING, zone).astimezone(now.tzinfo)
    return now + (_HOUR if length is OwnPause.HOUR else 4 * _HOUR)


def remind_at(span: Span, now: datetime) -> datetime:
    """Return when people are reminded that an absence ends: a day before a long one, half an hour before a short one.

    Never before it has run half its time, and never in the past.
    """
    lasts = span.ends_at - span.begins_at
    before = _DAY if lasts > 2 * _DAY else _HOUR / 2
    return max(span.ends_at - min(before, lasts / 2), now)


def tells_most(kinds: list[AbsenceKind]) -> int:
    """Return the place of the kind that tells most of those that hold at once."""
    return min(range(len(kinds)), key=lambda place: _RANK.index(kinds[place]))


def is_back(seen: list[tuple[datetime, str]]) -> datetime | None:
    """Return when somebody seems to be at home again, by movements and their rooms in order of time; None: nobody.

    Two rooms within half an hour: one movement alone proves nothing.
    """
    for place, (at, _) in enumerate(seen):
        rooms = {room for other, room in seen[: place + 1] if at - other <= _BACK_WITHIN}
        if len(rooms) >= _BACK_ROOMS:
            return at
    return None
