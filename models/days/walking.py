"""How long it takes to walk from room to room."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.rooms import ROLES, Role

_LONGEST_S: Final = 60  # somebody who takes longer did something on the way
_LEAST_WALKS: Final = 5
_NOT_A_PLACE: Final = (Role.OUTER_DOOR, Role.FRIDGE)


def walking_s(at: NDArray[np.int64], roles: NDArray[np.integer], midnights: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the median seconds of each day's walks from one room to another, by the hall or straight.

    NaN: fewer than five. Order and repeats of events make no difference.

    Args:
        at: seconds since 1970 UTC of motion.
        roles: each one's `Role`.
        midnights: when the days begin, and the last one ends, seconds since 1970 UTC.
    """
    is_place = ~np.isin(roles, _NOT_A_PLACE)
    rows = np.sort(at[is_place] * ROLES + roles[is_place], kind="stable")  # `unique` would hash what is sorted already
    rows = rows[np.diff(rows, prepend=-1) != 0]
    moments, places = rows // ROLES, rows % ROLES
    passed = np.flatnonzero((places[1:-1] == Role.HALL) & (places[:-2] != Role.HALL) & (places[2:] != Role.HALL))
    by_hall = passed[places[passed] != places[passed + 2]]
    rooms = (places[:-1] != Role.HALL) & (places[1:] != Role.HALL)
    straight = np.flatnonzero(rooms & (places[:-1] != places[1:]))
    began = np.concatenate([moments[by_hall], moments[straight]])
    took = np.concatenate([moments[by_hall + 2], moments[straight + 1]]) - began
    is_walk = (took > 0) & (took <= _LONGEST_S)
    day = np.searchsorted(midnights, began, side="right") - 1
    days = len(midnights) - 1
    out = np.full(days, np.nan)
    for row in range(days):
        walks = took[is_walk & (day == row)]
        if walks.size >= _LEAST_WALKS:
            out[row] = np.median(walks)
    return out
