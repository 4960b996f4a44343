"""How a resident is, in one word, and how a day looks in quarter-hours. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from server.absences.rules import Span

QUARTER = timedelta(minutes=15)
# Three weeks of ordinary days, and every weekday was seen three times.
LEARNING_TAKES = 21


class Status(StrEnum):
    """How a resident is, as far as we know."""

    NORMAL = "normal"
    LEARNING = "learning"  # nothing unusual, but the routine is young
    WATCH = "watch"  # somebody should look
    CRITICAL = "critical"
    TECHNICAL = "technical"  # a fault; the resident is not fully watched over
    PAUSED = "paused"  # by wish, or nobody is at home: no fault, and not known to be well either
    UNKNOWN = "unknown"  # nothing heard of late: never shown as well


# What needs somebody first stands first.
ORDER_OF_NEED = (
    Status.CRITICAL, Status.TECHNICAL, Status.UNKNOWN, Status.WATCH, Status.PAUSED, Status.LEARNING, Status.NORMAL,
)  # fmt: skip


def status_of(
    *, severities: Sequence[int], technical: bool, known: bool, learned_days: int, paused: bool = False
) -> Status:
    """Return the gravest thing that holds. `severities`: of open alerts about the person.

    `paused`: nobody's movement is looked at. Then a fault of the equipment is not what the reader needs to know first.
    """
    critical, learning_days = 40, 7
    if any(severity >= critical for severity in severities):
        return Status.CRITICAL
    if severities:
        return Status.WATCH
    if paused:
        return Status.PAUSED
    if technical:
        return Status.TECHNICAL
    if not known:
        return Status.UNKNOWN
    return Status.NORMAL if learned_days >= learning_days else Status.LEARNING


def quarters(
    counts: Sequence[int], start: datetime, known_until: datetime | None, unwatched: Sequence[Span] = ()
) -> tuple[int | None, ...]:
    """Return the activities of each quarter-hour from `start`; None where the home is not known (yet).

    Nor is it where nobody's movement was looked at for some of the quarter: what is paused is shown to nobody.
    """
    known = 0 if known_until is None else max(0, (known_until - start) // QUARTER + 1)
    shown: list[int | None] = [*counts[:known], *[None] * (len(counts) - known)]
    for span in unwatched:
        # Every quarter the span touches.
        first = max(0, (span.begins_at - start) // QUARTER)
        after = max(first, -((start - span.ends_at) // QUARTER))
        shown[first:after] = [None] * len(shown[first:after])
    return tuple(shown)
