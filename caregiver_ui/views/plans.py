"""What is planned for a resident: who comes, who is there, and when nobody is at home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from caregiver_ui.language import Speech
from caregiver_ui.plan_words import absence_kind_words, absence_words
from server.absences.rules import AbsenceKind
from server.overview.service import AbsenceView
from server.visits.service import Visit

_INPUT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence in a list. `asks`: whether the resident is back; empty: no sign of it. `ends`: as a field holds it."""

    id: str
    words: str
    note: str
    who: str
    asks: str
    ends: str
    is_over: bool
    has_begun: bool


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A planned visit of a day."""

    id: str
    clock: str
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day's visits."""

    name: str
    visits: tuple[VisitRow, ...]


def absence_rows(
    speech: Speech, absences: Sequence[tuple[AbsenceView, str]], zone: tzinfo, now: datetime
) -> tuple[AbsenceRow, ...]:
    """Return absences, each with who set it: what holds and what is to come first, then what is over."""
    rows = [_absence(speech, absence, who, zone, now) for absence, who in absences]
    return tuple(sorted(rows, key=lambda row: row.is_over))


def _absence(speech: Speech, absence: AbsenceView, who: str, zone: tzinfo, now: datetime) -> AbsenceRow:
    asks = ""
    if absence.back_at is not None:
        text = speech.gettext("There has been movement in several rooms since {moment}. Is the resident home again?")
        asks = text.format(moment=speech.moment(absence.back_at, zone, now))
    return AbsenceRow(
        id=absence.id,
        words=absence_words(speech, absence, zone, now),
        note=absence.note,
        who=speech.gettext("Set by {name}").format(name=who),
        asks=asks,
        ends=field_value(absence.ends_at, zone),
        is_over=absence.ends_at <= now,
        has_begun=absence.begins_at <= now,
    )


def visit_days(speech: Speech, visits: Sequence[Visit], zone: tzinfo) -> tuple[Day, ...]:
    """Return planned visits by local day."""
    by_day = groupby(visits, key=lambda visit: visit.begins_at.astimezone(zone).date())
    return tuple(Day(speech.long_day(day), tuple(_visit(speech, one, zone) for one in some)) for day, some in by_day)


def _visit(speech: Speech, visit: Visit, zone: tzinfo) -> VisitRow:
    begin, end = (speech.clock(at, zone) for at in (visit.begins_at, visit.ends_at))
    source = speech.gettext("from the calendar") if visit.is_imported else ""
    return VisitRow(visit.id, f"{begin}–{end}", visit.what, source)


def absence_choices(speech: Speech) -> tuple[tuple[AbsenceKind, str], ...]:
    """Return the kinds of absence to choose from."""
    return tuple((kind, absence_kind_words(speech, kind)) for kind in AbsenceKind)


def field_value(at: datetime, zone: tzinfo) -> str:
    """Return a moment as a field for date and time holds it, by the clock on the resident's wall."""
    return at.astimezone(zone).strftime(_INPUT)


def moment_of(text: str, zone: tzinfo) -> datetime | None:
    """Return what was typed into such a field; None where it is no date and time."""
    try:
        return datetime.strptime(text.strip(), _INPUT).replace(tzinfo=zone)
    except ValueError:
        return None
