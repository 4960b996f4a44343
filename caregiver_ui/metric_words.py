"""The words for what staff follow of everybody: a metric, its amount, and how far it is from usual."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from models.days.kept import Change, Metric

METRICS = MappingProxyType(
    {
        Metric.ACTIVITY: N_("Minutes with movement"),
        Metric.SLEEP: N_("Quiet time in bed"),
        Metric.BATHROOM: N_("Visits to the bathroom"),
        Metric.OUTINGS: N_("Times out"),
    }
)
_SHORT = MappingProxyType(
    {
        Metric.ACTIVITY: N_("Activity"),
        Metric.SLEEP: N_("Sleep"),
        Metric.BATHROOM: N_("Bathroom"),
        Metric.OUTINGS: N_("Outings"),
    }
)
# Beyond this, in spreads of single days, a week's mean is worth a look: by chance it is one week in a hundred or so.
FAR = 1.0
_IN_MINUTES = frozenset({Metric.ACTIVITY, Metric.SLEEP})


def short_name(speech: Speech, metric: Metric) -> str:
    """Return a metric in one word."""
    return speech.gettext(_SHORT[metric])


def amount(speech: Speech, metric: Metric, value: float) -> str:
    """Return an amount as people say it."""
    return speech.span(round(value)) if metric in _IN_MINUTES else speech.tenths(value)


def change_words(speech: Speech, metric: Metric, change: Change | None) -> str:
    """Return how the last week compares with what is usual."""
    if change is None:
        return speech.gettext("Not known yet")
    said = {"lately": amount(speech, metric, change.lately), "usual": amount(speech, metric, change.usual)}
    if abs(change.far) < FAR:
        return speech.gettext("{lately}, as usual").format(**said)
    if change.far < 0:
        return speech.gettext("{lately}, less than the usual {usual}").format(**said)
    return speech.gettext("{lately}, more than the usual {usual}").format(**said)
