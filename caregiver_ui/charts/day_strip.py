"""The last day and night of one resident as a strip."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from markupsafe import Markup

from caregiver_ui.charts.quarters import QUARTERS_A_DAY, active_hours, local_hours, missing_hours, step_of
from caregiver_ui.charts.svg import hidden_picture, percent, picture, row_marks
from caregiver_ui.language import Speech

_LABEL_EVERY_HOURS = 6
# A label this near the right edge would run into the word for the present.
_ROOM_FOR_NOW = 8
# Nearer to the left edge than this, a centred label would be cut.
_ROOM_AT_START = 3


def draw_day_strip(speech: Speech, day: Sequence[int | None], now: datetime, zone: tzinfo) -> Markup:
    """Draw 96 quarter hours that end now, with the hours written below in the home's own time.

    Args:
        speech: the reader's language.
        day: movements in each quarter hour, oldest first; None where nothing is known.
        now: the present.
        zone: the home's time zone.
    """
    steps = [None if quarter is None else step_of(quarter) for quarter in day]
    strip = picture(row_marks(steps), name=_name(speech, day), css_class="strip")
    return strip + hidden_picture(_hours(speech, local_hours(now, zone)), css_class="strip-hours")


def _name(speech: Speech, day: Sequence[int | None]) -> str:
    active, missing = active_hours(day), missing_hours(day)
    if active is None:
        return speech.gettext("Last 24 hours: no data.")
    text = speech.gettext("Last 24 hours: movement in {active} hours.").format(active=f"{active:.0f}")
    if round(missing):
        text += " " + speech.gettext("No data for {missing} hours.").format(missing=f"{missing:.0f}")
    return text


def _hours(speech: Speech, hours: Sequence[int]) -> Markup:
    labels = [
        _label(number, hour)
        for number, hour in enumerate(hours)
        if hour % _LABEL_EVERY_HOURS == 0
        and (number == 0 or hours[number - 1] != hour)
        and _ROOM_AT_START <= number < QUARTERS_A_DAY - _ROOM_FOR_NOW
    ]
    now_label = Markup('<text class="now" x="100%" y="1.25em" text-anchor="end">{}</text>')
    return Markup("".join(labels)) + now_label.format(speech.gettext("now"))  # noqa: S704 - numbers only


def _label(number: int, hour: int) -> str:
    x = percent(number)
    return f'<line x1="{x}" x2="{x}" y1="0" y2="4"/><text x="{x}" y="1.25em" text-anchor="middle">{hour:02d}</text>'
