"""A resident's last weeks: a sentence, all days, the nights, four trends with the person's own band, alerts, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

from markupsafe import Markup

from caregiver_ui.charts.band import Band, draw_band
from caregiver_ui.charts.many_days import ManyDays, draw_many_days, draw_nights
from caregiver_ui.language import Speech
from caregiver_ui.metric_words import FAR, METRICS, amount, change_words, short_name
from caregiver_ui.words import kind_words, outcome_words
from models.days.column import Column
from models.days.kept import Change, DaysKept, Metric
from server.overview.development import Development

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
# Of a person's ordinary days nine in ten lie within so many spreads of the middle.
_NORMAL = 1.645


@dataclass(frozen=True, slots=True)
class TrendPanel:
    """One metric over the weeks."""

    title: str
    words: str
    band: str
    picture: Markup
    is_far: bool


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert of these weeks."""

    id: str
    when: str
    what: str
    ended: str


@dataclass(frozen=True, slots=True)
class NoteWords:
    """One note."""

    when: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class DevelopmentPage:
    """All of it. `days`: None before the first night that kept any. `table`: a day a row, in words."""

    id: str
    name: str
    address: str
    sentence: str
    span: str
    days: ManyDays | None
    nights: ManyDays | None
    trends: tuple[TrendPanel, ...]
    alerts: tuple[AlertLine, ...]
    notes: tuple[NoteWords, ...]
    table: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]


def development_page(speech: Speech, found: Development, now: datetime, *, from_noon: bool) -> DevelopmentPage:
    """Return the page. `from_noon`: the rows of days begin at noon, so that a night is one band."""
    one, zone = found.resident, ZoneInfo(found.time_zone)
    days = one.days if one.days is not None and len(one.days.ok) else None
    first = _EPOCH if days is None else _EPOCH + timedelta(days=days.first_day)
    at = [] if days is None else _alert_days(found, first, zone, len(days.ok))
    return DevelopmentPage(
        id=one.id,
        name=one.name,
        address=one.address,
        sentence=_sentence(speech, one.changes, has_days=days is not None),
        span="" if days is None else _span(speech, first, len(days.ok)),
        days=None if days is None else draw_many_days(speech, first, days.quarters, from_noon=from_noon, alerts=at),
        nights=None if days is None else draw_nights(speech, first, _beds(days), days.quarters),
        trends=() if days is None else tuple(_trend(speech, m, days, one.changes.get(m), at) for m in Metric),
        alerts=tuple(
            AlertLine(
                alert.id, speech.moment(alert.at, zone, now), kind_words(speech, alert.kind),
                outcome_words(speech, alert.outcome) if alert.outcome else speech.gettext("Open"),
            )
            for alert in found.alerts
        ),
        notes=tuple(NoteWords(speech.moment(note.at, zone, now), note.by, note.text) for note in found.notes),
        table=() if days is None else tuple(_rows(speech, days, first)),
        columns=tuple(short_name(speech, metric) for metric in Metric),
    )  # fmt: skip


def _sentence(speech: Speech, changes: dict[Metric, Change], *, has_days: bool) -> str:
    if not has_days:
        return speech.gettext("Nothing is known yet. The first days are there after the first night.")
    if not changes:
        return speech.gettext("There are not yet enough days to compare.")
    far = sorted((m for m in changes if abs(changes[m].far) >= FAR), key=lambda m: -abs(changes[m].far))
    if not far:
        return speech.gettext("The last week was as the four weeks before it.")
    names = [speech.gettext(METRICS[metric]) for metric in far]
    parts = [f"{name}: {change_words(speech, m, changes[m])}." for name, m in zip(names, far, strict=True)]
    return " ".join([speech.gettext("The last week differed from the four weeks before it."), *parts])


def _span(speech: Speech, first: date, count: int) -> str:
    said = {"first": speech.short_day(first), "last": speech.short_day(first + timedelta(days=count - 1))}
    return speech.gettext("{first} to {last}").format(**said)


def _trend(speech: Speech, metric: Metric, days: DaysKept, change: Change | None, alerts: Sequence[int]) -> TrendPanel:
    values = days.of(metric).tolist()
    band = None
    words = speech.gettext("What is normal is not known yet.")
    if change is not None:
        band = Band(max(0.0, change.usual - _NORMAL * change.spread), change.usual + _NORMAL * change.spread)
        said = {"low": amount(speech, metric, band.low), "high": amount(speech, metric, band.high)}
        words = speech.gettext("Normal for this person: {low} to {high} a day.").format(**said)
    is_far = change is not None and abs(change.far) >= FAR
    title = speech.gettext(METRICS[metric])
    return TrendPanel(title, change_words(speech, metric, change), words, draw_band(values, band, alerts), is_far)


def _beds(days: DaysKept) -> list[tuple[float, float]]:
    figures = days.figures
    return list(zip(figures[:, Column.IN_BED_FROM].tolist(), figures[:, Column.IN_BED_TO].tolist(), strict=True))


def _alert_days(found: Development, first: date, zone: ZoneInfo, count: int) -> list[int]:
    places = ((alert.at.astimezone(zone).date() - first).days for alert in found.alerts)
    return [place for place in places if 0 <= place < count]


def _rows(speech: Speech, days: DaysKept, first: date) -> list[tuple[str, ...]]:
    columns = {metric: days.of(metric).tolist() for metric in Metric}
    return [
        (
            speech.short_day(first + timedelta(days=place)),
            *(amount(speech, m, v[place]) if isfinite(v[place]) else "–" for m, v in columns.items()),
        )
        for place in reversed(range(len(days.ok)))
    ]
