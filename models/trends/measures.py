"""What is followed over weeks: measures in a form in which changes add up."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days.column import Column
from models.days.table import Table
from models.rooms import ROLES

Floats = NDArray[np.float64]
Measure = Callable[[Table, NDArray[np.bool_]], Floats]

_FEW: Final = 4.0


def density(followed: Column) -> Measure:
    """Return how dense activity is: log of followed minutes against those expected from the past, room by room.

    It does not change when somebody is less at home or more in another room; it falls when there is less in each visit.
    `followed`: the column of the first role. The measure takes the table and which of its days are the past.
    """

    def measured(table: Table, past: NDArray[np.bool_]) -> Floats:
        minutes = table[:, Column.MINUTES_0 : Column.MINUTES_0 + ROLES]
        then = table[:, followed : followed + ROLES]
        share = (then[past].sum(axis=0) + 0.5) / (minutes[past].sum(axis=0) + 2)
        return np.asarray(np.log((then.sum(axis=1) + _FEW) / (minutes @ share + _FEW)))

    return measured


def logarithm(column: Column, few: float = 1.0) -> Measure:
    """Return the log of a column; `few` keeps small counts from weighing too much."""
    return lambda table, _: np.log(table[:, column] + few)


def plain(column: Column) -> Measure:
    """Return a column as it is."""
    return lambda table, _: table[:, column]


def turned(column: Column) -> Measure:
    """Return a time of the day, in minutes from its middle in the past, the short way round."""

    def measured(table: Table, past: NDArray[np.bool_]) -> Floats:
        angle = table[:, column] * (2 * np.pi / 1440)
        known = past & np.isfinite(angle)
        middle = np.angle(np.exp(1j * angle[known]).sum())
        return np.asarray(np.angle(np.exp(1j * (angle - middle))) * (1440 / (2 * np.pi)))

    return measured
