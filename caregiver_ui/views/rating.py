"""What an alert was worth, and what such ratings make of its kind in that home."""

from dataclasses import dataclass
from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_, kind_words
from server.sensitivity.rules import Rating
from server.sensitivity.service import Effect, RatingView

RATINGS = MappingProxyType(
    {
        Rating.RELEVANT: N_("Relevant"),
        Rating.NOT_RELEVANT: N_("Not relevant"),
        Rating.KNOWN_REASON: N_("Known reason"),
    }
)
# From which factor on a sentence fits, the highest first.
_OFTEN = (
    (1.6, N_("told about twice as often")),
    (1.07, N_("told somewhat more often")),
    (0.93, N_("told as before")),
    (0.62, N_("told somewhat more seldom")),
    (0.42, N_("told about half as often")),
    (0.3, N_("told about a third as often")),
    (0.0, N_("told about a quarter as often")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button."""

    rating: Rating
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RatingPanel:
    """The buttons, what was said, and its effect. `can_withdraw`: something counts."""

    choices: tuple[Choice, ...]
    said: str
    effect: str
    can_withdraw: bool


def rating_panel(speech: Speech, view: RatingView) -> RatingPanel | None:
    """Return what stands beside an alert; None where its kind comes whatever people say of it."""
    if not view.is_rateable:
        return None
    return RatingPanel(
        tuple(Choice(one, speech.gettext(words), view.rating is one) for one, words in RATINGS.items()),
        _said(speech, view),
        effect_words(speech, view.effect) if view.effect else "",
        can_withdraw=view.rating is not None,
    )


def effect_words(speech: Speech, effect: Effect) -> str:
    """Return what ratings have made of a kind, with how many they were: 3 ratings, told about half as often."""
    n = sum(effect.counts.values())
    often = next(words for least, words in _OFTEN if effect.factor >= least)
    text = speech.ngettext(
        "“{kind}” in this home: after {n} rating it is {often}.",
        "“{kind}” in this home: after {n} ratings it is {often}.",
        n,
    )
    return text.format(kind=kind_words(speech, effect.kind), n=n, often=speech.gettext(often))


def counts_words(speech: Speech, effect: Effect) -> str:
    """Return how many ratings there are of each sort."""
    words = {rating: speech.gettext(each) for rating, each in RATINGS.items()}
    return ", ".join(f"{words[rating]}: {count}" for rating, count in effect.counts.items() if count)


def _said(speech: Speech, view: RatingView) -> str:
    if view.is_withdrawn:
        return speech.gettext("Withdrawn: this alert counts for nothing.")
    if view.rating is None:
        return ""
    text = (
        speech.gettext("Counts by how it ended: {rating}.") if view.is_derived else speech.gettext("Rated: {rating}.")
    )
    return text.format(rating=speech.gettext(RATINGS[view.rating]))
