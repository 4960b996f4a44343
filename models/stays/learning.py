"""Learns from a home's past how long its stays usually last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.contract.observation import SensorKind
from models.rooms import role_of
from models.stays.lengths import Spans, absences, bathroom_stays, local_minutes, lyings, open_spans
from models.stays.routine import StayRoutine, door_default
from models.stays.state import AGAIN_S, DOORS, MEASURED
from models.stays.tail import Tail
from models.stays.vitals import Baseline, learn_baseline
from models.stays.warmth import LIVED_IN
from models.stays.watched import BED_NIGHT_FROM_MIN, LAY_S, NIGHT, OUT_BY_DAY
from models.trace import Trace

_HOUR_S: Final = 3600
_FAULT_S: Final = 12 * _HOUR_S  # a longer stay is a fault or a journey, and teaches nothing
_JOURNEY_S: Final = 36 * _HOUR_S
_LIES_STILL_S: Final = 1.5 * _HOUR_S  # who is up for so long in the morning has risen
_MORNING_MIN: Final = (3 * 60, 12 * 60)
_NIGHT_ENDS_MIN: Final = (4 * 60, 8 * 60)
_EARLY: Final = 0.1  # of the mornings begin before the night is taken to end, and that by half an hour
_MARGIN_MIN: Final = 30
_FEWEST_MORNINGS: Final = 7
_BELOW_USUAL_C: Final = 1.5
_COLD_C: Final = (13.0, 17.5)
_LOW: Final = 0.02
_FEWEST_TOLD: Final = 200  # temperatures: some days
_WEIGHTS_KEPT: Final = 28


@dataclass(frozen=True)
class _Past:
    """A home's past, of which these local days (ordinals) may be learned from."""

    trace: Trace
    zone: tzinfo
    days: NDArray[np.int64]

    @property
    def weeks(self) -> float:
        return self.days.size / 7

    def begun(self, spans: Spans, most_s: float) -> tuple[Spans, NDArray[np.int64]]:
        """Return the spans that began on these days and are not longer than `most_s`; and the minute each began."""
        day, minute = local_minutes(spans.begin, self.zone)
        keep = np.isin(day, self.days) & (spans.length_s <= most_s)
        return spans.where(keep), minute[keep]

    def values(self, kind: SensorKind, room: str | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return when and what was told of this kind on these days."""
        trace = self.trace
        of = np.array([one.kind is kind and room in (None, one.room) for one in trace.channels], dtype=bool)
        rows = np.flatnonzero(of[trace.channel]) if of.any() else np.empty(0, np.intp)
        rows = rows[np.isin(local_minutes(trace.at[rows], self.zone)[0], self.days)]
        return trace.at[rows], trace.value[rows].astype(np.float64)


def learn_stays(trace: Trace, zone: tzinfo, days: Collection[int]) -> StayRoutine:
    """Learn from these local days (ordinals) of a home's past. What was never seen there stays as by default.

    Values of which the device itself doubted must not be in the trace.
    """
    default = StayRoutine.default()
    if not days or not trace.at.size:
        return default
    past = _Past(trace, zone, np.array(sorted(days), dtype=np.int64))
    night_ends = _night_ends(past, default.night_ends_min)
    return StayRoutine(
        len(days),
        _bathroom(past, default.bathroom),
        _bed(past, default.bed, night_ends),
        _away(past, default.away),
        _doors(past),
        night_ends,
        _cold(past),
        _vitals(past),
    )


def _bathroom(past: _Past, default: tuple[Tail, ...]) -> tuple[Tail, ...]:
    stays, minute = past.begun(bathroom_stays(past.trace), _FAULT_S)
    at_night = (minute >= NIGHT[0] * 60) | (minute < NIGHT[1] * 60)
    day, night = (stays.where(part).length_s for part in (~at_night, at_night))
    return tuple(tail.fitted(own, past.weeks) for tail, own in zip(default, (day, night, night), strict=True))


def _away(past: _Past, default: Tail) -> Tail:
    gone, minute = past.begun(absences(past.trace), _JOURNEY_S)
    by_day = (minute >= OUT_BY_DAY[0] * 60) & (minute < OUT_BY_DAY[1] * 60)
    return default.fitted(gone.where(by_day).length_s, past.weeks)


def _night_ends(past: _Past, default: int) -> int:
    lying = lyings(past.trace)
    up = Spans(lying.end[:-1], lying.begin[1:])
    rose, minute = past.begun(up.where(up.length_s >= _LIES_STILL_S), np.inf)
    in_morning = (minute >= _MORNING_MIN[0]) & (minute < _MORNING_MIN[1])
    # The first rising of a morning: who goes back to bed after breakfast has risen all the same.
    day = local_minutes(rose.begin, past.zone)[0][in_morning]
    first = minute[in_morning][np.unique(day, return_index=True)[1]]
    if first.size < _FEWEST_MORNINGS:
        return default
    return int(np.clip(np.quantile(first, _EARLY) - _MARGIN_MIN, *_NIGHT_ENDS_MIN))


def _bed(past: _Past, default: Tail, night_ends: int) -> Tail:
    """Learn how long the bed is left at night, up to when the night ends."""
    lying = lyings(past.trace)
    lay = lying.length_s[:-1] >= LAY_S
    up, minute = past.begun(Spans(lying.end[:-1], lying.begin[1:]).where(lay), _JOURNEY_S)
    at_night = (minute >= BED_NIGHT_FROM_MIN) | (minute < night_ends)
    left = np.where(minute >= BED_NIGHT_FROM_MIN, night_ends + 24 * 60 - minute, night_ends - minute) * 60.0
    return default.fitted(np.minimum(up.length_s, left)[at_night], past.weeks)


def _doors(past: _Past) -> dict[str, Tail]:
    doors = {
        one.room for one in past.trace.channels if one.kind is SensorKind.DOOR and role_of(one.kind, one.room) in DOORS
    }
    open_ = {room: past.begun(open_spans(past.trace, room), _FAULT_S)[0].length_s for room in sorted(doors)}
    return {room: door_default(room).fitted(lengths, past.weeks) for room, lengths in open_.items() if lengths.size}


def _cold(past: _Past) -> dict[str, float]:
    """Learn below what each lived-in room is cold: a thermometer may hang by a window."""
    limits = {}
    for channel in past.trace.channels:
        if channel.kind is not SensorKind.TEMPERATURE or role_of(channel.kind, channel.room) not in LIVED_IN:
            continue
        _, told = past.values(channel.kind, channel.room)
        if told.size >= _FEWEST_TOLD:
            usual = float(np.quantile(told, _LOW)) - _BELOW_USUAL_C
            limits[channel.room] = round(float(np.clip(usual, *_COLD_C)), 1)
    return limits


def _vitals(past: _Past) -> dict[SensorKind, Baseline]:
    learned = {}
    for kind in sorted(MEASURED | {SensorKind.WEIGHT}):
        at, values = past.values(kind)
        if values.size:
            begins = np.flatnonzero(np.r_[True, np.diff(at) >= AGAIN_S])
            each = np.array([np.median(one) for one in np.split(values, begins[1:])])
            if kind is SensorKind.WEIGHT:
                each = each[-_WEIGHTS_KEPT:]
            learned[kind] = learn_baseline(kind, each, past.weeks)
    return learned
