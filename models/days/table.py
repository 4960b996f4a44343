"""The table of days: one row a day, one column for each `Column`."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days import night, places, rhythm
from models.days.column import COLUMNS, Column
from models.days.local import LocalDays
from models.minutes import Bits
from models.rooms import ROLES, Role, mask_of

Table = NDArray[np.float64]

_UP: Final = 4 * 60
_NEEDS: Final = {
    Column.NIGHT_BATHROOM: Role.BATHROOM,
    Column.DAY_BATHROOM: Role.BATHROOM,
    Column.BATHROOM_DWELL: Role.BATHROOM,
    Column.BEDROOM_DWELL: Role.BEDROOM,
    Column.LIVING_DWELL: Role.LIVING,
    Column.OUTINGS: Role.OUTER_DOOR,
    Column.OUT: Role.OUTER_DOOR,
}
_OUT_OF_BEDROOM: Final = 0xFF & ~mask_of(Role.BEDROOM)


def day_features(
    days: LocalDays, ok: NDArray[np.bool_] | None = None, walking: NDArray[np.float64] | None = None
) -> Table:
    """Return the table of a home's days, shape (days, COLUMNS). No row depends on a later one.

    Args:
        days: the minutes.
        ok: which days are whole and ordinary; the weeks of the rhythm leave the others out. None: those wholly seen.
        walking: `walking.walking_s` of the same days; None: not known.
    """
    ordinary = days.seen > 0.99 if ok is None else ok  # noqa: PLR2004 - a quarter of an hour may lack
    bits = days.bits
    active = bits != 0
    where = places.whereabouts(bits)
    table = np.full((len(bits), COLUMNS), np.nan)
    table[:, Column.IN_BED_FROM : Column.IN_BED_FROM + night.FIELDS] = night.nights(bits, days.longer)
    table[:, Column.NIGHT_BATHROOM], table[:, Column.DAY_BATHROOM] = places.bathroom_visits(bits)
    table[:, Column.MEALS] = places.meals(bits)
    for number, role in enumerate((Role.BEDROOM, Role.BATHROOM, Role.KITCHEN, Role.LIVING)):
        table[:, Column.BEDROOM_DWELL + number] = places.dwell(where, role)
    table[:, Column.OUTINGS], table[:, Column.OUT] = places.outings(bits)
    table[:, Column.ROOM_CHANGES] = places.room_changes(where)
    if walking is not None:
        table[:, Column.WALKING] = walking
    table[:, Column.ACTIVE] = active.sum(axis=1)
    table[:, Column.FIRST_ACTIVITY], table[:, Column.LAST_ACTIVITY] = _first_and_last(bits)
    table[:, Column.STABILITY], table[:, Column.VARIABILITY] = rhythm.stability_and_variability(active, ordinary)
    table[:, Column.PHASE] = rhythm.phase(active)
    table[:, Column.MINUTES_0 :] = _density(bits)
    return _without_what_cannot_be_seen(table, bits)


def _first_and_last(bits: Bits) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    up = places.active_in(bits, _OUT_OF_BEDROOM)[:, _UP:]
    first, last = up.argmax(axis=1) + _UP, bits.shape[1] - 1 - up[:, ::-1].argmax(axis=1)
    was_up = up.any(axis=1)
    return np.where(was_up, first, np.nan), np.where(was_up, last, np.nan)


def _density(bits: Bits) -> Table:
    """Return for each role active minutes, those followed in the next minute, those in the next three."""
    nothing = np.zeros((len(bits), 3), np.uint8)
    later = np.concatenate([bits, nothing], axis=1)
    following = later[:, 1:-2]
    near = following | later[:, 2:-1] | later[:, 3:]
    kinds = (bits, bits & following, bits & near)
    return np.column_stack([((kind >> role) & 1).sum(axis=1) for kind in kinds for role in range(ROLES)])


def _without_what_cannot_be_seen(table: Table, bits: Bits) -> Table:
    """Set to NaN, up to the first day on which a role was ever active, what needs it."""
    for column, role in _NEEDS.items():
        heard = np.logical_or.accumulate(table[:, Column.MINUTES_0 + role] > 0)
        table[~heard, column] = np.nan
    kitchen = np.logical_or.accumulate(places.active_in(bits, mask_of(Role.KITCHEN, Role.FRIDGE)).any(axis=1))
    table[~kitchen, Column.MEALS] = np.nan
    table[~kitchen, Column.KITCHEN_DWELL] = np.nan
    return table
