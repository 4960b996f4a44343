"""The last weeks of a rule: one mark for each day."""

from collections.abc import Sequence
from enum import StrEnum

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture


class DayMark(StrEnum):
    """What a day would have brought."""

    TOLD = "told"
    QUIET = "quiet"
    UNKNOWN = "unknown"
    NONE = "none"  # the rule is not watched on that day


_RECT = Markup('<rect class="{}" x="{:.3f}%" width="{:.3f}%" y="{}" height="{}"{}/>')


def draw_rule_strip(days: Sequence[DayMark], at_night: Sequence[bool]) -> Markup:
    """Draw a day after another, the oldest first. A day that would have told stands taller; at night it has a foot.

    Words and a list beside it say the same.
    """
    step = 100 / max(1, len(days))
    marks = [_day(mark, place * step, step * 0.8) for place, mark in enumerate(days)]
    feet = [
        _RECT.format("step-4", place * step, step * 0.8, "92%", "8%", "")
        for place, night in enumerate(at_night)
        if night
    ]
    return hidden_picture(Markup("").join([*marks, *feet]), css_class="rule-strip")


def _day(mark: DayMark, x: float, width: float) -> Markup:
    if mark is DayMark.TOLD:
        return _RECT.format("step-4", x, width, "0", "85%", "")
    if mark is DayMark.UNKNOWN:
        return _RECT.format("no-data", x, width, "45%", "40%", Markup(' fill="url(#no-data)"'))
    if mark is DayMark.NONE:
        return _RECT.format("ground", x, width, "79%", "6%", "")
    return _RECT.format("step-1", x, width, "60%", "25%", "")
