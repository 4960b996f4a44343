"""Visits to rooms, meals, outings, how long in which room."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import Bits
from models.rooms import Role, mask_of

Bools = NDArray[np.bool_]
Counts = NDArray[np.float64]

_VISIT_GAP: Final = 5
_MEAL_GAP: Final = 30
_MEAL_MINUTES: Final = 3
_LEAST_OUTING: Final = 20
_AT_THE_DOOR: Final = 5
_LONGEST_STAY: Final = 60  # after so long a silence nobody knows where somebody is
_DOOR: Final = np.uint8(mask_of(Role.OUTER_DOOR))
_KITCHEN: Final = mask_of(Role.KITCHEN, Role.FRIDGE)


def active_in(bits: Bits, mask: int) -> Bools:
    """Return in which minutes one of these roles was active; same shape as `bits`."""
    return np.asarray((bits & np.uint8(mask)) != 0)


def begun(active: Bools, gap: int) -> Bools:
    """Return where activity (days, 1440) begins after `gap` minutes and more without; it may reach over midnight."""
    flat = active.ravel()
    place = np.arange(flat.size)
    last = np.maximum.accumulate(np.where(flat, place, -gap - 1))
    before = np.concatenate([[-gap - 1], last[:-1]])
    return np.asarray(flat & (place - before > gap)).reshape(active.shape)


def bathroom_visits(bits: Bits) -> tuple[Counts, Counts]:
    """Return the visits of each night (23:00 before to 06:00) and day (06:00 to 23:00); the first night is NaN."""
    visits = begun(active_in(bits, mask_of(Role.BATHROOM)), _VISIT_GAP)
    night = visits[:, : 6 * 60].sum(axis=1).astype(np.float64)
    night[1:] += visits[:-1, 23 * 60 :].sum(axis=1)
    night[:1] = np.nan
    return night, visits[:, 6 * 60 : 23 * 60].sum(axis=1).astype(np.float64)


def meals(bits: Bits) -> Counts:
    """Return how often somebody was active in the kitchen for three minutes and more, 05:00 to 23:00."""
    kitchen = active_in(bits, _KITCHEN)
    kitchen[:, : 5 * 60] = False
    kitchen[:, 23 * 60 :] = False
    starts = begun(kitchen, _MEAL_GAP)
    number = starts.ravel().cumsum()
    minutes = np.bincount(number[kitchen.ravel()], minlength=int(number[-1]) + 1)
    meal = starts & (minutes[number].reshape(starts.shape) >= _MEAL_MINUTES)
    return np.asarray(meal.sum(axis=1), np.float64)


def outings(bits: Bits) -> tuple[Counts, Counts]:
    """Return how often somebody went out and came back in the day, and for how many minutes."""
    count, out = np.zeros(len(bits)), np.zeros(len(bits))
    for row, day in enumerate(bits):
        moments = np.flatnonzero(day)
        doors = np.flatnonzero(day & _DOOR)
        silent = np.diff(moments) - 1
        for place in np.flatnonzero(silent >= _LEAST_OUTING):
            left, back = moments[place], moments[place + 1]
            if _near(doors, left - _AT_THE_DOOR, left) and _near(doors, back, back + _AT_THE_DOOR):
                count[row] += 1
                out[row] += silent[place]
    return count, out


def _near(doors: NDArray[np.intp], first: int, last: int) -> bool:
    return bool(np.searchsorted(doors, last, side="right") > np.searchsorted(doors, first))


def whereabouts(bits: Bits) -> NDArray[np.int8]:
    """Return the role of the room somebody was in last, minute by minute; -1: not seen for an hour."""
    flat = bits.ravel()
    # Of rooms active in the same minute the one that was not there before is where somebody went.
    before = np.concatenate([np.zeros(1, np.uint8), flat[:-1]])
    fresh = np.where((flat & ~before) != 0, flat & ~before, flat)
    lowest = np.bitwise_count((fresh & (~fresh + np.uint8(1))) - np.uint8(1)).astype(np.int8)
    place = np.arange(flat.size)
    last = np.maximum.accumulate(np.where(flat != 0, place, -_LONGEST_STAY - 1))
    known = place - last <= _LONGEST_STAY
    return np.where(known, lowest[np.clip(last, 0, None)], -1).astype(np.int8).reshape(bits.shape)


def dwell(places: NDArray[np.int8], role: Role) -> Counts:
    """Return the minutes of each day in a room."""
    return np.asarray((places == role).sum(axis=1), np.float64)


def room_changes(places: NDArray[np.int8]) -> Counts:
    """Return how often each day another room was active than before."""
    known = places.ravel()
    changed = np.zeros(known.size, np.bool_)
    changed[1:] = (known[1:] != known[:-1]) & (known[1:] >= 0) & (known[:-1] >= 0)
    return np.asarray(changed.reshape(places.shape).sum(axis=1), np.float64)
