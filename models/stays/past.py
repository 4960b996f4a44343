"""A home's past as its stays: lived through from one night's learning to the next, without what makes no difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

from models.finding import Finding, FindingKind
from models.hearing import Heard
from models.presence import Fact
from models.sight import Eye, Sight, sight
from models.stays.learning import learn_stays
from models.stays.live import Ended, advance
from models.stays.routine import Limits
from models.stays.state import StayState
from models.stays.thinning import telling
from models.stays.view import Circumstances
from models.technical.findings import deaf_at

_BLIND = Circumstances(Sight(is_blind=True))
_LEARNED_FROM_S = 40 * 86_400  # what lies further back is in none of the days that are learned from


@dataclass(frozen=True, slots=True)
class Lived:
    """What a stretch of a past brought."""

    state: StayState
    noticed: tuple[Finding | Ended, ...]


class StaysPast:
    """One home's past; nothing is said of what could not be seen or trusted, from when on that was known."""

    def __init__(self, home: Heard, zone: tzinfo) -> None:
        self._home, self._trace, self._zone = home, home.trace, zone
        heard = home.trace.kept(~home.babble)
        self._telling = heard.kept(telling(heard, zone))
        self._unseen = [one for one in home.unseen if one.is_fault or one.channel is not None]

    def limits(self, days: Sequence[int], until_s: int, rates: Mapping[FindingKind, float]) -> Limits:
        """Return from when on each is too long, as these local days (ordinals), all before `until_s`, tell."""
        rows = self._trace.between(until_s - _LEARNED_FROM_S, until_s)
        learned = self._trace.part(rows).kept(self._home.rows_to_learn_from(until_s, rows))
        return learn_stays(learned, self._zone, days).limits(rates)

    def live(self, state: StayState, limits: Limits, begin_s: int, end_s: int) -> Lived:
        """Let the time from `begin_s` to `end_s`, seconds since 1970 UTC, pass in a home that stands at `state`."""
        noticed: list[Finding | Ended] = []
        changes = {moment for one in self._unseen for moment in (one.known_at, one.until) if moment is not None}
        stops = sorted(moment for moment in changes if begin_s < moment < end_s)
        for at, stop in pairwise([begin_s, *stops, end_s]):
            outcome = advance(state, limits, self._zone, self._facts(at, stop), _moment(stop), self._around(at))
            state = outcome.state
            noticed += [*outcome.opened, *outcome.ended]
        return Lived(state, tuple(noticed))

    def _around(self, second: int) -> Circumstances:
        """Return what could be seen at a moment, as it was known then."""
        if any(one.channel is None and one.is_known_at(second) for one in self._unseen):
            return _BLIND
        deaf = deaf_at(self._unseen, second)
        eyes = (Eye(one.room, frozenset({one.kind}), number in deaf) for number, one in enumerate(self._trace.channels))
        return Circumstances(sight(eyes))

    def _facts(self, begin_s: int, end_s: int) -> list[Fact]:
        rows, channels = self._telling.between(begin_s, end_s), self._telling.channels
        told = zip(
            *(each[rows].tolist() for each in (self._telling.at, self._telling.channel, self._telling.value)),
            strict=True,
        )
        return [Fact(_moment(at), channels[number].room, channels[number].kind, value) for at, number, value in told]


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
