"""Gateways that give no signs of life: what happens in such a home is unknown. Pure."""

from typing import Final

import numpy as np

from models.minutes import TICK_S
from models.technical.findings import Fault, Faults, Technical, Unseen
from models.trace import Times, Trace

_LAST: Final = 32  # signs of life from which a gateway's own beat is learned
_BEATS: Final = 5  # that fail before it counts as silent
_LEAST_S, _MOST_S = 15 * 60, 6 * 3600  # a restart takes minutes; a gateway that speaks once an hour is known, too


def gateway_faults(trace: Trace, now: int | None = None) -> Faults:
    """Return when a gateway that gives signs of life gave none. None of them known: nothing is said.

    An event is a sign of life as well. `now`: seconds since 1970 UTC up to which it is known; None: the last sign.
    """
    if trace.heartbeats is None or trace.heartbeats.size < _BEATS:
        return Faults()
    patience = _patience_s(trace.heartbeats)
    events = trace.at[trace.at > trace.heartbeats[0]]
    alive = np.union1d(trace.heartbeats, events)
    allowed = patience[np.searchsorted(trace.heartbeats, alive, side="right") - 1]
    until = np.append(alive[1:], int(alive[-1]) if now is None else now)
    found = []
    for place in np.flatnonzero(until - alive > allowed):
        since, known = int(alive[place]), int(-(-(alive[place] + allowed[place]) // TICK_S) * TICK_S)
        end = int(until[place]) if place + 1 < alive.size else None
        if (end if end is not None else int(until[place])) <= known:
            continue
        figures = {"silent_min": (known - since) // 60}
        one = Faults(
            (Technical(Fault.GATEWAY_SILENT, None, since, known, end, figures),),
            (Unseen(since, known, end, None, is_fault=True),),
        )
        found.append(one)
    return Faults.of(found)


def _patience_s(beats: Times) -> Times:
    """Return how long after each sign of life the next may take: a few times what nearly all of the last ones took."""
    took = np.diff(beats, prepend=beats[0])
    took[0] = took[1]
    padded = np.concatenate([np.full(_LAST - 1, took[0]), took])
    lately = np.lib.stride_tricks.sliding_window_view(padded, _LAST)
    usual = np.partition(lately, _LAST - 4, axis=1)[:, _LAST - 4]
    return np.asarray(np.clip(_BEATS * usual, _LEAST_S, _MOST_S))
