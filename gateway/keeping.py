"""What a gateway lets go of first when it cannot keep everything. Pure: the whole policy is here.

Kept longest is what calls for help, then what tells how a person fares (doors, bed, chair, measurements of the body),
then movement, then the slow measures of the rooms; of these the first of every hour is kept longer than the others.
Within one rank the oldest goes first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final

from gateway.contract.observation import SensorKind, Stream
from gateway.observe import Fact

# The least an outbox may hold however little room the disk has: some 4,000 observations.
LEAST_BYTES: Final = 1024 * 1024
# Changes lie in a log beside the file until they are moved into it, and a half-full page counts as a whole one.
_SHARE_FOR_ROWS: Final = 0.85


class Rank(IntEnum):
    """How long something is kept: the lowest goes first."""

    EXTRA = 0  # a slow measure of which there is another one in the same hour
    HOURLY = 1  # the first of a slow measure in its hour
    MOVEMENT = 2
    TELLING = 3
    CALL = 4


_SLOW: Final = frozenset({SensorKind.TEMPERATURE, SensorKind.HUMIDITY, SensorKind.LIGHT, SensorKind.POWER})

# The hour (since 1970) of which a measure was kept, by sensor and kind.
Hours = Mapping[tuple[str, SensorKind], int]


def rank(facts: Sequence[Fact], hours: Hours) -> tuple[list[Rank], Hours]:
    """Return the rank of each fact, and which hours are then told of. `hours`: those told of before."""
    told = dict(hours)
    return [_rank(fact, told) for fact in facts], told


def _rank(fact: Fact, told: dict[tuple[str, SensorKind], int]) -> Rank:
    if fact.stream is Stream.URGENT:
        return Rank.CALL
    if fact.kind is SensorKind.MOTION:
        return Rank.MOVEMENT
    if fact.kind not in _SLOW:
        return Rank.TELLING
    hour = int(fact.observed_at.timestamp() // 3600)
    if told.get((fact.sensor_id, fact.kind)) == hour:
        return Rank.EXTRA
    told[fact.sensor_id, fact.kind] = hour
    return Rank.HOURLY


def most_bytes(limit: int, taken: int, free: int, floor: int) -> int:
    """Return how many bytes of its file the outbox may use for rows now.

    Args:
        limit: bytes the outbox may take on disk, its log included.
        taken: bytes of the file as it is.
        free: bytes free on the disk.
        floor: bytes of the disk that are for everybody else: below this the outbox grows no more.
    """
    room = min(int(limit * _SHARE_FOR_ROWS), taken + max(0, free - floor))
    return max(LEAST_BYTES, room)


def keep(facts: Sequence[Fact], room: int) -> tuple[list[Fact], Counter[SensorKind]]:
    """Return the `room` facts to keep, in their order, and how many of each kind are let go."""
    excess = len(facts) - room
    if excess <= 0:
        return list(facts), Counter()
    ranks, _ = rank(facts, {})
    going = set(sorted(range(len(facts)), key=lambda place: (ranks[place], place))[:excess])
    kept = [fact for place, fact in enumerate(facts) if place not in going]
    return kept, Counter(facts[place].kind for place in going)


def missing(seqs: Sequence[int], after: int) -> tuple[tuple[int, int], ...]:
    """Return the numbers that are not among `seqs` (rising) between `after` and the last, as (first, last) ranges."""
    return tuple((before + 1, seq - 1) for before, seq in zip([after, *seqs], seqs, strict=False) if seq > before + 1)
