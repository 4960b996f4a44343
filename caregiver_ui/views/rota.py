"""A week's shifts as people read them, and what is wrong with one that cannot be planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.words import N_
from server.duty.rota import ShiftView
from server.errors import ShiftError

_FAULTS = {
    "overlaps": N_("{person} already has a shift in {unit} from {start} to {end}. Choose another time, or remove it."),
    "ends_first": N_("The shift ends before it begins."),
    "too_long": N_("The shift lasts longer than 36 hours."),
    "unknown_person": N_("“{said}” is nobody here who can be on duty."),
    "unknown_unit": N_("There is no unit “{said}” here."),
    "not_of_unit": N_("{said} belongs to another unit and would not see the alerts."),
    "no_time": N_("“{said}” is no time. Write it as 26.11.2026 22:45."),
    "too_few_columns": N_("The line has too few columns."),
    "columns_missing": N_("The first line must name the columns person, unit, from, to. Missing: {said}."),
    "too_many_lines": N_("The file has more than {said} lines."),
    "no_shifts": N_("There are no shifts in the file."),
    "no_text": N_("The file is no text. Save it as CSV."),
    "too_large": N_("The file is too large."),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One shift on one day."""

    code: str
    hours: str
    person: str
    unit: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the plan."""

    label: str
    is_today: bool
    shifts: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, Monday first. `before` and `after`: the first days of the weeks around it."""

    label: str
    days: tuple[Day, ...]
    before: date
    after: date


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def week_limits(monday: date) -> tuple[datetime, datetime]:
    """Return when a week begins and ends, in Norway."""
    return datetime.combine(monday, time.min, NORWAY), datetime.combine(monday + timedelta(days=7), time.min, NORWAY)


def week_of(speech: Speech, shifts: Sequence[ShiftView], monday: date, now: datetime) -> Week:
    """Return a week with its shifts, each on the day on which it begins, or on the first where it began before."""
    today = now.astimezone(NORWAY).date()
    days = [monday + timedelta(days=number) for number in range(7)]
    on: dict[date, list[Cell]] = {day: [] for day in days}
    for shift in shifts:
        begins = max(shift.from_at.astimezone(NORWAY).date(), monday)
        hours = f"{speech.clock(shift.from_at, NORWAY)}–{speech.clock(shift.to_at, NORWAY)}"
        on[begins].append(Cell(shift.code, hours, shift.person, shift.unit_name))
    label = speech.gettext("Week {number}").format(number=monday.isocalendar().week)
    return Week(
        label,
        tuple(Day(speech.short_day(day), day == today, tuple(on[day])) for day in days),
        monday - timedelta(days=7),
        monday + timedelta(days=7),
    )


def shift_fault(speech: Speech, error: ShiftError) -> str:
    """Return what is wrong with a shift, in words that name the other one where two overlap."""
    other = error.other
    words = speech.gettext(_FAULTS[error.fault]).format(
        said=error.said,
        person="" if other is None else other.person,
        unit="" if other is None else other.unit,
        start="" if other is None else _moment(speech, other.from_at),
        end="" if other is None else _moment(speech, other.to_at),
    )
    if error.line is None:
        return words
    return speech.gettext("Line {number}: {fault}").format(number=error.line, fault=words)


def _moment(speech: Speech, at: datetime) -> str:
    return f"{speech.short_day(at.astimezone(NORWAY).date())} {speech.clock(at, NORWAY)}"
