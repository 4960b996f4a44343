"""The words for how an alert changes hands and ends."""

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


def handing_words(speech: Speech, line: LogLine) -> str | None:
    """Return a line of the log of how an alert changed hands or ended; None: it is another line."""
    if line.event not in _LINES:
        return None
    detail = line.detail or ""
    if line.event is LogEvent.CAUSE:
        detail = cause_words(speech, Cause(detail))
    elif line.event is LogEvent.MEASURE:
        detail = measure_words(speech, Measure(detail))
    return speech.gettext(_LINES[line.event]).format(name=line.by or speech.gettext("the service"), detail=detail)
