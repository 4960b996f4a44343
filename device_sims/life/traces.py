"""What people leave behind as they live: movements, doors, the fridge, who lies in the bed, the kettle.

Each stay draws from its own seed, so it leaves the same traces whichever days are asked for. Times are seconds since
1970 (UTC).
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from device_sims.life.activities import IN_BED, IN_CHAIR, MOVES_EVERY_S, Doing, Stay
from device_sims.life.floor_plan import FloorPlan
from device_sims.life.life import Life

# How likely the fridge is opened at all while somebody does this, and how often then against while cooking.
_FRIDGE: Final = {
    Doing.COOKING: (0.95, 1.0),
    Doing.MAKING_COFFEE: (0.55, 0.5),
    Doing.EATING: (0.3, 0.5),
    Doing.FETCHING: (0.3, 0.5),
    Doing.TIDYING: (0.15, 0.5),
    Doing.MEDICATION: (0.2, 0.5),
    Doing.CARED_FOR: (0.5, 0.5),
    Doing.WANDERING: (0.3, 0.5),
}
_KETTLE: Final = {Doing.MAKING_COFFEE: 1.0, Doing.COOKING: 0.4, Doing.CARED_FOR: 0.5}
_LOOKS_OUT: Final = 0.85  # of the times somebody is at the door it is opened
_SWINGS_AGAIN: Final = 0.4  # a door that was opened is opened once more within seconds
# Who sits or lies still stirs several times when stirring at all, about this often.
_STIRS_ON: Final = 0.62
_STIRS_EVERY_S: Final = 90.0
_SMALL: Final = 0.8
_STRIDE_S: Final = 20.0  # movements nearer in time than this are one to any sensor

Movement = tuple[float, str, float]  # when, in which room, and how hard to see: 0 plain, 1 hardly


@dataclass(slots=True)
class Traces:
    """All that could be noticed, before any sensor does."""

    movements: list[Movement] = field(default_factory=list)
    openings: list[tuple[float, float, str]] = field(default_factory=list)  # from, to, which door
    in_bed: list[tuple[float, float, str]] = field(default_factory=list)  # from, to, in which room
    in_chair: list[tuple[float, float, str]] = field(default_factory=list)
    kettle: list[tuple[float, float, float]] = field(default_factory=list)  # from, to, watts


def traces_of(life: Life, stays: Iterable[Stay]) -> Traces:
    """Return what these stays (by start) leave behind."""
    traces = Traces()
    before: dict[str, Stay] = {}
    for stay in stays:
        chance = random.Random(f"{life.seed}/{stay.who}/{stay.start.timestamp()}")  # noqa: S311 - a simulated life
        _Trail(life, before.get(stay.who), stay, chance).leave(traces)
        before[stay.who] = stay
    return traces


class _Trail:
    """One stay and the way to it."""

    def __init__(self, life: Life, before: Stay | None, stay: Stay, chance: random.Random) -> None:
        self._life = life
        self._plan: FloorPlan = life.plan
        self._before = before
        self._stay = stay
        self._chance = chance
        self._start = stay.start.timestamp()
        self._end = stay.end.timestamp()

    def leave(self, traces: Traces) -> None:
        stay = self._stay
        self._way(traces)
        if stay.room is None:
            return
        traces.movements += self._moves(stay.room)
        if stay.doing is Doing.AT_THE_DOOR and self._chance.random() < _LOOKS_OUT:
            traces.openings += self._swings(self._somewhen(), self._plan.outer_door(to_garden=False).name)
        if stay.room == "kitchen":
            traces.openings += self._fridge()
            traces.kettle += self._kettle()
        if stay.doing in IN_BED:
            traces.in_bed.append((self._start + 4, self._end, stay.room))
        if stay.doing in IN_CHAIR:
            traces.in_chair.append((self._start + 6, self._end, stay.room))

    def _way(self, traces: Traces) -> None:
        """The walk takes the stay's first seconds; it is seen in the rooms on the way, and opens the outer door."""
        before, after = self._before, self._stay
        if before is None or before.room == after.room:
            return
        at = self._start
        outer = self._plan.outer_door(to_garden=Doing.IN_GARDEN in {before.doing, after.doing})
        if before.room is None:
            traces.openings += self._swings(at, outer.name)
        rooms = self._plan.path(before.room or outer.inside, after.room or outer.inside)
        speed = self._life.person(before.who).on(after.start.date()).walking_m_s if self._lives_here else 1.0
        whole = self._plan.walking_s(rooms[0], rooms[-1], speed)
        step = whole / max(1, len(rooms) - 1)
        passed = rooms if before.room is None else rooms[1:]
        for number, room in enumerate(passed):
            if at + step * number < self._end:
                traces.movements.append((at + step * (number + 0.5), room, self._hard()))
        if after.room is None:
            traces.openings += self._swings(at + whole + 2, outer.name)

    @property
    def _is_pet(self) -> bool:
        return any(one.name == self._stay.who for one in self._life.pets)

    @property
    def _lives_here(self) -> bool:
        return any(one.name == self._stay.who for one in self._life.people)

    def _moves(self, room: str) -> Iterator[Movement]:
        every = MOVES_EVERY_S.get(self._stay.doing)
        if every is None:
            return
        every /= max(self._stay.lively, 0.01)
        is_still = every > _STIRS_EVERY_S
        at = self._start + 5
        while True:
            stirs_on = is_still and self._chance.random() < _STIRS_ON
            at += _STRIDE_S + self._chance.expovariate(1 / (_STIRS_EVERY_S if stirs_on else every))
            if at >= self._end:
                return
            yield at, room, self._hard()

    def _hard(self) -> float:
        """Draw how hard a movement is to see: sensors are made not to see what is small and near the floor."""
        drawn = self._chance.random()
        return _SMALL + (1 - _SMALL) * drawn if self._is_pet else drawn

    def _fridge(self) -> Iterator[tuple[float, float, str]]:
        share, often = _FRIDGE.get(self._stay.doing, (0.0, 0.0))
        if self._chance.random() < share:
            most = (
                self._life.person(self._stay.who).on(self._stay.start.date()).fridge_openings
                if self._lives_here
                else 1.0
            )
            for _ in range(max(1, round(self._chance.gauss(most * often, 0.6)))):
                yield from self._swings(self._somewhen(), "fridge")

    def _kettle(self) -> Iterator[tuple[float, float, float]]:
        if self._chance.random() < _KETTLE.get(self._stay.doing, 0.0):
            at = self._start + self._chance.uniform(15, 50)
            yield at, at + self._chance.uniform(110, 210), float(self._chance.randint(1_850, 2_150))

    def _swings(self, at: float, door: str) -> Iterator[tuple[float, float, str]]:
        while True:
            closed = at + self._chance.uniform(2, 9)
            yield at, closed, door
            if self._chance.random() >= _SWINGS_AGAIN:
                return
            at = closed + self._chance.uniform(1, 12)

    def _somewhen(self) -> float:
        return self._chance.uniform(self._start, self._end)
