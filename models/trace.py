"""What a home's sensors said, as arrays: the form in which whole weeks are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gateway.contract.observation import SensorKind

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, order=True)
class Channel:
    """One sensor as models see it: what it measures, and where."""

    kind: SensorKind
    room: str


@dataclass(frozen=True, eq=False)
class Trace:
    """One home's observations. Made by `of`, whose order of rows and repeated rows make no difference.

    `at`: int64 seconds since 1970 UTC, ascending. `channel`: int16, which of `channels`. `value`: float32, as in
    `SensorKind`. `heartbeats`: when the gateway gave a sign of life, as `at`; None: nothing is known of it.
    """

    home: str
    at: Times
    channel: NDArray[np.int16]
    value: NDArray[np.float32]
    channels: tuple[Channel, ...]
    heartbeats: Times | None = None

    @classmethod
    def of(
        cls,
        home: str,
        at: ArrayLike,
        channel: ArrayLike,
        value: ArrayLike,
        channels: Sequence[Channel],
        heartbeats: ArrayLike | None = None,
    ) -> Self:
        """Return a trace from rows in any order; a row that says the same of the same second again is left out."""
        every = tuple(sorted(set(channels)))
        numbers = np.array([every.index(one) for one in channels], dtype=np.int16)
        seconds = np.asarray(at, dtype=np.int64)
        places = numbers[np.asarray(channel, dtype=np.intp)] if seconds.size else np.empty(0, np.int16)
        values = np.asarray(value, dtype=np.float32)
        order = np.lexsort((values, places, seconds))
        seconds, places, values = seconds[order], places[order], values[order]
        new = np.ones(seconds.size, dtype=bool)
        new[1:] = (np.diff(seconds) != 0) | (np.diff(places) != 0) | (values[1:] != values[:-1])
        alive = None if heartbeats is None else np.unique(np.asarray(heartbeats, dtype=np.int64))
        return cls(home, seconds[new], places[new], values[new], every, alive)

    def kept(self, mask: NDArray[np.bool_]) -> Self:
        """Return it with only the rows where `mask` is set."""
        return replace(self, at=self.at[mask], channel=self.channel[mask], value=self.value[mask])

    def part(self, rows: slice) -> Self:
        """Return it with only these rows, which share its memory."""
        return replace(self, at=self.at[rows], channel=self.channel[rows], value=self.value[rows])

    def between(self, start: float, end: float) -> slice:
        """Return the rows from `start` up to but not at `end`, both seconds since 1970 UTC."""
        first, last = np.searchsorted(self.at, (start, end))
        return slice(int(first), int(last))
