"""A learned day as people can read it: how long it is ordinarily silent, and when a silence would be told of."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from models.concerns.silence import EVERYTHING, usual_minutes
from models.minutes import TICK_S, TICKS_A_DAY
from models.prior import Priors
from models.rhythm import RhythmState, look, step
from models.rooms import Role
from models.routine import Routine

_HOUR_TICKS: Final = 12
_BEFORE: Final = timedelta(hours=4)
_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a home's day, minutes. `told_after`: of a silence that begins then in a lived-in room; None: never.

    `middle` and `longest`: silences in progress at that hour on ordinary days.
    """

    hour: int
    middle: float
    longest: float
    told_after: int | None


def portrait(routine: Routine, priors: Priors, zone: tzinfo, day: date) -> tuple[Hour, ...]:
    """Return the hours of a home's day, as they hold on `day`."""
    table = routine.tables[EVERYTHING.name]
    return tuple(
        _hour(hour, usual_minutes(table, hour * _HOUR_TICKS), routine, priors, zone, day) for hour in range(24)
    )


def _hour(hour: int, usual: tuple[float, float], routine: Routine, priors: Priors, zone: tzinfo, day: date) -> Hour:
    begins = datetime.combine(day, time(hour), zone).astimezone(UTC)
    return Hour(hour, *usual, _told_after(routine, priors, zone, begins))


def _told_after(routine: Routine, priors: Priors, zone: tzinfo, begins: datetime) -> int | None:
    """Return after how many minutes a silence from `begins` on is told of, after an ordinary few hours."""
    only = replace(routine, limits={name: each for name, each in routine.limits.items() if name == EVERYTHING.name})
    state = RhythmState.begun(begins - _BEFORE)
    at = begins - _BEFORE
    while at < begins:
        state = step(state, at, Role.LIVING)
        at += _EVERY
    tick = int(begins.timestamp()) // TICK_S
    state = replace(state, judged_until=tick)
    due = look(state, only, priors, zone, begins + timedelta(seconds=TICK_S)).due_at
    minutes = int((due - begins).total_seconds()) // 60
    return minutes if minutes < (TICKS_A_DAY - 1) * TICK_S // 60 else None
