"""A home's past as its stays: lived through from one night's learning to the next, without what makes no difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np

from models.finding import Finding, FindingKind
from models.presence import Fact
from models.sight import Sight
from models.stays.learning import learn_stays
from models.stays.live import Ended, advance
from models.stays.routine import Limits
from models.stays.state import StayState
from models.stays.thinning import telling
from models.stays.view import Circumstances
from models.technical.findings import Unseen
from models.trace import Trace

_SEEN, _BLIND = Circumstances(), Circumstances(Sight(is_blind=True))
_LEARNED_FROM_S = 40 * 86_400  # what lies further back is in none of the days that are learned from


@dataclass(frozen=True, slots=True)
class Lived:
    """What a stretch of a past brought."""

    state: StayState
    noticed: tuple[Finding | Ended, ...]


class StaysPast:
    """One home's trace. `unseen`: when it was known that the home could not be seen."""

    def __init__(self, trace: Trace, zone: tzinfo, unseen: Sequence[Unseen]) -> None:
        self._trace = trace
        self._telling = trace.kept(telling(trace, zone))
        self._zone = zone
        self._blind = sorted((one.known_at, one.until) for one in unseen if one.channel is None and one.is_fault)

    def limits(self, days: Sequence[int], until_s: int, rates: Mapping[FindingKind, float]) -> Limits:
        """Return from when on each is too long, as these local days (ordinals), all before `until_s`, tell."""
        rows = self._trace.between(until_s - _LEARNED_FROM_S, until_s)
        kept = np.zeros(self._trace.at.size, np.bool_)
        kept[rows] = True
        return learn_stays(self._trace.kept(kept), self._zone, days).limits(rates)

    def live(self, state: StayState, limits: Limits, begin_s: int, end_s: int) -> Lived:
        """Let the time from `begin_s` to `end_s`, seconds since 1970 UTC, pass in a home that stands at `state`."""
        noticed: list[Finding | Ended] = []
        at = begin_s
        for blind_from, blind_until in [*self._blind, (end_s, None)]:
            seen_until = min(max(blind_from, at), end_s)
            until = end_s if blind_until is None else min(max(blind_until, seen_until), end_s)
            for stop, around in ((seen_until, _SEEN), (until, _BLIND)):
                if stop > at:
                    outcome = advance(state, limits, self._zone, self._facts(at, stop), _moment(stop), around)
                    state, at = outcome.state, stop
                    noticed += [*outcome.opened, *outcome.ended]
        return Lived(state, tuple(noticed))

    def _facts(self, begin_s: int, end_s: int) -> list[Fact]:
        rows, channels = self._telling.between(begin_s, end_s), self._telling.channels
        told = zip(
            *(each[rows].tolist() for each in (self._telling.at, self._telling.channel, self._telling.value)),
            strict=True,
        )
        return [Fact(_moment(at), channels[number].room, channels[number].kind, value) for at, number, value in told]


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
