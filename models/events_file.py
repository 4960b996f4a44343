"""Reads files of events, as anybody may measure us with.

Columns `home,ts,location` (one row is one activation) or `home,ts,kind,location,value`, in any order and beside others;
`.csv` or `.csv.gz`. Rows of the kind `heartbeat` say that the home's gateway was alive.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, TextIO
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gateway.contract.observation import SensorKind
from models.trace import Channel, Times, Trace

_SHORT: Final = ("home", "ts", "location")
_LONG: Final = ("home", "ts", "kind", "location", "value")
_HEARTBEAT: Final = "heartbeat"
_KINDS: Final = frozenset(SensorKind) | {_HEARTBEAT}
_ROWS_AT_ONCE: Final = 20_000  # few enough to stay in the processor's cache
_QUARTER_S: Final = 900
_TO_THE_MINUTE: Final = len("2019-05-16 10:52")
_TO_THE_SECOND: Final = len("2019-05-16 10:52:49")

# home, kind, location
_Source = tuple[str, str, str]


class EventsFileError(Exception):
    """The file cannot be used; the text says which line, why, and what was expected."""


def read_traces(path: Path, zone: ZoneInfo) -> list[Trace]:
    """Return the homes of a file by name. Times without a zone are `zone`'s; of an hour that came twice, the first.

    Raises:
        EventsFileError: the file is missing, not of this form, or has no rows.
    """
    rows = _Rows(zone)
    try:
        with _opened(path) as file:
            reader = csv.reader(file)
            columns = _columns(next(reader, []), path)
            while chunk := list(islice(reader, _ROWS_AT_ONCE)):
                rows.add([row for row in chunk if row], columns)
    except FileNotFoundError:
        raise EventsFileError(f"{path}: there is no such file") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise EventsFileError(f"{path}: it cannot be read as CSV ({error})") from None
    except (ValueError, IndexError, OverflowError):
        raise _first_error(path) from None
    traces = rows.traces()
    if not traces:
        raise EventsFileError(f"{path}: there are no rows after the first line")
    return traces


@dataclass
class _Rows:
    """Rows read so far, as arrays: `source` is a number of `sources`."""

    zone: ZoneInfo
    sources: dict[_Source, int] = field(default_factory=dict)
    source: list[NDArray[np.int32]] = field(default_factory=list)
    at: list[Times] = field(default_factory=list)
    value: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, rows: list[list[str]], columns: dict[str, int]) -> None:
        if not rows:
            return
        if min(map(len, rows)) < len(columns):
            raise IndexError
        by_place = list(zip(*rows, strict=False))
        homes, times, places = (by_place[columns[name]] for name in _SHORT)
        kinds: Iterable[str] = by_place[columns["kind"]] if "kind" in columns else map(_kind_of, places)
        numbers = self.sources
        source = [numbers.setdefault(one, len(numbers)) for one in zip(homes, kinds, places, strict=True)]
        if not {kind for _, kind, _ in numbers} <= _KINDS:
            raise ValueError
        self.source.append(np.array(source, dtype=np.int32))
        self.at.append(_seconds(times, self.zone))
        self.value.append(_numbers(by_place[columns["value"]]) if "value" in columns else _ones(len(rows)))

    def traces(self) -> list[Trace]:
        if not self.source:
            return []
        source, at, value = np.concatenate(self.source), np.concatenate(self.at), np.concatenate(self.value)
        by_home: dict[str, list[_Source]] = defaultdict(list)
        for one in self.sources:
            by_home[one[0]].append(one)
        home_of = np.empty(len(self.sources), dtype=np.int32)
        for number, ours in enumerate(by_home.values()):
            home_of[[self.sources[one] for one in ours]] = number
        order = np.argsort(home_of[source], kind="stable")
        ends = np.cumsum(np.bincount(home_of[source], minlength=len(by_home)))
        spans = zip([0, *ends[:-1]], ends, strict=True)
        parts = [order[start:end] for start, end in spans]
        traces = (
            self._trace(home, ours, source[part], at[part], value[part])
            for (home, ours), part in zip(by_home.items(), parts, strict=True)
        )
        return sorted(traces, key=lambda trace: trace.home)

    def _trace(
        self, home: str, ours: list[_Source], source: NDArray[np.int32], at: Times, value: NDArray[np.float32]
    ) -> Trace:
        sensors = [one for one in ours if one[1] != _HEARTBEAT]
        place = np.full(len(self.sources), -1, dtype=np.int16)
        place[[self.sources[one] for one in sensors]] = np.arange(len(sensors))
        channel = place[source]
        heard = channel >= 0
        channels = [Channel(SensorKind(kind), location.replace("-", "_")) for _, kind, location in sensors]
        return Trace.of(home, at[heard], channel[heard], value[heard], channels, None if heard.all() else at[~heard])


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield file


def _columns(names: list[str], path: Path) -> dict[str, int]:
    """Return the place of each column that is ours."""
    found = {name.strip(): place for place, name in enumerate(names)}
    wanted = _LONG if found.keys() & {"kind", "value"} else _SHORT
    if not found.keys() >= set(wanted):
        said = ",".join(names) or "nothing"
        raise EventsFileError(
            f"{path}, line 1: the columns must be {','.join(_SHORT)} or {','.join(_LONG)}, and there is {said}"
        )
    return {name: found[name] for name in wanted}


def _kind_of(location: str) -> str:
    return SensorKind.DOOR if location.endswith("door") else SensorKind.MOTION


def _ones(count: int) -> NDArray[np.float32]:
    return np.ones(count, dtype=np.float32)


def _numbers(texts: Sequence[str]) -> NDArray[np.float32]:
    known = {text: _number(text) for text in set(texts)}
    return np.array([known[text] for text in texts], dtype=np.float32)


def _number(text: str) -> float:
    return float(text) if text else 1.0  # a heartbeat or an activation needs none


def _seconds(texts: Sequence[str], zone: ZoneInfo) -> Times:
    """Return times as seconds since 1970 UTC.

    Raises:
        ValueError: one of them is not a time.
    """
    lengths = set(map(len, texts))
    if min(lengths) >= _TO_THE_MINUTE and max(lengths) <= _TO_THE_SECOND and _are_local("".join(texts), len(texts)):
        return _from_local(np.array(texts, dtype="datetime64[s]").astype(np.int64), zone)
    moments = map(datetime.fromisoformat, texts)
    aware = (moment if moment.tzinfo else moment.replace(tzinfo=zone) for moment in moments)
    return np.fromiter((int(moment.timestamp() // 1) for moment in aware), dtype=np.int64, count=len(texts))


def _are_local(joined: str, count: int) -> bool:
    """Whether none of the times, joined, names a zone; a date has two hyphens."""
    return "Z" not in joined and "+" not in joined and joined.count("-") == 2 * count


def _from_local(wall: Times, zone: ZoneInfo) -> Times:
    """Return wall-clock seconds of `zone` as seconds since 1970 UTC. Offsets change on whole quarter-hours."""
    quarters, which = np.unique(wall // _QUARTER_S, return_inverse=True)
    offsets = [_offset_s(int(quarter), zone) for quarter in quarters]
    return np.asarray(wall - np.array(offsets, dtype=np.int64)[which])


def _offset_s(quarter: int, zone: ZoneInfo) -> int:
    moment = np.datetime64(quarter * _QUARTER_S, "s").astype(datetime).replace(tzinfo=zone)
    offset = moment.utcoffset()
    return int(offset.total_seconds())


def _first_error(path: Path) -> EventsFileError:
    """Return what is wrong with the first row that cannot be used. Row by row, for a file already refused."""
    with _opened(path) as file:
        reader = csv.reader(file)
        columns = _columns(next(reader), path)
        for row in filter(None, reader):
            wrong = _wrong(row, columns)
            if wrong:
                return EventsFileError(f"{path}, line {reader.line_num}: {wrong}")
    return EventsFileError(f"{path}: it holds times or values that cannot be used")


def _wrong(row: list[str], columns: dict[str, int]) -> str | None:
    if len(row) <= max(columns.values()):
        return f"{len(row)} columns where the first line names at least {max(columns.values()) + 1}"
    said = {name: row[place] for name, place in columns.items()}
    if said.get("kind", _HEARTBEAT) not in _KINDS:
        return f"{said['kind']!r} is not a kind; there are {', '.join(sorted(_KINDS))}"
    try:
        datetime.fromisoformat(said["ts"])
    except ValueError:
        return f"{said['ts']!r} is not a time such as 2019-05-16 10:52:49 or 2019-05-16T10:52:49+01:00"
    try:
        _number(said.get("value", ""))
    except ValueError:
        return f"{said['value']!r} is not a number"
    return None
