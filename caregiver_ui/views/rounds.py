"""A supervision round as a page: one resident after another, in as few words as a nurse at three needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.words import N_, in_room
from server.rounds.rules import Mark, State, may_be
from server.rounds.service import LookView, RoundDetail, RoundView

_MINUTE_S = 60
_SYMBOLS = MappingProxyType(
    {
        State.IN_BED: "bed",
        State.IN_BATHROOM: "late",
        State.OUT_OF_BED: "important",
        State.QUIET: "quiet",
        State.UP: "person",
        State.OUT: "out",
        State.UNKNOWN: "unknown",
    }
)
_MARKS = MappingProxyType(
    {
        Mark.SEEN: N_("Seen {clock}, {name}"),
        Mark.SPOKEN: N_("Spoken with {clock}, {name}"),
        Mark.VISIT: N_("Visit needed {clock}, {name}"),
    }
)


@dataclass(frozen=True, slots=True)
class LookCard:
    """One resident. `said`: what was noted, empty while nothing is; `waits`: somebody must still go there."""

    id: str
    name: str
    where: str
    phone: str
    state: State
    symbol: str
    now: str
    alert_id: str | None
    said: str
    mark: Mark | None
    waits: bool
    visited: str
    may_be_seen: bool


@dataclass(frozen=True, slots=True)
class RoundCard:
    """A round in a list. `standing`: how it stands, in one line."""

    id: str
    title: str
    standing: str
    is_open: bool
    is_overdue: bool
    is_signed: bool


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A round. `left`: of how many residents nothing is said."""

    card: RoundCard
    as_of: str
    todo: tuple[LookCard, ...]
    done: tuple[LookCard, ...]
    left: int


def round_cards(speech: Speech, rounds: Sequence[RoundView], now: datetime) -> tuple[RoundCard, ...]:
    """Return rounds as a list: those that are open, the one that comes, then what was signed, the newest first."""
    order = sorted(rounds, key=lambda one: (one.signed_at is not None, abs(one.at - now)))
    return tuple(_card(speech, one, now) for one in order)


def round_page(speech: Speech, detail: RoundDetail, now: datetime) -> RoundPage:
    """Return a round with its residents."""
    cards = [_look(speech, one, now, is_open=detail.round.is_open) for one in detail.looks]
    return RoundPage(
        card=_card(speech, detail.round, now),
        as_of=speech.clock(now, NORWAY),
        todo=tuple(one for one in cards if one.mark is None),
        done=tuple(one for one in cards if one.mark is not None),
        left=sum(one.mark is None for one in cards),
    )


def _card(speech: Speech, one: RoundView, now: datetime) -> RoundCard:
    moment = speech.clock(one.at, NORWAY) if one.at >= now else speech.moment(one.at, NORWAY, now)
    return RoundCard(
        id=one.id,
        title=f"{moment} · {one.unit}",
        standing=_standing(speech, one, now),
        is_open=one.is_open,
        is_overdue=one.is_overdue,
        is_signed=one.signed_at is not None,
    )


def _standing(speech: Speech, one: RoundView, now: datetime) -> str:
    if one.signed_at is not None:
        text = speech.gettext("Signed {moment} by {name}.")
        said = text.format(moment=speech.moment(one.signed_at, NORWAY, now), name=one.signed_by)
        return f"{said} {_waiting(speech, one.to_visit)}".strip()
    if not one.is_open:
        n = one.looks
        return speech.ngettext("{n} resident. Not open yet.", "{n} residents. Not open yet.", n).format(n=n)
    return speech.gettext("{n} of {of} looked at.").format(n=one.marked, of=one.looks)


def _waiting(speech: Speech, n: int) -> str:
    if not n:
        return ""
    return speech.ngettext("{n} visit is still to be made.", "{n} visits are still to be made.", n).format(n=n)


def _look(speech: Speech, look: LookView, now: datetime, *, is_open: bool) -> LookCard:
    zone = ZoneInfo(look.time_zone)
    at = look.marked_at or now
    said = ""
    if look.mark is not None:
        clock = speech.clock(at, zone)
        said = speech.gettext(_MARKS[look.mark]).format(clock=clock, name=look.marked_by)
    visited = speech.gettext("Visited {clock}, {name}")
    return LookCard(
        id=look.resident_id,
        name=look.name,
        where=look.address,
        phone=look.phone,
        state=look.picture.state,
        symbol=_SYMBOLS[look.picture.state],
        now=picture_words(speech, look, zone, at),
        alert_id=look.alert_id,
        said=said,
        mark=look.mark,
        waits=look.mark is Mark.VISIT and look.visited_at is None,
        visited=""
        if look.visited_at is None
        else visited.format(clock=speech.clock(look.visited_at, zone), name=look.visited_by),
        may_be_seen=is_open and may_be(Mark.SEEN, look.picture.state),
    )


def picture_words(speech: Speech, look: LookView, zone: tzinfo, at: datetime) -> str:
    """Return what is known of a resident at a moment."""
    seen = look.picture
    if seen.state is State.UNKNOWN or seen.since is None:
        return speech.gettext("We do not know right now")
    span = speech.span(max(0, int((at - seen.since).total_seconds()) // _MINUTE_S))
    texts = {
        State.IN_BED: speech.gettext("In bed since {moment}, quiet")
        if seen.is_quiet
        else speech.gettext("In bed since {moment}, moving"),
        State.IN_BATHROOM: speech.gettext("In the bathroom for {span}"),
        State.OUT_OF_BED: speech.gettext("Out of bed for {span}{where}"),
        State.QUIET: speech.gettext("Quiet for {span}, last{where}"),
        State.UP: speech.gettext("Up{where}"),
        State.OUT: speech.gettext("Probably out since {moment}"),
    }
    moment = speech.moment(seen.since, zone, at)
    return texts[seen.state].format(moment=moment, span=span, where=in_room(speech, seen.room))
