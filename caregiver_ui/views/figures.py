"""A unit's month in figures: each with a sentence that says what it means, and small pictures beside tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from caregiver_ui.charts.columns import draw_columns
from caregiver_ui.charts.day_spans import draw_day_spans
from caregiver_ui.language import Speech
from caregiver_ui.words import kind_words, room_name
from server.alerting.rules import AlertClass
from server.figures.rules import WAITED, OfPlace, Share, Times, Waits
from server.figures.service import Figures, Silent, UnitName
from server.rounds.figures import RoundsSigned

_CLASSES = (AlertClass.PERSON, AlertClass.TREND, AlertClass.TECHNICAL)
_TENTHS_BELOW_S = 10
_LINES_S = (0.1, 1, 10, 60, 600, 3600, 6 * 3600)
_STYLES = ("step-4", "step-2", "technical-part")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is, its value, and what it rests on or means."""

    name: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """How many alerts of a kind, or of one sensor, were false."""

    name: str
    share: str
    counts: str


@dataclass(frozen=True, slots=True)
class DaySpans:
    """How long one thing took, day by day: what the picture shows, in a sentence, and `cells` for a table."""

    name: str
    sentence: str
    picture: Markup
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The page. `days`: a day a row, for the table beside the picture; `waits`: how long alerts waited, with counts.

    `spans`: how long things took, by day; empty where nothing was told in the month. `span_rows`: the same as a table,
    of days with an alert.
    """

    unit: str
    unit_name: str
    month: str
    month_words: str
    before: str
    after: str | None
    units: tuple[UnitName, ...]
    so_far: str
    figures: tuple[Figure, ...]
    picture: Markup
    days: tuple[tuple[str, int, int, int], ...]
    waited: Markup
    waits: tuple[tuple[str, int], ...]
    spans: tuple[DaySpans, ...]
    span_rows: tuple[tuple[str, ...], ...]
    kinds: tuple[ShareRow, ...]
    places: tuple[ShareRow, ...]


def figures_page(speech: Speech, figures: Figures, units: Sequence[UnitName]) -> FiguresPage:
    """Return the page of one month."""
    alerts = figures.alerts
    days = _days(speech, figures)
    spans = tuple(_spans(speech, figures))
    told = sorted(alerts.waits_by_day)
    waits = tuple(zip(_wait_words(speech), alerts.taken_within, strict=True))
    return FiguresPage(
        unit=figures.unit,
        unit_name=figures.unit_name,
        month=str(figures.month),
        month_words=speech.month(figures.month.first),
        before=str(figures.month.before),
        after=str(figures.month.next) if figures.is_over else None,
        units=tuple(units),
        so_far="" if figures.is_over else speech.gettext("The month is not over: this is how it stands now."),
        figures=tuple(_figures(speech, figures)),
        picture=draw_columns([row[1:] for row in days], _STYLES),
        days=days,
        waited=draw_columns([(count,) for _, count in waits], ("step-3",)),
        waits=waits,
        spans=spans,
        span_rows=tuple((speech.short_day(day), *(one.cells[row] for one in spans)) for row, day in enumerate(told)),
        kinds=tuple(_share_row(speech, kind_words(speech, kind), one) for kind, one in alerts.false_by_kind.items()),
        places=tuple(_share_row(speech, _place(speech, one), one.false) for one in alerts.false_by_place),
    )


def _figures(speech: Speech, figures: Figures) -> list[Figure]:
    alerts, _ = figures.alerts, speech.gettext
    return [
        _times(speech, _("From alert to message sent"), alerts.waits.to_send),
        _times(speech, _("From alert to taken"), alerts.waits.to_take),
        _times(speech, _("From alert to being there"), alerts.waits.to_arrive),
        Figure(_("Repeats"), str(alerts.repeats), _("How often something happened again while its alert was open.")),
        _of(speech, _("False alarms"), alerts.false, _("Of alerts about people that were closed.")),
        _of(speech, _("Was waiting for a visit"), alerts.waiting_for_visit, _("Who pressed only waited for somebody.")),
        _per_week(speech, figures),
        _silent(speech, _("Silent gateways"), figures.silent_gateways),
        _silent(speech, _("Silent sensors"), figures.silent_sensors),
        _rounds(speech, figures.rounds),
        _saved(speech, figures.visits_saved),
    ]


def _rounds(speech: Speech, rounds: RoundsSigned | None) -> Figure:
    name = speech.gettext("Rounds signed")
    if rounds is None:
        return Figure(name, speech.gettext("Unknown"), speech.gettext("No round was planned."))
    counts = speech.gettext("{part} of {of}").format(part=rounds.signed, of=rounds.planned)
    return Figure(name, counts, speech.gettext("{n} of them within an hour.").format(n=rounds.in_time))


def _saved(speech: Speech, saved: int | None) -> Figure:
    name = speech.gettext("Visits saved")
    if saved is None:
        return Figure(name, speech.gettext("Unknown"), speech.gettext("No round was planned."))
    return Figure(name, str(saved), speech.gettext("Looks of signed rounds that took the place of a visit."))


def _times(speech: Speech, name: str, times: Times) -> Figure:
    if times.p50_s is None or times.p95_s is None:
        return Figure(name, speech.gettext("Unknown"), speech.gettext("Nobody said so of any alert."))
    text = speech.ngettext(
        "Half of {n} alert took no longer; all but one in twenty took {p95} at most.",
        "Half of {n} alerts took no longer; all but one in twenty took {p95} at most.",
        times.count,
    )
    said = {"n": times.count, "p95": _short(speech, times.p95_s)}
    return Figure(name, _short(speech, times.p50_s), text.format(**said))


def _short(speech: Speech, seconds: float) -> str:
    minute = 60
    if seconds < 2 * minute:
        return speech.gettext("{n} s").format(n=speech.number(round(seconds, 1 if seconds < _TENTHS_BELOW_S else 0)))
    return speech.span(round(seconds / minute))


def _of(speech: Speech, name: str, share: Share, sentence: str) -> Figure:
    if share.share is None:
        return Figure(name, speech.gettext("Unknown"), speech.gettext("No alert about a person was closed."))
    counts = speech.gettext("{part} of {of}").format(part=share.part, of=share.of)
    return Figure(name, f"{100 * share.share:.0f} %", f"{counts}. {sentence}")


def _per_week(speech: Speech, figures: Figures) -> Figure:
    name = speech.gettext("Learned alerts a home and week")
    if figures.alerts_a_home_week is None or figures.home_weeks is None or figures.budget is None:
        return Figure(name, speech.gettext("Unknown"), speech.gettext("No home was known well enough to be told of."))
    text = speech.gettext("The budget for false ones is {budget}. Reckoned from {weeks} weeks of homes.")
    said = {"budget": speech.number(figures.budget), "weeks": speech.tenths(figures.home_weeks)}
    return Figure(name, speech.number(round(figures.alerts_a_home_week, 2)), text.format(**said))


def _silent(speech: Speech, name: str, silent: Silent | None) -> Figure:
    if silent is None:
        return Figure(name, speech.gettext("Unknown"), speech.gettext("None was ever heard, so nobody knows."))
    share = 100 * silent.hours / silent.of_hours if silent.of_hours else 0.0
    hours = speech.gettext("{hours} h").format(hours=speech.tenths(silent.hours))
    return Figure(
        name, hours, speech.gettext("{share} % of the time, all together.").format(share=speech.tenths(share))
    )


def _days(speech: Speech, figures: Figures) -> tuple[tuple[str, int, int, int], ...]:
    first = figures.month.first
    count = (figures.month.next.first - first).days
    found = []
    for place in range(count):
        day: date = first + timedelta(days=place)
        person, trend, technical = (figures.alerts.by_day.get(day, {}).get(one, 0) for one in _CLASSES)
        found.append((speech.short_day(day), person, trend, technical))
    return tuple(found)


def _spans(speech: Speech, figures: Figures) -> Iterator[DaySpans]:
    by_day, _ = figures.alerts.waits_by_day, speech.gettext
    kinds: tuple[tuple[str, Callable[[Waits], Times]], ...] = (
        (_("To message sent"), lambda one: one.to_send),
        (_("To taken"), lambda one: one.to_take),
        (_("To being there"), lambda one: one.to_arrive),
    )
    for name, of in kinds:
        days = {day: (t.p50_s, t.p95_s) for day, one in by_day.items() if (t := of(one)).count}
        known = {day: (half, slow) for day, (half, slow) in days.items() if half is not None and slow is not None}
        if not known:
            continue
        first, count = figures.month.first, (figures.month.next.first - figures.month.first).days
        month = [known.get(first + timedelta(days=place)) for place in range(count)]
        worst = max(known, key=lambda day: known[day][1])
        text = _("Slowest on {day}: half within {half}, all but one in twenty within {slow}.")
        half, slow = (_short(speech, one) for one in known[worst])
        yield DaySpans(
            name=name,
            sentence=text.format(day=speech.long_day(worst), half=half, slow=slow),
            picture=draw_day_spans(month, [(one, _line_name(speech, one)) for one in _LINES_S]),
            cells=tuple(
                " / ".join(_short(speech, one) for one in known[day]) if day in known else "–" for day in sorted(by_day)
            ),
        )


def _line_name(speech: Speech, seconds: float) -> str:
    return _short(speech, seconds) if seconds < 60 else speech.span(int(seconds) // 60)  # noqa: PLR2004 - a minute


def _wait_words(speech: Speech) -> list[str]:
    edges = [speech.span(seconds // 60) for seconds in WAITED]
    return [
        *(speech.gettext("Under {span}").format(span=edge) for edge in edges),
        speech.gettext("Longer than {span}").format(span=edges[-1]),
    ]


def _share_row(speech: Speech, name: str, share: Share) -> ShareRow:
    percent = "–" if share.share is None else f"{100 * share.share:.0f} %"
    return ShareRow(name, percent, speech.gettext("{part} of {of}").format(part=share.part, of=share.of))


def _place(speech: Speech, one: OfPlace) -> str:
    home, _, room = one.place.partition("/")
    return f"{kind_words(speech, one.kind)}, {room_name(speech, room)} ({home})"
