"""When something happened, by our reckoning. Pure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened by our reckoning."""

    at: datetime
    corrected: bool


def reckon(
    observed_at: datetime, *, synced: bool, ahead: timedelta, now: datetime, patience: timedelta
) -> Moment | None:
    """Return when something happened, or None when its clock cannot be believed.

    Args:
        observed_at: by the gateway's clock.
        synced: whether the gateway has network time.
        ahead: how far the gateway's clock was before ours when it sent this (negative: behind).
        now: our present.
        patience: how far apart the two clocks may be before anything is done about it.
    """
    if not synced and abs(ahead) > patience:
        try:
            return Moment(min(observed_at - ahead, now), corrected=True)
        except OverflowError:  # outside the calendar
            return None
    if observed_at > now + patience:
        return None
    return Moment(observed_at, corrected=False)


def walk(mark: int, stored: AbstractSet[int], gone: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return how far a stream's mark moves, and over how many numbers that are lost.

    It moves over what is stored and over what its gateway says will never come: what is stored is not lost, whatever
    the gateway says.

    Args:
        mark: everything up to here is stored or lost.
        stored: numbers above the mark.
        gone: ranges (first, last) that the gateway has let go.
    """
    lost = 0
    while True:
        if mark + 1 in stored:
            mark += 1
            continue
        end = max((last for first, last in gone if first <= mark + 1 <= last), default=mark)
        if end == mark:
            return mark, lost
        end = min((number - 1 for number in stored if mark < number <= end), default=end)
        mark, lost = end, lost + end - mark
