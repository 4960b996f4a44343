"""What is made to happen to one person, in the place of what would have."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from device_sims.life.activities import Doing, Stay
from device_sims.life.days import wandered


@dataclass(frozen=True, slots=True)
class Interruption:
    """From `at` until `until` (aware; None: for ever) somebody does something else, in that room; None is outside.

    Somebody who wanders goes from room to room, whatever `room` says.
    """

    who: str
    at: datetime
    until: datetime | None
    doing: Doing
    room: str | None


def instead(stays: list[Stay], what: Interruption, seed: str) -> Iterator[Stay]:
    """Yield one person's stays with the interruption in the place of what it covers."""
    if not stays:
        return
    begins = max(what.at, stays[0].start)
    ends = min(what.until or stays[-1].end, stays[-1].end)
    if begins >= ends:
        yield from stays
        return
    for stay in stays:
        if (before := stay.cut(stay.start, begins)) is not None:
            yield before
    yield from _meanwhile(what, begins, ends, stays[0].lively, seed)
    for stay in stays:
        if (after := stay.cut(ends, stay.end)) is not None:
            yield after


def _meanwhile(what: Interruption, begins: datetime, ends: datetime, lively: float, seed: str) -> Iterator[Stay]:
    if what.doing is not Doing.WANDERING:
        yield Stay(what.who, what.room, begins, ends, what.doing, lively)
        return
    chance = random.Random(f"{seed}/{what.at.isoformat()}")  # noqa: S311 - a simulated life, not a secret
    now = begins
    for room, end_s in wandered(chance, begins.timestamp(), ends.timestamp()):
        yield Stay(what.who, room, now, _moment(end_s), what.doing, lively)
        now = _moment(end_s)


def between(stays: Iterable[Stay], since: datetime | None, until: datetime | None) -> Iterator[Stay]:
    """Yield what of the stays lies from `since` until `until` (aware; None: no end)."""
    for stay in stays:
        part = stay.cut(since or stay.start, until or stay.end)
        if part is not None:
            yield part


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
