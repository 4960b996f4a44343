"""Reads an iCalendar file (RFC 5545): which events it holds, what is wrong with it in which line, and their times.

What a calendar program writes is trusted as little as any message: its size, and how often an event may recur, are
bounded. Nothing here knows a database.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import prod
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar, Event

from server.errors import CalendarError
from server.visits.calendar_lines import Block, blocks_of

MOST_BYTES: Final = 1_000_000
_MOST_EVENTS: Final = 5_000
_MOST_TIMES_A_DAY: Final = 24
_DAY: Final = timedelta(days=1)
_SOME_DAY: Final = datetime(2030, 1, 1, tzinfo=UTC)
_OLDEST: Final = 1990  # each time since then is counted through
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_Event = Mapping[str, Any]  # its properties, as icalendar reads them
_WHOM: Final = "X-LIVSRYTME-RESIDENT"


@dataclass(frozen=True, slots=True)
class Fault:
    """An event that cannot be used. `line`: where it begins; `why`: one of few words, that pages have sentences for."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of an event, aware. `name`: which of its times, the same when it is moved."""

    name: str
    begins_at: datetime
    ends_at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class FiledEvent:
    """An event with its exceptions. `text`: as iCalendar, by itself; `whom`, `where`: whom it says it is about."""

    uid: str
    line: int
    sequence: int
    text: str
    whom: str
    where: str
    has_master: bool
    recurs: bool


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a file holds: its events, and those of them that cannot be used."""

    events: tuple[FiledEvent, ...]
    faults: tuple[Fault, ...]


def read_calendar(data: bytes) -> CalendarFile:
    """Return what a calendar file holds.

    Raises:
        CalendarError: it is no calendar, is cut off, or is too large: nothing of it is used.
    """
    if len(data) > MOST_BYTES:
        raise CalendarError("too large")
    zones, blocks = blocks_of(data)
    if not blocks:
        raise CalendarError("no events")
    if len(blocks) > _MOST_EVENTS:
        raise CalendarError("too many events")
    groups: dict[str, list[tuple[Block, _Event]]] = defaultdict(list)
    faults: list[Fault] = []
    for block in blocks:
        event = _event(zones, block)
        why = "unreadable" if event is None else _fault(event)
        if event is None or why:
            faults.append(Fault(block.line, why))
        else:
            groups[str(event["UID"])].append((block, event))
    events = []
    for filed in (_filed(uid, zones, some) for uid, some in groups.items()):
        if _recurs_well(filed):
            events.append(filed)
        else:
            faults.append(Fault(filed.line, "unreadable"))
    return CalendarFile(tuple(events), tuple(faults))


def occurrences(text: str, zone: tzinfo, begin: datetime, end: datetime) -> list[Occurrence]:
    """Return when an event takes place in [begin, end). What names no zone is by the clock of `zone`, the home's."""
    found = []
    calendar = Calendar.from_ical(text)
    for event in recurring_ical_events.of(calendar).between(begin - _DAY, end + _DAY):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        starts, ends = (_aware(moment, zone) for moment in (event.start, event.end))
        if starts < end and ends > begin and starts < ends <= starts + _DAY:
            name = _aware(event["RECURRENCE-ID"].dt, zone).strftime("%Y%m%dT%H%M%SZ")
            found.append(Occurrence(name, starts, ends, str(event.get("SUMMARY", "")).strip()[:200]))
    return sorted(found, key=lambda one: one.begins_at)


def daily(uid: str, what: str, first: datetime, length: timedelta) -> str:
    """Return an event that recurs each day from `first` on, by the clock of the zone `first` is told in."""
    event = Event()
    for name, value in (("uid", uid), ("dtstart", first), ("duration", length), ("summary", what)):
        event.add(name, value)
    event.add("rrule", {"freq": "daily"})
    return _calendar([], [Block(1, bytes(event.to_ical()).decode().splitlines())])


def merged(old: str, new: str) -> str:
    """Return an event with the exceptions that a file told of later, without the event itself."""
    known, told = Calendar.from_ical(old), Calendar.from_ical(new)
    exceptions = {_exception(event) for event in told.walk("VEVENT")}
    kept = [event for event in known.walk("VEVENT") if _exception(event) is None or _exception(event) not in exceptions]
    known.subcomponents = (
        [one for one in known.subcomponents if one.name != "VEVENT"] + kept + list(told.walk("VEVENT"))
    )
    return bytes(known.to_ical()).decode()


def _calendar(zones: Sequence[str], blocks: Sequence[Block]) -> str:
    body = [line for block in blocks for line in block.lines]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Livsrytme//visits//", *zones, *body, "END:VCALENDAR"]
    return "\r\n".join(lines) + "\r\n"


def _event(zones: Sequence[str], block: Block) -> _Event | None:
    try:
        [event] = Calendar.from_ical(_calendar(zones, [block])).walk("VEVENT")
    except (ValueError, KeyError, IndexError):
        return None
    return None if event.errors else event


def _fault(event: _Event) -> str:
    """Return why an event cannot be planned by; empty: it can."""
    if not str(event.get("UID", "")).strip():
        return "no name"
    start = event.get("DTSTART")
    if start is None:
        return "no start"
    if not isinstance(start.dt, datetime):
        return "whole day"
    if "TZID" in start.params and start.dt.tzinfo is None:
        return "unknown zone"
    ends = _end(event, start.dt)
    if ends is None or not timedelta(0) < ends <= _DAY:
        return "no end"
    return _too_often(event)


def _end(event: _Event, start: datetime) -> timedelta | None:
    """Return how long it lasts; None: it does not say so in a way that can be used."""
    if "DURATION" in event:
        length = event["DURATION"].dt
        return length if isinstance(length, timedelta) else None
    end = event["DTEND"].dt if "DTEND" in event else None
    if not isinstance(end, datetime) or (end.tzinfo is None) != (start.tzinfo is None):
        return None
    return end - start


def _too_often(event: _Event) -> str:
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        a_day = prod(len(rule.get(part, [0])) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
        if rule.get("FREQ", [""])[0] not in _FREQUENCIES or a_day > _MOST_TIMES_A_DAY:
            return "too often"
    start: datetime = event["DTSTART"].dt
    return "begins too long ago" if start.year < _OLDEST else ""


def _filed(uid: str, zones: Sequence[str], some: Sequence[tuple[Block, _Event]]) -> FiledEvent:
    master = next((event for _, event in some if "RECURRENCE-ID" not in event), None)
    first = master or some[0][1]
    return FiledEvent(
        uid=uid,
        line=some[0][0].line,
        sequence=max(_whole_number(event.get("SEQUENCE", 0)) for _, event in some),
        text=_calendar(zones, [block for block, _ in some]),
        whom=str(first.get(_WHOM, "")).strip(),
        where=str(first.get("LOCATION", "")).strip(),
        has_master=master is not None,
        recurs=master is not None and bool({"RRULE", "RDATE"} & set(master)),
    )


def _recurs_well(event: FiledEvent) -> bool:
    """Return whether its rule of recurrence can be counted through; what is wrong in one is noticed only then."""
    try:
        occurrences(event.text, UTC, _SOME_DAY, _SOME_DAY + _DAY)
    except (ValueError, TypeError, OverflowError, AttributeError):
        return False
    return True


def _whole_number(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _exception(event: _Event) -> str | None:
    """Return which of its event's times this is about; None: it is the event itself."""
    return str(event["RECURRENCE-ID"].to_ical()) if "RECURRENCE-ID" in event else None


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
