"""Reads the TIHM activity file: what really happened in real homes, one row for each time a sensor was set off.

Source: Palermo et al. 2023, doi 10.1038/s41597-023-02519-y. Times are local and carry no zone; the homes are in the UK.
"""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO
from zoneinfo import ZoneInfo

from device_sims.life.noticing import Happening
from device_sims.sensors.sensor import Form
from gateway.contract.observation import SensorKind

ZONE: Final = ZoneInfo("Europe/London")

_FILE_NAMES: Final = ("activity.csv.gz", "activity.csv")
_HEADER: Final = ["home", "ts", "location"]
_ROOM_OF_DOOR: Final = {"back-door": "back_door", "front-door": "front_door", "fridge-door": "fridge"}


class TihmError(Exception):
    """The file cannot be used. The text says what is wrong, where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sensor hangs: the room's code in this service and what kind of sensor it is."""

    room: str
    form: Form


@dataclass(frozen=True, slots=True)
class Activation:
    """One row: a sensor was set off at `local_time` (no zone, the home's wall clock)."""

    local_time: datetime
    place: Place

    def at(self, zone: ZoneInfo = ZONE, shift: timedelta = timedelta(0)) -> datetime:
        """Return the moment in UTC, after moving the wall clock by `shift`."""
        return (self.local_time + shift).replace(tzinfo=zone).astimezone(UTC)

    def as_noticed(self, shift: timedelta = timedelta(0)) -> Happening:
        """Return it as a simulated sensor of that place would notice it."""
        room, kind = self.place.room, SensorKind(self.place.form)
        return Happening(self.at(shift=shift), f"{room}_{kind}", room, kind, 1.0)


def load(path: Path, home: str) -> list[Activation]:
    """Return the rows of one home, oldest first; rows of the same second keep the file's order.

    Args:
        path: the activity file, or the folder it is in.
        home: the home's id as in the file.

    Raises:
        TihmError: there is no such file, it is not of this form, or it does not hold this home.
    """
    file = _file_at(path)
    rows: list[Activation] = []
    homes: Counter[str] = Counter()
    for line, row in _rows(file):
        homes[row[0]] += 1
        if row[0] == home:
            rows.append(_activation(file, line, row))
    if not rows:
        listing = ", ".join(sorted(homes)) or "none"
        raise TihmError(f"{file} holds no home {home!r}. The homes there: {listing}")
    return sorted(rows, key=lambda one: one.local_time)


def load_all(path: Path) -> dict[str, list[Activation]]:
    """Return the rows of every home, oldest first.

    Raises:
        TihmError: there is no such file, or it is not of this form.
    """
    file = _file_at(path)
    homes: dict[str, list[Activation]] = {}
    for line, row in _rows(file):
        homes.setdefault(row[0], []).append(_activation(file, line, row))
    return {home: sorted(rows, key=lambda one: one.local_time) for home, rows in homes.items()}


def homes_in(path: Path) -> dict[str, int]:
    """Return how many rows each home has.

    Raises:
        TihmError: as for `load`.
    """
    return dict(Counter(row[0] for _, row in _rows(_file_at(path))))


def part_of(rows: list[Activation], first: date | None, days: int | None) -> list[Activation]:
    """Return the rows of `days` whole days from `first` (None: from the first row's day; to the end).

    Raises:
        TihmError: nothing happened in that time.
    """
    start = datetime.combine(first or rows[0].local_time.date(), datetime.min.time())
    end = start + timedelta(days=days) if days is not None else rows[-1].local_time + timedelta(seconds=1)
    part = [row for row in rows if start <= row.local_time < end]
    if not part:
        raise TihmError(
            f"nothing happened in this home in the time asked for; "
            f"its rows run from {rows[0].local_time.date()} to {rows[-1].local_time.date()}"
        )
    return part


def _file_at(path: Path) -> Path:
    if path.is_file():
        return path
    if path.is_dir():
        found = next((path / name for name in _FILE_NAMES if (path / name).is_file()), None)
        if found is not None:
            return found
        raise TihmError(f"the folder {path} has no {' or '.join(_FILE_NAMES)}")
    raise TihmError(f"{path} is not there: give the TIHM folder, or its activity.csv.gz")


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with _opened(file) as text:
            lines = csv.reader(text)
            header = next(lines, [])
            if header != _HEADER:
                raise TihmError(f"{file}, line 1: expected the columns {','.join(_HEADER)}")
            for line, row in enumerate(lines, start=2):
                if len(row) != len(_HEADER):
                    raise TihmError(f"{file}, line {line}: expected {len(_HEADER)} fields, found {len(row)}")
                yield line, row
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise TihmError(f"{file} is damaged or not a gzip file: {broken}") from broken
    except (UnicodeDecodeError, csv.Error) as broken:
        raise TihmError(f"{file} is not a text file of rows: {broken}") from broken


def _opened(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def _activation(file: Path, line: int, row: list[str]) -> Activation:
    try:
        moment = datetime.fromisoformat(row[1])
    except ValueError:
        raise TihmError(f"{file}, line {line}: {row[1]!r} is not a time such as 2019-05-16 10:52:49") from None
    if moment.tzinfo is not None:
        raise TihmError(f"{file}, line {line}: {row[1]!r} carries a time zone; TIHM times are local and carry none")
    return Activation(moment, _place(row[2]))


def _place(location: str) -> Place:
    if location in _ROOM_OF_DOOR:
        return Place(_ROOM_OF_DOOR[location], Form.DOOR)
    return Place(location.replace("-", "_").lower(), Form.MOTION)
