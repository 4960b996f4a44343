"""Reads a file of events, `home,ts,location`, as anybody may measure us with."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from gateway.contract.observation import SensorKind
from models.activity import Activity

_COLUMNS = {"home", "ts", "location"}


class EventsFileError(Exception):
    """The file cannot be used; the text says which line and why."""


def read_home(path: Path, home: str, zone: ZoneInfo) -> list[Activity]:
    """Return one home's activities in order of time. Local times without a zone are `zone`'s.

    Raises:
        EventsFileError: the file is missing, not of this form, or has no such home.
    """
    homes: set[str] = set()
    found: list[Activity] = []
    for number, row in _rows(path):
        homes.add(row["home"])
        if row["home"] == home:
            found.append(_activity(row, zone, f"{path}, line {number}"))
    if not found:
        raise EventsFileError(f"{path}: there is no home {home!r}; there are: {', '.join(sorted(homes)) or 'none'}")
    return sorted(found)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with _opened(path) as file:
            reader = csv.DictReader(file)
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                raise EventsFileError(f"{path}: the first line must name the columns home,ts,location")
            yield from enumerate(reader, start=2)
    except FileNotFoundError:
        raise EventsFileError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EventsFileError(f"{path}: it cannot be read as CSV ({error})") from None


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield file


def _activity(row: dict[str, str], zone: ZoneInfo, where: str) -> Activity:
    try:
        at = datetime.fromisoformat(row["ts"])
    except (ValueError, TypeError):
        raise EventsFileError(f"{where}: {row['ts']!r} is not a time such as 2019-05-16 10:52:49") from None
    location = row["location"].replace("-", "_")
    kind = SensorKind.DOOR if location.endswith("door") else SensorKind.MOTION
    return Activity((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC), location, kind)
