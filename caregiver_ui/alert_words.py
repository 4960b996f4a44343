"""The words of an alert's log, and for how it ended."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from server.alerting.life import Cause, Measure
from server.alerting.rules import LogEvent
from server.alerting.views import LogLine


def _marked(text: str) -> str:
    """Mark a sentence for translation; it is translated where it is used."""
    return text


N_ = _marked

CAUSES = MappingProxyType(
    {
        Cause.FALL: N_("Fall"),
        Cause.UNWELL: N_("Unwell or in pain"),
        Cause.TOILET: N_("Needed help to the toilet"),
        Cause.UNEASY: N_("Uneasy or confused"),
        Cause.ORDINARY_CARE: N_("Wanted ordinary care"),
        Cause.BY_MISTAKE: N_("Pressed by mistake"),
        Cause.SOMEBODY_ELSE: N_("Somebody else was there"),
        Cause.AWAY: N_("Was not at home"),
        Cause.EQUIPMENT: N_("Equipment"),
        Cause.UNKNOWN: N_("Not known"),
    }
)
MEASURES = MappingProxyType(
    {
        Measure.HELPED_THERE: N_("Helped on the spot"),
        Measure.TALKED: N_("Talked by phone"),
        Measure.NOTHING_NEEDED: N_("Nothing was needed"),
        Measure.DOCTOR: N_("Doctor or emergency ward"),
        Measure.EMERGENCY: N_("Ambulance (113)"),
        Measure.RELATIVE_TOLD: N_("Told the family"),
        Measure.VISIT_MOVED: N_("Came earlier or later than planned"),
        Measure.EQUIPMENT_MENDED: N_("Mended the equipment"),
    }
)

_LINES = MappingProxyType(
    {
        LogEvent.RAISED: N_("Alert raised"),
        LogEvent.REPEATED: N_("Happened again"),
        LogEvent.NOTIFIED: N_("Sent to those on duty"),
        LogEvent.NOBODY_TO_NOTIFY: N_("Nobody on duty could be told"),
        LogEvent.ESCALATED: N_("Passed on because nobody answered"),
        LogEvent.HELD_BACK: N_("Waits until the quiet hours are over"),
        LogEvent.SHOWN: N_("Shown to {name}"),
        LogEvent.TAKEN: N_("Taken by {name}"),
        LogEvent.ON_THE_WAY: N_("{name} is on the way"),
        LogEvent.ARRIVED: N_("{name} is with the resident"),
        LogEvent.CLOSED: N_("Closed by {name}"),
        LogEvent.RELATIVE_ASKED: N_("{name}, a relative, was asked to go there"),
        LogEvent.RELATIVE_GOES: N_("{name}, a relative, goes there"),
        LogEvent.RELATIVE_CANNOT: N_("{name}, a relative, can not go there"),
        LogEvent.CEASED: N_("No longer so; waits for somebody to close it"),
        LogEvent.FORWARDED: N_("{name} forwarded it to {detail}"),
        LogEvent.CAUSE: N_("Cause: {detail}"),
        LogEvent.MEASURE: N_("Measure: {detail}"),
        LogEvent.LEFT: N_("{name} put it back in the queue"),
        LogEvent.ASKED: N_("Asked whether somebody is still on it"),
        LogEvent.STILL_ON_IT: N_("{name} is still on it"),
        LogEvent.RETURNED: N_("No answer: back in the queue"),
        LogEvent.REOPENED: N_("Re-opened by {name}"),
        LogEvent.CONFIRMED: N_("{name} agrees that no visit is needed"),
    }
)


def cause_words(speech: Speech, cause: Cause) -> str:
    """Return why it happened."""
    return speech.gettext(CAUSES[cause])


def measure_words(speech: Speech, measure: Measure) -> str:
    """Return what was done."""
    return speech.gettext(MEASURES[measure])


def log_words(speech: Speech, line: LogLine) -> str:
    """Return a line of an alert's log. What nobody is named for the service itself did."""
    detail = line.detail or ""
    if line.event is LogEvent.CAUSE:
        detail = cause_words(speech, Cause(detail))
    elif line.event is LogEvent.MEASURE:
        detail = measure_words(speech, Measure(detail))
    return speech.gettext(_LINES[line.event]).format(name=line.by or speech.gettext("the service"), detail=detail)
