"""Whether what was noticed is about the present, and which of several findings tells of a happening. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.finding import FACTS, FindingKind
from server.absences.rules import Span


def is_present(known_until: datetime, now: datetime, patience: timedelta) -> bool:
    """Return whether a home is known up to so short a while ago that a finding is about now.

    A gateway that is draining an old backlog tells of the past: what was unusual then is kept, and nobody is sent.
    """
    return now - known_until <= patience


# Kinds that tell of one happening, the one that says most of it first: somebody is not heard, or not where they should
# be by now; and somebody is up at night.
_HAPPENINGS = (
    (
        FindingKind.LEFT_AT_NIGHT,
        FindingKind.NOT_RETURNED,
        FindingKind.LONG_IN_BATHROOM,
        FindingKind.OUT_OF_BED,
        FindingKind.NOT_UP,
        FindingKind.INACTIVITY,
        FindingKind.NO_MEALS,
    ),
    (FindingKind.LEFT_AT_NIGHT, FindingKind.OUT_OF_BED, FindingKind.WANDERING),
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A finding that lasts. `told_at`: when somebody was alerted to it; None: nobody was."""

    kind: FindingKind
    started_at: datetime
    told_at: datetime | None = None


def to_tell(untold: Sequence[Lasting], told: Sequence[Lasting], now: datetime) -> list[Lasting]:
    """Return of which findings to alert people: once to each happening, by the kind that says most of it.

    While one is told of, another of the same happening that had begun by then says nothing new, unless it is graver. It
    is not forgotten: if it outlasts the one that was told, people are alerted to it.
    """
    known, chosen = list(told), []
    for one in sorted(untold, key=_gravest_first):
        if not any(_covers(other, one, now) for other in known):
            known.append(one)
            chosen.append(one)
    return chosen


def _covers(told: Lasting, one: Lasting, now: datetime) -> bool:
    same = any(told.kind in kinds and one.kind in kinds for kinds in _HAPPENINGS)
    graver = FACTS[one.kind].severity > FACTS[told.kind].severity
    return same and not graver and one.started_at <= (told.told_at or now)


def _gravest_first(one: Lasting) -> tuple[int, int, datetime]:
    rank = min((kinds.index(one.kind) for kinds in _HAPPENINGS if one.kind in kinds), default=0)
    return -FACTS[one.kind].severity, rank, one.started_at


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a home's time, up to `until`, in which its people's movement was looked at or was not."""

    until: datetime
    is_paused: bool


_EVER = datetime(1, 1, 1, tzinfo=UTC)


def stretches(since: datetime | None, until: datetime, spans: Sequence[Span]) -> list[Stretch]:
    """Cut the time from `since` (None: from ever) to `until` where one of these spans begins or ends.

    Where the last one ends there is a stretch without length: from that moment on movement is looked at again.
    """
    begin = since or _EVER
    edges = {edge for span in spans for edge in (span.begins_at, span.ends_at) if begin < edge < until}
    cut = []
    for edge in (*sorted(edges), until):
        is_paused = any(span.begins_at < edge <= span.ends_at for span in spans)
        cut.append(Stretch(edge, is_paused))
        if is_paused and not any(span.holds(edge) for span in spans):
            cut.append(Stretch(edge, is_paused=False))
    return cut
