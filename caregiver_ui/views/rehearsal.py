"""What another setting would have brought, in a sentence, a picture and a table."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup

from caregiver_ui.charts.learned_day import draw_by_hour
from caregiver_ui.language import Speech
from caregiver_ui.words import kind_words
from server.overview.rehearsal import Rehearsal

_HOURS = range(24)


@dataclass(frozen=True, slots=True)
class KindRow:
    """How many of a kind."""

    kind: str
    count: int
    at_night: int


@dataclass(frozen=True, slots=True)
class RehearsalPanel:
    """What would have come. `chart`: empty when nothing would. `told`: when, and what, the newest first."""

    budget: float
    sentence: str
    chart: Markup
    kinds: tuple[KindRow, ...]
    told: tuple[tuple[str, str], ...]


def rehearsal_panel(speech: Speech, found: Rehearsal, zone: tzinfo, now: datetime) -> RehearsalPanel:
    """Return what would have been told. `zone`: the home's."""
    every, night = (
        Counter(one.kind for one in found.told if one.is_at_night or not only_night) for only_night in (False, True)
    )
    hours = Counter(one.hour for one in found.told)
    return RehearsalPanel(
        budget=found.budget,
        sentence=_sentence(speech, found),
        chart=draw_by_hour([hours[hour] for hour in _HOURS]) if found.told else Markup(""),
        kinds=tuple(KindRow(kind_words(speech, kind), count, night[kind]) for kind, count in every.most_common()),
        told=tuple((speech.moment(one.at, zone, now), kind_words(speech, one.kind)) for one in reversed(found.told)),
    )


def _sentence(speech: Speech, found: Rehearsal) -> str:
    if not found.days:
        return speech.gettext("Too little is known of this home as yet: it takes two weeks.")
    n = len(found.told)
    if not n:
        return speech.gettext("With {budget} a week nothing would have been told in the last {days} days.").format(
            budget=speech.number(found.budget), days=found.days
        )
    text = speech.ngettext(
        "With {budget} a week {n} alert would have come in the last {days} days, {night} at night.",
        "With {budget} a week {n} alerts would have come in the last {days} days, {night} at night.",
        n,
    )
    return text.format(budget=speech.number(found.budget), n=n, days=found.days, night=found.at_night)
