"""Residents as staff review them: those whose days changed most first, each metric as a small line with its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from caregiver_ui.charts.band import draw_sparkline
from caregiver_ui.language import Speech
from caregiver_ui.metric_words import FAR, change_words, short_name
from caregiver_ui.words import kind_words
from models.days.kept import Metric, measured
from server.overview.development import ChangeView

# As many as are drawn within the time a page may take; who changed least waits on the next page.
PAGE = 25
_DAYS_DRAWN = 35


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric of one resident."""

    metric: str
    words: str
    line: Markup
    is_far: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One resident. `noted`: the slow changes staff were told of; empty: none."""

    id: str
    name: str
    address: str
    noted: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """A page of residents. `filters`: code, word and how many, of which `chosen` is shown."""

    rows: tuple[Row, ...]
    filters: tuple[tuple[str, str, int], ...]
    chosen: str
    page: int
    pages: int


def overview_page(speech: Speech, changes: Sequence[ChangeView], chosen: str, page: int) -> OverviewPage:
    """Return a page of those the filter lets pass. An unknown filter lets all pass."""
    by_filter = {"all": list(changes), "changed": [one for one in changes if one.noted or one.far >= FAR]}
    for metric in Metric:
        by_filter[metric] = [one for one in changes if is_far(one, metric)]
    chosen = chosen if chosen in by_filter else "all"
    shown = by_filter[chosen]
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(page, 1), pages)
    words = {"all": speech.gettext("All"), "changed": speech.gettext("Changed")}
    words |= {metric: short_name(speech, metric) for metric in Metric}
    rows = tuple(_row(speech, one) for one in shown[(page - 1) * PAGE : page * PAGE])
    filters = tuple((code, words[code], len(ones)) for code, ones in by_filter.items())
    return OverviewPage(rows, filters, chosen, page, pages)


def is_far(one: ChangeView, metric: Metric) -> bool:
    """Return whether a metric is far from what is usual for this person."""
    return metric in one.changes and abs(one.changes[metric].far) >= FAR


def _row(speech: Speech, one: ChangeView) -> Row:
    values = None if one.days is None else measured(one.days.figures[-_DAYS_DRAWN:]).T.tolist()
    cells = tuple(
        Cell(
            short_name(speech, metric),
            change_words(speech, metric, one.changes.get(metric)),
            Markup("") if values is None else draw_sparkline(values[place], is_far=is_far(one, metric)),
            is_far(one, metric),
        )
        for place, metric in enumerate(Metric)
    )
    noted = ", ".join(kind_words(speech, kind) for kind in one.noted)
    return Row(one.id, one.name, one.address, noted, cells)
