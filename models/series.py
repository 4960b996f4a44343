"""What a home's minutes amount to at the end of each tick: causal columns that every concern reads.

A value at a tick depends on the three days before it and on nothing else, so that a year looked at in one go and a
home that is followed minute by minute give the same values: what was heard two days ago is the last that counts, and
the hours before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_MINUTES, Bits, Minutes
from models.rooms import EVERYWHERE, ROLES, Role, mask_of

Column = NDArray[np.float64]
Flags = NDArray[np.bool_]

# How far back anything is looked for. A silence that is longer is as long as this.
HORIZON_MINUTES: Final = 2 * 24 * 60
HORIZON_TICKS: Final = HORIZON_MINUTES // TICK_MINUTES
# Whoever was heard of later than this after an outer door is taken to be in.
GOING_OUT_MINUTES: Final = 5
_DOOR_HORIZON: Final = 600
_NEVER: Final = -(10**6)


@dataclass(frozen=True)
class Silence:
    """A silence of some roles, at the end of each tick; all shape (ticks,).

    `minutes`: how long nothing of them was heard, at most `HORIZON_MINUTES`; it counts from when the home was seen
    again. `busy`: in how many of those minutes something else was heard.
    """

    minutes: Column
    busy: Column


class Series:
    """The columns of some minutes, one value a tick. Each is worked out when it is first asked for."""

    def __init__(self, minutes: Minutes) -> None:
        self.minutes = minutes
        self._ends = np.arange(TICK_MINUTES - 1, minutes.bits.size, TICK_MINUTES)
        self._silences: dict[int, Silence] = {}
        self._counts: dict[tuple[str, int, int], Column] = {}

    def within(self, mask: int, minutes: int) -> Column:
        """Return in how many of the last `minutes` one of these roles was active."""
        return self._kept("within", mask, minutes, lambda: self.count(self.minutes.any_of(mask), minutes))

    def count(self, happened: NDArray[np.bool_], minutes: int) -> Column:
        """Return in how many of the last `minutes` it happened, at the end of each tick."""
        total = _running(happened)
        return _column(total[self._ends + 1] - total[(self._ends + 1 - minutes).clip(0)])

    def silence(self, mask: int) -> Silence:
        """Return the silence of these roles."""
        if mask not in self._silences:
            # Of what was before the first minute nothing is known.
            heard = last_true(self.minutes.any_of(mask) | ~self.minutes.seen)[self._ends].clip(-1)
            lasted = np.minimum(self._ends - heard, HORIZON_MINUTES)
            busy = self._busy[self._ends + 1] - self._busy[(self._ends - lasted + 1).clip(0)]
            self._silences[mask] = Silence(_column(lasted), _column(busy))
        return self._silences[mask]

    @cached_property
    def seen(self) -> Flags:
        """Whether the home could be seen at the end of each tick."""
        return np.asarray(self.minutes.seen[self._ends])

    @cached_property
    def active(self) -> Flags:
        """Whether anything was heard in the tick."""
        return np.asarray(self._anywhere.reshape(-1, TICK_MINUTES).any(axis=1))

    @cached_property
    def unheard(self) -> Column:
        """For how many minutes nobody was heard, whether or not anybody could be, at most `HORIZON_MINUTES`."""
        return _column(np.minimum(self._ends - self._last_heard, HORIZON_MINUTES))

    @cached_property
    def last_role(self) -> NDArray[np.intp]:
        """The role that was heard last; of several in one minute, the one with the lowest number."""
        return np.asarray(_LOWEST_ROLE[self._last_bits])

    @cached_property
    def last_was_two(self) -> Flags:
        """Whether several roles were heard in that last minute: somebody on the move, or two people."""
        return np.asarray((self._last_bits & (self._last_bits - np.uint8(1))) != 0)

    @cached_property
    def after_door(self) -> Column:
        """Minutes from the last outer door to the last thing heard, at most ten hours."""
        door = last_true(self.minutes.any_of(mask_of(Role.OUTER_DOOR)))[self._ends]
        return _column(np.where(self._last_heard < 0, _DOOR_HORIZON, (self._last_heard - door).clip(0, _DOOR_HORIZON)))

    @cached_property
    def indoors(self) -> Column:
        """In how many minutes something was heard from the last outer door to the last thing heard."""
        door = self._last_heard - self.after_door.astype(np.int64)
        return _column(self._busy[(self._last_heard + 1).clip(0)] - self._busy[(door + 1).clip(0)])

    @cached_property
    def looks_out(self) -> Flags:
        """Whether the present silence looks like an absence: hardly anything was heard after an outer door, or nothing
        for two days.
        """  # noqa: D205 - one sentence
        return np.asarray((self.after_door <= GOING_OUT_MINUTES) | ~self.is_recent)

    @cached_property
    def is_recent(self) -> Flags:
        """Whether the present silence, if there is one, is younger than what is looked back to."""
        return np.asarray(self.silence(EVERYWHERE).minutes < HORIZON_MINUTES)

    def before_silence(self, minutes: int, mask: int = EVERYWHERE) -> Column:
        """Return in how many of the last `minutes` before the present silence these roles were active."""
        return self._kept("before", mask, minutes, lambda: self._before_silence(minutes, mask))

    def _before_silence(self, minutes: int, mask: int) -> Column:
        total = _running(self.minutes.any_of(mask))
        last = self._last_heard + 1
        return _column(total[last.clip(0)] - total[(last - minutes).clip(0)])

    def moves(self, minutes: int) -> Column:
        """Return how often in the last `minutes` somebody was heard in another role than before."""
        return self._kept("moves", EVERYWHERE, minutes, lambda: self.count(self._moved, minutes))

    def visits(self, mask: int, apart: int, minutes: int) -> Column:
        """Return how many visits to these roles began in the last `minutes`: heard after `apart` minutes of silence."""
        return self._kept(
            f"visits {apart}", mask, minutes, lambda: self.count(_begins(self.minutes.any_of(mask), apart), minutes)
        )

    def roles_heard(self, minutes: int) -> Column:
        """Return how many different roles were active in the last `minutes`."""
        return self._kept("roles", EVERYWHERE, minutes, lambda: self._roles_heard(minutes))

    def _roles_heard(self, minutes: int) -> Column:
        return _column(np.sum([self.within(1 << role, minutes) > 0 for role in range(ROLES)], axis=0))

    def _kept(self, name: str, mask: int, minutes: int, work_out: Callable[[], Column]) -> Column:
        key = (name, mask, minutes)
        if key not in self._counts:
            self._counts[key] = work_out()
        return self._counts[key]

    @cached_property
    def _anywhere(self) -> Flags:
        return np.asarray(self.minutes.bits != 0)

    @cached_property
    def _busy(self) -> NDArray[np.int64]:
        return _running(self._anywhere)

    @cached_property
    def _last_heard(self) -> NDArray[np.int64]:
        last = last_true(self._anywhere)[self._ends]
        return np.where(last > self._ends - HORIZON_MINUTES, last, -HORIZON_MINUTES)

    @cached_property
    def _last_bits(self) -> Bits:
        return np.where(self._last_heard < 0, np.uint8(0), self.minutes.bits[self._last_heard.clip(0)])

    @cached_property
    def _moved(self) -> Flags:
        active = self._anywhere
        role = _LOWEST_ROLE[self.minutes.bits]
        last = last_true(active)
        lately = last[:-1] >= np.arange(last.size - 1) - HORIZON_MINUTES
        before = np.concatenate([[-1], np.where(lately, role[last[:-1].clip(0)], -1)])
        return np.asarray(active & (role != before))


def last_true(flags: Flags) -> NDArray[np.int64]:
    """Return for each place the last one up to it where `flags` is set; long before the first place where none is."""
    return np.maximum.accumulate(np.where(flags, np.arange(flags.size), _NEVER))


def _column(values: NDArray[Any]) -> Column:
    return np.asarray(values, dtype=np.float64)


def _running(flags: Flags) -> NDArray[np.int64]:
    """Return how many of `flags` are set before each place, shape (n + 1,)."""
    return np.concatenate([[0], np.cumsum(flags)])


def _begins(flags: Flags, apart: int) -> Flags:
    last = last_true(flags)
    before = np.concatenate([[_NEVER], last[:-1]])
    return np.asarray(flags & (np.arange(flags.size) - before > apart))


def _lowest_roles() -> NDArray[np.intp]:
    return np.array([(bits & -bits).bit_length() - 1 if bits else 0 for bits in range(256)], dtype=np.intp)


_LOWEST_ROLE: Final = _lowest_roles()
