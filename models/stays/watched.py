"""What lasts in a home just now: one function for each thing that may last too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Final

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from models.presence import cached_role, is_between
from models.rooms import Role
from models.stays.standing import NEVER, Standing
from models.stays.view import View, to_moment

NIGHT: Final = (22, 6)  # local hours, of visits to the bathroom
_AT_LONGEST: Final = "at longest"  # tells it from a silence that is too long by the home's rhythm
OUT_BY_DAY: Final = (5, 23)  # local hours; who leaves at night is another finding
BED_NIGHT_FROM_MIN: Final = 23 * 60
LAY_S: Final = 1200.0  # a shorter while on the bed is not the night's lying
_QUIET_S: Final = 600.0  # who is up and about is not lying on the floor,
_ABOUT_AT_MOST: Final = 3.0  # and yet three times as long is too long
_UNSEEN_FACTOR: Final = 2.0  # the way out of a room may lead past a silent sensor


def bathroom(view: View) -> Iterator[Standing]:
    """A stay in the bathroom: from its first sign until a sign of life anywhere else."""
    presence, limits = view.state.presence, view.limits
    if presence.role != Role.BATHROOM or not presence.since_s:
        return
    began, entered = presence.since_s, to_moment(presence.since_s)
    part = (2 if presence.in_bed is not None else 1) if is_between(entered, view.zone, *NIGHT) else 0
    if part and any(cached_role(SensorKind.MOTION, room) is Role.BEDROOM for room in view.around.sight.unseen_rooms):
        return  # back in bed, for all that can be seen
    limit = limits.bathroom[part] * (_UNSEEN_FACTOR if view.around.sight.unseen_rooms else 1)
    tail = limits.routine.bathroom[part]
    due = max(began, presence.seen_s) + limit
    figures = {"minutes": _minutes(due - began), "usual_minutes": _minutes(tail.high_s)}
    yield Standing(
        FindingKind.LONG_IN_BATHROOM, "", presence.room, began, due, "in_bathroom_for", figures,
        tail.p_value(limit), presence.last_s,
    )  # fmt: skip


def empty_bed(view: View) -> Iterator[Standing]:
    """A bed left at night: until somebody lies in it again, or the night is over and somebody is about."""
    presence, limits, left = view.state.presence, view.limits, view.state.presence.left_s
    if presence.in_bed is not False or not presence.lay_s or left - presence.lay_s < LAY_S:
        return
    ends = night_end_s(left, limits.night_ends_min, view.zone)
    if ends is None or presence.last_s >= ends or presence.looks_out:
        return
    limit, tail = limits.bed, limits.routine.bed
    due = max(left, presence.seen_s) + limit
    due = min(max(due, presence.last_s + _QUIET_S), due + (_ABOUT_AT_MOST - 1) * limit)
    figures = {"minutes": _minutes(due - left), "usual_minutes": _minutes(tail.high_s)}
    yield Standing(
        FindingKind.OUT_OF_BED, "", presence.room, left, due if due < ends else NEVER, "out_of_bed_for", figures,
        tail.p_value(due - left), presence.last_s,
    )  # fmt: skip


def away(view: View) -> Iterator[Standing]:
    """An absence by day: from an outer door until anything is heard. A planned one is not missed before it ends."""
    presence = view.state.presence
    if not presence.looks_out or not is_between(to_moment(presence.last_s), view.zone, *OUT_BY_DAY):
        return
    left, limits, away_until = presence.last_s, view.limits, view.around.away_until
    tail = limits.routine.away
    due = max(left, presence.seen_s) + limits.away
    if away_until is not None:
        due = max(due, away_until.timestamp())
    figures = {"minutes": _minutes(due - left), "usual_minutes": _minutes(tail.high_s)}
    yield Standing(FindingKind.NOT_RETURNED, "", None, left, due, "away_for", figures, tail.p_value(due - left))


def silent_home(view: View) -> Iterator[Standing]:
    """The whole home silent while its rhythm is hardly known, until anything is heard. Who left by day is `away`."""
    presence = view.state.presence
    if not presence.last_s or view.limits.silence == NEVER:
        return
    if presence.looks_out and is_between(to_moment(presence.last_s), view.zone, *OUT_BY_DAY):
        return
    began = max(presence.last_s, presence.seen_s)
    due = began + view.limits.silence
    figures = {
        "minutes": _minutes(view.limits.silence), "usual_minutes": _minutes(view.limits.silence),
        "last_room": presence.room, "out": presence.looks_out,
        "unseen_rooms": list(view.around.sight.unseen_rooms),
    }  # fmt: skip
    kind, room = FindingKind.INACTIVITY, presence.room
    yield Standing(kind, _AT_LONGEST, room, began, due, "no_movement_for", figures, None, presence.last_s)


def open_doors(view: View) -> Iterator[Standing]:
    """Each outer door and fridge that stands open, of those that tell when they are closed."""
    limits = view.limits
    for room, door in view.state.doors.items():
        if not door.opened_s or not door.closes:
            continue
        is_fridge = cached_role(SensorKind.DOOR, room) is Role.FRIDGE
        limit = limits.doors.get(room, limits.other_doors[is_fridge])
        tail = limits.routine.door(room)
        figures = {"minutes": _minutes(limit), "usual_minutes": _minutes(tail.high_s)}
        due = max(door.opened_s, view.state.presence.seen_s) + limit
        yield Standing(
            FindingKind.DOOR_OPEN, room, room, door.opened_s, due, "door_open_for", figures, tail.p_value(limit)
        )


def night_end_s(left_s: float, ends_min: int, zone: tzinfo) -> float | None:
    """Return when the night in which `left_s` lies ends, by the clock on the wall; None: it does not lie in one."""
    local = to_moment(left_s).astimezone(zone)
    minute = local.hour * 60 + local.minute
    if ends_min <= minute < BED_NIGHT_FROM_MIN:
        return None
    day = local.date() + timedelta(days=int(minute >= BED_NIGHT_FROM_MIN))
    ends = datetime(day.year, day.month, day.day, *divmod(ends_min, 60), tzinfo=zone)
    return ends.timestamp()


def _minutes(seconds: float) -> int | None:
    return int(seconds // 60) if seconds < NEVER else None
