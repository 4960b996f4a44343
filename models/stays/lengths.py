"""How long things lasted in a home's past: spans, from arrays of observations."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from gateway.contract.observation import SensorKind
from models.activity import shows_activity
from models.presence import GOING_OUT_S
from models.rooms import Role, role_of
from models.trace import Times, Trace

_HOUR_S: Final = 3600
_NO_ABSENCE_S: Final = 600
_JUST_UP_S: Final = 300  # shorter than this out of bed, and it is the same lying

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """Things that lasted: seconds since 1970 UTC, in order."""

    begin: Times
    end: Times

    @property
    def length_s(self) -> NDArray[np.float64]:
        """How long each lasted, in seconds."""
        return (self.end - self.begin).astype(np.float64)

    def where(self, flags: NDArray[np.bool_]) -> Self:
        """Return those of them for which `flags` is set."""
        return type(self)(self.begin[flags], self.end[flags])


def bathroom_stays(trace: Trace) -> Spans:
    """Return the stays in a bathroom: from the first sign there to the next one anywhere else."""
    rows = activity_rows(trace)
    changed = np.flatnonzero(comes_anew(trace, rows))
    at = trace.at[rows[changed]]
    in_bathroom = _roles(trace)[trace.channel[rows[changed]]][:-1] == Role.BATHROOM
    return Spans(at[:-1], at[1:]).where(in_bathroom)


def absences(trace: Trace) -> Spans:
    """Return the silences of ten minutes and more that followed an outer door closely."""
    rows = activity_rows(trace)
    at = trace.at[rows]
    is_door = (_roles(trace) == Role.OUTER_DOOR) & _kinds(trace, SensorKind.DOOR)
    door_at = at[is_door[trace.channel[rows]]]
    last = np.flatnonzero(np.diff(at) >= _NO_ABSENCE_S)
    doors_before = np.searchsorted(door_at, at[last], side="right")
    after_door = np.flatnonzero(doors_before)
    gone = last[after_door][at[last[after_door]] - door_at[doors_before[after_door] - 1] <= GOING_OUT_S]
    return Spans(at[gone], at[gone + 1])


def lyings(trace: Trace) -> Spans:
    """Return from when to when somebody lay in a bed that tells; up for less than five minutes is the same lying."""
    rows = np.flatnonzero(_kinds(trace, SensorKind.BED)[trace.channel])
    spans = _ups(trace.at[rows], trace.value[rows] > 0)
    if not spans.begin.size:
        return spans
    apart = spans.begin[1:] - spans.end[:-1] >= _JUST_UP_S
    return Spans(spans.begin[np.r_[True, apart]], spans.end[np.r_[apart, True]])


def open_spans(trace: Trace, room: str) -> Spans:
    """Return from when to when the door of this name stood open. None of a door that never told it was closed."""
    of = [one.kind is SensorKind.DOOR and one.room == room for one in trace.channels]
    rows = np.flatnonzero(np.array(of)[trace.channel])
    return _ups(trace.at[rows], trace.value[rows] > 0)


def comes_anew(trace: Trace, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which of these rows, in order, are of another place than the one before."""
    names = [channel.room for channel in trace.channels]
    if not names or not rows.size:
        return np.zeros(rows.size, dtype=bool)
    rooms = np.unique(names, return_inverse=True)[1]
    places = (rooms * len(Role) + _roles(trace))[trace.channel[rows]]
    return np.asarray(np.r_[True, np.diff(places) != 0])


def local_minutes(at: Times, zone: tzinfo) -> tuple[Numbers, Numbers]:
    """Return the local day (ordinal) and the minute of the local day of each moment, right across clock changes."""
    # A zone's offset changes on a whole hour of UTC everywhere today.
    hours, which = np.unique(at // _HOUR_S, return_inverse=True)
    offsets = np.array([_offset_s(int(hour), zone) for hour in hours], dtype=np.int64)
    local = at + (offsets[which] if hours.size else 0)
    day, second = np.divmod(local, 86400)
    return day + datetime(1970, 1, 1, tzinfo=UTC).toordinal(), second // 60


def _ups(at: Times, is_up: NDArray[np.bool_]) -> Spans:
    """Return from each 0 to 1 until the 0 that follows; one that never ended is left out."""
    changed = np.flatnonzero(np.r_[True, is_up[1:] != is_up[:-1]][: is_up.size])
    at, is_up = at[changed], is_up[changed]
    return Spans(at[:-1], at[1:]).where(is_up[:-1])


def activity_rows(trace: Trace) -> NDArray[np.intp]:
    """Return the rows that show that somebody did something."""
    always = np.array([shows_activity(one.kind, 0.0) for one in trace.channels], dtype=bool)
    if not always.size:
        return np.empty(0, dtype=np.intp)
    sometimes = np.array([shows_activity(one.kind, 1.0) for one in trace.channels], dtype=bool)
    return np.flatnonzero(always[trace.channel] | (sometimes[trace.channel] & (trace.value > 0)))


def _roles(trace: Trace) -> Numbers:
    return np.array([role_of(one.kind, one.room) for one in trace.channels], dtype=np.int64)


def _kinds(trace: Trace, kind: SensorKind) -> NDArray[np.bool_]:
    return np.array([one.kind is kind for one in trace.channels], dtype=bool)


def _offset_s(hour: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(hour * _HOUR_S, UTC).astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds())
