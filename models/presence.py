"""Where the resident is, as far as it is known: in bed, in the bathroom, somewhere at home, out, or nobody knows.

Two people and visitors are ordinary: who it was is never told, only where somebody was last noticed.
"""

from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Self

from gateway.contract.observation import SensorKind
from models.activity import shows_activity
from models.rooms import Role, role_of

GOING_OUT_S: Final = 300.0  # what is heard within this time of an outer door may still be the leaving
_GONE_S: Final = 600.0  # silent for so long after it, and somebody has gone
_ASLEEP_S: Final = 1200.0  # silent for so long in the bedroom at night, where no bed tells
_UP_AGAIN_S: Final = 300.0  # shorter than this out of bed, and it is the same lying
_NIGHT: Final = (22, 8)  # local hours


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One fact about a home. `at` aware; `value` as in `SensorKind`; `doubted`: the device itself doubts the value."""

    at: datetime
    room: str
    kind: SensorKind
    value: float
    doubted: bool = False


class Where(StrEnum):
    """Where the resident is."""

    IN_BED = "in_bed"
    IN_BATHROOM = "in_bathroom"
    AT_HOME = "at_home"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Present:
    """What a page says. `since`: aware, UTC; None: never heard. `room`: where somebody was last noticed, if at home."""

    where: Where
    since: datetime | None
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """What is remembered to tell where the resident is. Times are seconds since 1970 UTC; 0: never.

    `last_s`: the last activity, of `role` in `room`; `since_s`: from when it was there without a break. `door_s`: the
    last outer door. `in_bed`: what a bed sensor said last, None: there is none; `lay_s`, `left_s`: since when,
    and `bed_s` when it said anything.
    `unseen_s`: from when the home cannot be seen; `seen_s`: from when it can again.
    """

    last_s: float = 0.0
    since_s: float = 0.0
    role: int = int(Role.OTHER)
    room: str | None = None
    door_s: float = 0.0
    in_bed: bool | None = None
    lay_s: float = 0.0
    left_s: float = 0.0
    unseen_s: float = 0.0
    seen_s: float = 0.0
    bed_s: float = 0.0

    @property
    def looks_out(self) -> bool:
        """Whether nothing was heard since an outer door and what closely followed it."""
        return self.door_s > 0 and self.last_s - self.door_s <= GOING_OUT_S

    @property
    def last_at(self) -> datetime | None:
        """When somebody was last noticed; None: never."""
        return _moment(self.last_s)

    def as_json(self) -> list[Any]:
        """Return it as it is stored."""
        return list(astuple(self))

    @classmethod
    def from_json(cls, stored: list[Any]) -> Self:
        """Read what `as_json` wrote; an empty one is a home of which nothing was heard."""
        return cls(*stored)


def step(presence: Presence, fact: Fact) -> Presence:
    """Return what is known after a fact. One that came again changes nothing, nor one that shows no activity.

    Of one that came late only what is still the newest of its sort is kept: what a bed said, and an outer door.
    """
    if not shows_activity(fact.kind, fact.value):
        return presence
    at, role = fact.at.timestamp(), cached_role(fact.kind, fact.room)
    if fact.kind is SensorKind.BED and at > presence.bed_s:
        presence = _bed_told(presence, at, lies=fact.value > 0)
    elif fact.kind is SensorKind.DOOR and role == Role.OUTER_DOOR and at > presence.door_s:
        presence = replace(presence, door_s=at)
    if at < presence.last_s:
        return presence
    stays = role == presence.role and fact.room == presence.room
    return Presence(
        at, presence.since_s if stays else at, role, fact.room, presence.door_s,
        presence.in_bed, presence.lay_s, presence.left_s,
        0.0, at if presence.unseen_s > presence.seen_s else presence.seen_s, presence.bed_s,
    )  # fmt: skip


def _bed_told(presence: Presence, at: float, *, lies: bool) -> Presence:
    lay_s, left_s = presence.lay_s, presence.left_s
    if lies and not presence.in_bed and not (left_s and at - left_s < _UP_AGAIN_S):
        lay_s = at
    if not lies and presence.in_bed is not False:
        left_s = at
    return replace(presence, in_bed=lies, lay_s=lay_s, left_s=left_s, bed_s=at)


def seen(presence: Presence, now: datetime, *, is_blind: bool) -> Presence:
    """Return what is known now that the home can, or cannot, be seen. The same again changes nothing."""
    if is_blind and not presence.unseen_s:
        return replace(presence, unseen_s=now.timestamp())
    if not is_blind and presence.unseen_s and presence.seen_s < presence.unseen_s:
        return replace(presence, seen_s=now.timestamp())
    return presence


def look(presence: Presence, zone: tzinfo, now: datetime) -> Present:
    """Return where the resident is now, in a home of this time zone."""
    silent = now.timestamp() - presence.last_s
    if not presence.last_s or presence.unseen_s:
        return Present(Where.UNKNOWN, _moment(presence.unseen_s))
    if presence.in_bed:
        return Present(Where.IN_BED, _moment(presence.lay_s), presence.room)
    if presence.looks_out and silent >= _GONE_S:
        return Present(Where.OUT, _moment(presence.last_s))
    since = _moment(presence.since_s)
    if presence.role == Role.BATHROOM:
        return Present(Where.IN_BATHROOM, since, presence.room)
    sleeps = presence.role == Role.BEDROOM and presence.in_bed is None and silent >= _ASLEEP_S
    if sleeps and is_between(now, zone, *_NIGHT):
        return Present(Where.IN_BED, since, presence.room)
    return Present(Where.AT_HOME, since, presence.room)


def is_between(moment: datetime, zone: tzinfo, begin: int, end: int) -> bool:
    """Whether it is from `begin` to before `end`, hours of the local day; past midnight where `end` is the smaller."""
    hour = moment.astimezone(zone).hour
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


@lru_cache(maxsize=4096)
def cached_role(kind: SensorKind, room: str) -> Role:
    """Return `role_of`, which live steps ask for all the time."""
    return role_of(kind, room)


def _moment(seconds: float) -> datetime | None:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) if seconds else None
