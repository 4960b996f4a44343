"""The words for what changes slowly: a measure, and how far it has moved."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from caregiver_ui.language import Speech
from caregiver_ui.words import N_

TREND = "trend."
_DAYS_A_WEEK = 7

_MEASURES = MappingProxyType(
    {
        "movements_in_a_row": N_("Movement in several minutes in a row"),
        "movements_close_together": N_("Movements close together"),
        "active_minutes": N_("Minutes with movement"),
        "minutes_out": N_("Time outside the home"),
        "minutes_in_bed": N_("Time in bed"),
        "restless_minutes": N_("Restless minutes at night"),
        "quiet_minutes_lost": N_("Quiet time in bed"),
        "times_up": N_("Times up at night"),
        "day_turned": N_("The rhythm of the day"),
        "seconds_between_rooms": N_("Time from one room to another"),
    }
)
# Counted as what is lost: more of it is less of what the reader is told.
_LOST = frozenset({"quiet_minutes_lost"})
_TURNED = frozenset({"day_turned"})


def trend_lines(speech: Speech, key: str, figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how far a measure has moved; empty for one these pages do not know."""
    measure = key.removeprefix(TREND)
    if measure not in _MEASURES:
        return ()
    weeks = max(1, round(float(figures.get("days") or 0) / _DAYS_A_WEEK))
    said = {"measure": speech.gettext(_MEASURES[measure]), "n": weeks}
    minutes = figures.get("change_minutes")
    if minutes is not None:
        return (_by_span(speech, measure, round(float(minutes)), weeks).format(**said),)
    percent = round(float(figures.get("change_percent") or 0))
    if percent < 0:
        text = speech.ngettext(
            "{measure}: {percent} % less than {n} week ago.", "{measure}: {percent} % less than {n} weeks ago.", weeks
        )
    else:
        text = speech.ngettext(
            "{measure}: {percent} % more than {n} week ago.", "{measure}: {percent} % more than {n} weeks ago.", weeks
        )
    return (text.format(percent=abs(percent), **said),)


def _by_span(speech: Speech, measure: str, minutes: int, weeks: int) -> str:
    """Return the sentence with its span filled in."""
    grew = (minutes > 0) != (measure in _LOST)
    if measure in _TURNED and grew:
        text = speech.ngettext(
            "{measure}: {span} later than {n} week ago.", "{measure}: {span} later than {n} weeks ago.", weeks
        )
    elif measure in _TURNED:
        text = speech.ngettext(
            "{measure}: {span} earlier than {n} week ago.", "{measure}: {span} earlier than {n} weeks ago.", weeks
        )
    elif grew:
        text = speech.ngettext(
            "{measure}: {span} more a day than {n} week ago.", "{measure}: {span} more a day than {n} weeks ago.", weeks
        )
    else:
        text = speech.ngettext(
            "{measure}: {span} less a day than {n} week ago.", "{measure}: {span} less a day than {n} weeks ago.", weeks
        )
    return text.replace("{span}", speech.span(abs(minutes)))
