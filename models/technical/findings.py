"""What went wrong with the equipment, and what could not be seen because of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from models.rooms import Role, role_of
from models.trace import Channel


class Fault(StrEnum):
    """What went wrong. `SENSOR_...`: one channel; the others: all of a home."""

    SENSOR_SILENT = "sensor_silent"
    SENSOR_FLAPPING = "sensor_flapping"
    GATEWAY_SILENT = "gateway_silent"
    FLEET_OUTAGE = "fleet_outage"


@dataclass(frozen=True, slots=True)
class Technical:
    """A fault of the equipment of one home. Moments are seconds since 1970 UTC.

    `channel`: number in `Trace.channels`; None: the whole home. `started_at` is when it seems to have begun,
    `raised_at` when it could be known, `ended_at` when it was over; None: not by the end of what is known. `figures`
    are what it rests on, for a sentence.
    """

    fault: Fault
    channel: int | None
    started_at: int
    raised_at: int
    ended_at: int | None
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A span in which a home, or one channel of it, cannot be seen or must not be trusted. Seconds since 1970 UTC.

    From `known_at` up to but not at `until` (None: it goes on) what happened since `since` is to be held unknown. With
    `is_fault` a `Technical` goes with it, and [since, until) stays unknown for ever; without, it was a suspicion only:
    at `until` it is taken back, and the silence was what it looked like. `channel` None: the whole home. `babbles`: it
    fires by itself.
    """

    since: int
    known_at: int
    until: int | None
    channel: int | None
    is_fault: bool
    babbles: bool = False

    @property
    def is_doubt_of_babble(self) -> bool:
        """Whether it may be firing by itself, and may yet be two people: what it says still counts."""
        return self.babbles and not self.is_fault

    def is_known_at(self, second: float) -> bool:
        """Whether it was known, and lasted, at a moment."""
        return self.known_at <= second and (self.until is None or second < self.until)


def deaf_at(unseen: Iterable[Unseen], second: float) -> frozenset[int]:
    """Return the channels that are suspected at a moment: what they say, or do not, tells of nobody."""
    now = (one for one in unseen if one.is_known_at(second) and not one.is_doubt_of_babble)
    return frozenset(one.channel for one in now if one.channel is not None)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A sensor that is suspected now. `known_at`: since when, seconds since 1970 UTC. `babbles`: it fires by itself."""

    channel: Channel
    known_at: int
    babbles: bool

    @property
    def role(self) -> Role:
        """Its role to the routine."""
        return role_of(self.channel.kind, self.channel.room)


@dataclass(frozen=True, slots=True)
class Faults:
    """All that is wrong in one home over a time, in order of `raised_at` and `known_at`."""

    technical: tuple[Technical, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    @classmethod
    def of(cls, several: Iterable["Faults"]) -> Self:
        """Return them as one, in order."""
        every = list(several)
        technical = sorted((one for faults in every for one in faults.technical), key=lambda one: one.raised_at)
        unseen = sorted((one for faults in every for one in faults.unseen), key=lambda one: one.known_at)
        return cls(tuple(technical), tuple(unseen))
