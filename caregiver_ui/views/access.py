"""Who has looked at a resident, as people read it: day by day, the same look within an hour once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.deed_words import deed_words, purpose_words
from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from server.access.tables import Role
from server.overview.access_log import Access

_ROLES = MappingProxyType(
    {
        Role.NURSE: N_("nurse"),
        Role.STAFF: N_("service centre"),
        Role.RELATIVE: N_("relative"),
        Role.RESIDENT: N_("the resident"),
        Role.TESTER: N_("tester"),
        Role.ADMIN: N_("administrator"),
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One look or deed. `who`: name, role and unit; of the service itself only that."""

    clock: str
    who: str
    what: str
    purpose: str
    times: str


@dataclass(frozen=True, slots=True)
class AccessDay:
    """A day of the log."""

    name: str
    lines: tuple[Line, ...]


def access_days(speech: Speech, log: Sequence[Access], time_zone: str) -> tuple[AccessDay, ...]:
    """Return the log by local day, the newest first. What the same person did again within the hour is one line."""
    zone = ZoneInfo(time_zone)
    days = groupby(log, key=lambda one: one.at.astimezone(zone).date())
    return tuple(AccessDay(speech.long_day(day), _lines(speech, list(some), zone)) for day, some in days)


def _lines(speech: Speech, some: Sequence[Access], zone: ZoneInfo) -> tuple[Line, ...]:
    same = groupby(some, key=lambda one: (one.name, one.role, one.what, one.why, one.at.astimezone(zone).hour))
    return tuple(_line(speech, list(group), zone) for _, group in same)


def _line(speech: Speech, group: Sequence[Access], zone: ZoneInfo) -> Line:
    first = group[0]
    who = speech.gettext("The service itself")
    if first.name is not None and first.role is not None:
        who = " · ".join((first.name, speech.gettext(_ROLES[first.role]), first.unit or ""))
    times = speech.ngettext("{n} time", "{n} times", len(group)).format(n=len(group)) if len(group) > 1 else ""
    what, purpose = deed_words(speech, first.what), purpose_words(speech, first.why)
    return Line(speech.clock(first.at, zone), who, what, purpose, times)
