"""Leaves out of a long past what makes no difference to its stays: most of it is somebody moving about in one room."""

from datetime import tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.contract.observation import SensorKind
from models.stays.lengths import activity_rows, comes_anew, local_minutes
from models.trace import Times, Trace

_PAUSE_S: Final = 300  # shorter silences make no difference but to a bed
_DAY_MIN: Final = (9 * 60, 22 * 60)  # when no empty bed is missed


def telling(trace: Trace, zone: tzinfo) -> NDArray[np.bool_]:
    """Return the rows from which `live.advance` finds all it finds from every row; only `last_seen_at` may be earlier.

    Left out is movement that goes on in one room, and that it has ended.
    """
    is_motion = np.array([one.kind is SensorKind.MOTION for one in trace.channels], dtype=bool)
    keep = ~is_motion[trace.channel] if trace.channels else np.ones(0, dtype=bool)
    rows = activity_rows(trace)
    if not rows.size:
        return keep
    anew, at = comes_anew(trace, rows), trace.at[rows]
    paused = np.diff(at) >= _PAUSE_S
    matters = anew | np.r_[True, paused] | np.r_[anew[1:] | paused, True]
    empty = _bed_is_empty(trace, at)
    if empty.any():
        minute = local_minutes(at, zone)[1]
        matters |= empty & ((minute < _DAY_MIN[0]) | (minute >= _DAY_MIN[1]))
    keep[rows[matters]] = True
    return keep


def _bed_is_empty(trace: Trace, at: Times) -> NDArray[np.bool_]:
    """Return at which of these moments a bed had told last that nobody lies in it."""
    is_bed = np.array([one.kind is SensorKind.BED for one in trace.channels], dtype=bool)[trace.channel]
    told, value = trace.at[is_bed], trace.value[is_bed]
    last = np.searchsorted(told, at, side="right") - 1
    return np.asarray((last >= 0) & (value[last] <= 0)) if told.size else np.zeros(at.size, dtype=bool)
