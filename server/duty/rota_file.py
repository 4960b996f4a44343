"""Reads a file of planned shifts, as a spreadsheet saves it."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from server.errors import RotaError, ShiftError

COLUMNS = ("person", "unit", "from", "to")
# A year of a large unit; more is no rota.
_MOST_LINES = 20_000
LARGEST_FILE = 2_000_000
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True, slots=True)
class Line:
    """One shift as it stands in the file. `person` is a user name, `unit` a unit's code."""

    number: int
    person: str
    unit: str
    from_at: datetime
    to_at: datetime


def read_rota(content: bytes, zone: tzinfo) -> list[Line]:
    """Return a file's shifts. Its first line names the columns: person, unit, from, to, in any order.

    Commas, semicolons or tabs between them; times such as 2026-11-26 22:45 or 26.11.2026 22:45, in `zone`.

    Raises:
        RotaError: it is no such file; with every line that is wrong.
    """
    rows = list(csv.reader(io.StringIO(_text(content), newline=""), delimiter=_delimiter(content)))
    places = {name.strip().lower(): place for place, name in enumerate(rows[0] if rows else [])}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        raise RotaError([ShiftError("columns_missing", line=1, said=", ".join(missing))])
    if len(rows) > _MOST_LINES:
        raise RotaError([ShiftError("too_many_lines", said=str(_MOST_LINES))])
    lines: list[Line] = []
    faults: list[ShiftError] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            lines.append(_line(number, row, places, zone))
        except ShiftError as fault:
            faults.append(fault)
    if faults:
        raise RotaError(faults)
    if not lines:
        raise RotaError([ShiftError("no_shifts")])
    return lines


def moment(said: str, zone: tzinfo) -> datetime | None:
    """Return a local time that somebody wrote, in UTC; None when it is none. Of an hour that comes twice, the first."""
    for form in _FORMS:
        try:
            # In UTC: lengths across a change of clocks are wrong in any other zone.
            return datetime.strptime(said.strip(), form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    return None


def _line(number: int, row: list[str], places: dict[str, int], zone: tzinfo) -> Line:
    if len(row) <= max(places[name] for name in COLUMNS):
        raise ShiftError("too_few_columns", line=number)
    person, unit, from_said, to_said = (row[places[name]].strip() for name in COLUMNS)
    from_at, to_at = moment(from_said, zone), moment(to_said, zone)
    if from_at is None or to_at is None:
        raise ShiftError("no_time", line=number, said=to_said if from_at else from_said)
    return Line(number, person, unit, from_at, to_at)


def _text(content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise RotaError([ShiftError("too_large")])
    if b"\x00" in content:
        raise RotaError([ShiftError("no_text")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a Norwegian spreadsheet still saves unless it is asked otherwise.
        return content.decode("cp1252", errors="replace")


def _delimiter(content: bytes) -> str:
    first = content.split(b"\n", 1)[0]
    return max((",", ";", "\t"), key=lambda sign: first.count(sign.encode()))
