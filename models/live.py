"""The live state of one home: stepped by activities and by time, without a clock of its own."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.activity import Activity
from models.calendar import QUARTER_S, quarter_of, quarter_start
from models.finding import Finding, FindingKind, Reason
from models.inactivity import GOING_OUT_S, OUT_SILENCE_S, default_line
from models.sight import Sight

# No line is above a day, so a silence that nothing ends has passed it after two.
_FURTHEST = timedelta(days=2)
_ALL_SEEN = Sight()


@dataclass(frozen=True)
class Routine:
    """What was learned of one home, as the live state needs it.

    `line_s` and `usual_s`: seconds for each quarter-hour of the local day, shape (96,). `days` 0: nothing learned yet.
    """

    line_s: NDArray[np.float64]
    usual_s: NDArray[np.float64]
    days: int

    @cached_property
    def shortest_s(self) -> float:
        """The lowest point of the line: no silence below it can be a finding."""
        return float(self.line_s.min())

    @classmethod
    def unlearned(cls) -> Self:
        """Return the safe routine of a home about which nothing is known."""
        return cls(default_line(), default_line(), 0)


@dataclass(frozen=True, slots=True)
class HomeState:
    """Where one home stands. All times aware; None: not yet known."""

    last_activity_at: datetime | None = None
    last_room: str | None = None
    last_door_at: datetime | None = None
    silent_since: datetime | None = None  # set while a silence has been noticed and has not ended
    unseen_until: datetime | None = None  # up to here nobody could have been seen moving

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored between two looks."""
        return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote; an empty one is a home nobody has looked at."""
        times = ("last_activity_at", "last_door_at", "silent_since", "unseen_until")
        read = {key: datetime.fromisoformat(stored[key]) for key in times if stored.get(key)}
        return cls(last_room=stored.get("last_room"), **read)

    @property
    def quiet_since(self) -> datetime | None:
        """Since when somebody could have been seen moving, and was not. None: nothing was ever heard."""
        if self.last_activity_at is None or self.unseen_until is None:
            return self.last_activity_at
        return max(self.last_activity_at, self.unseen_until)

    @property
    def is_out(self) -> bool:
        """Whether the present silence looks like an absence: it followed an outer door closely."""
        if self.last_activity_at is None or self.last_door_at is None:
            return False
        return (self.last_activity_at - self.last_door_at).total_seconds() <= GOING_OUT_S


def step(state: HomeState, activity: Activity) -> HomeState:
    """Return the state after an activity. One that is older than the last one known changes nothing: it came late."""
    if state.last_activity_at is not None and activity.at < state.last_activity_at:
        return state
    at = activity.at.astimezone(UTC)  # spans are added below: in a local zone that would be wall-clock arithmetic
    door_at = at if activity.is_outer_door else state.last_door_at
    return replace(state, last_activity_at=at, last_room=activity.room, last_door_at=door_at, silent_since=None)


def silence_due(state: HomeState, routine: Routine, zone: tzinfo) -> datetime | None:
    """Return when silence itself would become a finding; None when it is one already or nothing was ever heard."""
    last = state.quiet_since
    if last is None or state.silent_since is not None:
        return None
    if state.is_out:
        return last + timedelta(seconds=OUT_SILENCE_S)
    quarter = quarter_start(last)
    while quarter - last < _FURTHEST:
        crossing = last + timedelta(seconds=float(routine.line_s[quarter_of(quarter, zone)]))
        ends = quarter + timedelta(seconds=QUARTER_S)
        if crossing < ends:
            return max(crossing, quarter)
        quarter = ends
    return last + _FURTHEST


def look(
    state: HomeState, routine: Routine, zone: tzinfo, until: datetime, sight: Sight = _ALL_SEEN
) -> tuple[HomeState, Finding | None]:
    """Let the home's time move to `until`, up to which all activities are known; return a silence now too long.

    `sight`: what could be seen of the home. While it is blind nothing is found, for nobody knows; the silence counts
    from when it sees again.
    """
    if sight.is_blind:
        return replace(state, unseen_until=until.astimezone(UTC)), None
    last = state.quiet_since
    if last is None or (until - last).total_seconds() < routine.shortest_s:
        return state, None
    due = silence_due(state, routine, zone)
    if due is None or due > until:
        return state, None
    figures = {
        "minutes": int((due - last).total_seconds() // 60),
        "usual_minutes": int(routine.usual_s[quarter_of(due, zone)] // 60),
        "last_room": state.last_room,
        "last_seen_at": state.last_activity_at.isoformat() if state.last_activity_at else None,
        "learned_days": routine.days,
        "out": state.is_out,
        "unseen_rooms": list(sight.unseen_rooms),
    }
    finding = Finding(
        FindingKind.INACTIVITY, last, due, state.last_room, (Reason("no_movement_for", figures),), (last,)
    )
    return replace(state, silent_since=last), finding
