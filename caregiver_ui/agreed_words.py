"""The words for why an agreed rule held, and for what digital supervision asks for."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.sentences import Figures, Lines, Sentence
from caregiver_ui.words import N_, in_room


def _plain(anywhere: str, somewhere: str = "", after: str = "") -> Sentence:
    """Say what held. `somewhere`: where a room is named; `after`: what to add from the figure `since`."""

    def sentence(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
        room = figures.get("room")
        text = speech.gettext(somewhere if room and somewhere else anywhere)
        said = text.format(
            where=in_room(speech, room), by=figures.get("by"), span=speech.span(int(figures.get("minutes") or 0))
        )
        since = figures.get("since")
        if not (after and since):
            return (said,)
        moment = speech.moment(datetime.fromisoformat(since), zone, now)
        return said, speech.gettext(after).format(moment=moment)

    return sentence


def _too_many(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    n = int(figures.get("counted") or 0)
    text = speech.ngettext("{n} time{where} since {begin}.", "{n} times{where} since {begin}.", n)
    limit = speech.gettext("Agreed is to tell of more than {n}.").format(n=int(figures.get("times") or 0))
    return text.format(n=n, where=in_room(speech, figures.get("room")), begin=figures.get("from")), limit


def _no_carer(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    planned = datetime.fromisoformat(figures["planned"]) if figures.get("planned") else now
    text = speech.gettext("A visit was planned for {moment}, and the door has not been opened.")
    return (text.format(moment=speech.moment(planned, zone, now)),)


def _unsigned(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    at = datetime.fromisoformat(figures["at"]) if figures.get("at") else now
    return (speech.gettext("Nobody has signed the round of {moment}.").format(moment=speech.moment(at, zone, now)),)


AGREED_REASONS: Mapping[str, Sentence] = MappingProxyType(
    {
        "agreed_first_by": _plain(N_("No movement by {by}."), N_("No movement{where} by {by}.")),
        "agreed_none_for": _plain(
            N_("No movement for {span}."), N_("No movement{where} for {span}."), N_("Counted from {moment}.")
        ),
        "agreed_too_long_in": _plain(N_("Longer than {span}{where}."), after=N_("There since {moment}.")),
        "agreed_too_many": _too_many,
        "agreed_not_back": _plain(N_("Out, and not back by {by}."), after=N_("An outer door was used {moment}.")),
        "agreed_door_unopened": _plain(
            N_("The outer door has not been opened by {by}."), N_("The door{where} has not been opened by {by}.")
        ),
        "agreed_carer_missing": _no_carer,
        "visit_not_made": _plain(
            N_("Somebody said {span} ago that a visit is needed. Nobody has noted that it is made.")
        ),
        "round_not_signed": _unsigned,
    }
)
