"""What people do at home: where, for how long, what comes after what, and how much of it a sensor sees."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Doing(StrEnum):
    """What somebody does."""

    SLEEPING = "sleeping"
    LYING_AWAKE = "lying_awake"
    NAPPING = "napping"
    ON_TOILET = "on_toilet"
    WASHING = "washing"
    SHOWERING = "showering"
    DRESSING = "dressing"
    COOKING = "cooking"
    EATING = "eating"
    MAKING_COFFEE = "making_coffee"
    MEDICATION = "medication"
    WATCHING_TV = "watching_tv"
    READING = "reading"
    TIDYING = "tidying"
    FETCHING = "fetching"
    AT_THE_DOOR = "at_the_door"
    IN_GARDEN = "in_garden"
    OUT = "out"
    AWAY = "away"  # for days: in hospital, on holiday
    WITH_VISITOR = "with_visitor"
    CARED_FOR = "cared_for"
    WANDERING = "wandering"
    LYING_ON_FLOOR = "lying_on_floor"
    PROWLING = "prowling"  # what a pet does when it does not sleep


@dataclass(frozen=True, slots=True)
class Stay:
    """Some time of one person in one room.

    `start` and `end` are aware moments in UTC: a person's stays follow one another without a gap, through both clock
    changes. `room` is None outside. `lively` is how much the person moves in it, 1 as most do. In the first seconds
    the person comes from the room of the stay before.
    """

    who: str
    room: str | None
    start: datetime
    end: datetime
    doing: Doing
    lively: float = 1.0

    def cut(self, start: datetime, end: datetime) -> "Stay | None":
        """Return the part of it between two moments, None for no part."""
        first, last = max(self.start, start), min(self.end, end)
        return replace(self, start=first, end=last) if first < last else None

    @property
    def long(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Habit:
    """How an activity that fills the day goes.

    `minutes` is the median of its length and `spread` the sigma of its logarithm; `rooms` where it is done, drawn with
    equal chance; `by_part` how likely it is before noon, in the afternoon, in the evening (from 18).
    """

    minutes: float
    spread: float
    rooms: tuple[str, ...]
    by_part: tuple[float, float, float] = (1.0, 1.0, 1.0)


# Fitted, as all numbers here, so that a month of homes lies where the TIHM homes do (see likeness.py).
FILLS: Final = {
    Doing.WATCHING_TV: Habit(42, 0.6, ("lounge",), (0.5, 1.0, 2.0)),
    Doing.READING: Habit(30, 0.6, ("lounge", "lounge", "kitchen"), (1.3, 1.0, 0.6)),
    Doing.TIDYING: Habit(
        1.25, 0.6, ("kitchen", "kitchen", "bedroom", "bedroom", "lounge", "lounge", "hallway"), (1.5, 1.0, 0.6)
    ),
    Doing.ON_TOILET: Habit(3.4, 0.4, ("bathroom",)),
    Doing.MAKING_COFFEE: Habit(4.0, 0.4, ("kitchen",), (1.4, 1.2, 0.5)),
    Doing.AT_THE_DOOR: Habit(1.2, 0.4, ("hallway",), (1.2, 1.2, 0.4)),
    Doing.IN_GARDEN: Habit(6, 0.8, (), (1.0, 1.3, 0.5)),
}

# What follows what, as weights before the hour of the day and the person's taste have their say.
FOLLOWS: Final = {
    Doing.WATCHING_TV: {
        Doing.TIDYING: 3.0,
        Doing.MAKING_COFFEE: 1.5,
        Doing.ON_TOILET: 1.6,
        Doing.READING: 1.0,
        Doing.AT_THE_DOOR: 0.4,
        Doing.IN_GARDEN: 0.9,
    },
    Doing.READING: {
        Doing.WATCHING_TV: 1.8,
        Doing.TIDYING: 2.6,
        Doing.MAKING_COFFEE: 1.4,
        Doing.ON_TOILET: 1.3,
        Doing.AT_THE_DOOR: 0.4,
        Doing.IN_GARDEN: 1.0,
    },
    Doing.TIDYING: {
        Doing.TIDYING: 29.0,
        Doing.WATCHING_TV: 1.6,
        Doing.READING: 1.0,
        Doing.MAKING_COFFEE: 0.7,
        Doing.ON_TOILET: 0.6,
        Doing.AT_THE_DOOR: 1.2,
        Doing.IN_GARDEN: 0.9,
    },
    Doing.ON_TOILET: {Doing.WATCHING_TV: 1.6, Doing.READING: 1.0, Doing.TIDYING: 2.0, Doing.MAKING_COFFEE: 0.6},
    Doing.MAKING_COFFEE: {Doing.WATCHING_TV: 2.0, Doing.READING: 1.8, Doing.TIDYING: 1.4},
    Doing.AT_THE_DOOR: {Doing.TIDYING: 2.0, Doing.READING: 1.0, Doing.WATCHING_TV: 1.0},
    Doing.IN_GARDEN: {Doing.MAKING_COFFEE: 1.0, Doing.TIDYING: 1.0, Doing.ON_TOILET: 0.7, Doing.READING: 1.0},
}

# Mean seconds between two movements a motion sensor in the room could see. What is not here is never seen.
MOVES_EVERY_S: Final = {
    Doing.SLEEPING: 20_000.0,
    Doing.LYING_AWAKE: 600.0,
    Doing.NAPPING: 5_000.0,
    Doing.ON_TOILET: 90.0,
    Doing.WASHING: 60.0,
    Doing.SHOWERING: 120.0,
    Doing.DRESSING: 60.0,
    Doing.COOKING: 65.0,
    Doing.EATING: 300.0,
    Doing.MAKING_COFFEE: 60.0,
    Doing.MEDICATION: 60.0,
    Doing.WATCHING_TV: 5_000.0,
    Doing.READING: 4_000.0,
    Doing.TIDYING: 40.0,
    Doing.FETCHING: 45.0,
    Doing.AT_THE_DOOR: 40.0,
    Doing.WITH_VISITOR: 500.0,
    Doing.CARED_FOR: 70.0,
    Doing.WANDERING: 60.0,
    Doing.PROWLING: 90.0,
}

# While somebody does this, a short way to another room interrupts it now and then (times the person's own number).
ERRANDS: Final = {
    Doing.WATCHING_TV: 1.0,
    Doing.READING: 1.2,
    Doing.COOKING: 5.0,
    Doing.EATING: 3.0,
    Doing.WITH_VISITOR: 2.0,
    Doing.DRESSING: 4.0,
}

IN_BED: Final = frozenset({Doing.SLEEPING, Doing.LYING_AWAKE})
IN_CHAIR: Final = frozenset({Doing.WATCHING_TV, Doing.READING, Doing.NAPPING})
NOT_MOVING: Final = IN_BED | {Doing.NAPPING, Doing.LYING_ON_FLOOR}
OUTDOORS: Final = frozenset({Doing.OUT, Doing.AWAY, Doing.IN_GARDEN})
