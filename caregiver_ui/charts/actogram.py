"""A week of days and nights under each other: one row a day, so that a rhythm and its breaks can be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from markupsafe import Markup

from caregiver_ui.charts.quarters import QUARTERS_A_DAY, active_hours, step_of
from caregiver_ui.charts.svg import hidden_picture, percent, row_marks
from caregiver_ui.language import Speech

_QUARTERS_AN_HOUR = 4
# The four parts of a day in the table: night, morning, afternoon and evening, six hours each.
_PART = QUARTERS_A_DAY // 4


@dataclass(frozen=True, slots=True)
class ActogramRow:
    """One day: its label, its drawing, and the same in figures (hours with movement in each part of the day)."""

    label: str
    is_today: bool
    marks: Markup
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actogram:
    """The rows, oldest first, with the hours written above them."""

    rows: tuple[ActogramRow, ...]
    scale: Markup


def draw_actogram(
    speech: Speech, week: Sequence[tuple[date, Sequence[int | None]]], now: datetime, zone: tzinfo
) -> Actogram:
    """Draw days of 96 local quarter hours. What is still to come of today stays blank; what is missing is hatched.

    Args:
        speech: the reader's language.
        week: each day with its movements; None where nothing is known.
        now: the present.
        zone: the home's time zone.
    """
    here = now.astimezone(zone)
    present = (here.hour * 60 + here.minute) // 15 + 1
    rows = tuple(_row(speech, day, quarters, present if day == here.date() else None) for day, quarters in week)
    return Actogram(rows, hidden_picture(_scale(), css_class="acto-scale"))


def _row(speech: Speech, day: date, quarters: Sequence[int | None], present: int | None) -> ActogramRow:
    until = QUARTERS_A_DAY if present is None else min(present, QUARTERS_A_DAY)
    steps = [None if quarter is None else step_of(quarter) for quarter in quarters]
    marks = row_marks(steps, until)
    if present is not None:
        marks += Markup('<line class="present" x1="{x}" x2="{x}" y1="0" y2="100%"/>').format(x=percent(until))
    return ActogramRow(
        label=speech.short_day(day),
        is_today=present is not None,
        marks=hidden_picture(marks, css_class="acto-row"),
        hours=tuple(
            _part_of_day(speech, quarters[part : part + _PART], until - part)
            for part in range(0, QUARTERS_A_DAY, _PART)
        ),
    )


def _part_of_day(speech: Speech, quarters: Sequence[int | None], known: int) -> str:
    """Return hours with movement in one part of the day: empty while it is to come, a dash where nothing is known."""
    if known <= 0:
        return ""
    active = active_hours(quarters[: min(known, len(quarters))])
    return "–" if active is None else speech.tenths(active)


def _scale() -> Markup:
    labels = []
    for hour in range(0, 25, 3):
        anchor = {0: "start", 24: "end"}.get(hour, "middle")
        css_class = "" if hour % 6 == 0 else "fine"
        label = Markup('<text class="{}" x="{}" y="1em" text-anchor="{}">{:02d}</text>')
        labels.append(label.format(css_class, percent(hour * _QUARTERS_AN_HOUR), anchor, hour))
    return Markup("").join(labels)
