"""A night, from the evening to noon: when in bed, how quietly."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import Bits
from models.rooms import EVERYWHERE, Role, mask_of

_EVENING: Final = 18 * 60
_NOON: Final = 12 * 60
_BEFORE_MIDNIGHT: Final = 24 * 60 - _EVENING
_HALF_WINDOW: Final = 15
_SUSTAINED: Final = 6  # active minutes out of bed in half an hour: really up
_LEAST_NIGHT: Final = 120
_SILENCE: Final = 30
_SEPARATE: Final = 10
_AFTER_A_DOOR: Final = 5
_CLOCKS_CHANGE: Final = _BEFORE_MIDNIGHT + 3 * 60  # by then every zone in use has moved its clocks
_BEDROOM: Final = np.uint8(mask_of(Role.BEDROOM))
_OUT_OF_BED: Final = np.uint8(EVERYWHERE & ~mask_of(Role.BEDROOM, Role.BATHROOM))
_OUT_OF_BEDROOM: Final = np.uint8(EVERYWHERE & ~mask_of(Role.BEDROOM))
_DOOR: Final = np.uint8(mask_of(Role.OUTER_DOOR))
FIELDS: Final = 6


def nights(bits: Bits, longer: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each day what `Column` has from IN_BED_FROM to RESTLESSNESS; NaN: nobody was seen going to bed.

    `bits`: (days, 1440). `longer`: minutes by which each day is longer than 24 h.
    """
    out = np.full((len(bits), FIELDS), np.nan)
    if len(bits) < 2:  # noqa: PLR2004 - a night needs the evening before
        return out
    window = np.concatenate([bits[:-1, _EVENING:], bits[1:, :_NOON]], axis=1)
    up = (window & _OUT_OF_BED) != 0
    padded = np.pad(up, ((0, 0), (_HALF_WINDOW + 1, _HALF_WINDOW))).cumsum(axis=1)
    lately = padded[:, 2 * _HALF_WINDOW + 1 :] - padded[:, : -2 * _HALF_WINDOW - 1]
    really_up = up & (lately >= _SUSTAINED)
    has_bedroom = np.logical_or.accumulate(((window & _BEDROOM) != 0).any(axis=1))
    for row in range(len(window)):
        out[row + 1] = _night(
            window[row], np.flatnonzero(really_up[row]), int(longer[row + 1]), has_bedroom=bool(has_bedroom[row])
        )
    return out


def _night(window: Bits, up: NDArray[np.intp], longer: int, *, has_bedroom: bool) -> NDArray[np.float64]:
    """Return one night's figures: it is the longest time between two of the minutes in which somebody was `up`."""
    unknown = np.full(FIELDS, np.nan)
    if up.size == 0:
        return unknown
    edges = np.concatenate([[-1], up, [window.size]])
    longest = int(np.diff(edges).argmax())
    begin, end = int(edges[longest]) + 1, int(edges[longest + 1])
    night = window[begin:end]
    active = np.flatnonzero(night)
    went_out = active.size == 0 and bool((window[max(0, begin - _AFTER_A_DOOR) : begin] & _DOOR).any())
    elsewhere = has_bedroom and not (night & _BEDROOM).any()
    if night.size < _LEAST_NIGHT or went_out or elsewhere:
        return unknown
    added = longer if begin < _CLOCKS_CHANGE <= end else 0
    silences = np.diff(np.concatenate([[-1], active, [night.size]])) - 1
    quiet = silences[silences >= _SILENCE].sum() + (added if silences.max() >= _SILENCE else 0)
    outside = np.flatnonzero(night & _OUT_OF_BEDROOM)
    times_up = int(outside.size > 0) + int((np.diff(outside) > _SEPARATE).sum())
    length = night.size + added
    return np.array(
        [begin + _EVENING - _NOON, end - _BEFORE_MIDNIGHT, length, quiet, times_up, active.size / (length / 60)]
    )
