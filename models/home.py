"""One home as it is followed live: its rhythm, minute by minute, and what lasts in it, fact by fact.

Pure: what is heard and what time it is are told from outside. After each look it says when, if nothing more is heard,
it must be looked at again, so that nobody need ask every home all the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from math import inf
from typing import Any, Self

from models.activity import shows_activity
from models.finding import Finding, FindingKind
from models.presence import Fact, cached_role
from models.prior import shipped
from models.rhythm import Over, RhythmState
from models.rhythm import look as look_at_rhythm
from models.rhythm import step as step_rhythm
from models.stays.live import advance
from models.stays.state import StayState
from models.stays.view import Circumstances
from models.store import Learned


@dataclass(frozen=True)
class HomeState:
    """Where one home stands. `rhythm`: None before anybody was heard."""

    rhythm: RhythmState | None = None
    stays: StayState = field(default_factory=StayState)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored between two looks."""
        return {"rhythm": self.rhythm and self.rhythm.as_json(), "stays": self.stays.as_json()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote; an empty one is a home nobody has looked at."""
        rhythm = stored.get("rhythm")
        return cls(RhythmState.from_json(rhythm) if rhythm else None, StayState.from_json(stored.get("stays", {})))


@dataclass(frozen=True, slots=True)
class Ended:
    """What was noticed of this kind is over. `subject`: which of several (a door, a measure); empty: there is one."""

    kind: FindingKind
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """What a look brought, in order of time. `due_at`: when to look again if nothing more is heard; None: no need."""

    state: HomeState
    noticed: tuple[Finding | Ended, ...] = ()
    due_at: datetime | None = None


def live_on(
    state: HomeState,
    learned: Learned,
    zone: tzinfo,
    facts: Sequence[Fact],
    until: datetime,
    around: Circumstances,
    *,
    more: bool = False,
) -> Look:
    """Let facts, in order of time, and time up to `until` pass in a home.

    Args:
        state: where it stood.
        learned: what is ordinary there.
        zone: the home's time zone.
        facts: what was heard since; what came late or again changes nothing that was judged.
        until: up to when all facts are known.
        around: what could be seen, and what is known from elsewhere.
        more: facts of the same time are still to come: nothing is judged by minutes yet.
    """
    rhythm, facts = state.rhythm, _without_babble(facts, around)
    for fact in facts:
        if shows_activity(fact.kind, fact.value):
            at = fact.at.astimezone(UTC)
            rhythm = step_rhythm(rhythm or RhythmState.begun(at), at, cached_role(fact.kind, fact.room))
    lasting = advance(state.stays, learned.stays, zone, facts, until, around)
    noticed: list[Finding | Ended] = [*lasting.opened]
    noticed += [Ended(one.kind, one.subject, one.at) for one in lasting.ended]
    dues = [lasting.next_due] if lasting.next_due else []
    if rhythm is not None and not more:
        seen, suspects = around.sees_movement, around.suspects
        looked = look_at_rhythm(rhythm, learned.routine, shipped(), zone, until, is_seen=seen, suspects=suspects)
        rhythm = looked.state
        noticed += [Ended(one.kind, "", one.at) if isinstance(one, Over) else one for one in looked.noticed]
        dues.append(looked.due_at)
    return Look(HomeState(rhythm, lasting.state), tuple(sorted(noticed, key=_when)), min(dues, default=None))


def _without_babble(facts: Sequence[Fact], around: Circumstances) -> Sequence[Fact]:
    """Return the facts without those of sensors that fire by themselves: they tell of nobody."""
    since = {(one.channel.kind, one.channel.room): one.known_at for one in around.suspects if one.babbles}
    if not since:
        return facts
    return [fact for fact in facts if fact.at.timestamp() < since.get((fact.kind, fact.room), inf)]


def _when(one: Finding | Ended) -> datetime:
    return one.at if isinstance(one, Ended) else one.noticed_at
