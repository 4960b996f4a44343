"""The words for visits that are planned, for absences and pauses, and for calendars that cannot be read."""

from datetime import datetime, tzinfo
from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from server.absences.rules import AbsenceKind
from server.errors import AbsenceOverlapsError, AbsenceTimesError, CalendarError, ServerError
from server.overview.service import AbsenceView
from server.relatives.rules import Category
from server.visits.calendar_file import Fault
from server.visits.service import Visit

_ABSENCES = MappingProxyType(
    {
        AbsenceKind.HOSPITAL: N_("In hospital"),
        AbsenceKind.AWAY: N_("Away"),
        AbsenceKind.PAUSE: N_("Pause"),
        AbsenceKind.GUESTS: N_("Has guests"),
    }
)
_MUTED = MappingProxyType(
    {
        "said": N_("Muted until {moment}: staff were there."),
        "alert": N_("Muted until {moment}: staff were there."),
        "planned": N_("Muted until {moment}: a visit was planned."),
        "staff_left": N_("Muted until {moment}: the door was staff leaving."),
        "people": N_("Muted until {moment}: people wished it so."),
        "pause": N_("Muted until {moment}: a pause."),
        "away": N_("Muted until {moment}: nobody was at home."),
        "hospital": N_("Muted until {moment}: nobody was at home."),
        "guests": N_("Muted until {moment}: there were guests."),
    }
)
_SHARED = MappingProxyType(
    {
        Category.STATUS: N_("how the day goes, in one word"),
        Category.HANDLED: N_("when something has happened and has been seen to"),
        Category.CRITICAL: N_("when something serious has not been seen to"),
        Category.TRENDS: N_("how the weeks develop"),
        Category.VISITS: N_("when the home-care service comes"),
        Category.MESSAGES: N_("messages with the home-care service"),
    }
)
_ABSENCE_FAULTS = MappingProxyType(
    {
        "end before begin": N_("It must end after it begins."),
        "over already": N_("That time is over. Choose an end that is still to come."),
        "too long": N_("That is too long: {days} days at most. It can be made longer when it comes to its end."),
        "too far ahead": N_("That is too far ahead: {days} days at most."),
    }
)
_CALENDAR_FAULTS = MappingProxyType(
    {
        "not a calendar": N_("This is not a calendar file. It must begin with BEGIN:VCALENDAR."),
        "not text": N_("This is not a text file. Export the calendar as iCalendar (.ics)."),
        "too large": N_("The file is larger than 1 MB. Export a shorter time."),
        "no events": N_("There are no events in the calendar."),
        "too many events": N_("There are more events than can be imported at once. Export a shorter time."),
        "too many visits": N_("There are more visits than anybody could make. Look at how the events recur."),
        "no such line": N_("No calendar has such a line. Was the file changed by hand?"),
        "cut off": N_("The file ends in the middle of an event. Export it again."),
        "ends what did not begin": N_("Something ends that did not begin. Export the file again."),
        "unreadable": N_("The event cannot be read."),
        "no name": N_("The event has no UID, so it could not be found again when it changes."),
        "no start": N_("The event does not say when it begins."),
        "whole day": N_("The event lasts the whole day. A visit needs a time of day."),
        "unknown zone": N_("The event's time zone is not known."),
        "no end": N_("The event must end after it begins, within a day."),
        "too often": N_("The event recurs too often."),
        "begins too long ago": N_("The event begins before 1990."),
        "nobody of ours": N_("The event says of nobody in this unit that it is about them."),
    }
)


def absence_kind_words(speech: Speech, kind: AbsenceKind) -> str:
    """Return what an absence is called."""
    return speech.gettext(_ABSENCES[kind])


def muted_words(speech: Speech, why: str, moment: str) -> str:
    """Return why a finding was held back, and until when."""
    return speech.gettext(_MUTED[why]).format(moment=moment)


def shared_words(speech: Speech, category: Category) -> str:
    """Return what somebody sees, as the resident reads it."""
    return speech.gettext(_SHARED[category])


def absence_words(speech: Speech, absence: AbsenceView, zone: tzinfo, now: datetime) -> str:
    """Return what holds, until when, and whose wish it is."""
    text = speech.gettext("{what} until {moment}")
    if absence.begins_at > now:
        text = speech.gettext("{what} from {begin} until {moment}")
    elif absence.is_own:
        text = speech.gettext("{what} until {moment}, by the resident's own wish")
    begin, moment = (speech.moment(at, zone, now) for at in (absence.begins_at, absence.ends_at))
    return text.format(what=absence_kind_words(speech, absence.kind), begin=begin, moment=moment)


def visit_words(speech: Speech, visit: Visit, zone: tzinfo, now: datetime) -> str:
    """Return who comes next, and when; of one that is late, when it should have come."""
    moment = speech.moment(visit.begins_at, zone, now)
    if visit.begins_at <= now:
        text = (
            speech.gettext("Visit planned {moment}: {what}") if visit.what else speech.gettext("Visit planned {moment}")
        )
    else:
        text = speech.gettext("Next visit {moment}: {what}") if visit.what else speech.gettext("Next visit {moment}")
    return text.format(moment=moment, what=visit.what)


def absence_fault_words(speech: Speech, error: ServerError) -> str:
    """Return why an absence could not be kept."""
    if isinstance(error, AbsenceOverlapsError):
        return speech.gettext("There is one of this kind in that time already. Change its end, or end it.")
    if isinstance(error, AbsenceTimesError):
        return speech.gettext(_ABSENCE_FAULTS[error.why]).format(days=error.days)
    return speech.gettext("That could not be done")


def calendar_fault_words(speech: Speech, error: CalendarError | Fault) -> str:
    """Return what is wrong with a calendar, and in which line."""
    said = speech.gettext(_CALENDAR_FAULTS[error.why])
    return said if error.line is None else speech.gettext("Line {line}: {said}").format(line=error.line, said=said)
