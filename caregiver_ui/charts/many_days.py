"""Weeks of days under each other, midnight at the edges or in the middle; and the nights among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from caregiver_ui.charts.quarters import QUARTERS_A_DAY, step_of
from caregiver_ui.charts.svg import hidden_picture, percent, row_marks
from caregiver_ui.language import Speech
from models.days.kept import UNSEEN

_NOON = QUARTERS_A_DAY // 2
_QUARTER = 15
_MONDAY = 0
# A night's row: from 18 to 12.
_EVENING, _NIGHT_MINUTES = 18 * 60, 18 * 60


@dataclass(frozen=True, slots=True)
class DayRow:
    """One row: its label (Mondays only, so that they can be read), and its drawing."""

    label: str
    marks: Markup


@dataclass(frozen=True, slots=True)
class ManyDays:
    """The rows, oldest first, with the hours written above them."""

    rows: tuple[DayRow, ...]
    scale: Markup


def draw_many_days(
    speech: Speech, first: date, quarters: NDArray[np.uint8], *, from_noon: bool, alerts: Sequence[int] = ()
) -> ManyDays:
    """Draw days of 96 quarters. `from_noon`: rows from 12 to 12, so that a night is one band.

    Args:
        speech: the reader's language.
        first: the first day.
        quarters: minutes with movement, `UNSEEN` where nobody could have been seen; shape (days, 96).
        from_noon: rows begin at noon instead of midnight.
        alerts: which days (from 0) had an alert.
    """
    flat = quarters.ravel()
    if from_noon:
        pad = np.full(_NOON, UNSEEN, np.uint8)
        flat = np.concatenate([flat[_NOON:], pad])
    marked = set(alerts)
    last = len(quarters) - 1
    rows = tuple(
        DayRow(
            _label(speech, first + timedelta(days=place)),
            # What comes after the last midnight is not missing: it is not kept yet.
            _row(line, _NOON if from_noon and place == last else QUARTERS_A_DAY, has_alert=place in marked),
        )
        for place, line in enumerate(flat.reshape(-1, QUARTERS_A_DAY))
    )
    return ManyDays(rows, _scale(12 if from_noon else 0, 24))


def draw_nights(
    speech: Speech, first: date, beds: Sequence[tuple[float, float]], quarters: NDArray[np.uint8]
) -> ManyDays:
    """Draw each night from 18 to 12: a bar in bed, taller blocks where somebody moved; hatched where not known.

    Args:
        speech: the reader's language.
        first: the day in which the first night ends.
        beds: for each day, minutes after noon the day before at which somebody went to bed, and after midnight at
            which they rose; NaN: not known.
        quarters: as in `draw_many_days`.
    """
    rows = []
    for place, (down, up) in enumerate(beds):
        before = quarters[place - 1] if place else np.zeros(QUARTERS_A_DAY, np.uint8)
        night = np.concatenate([before[_EVENING // _QUARTER :], quarters[place][:_NOON]])
        rows.append(DayRow(_label(speech, first + timedelta(days=place)), _night(down, up, night)))
    return ManyDays(tuple(rows), _scale(18, 18))


def _night(down: float, up: float, night: NDArray[np.uint8]) -> Markup:
    if np.isnan(down) or np.isnan(up):
        return hidden_picture(
            Markup('<rect class="no-data" width="100%" height="100%" fill="url(#no-data)"/>'), css_class="night-row"
        )
    begin, end = down - (_EVENING - 12 * 60), up + (24 * 60 - _EVENING)
    moved = [float(place) * _QUARTER for place in np.flatnonzero((night > 0) & (night != UNSEEN))]
    bar = f'<rect class="asleep" {_across(begin, max(end - begin, 0))} y="35%" height="30%"/>'
    awake = [f'<rect class="awake" {_across(at, _QUARTER)} y="10%" height="80%"/>' for at in moved if begin <= at < end]
    return hidden_picture(Markup(bar + "".join(awake)), css_class="night-row")  # noqa: S704 - numbers only


def _across(begin: float, minutes: float) -> str:
    return f'x="{100 * begin / _NIGHT_MINUTES:.2f}%" width="{100 * minutes / _NIGHT_MINUTES:.2f}%"'


def _row(line: NDArray[np.uint8], until: int, *, has_alert: bool) -> Markup:
    marks = row_marks([None if quarter == UNSEEN else step_of(int(quarter)) for quarter in line.tolist()], until)
    if has_alert:
        marks += Markup('<rect class="alert-mark" x="100%" width="0.5rem" height="100%"/>')
    return hidden_picture(marks, css_class="acto-row")


def _label(speech: Speech, day: date) -> str:
    return speech.short_day(day) if day.weekday() == _MONDAY else ""


def _scale(first: int, hours: int) -> Markup:
    label = Markup('<text class="{}" x="{}" y="1em" text-anchor="{}">{:02d}</text>')
    labels = []
    for hour in range(0, hours + 1, 3):
        anchor = {0: "start", hours: "end"}.get(hour, "middle")
        place = percent(QUARTERS_A_DAY * hour / hours)
        labels.append(label.format("" if hour % 6 == 0 else "fine", place, anchor, (first + hour) % 24))
    return hidden_picture(Markup("").join(labels), css_class="acto-scale")
