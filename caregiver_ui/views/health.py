"""How the service is, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from markupsafe import Markup

from caregiver_ui.channel_words import channel_words
from caregiver_ui.charts.columns import draw_columns
from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.levels import Level
from caregiver_ui.words import N_
from server.administration.health import LATENCY_DAYS, Gateways, Health, Queue, Way, Work
from server.latency.rules import Latency, Stage
from server.latency.views import DayOfUnit

_QUEUES: Final = {
    "homes": N_("Homes to look at"),
    "steps": N_("Next steps of alerts"),
    "holders": N_("Questions to those who have an alert"),
    "messages": N_("Messages to send"),
}
_WORKS: Final = {
    "auditor": N_("Looking for alerts that stand still"),
    "learning": N_("Learning the homes' routines"),
    "equipment": N_("Asking after sensors"),
    "tidying": N_("Tidying up"),
}
_MILLISECOND: Final = timedelta(milliseconds=1)
_A_SECOND_MS: Final = 1000
_MEGABYTE: Final = 1e6
_A_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and how it is."""

    level: Level
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """How long alerts of a day and unit took, as median and 95 of 100; a dash where none came so far."""

    day: str
    unit: str
    alerts: int
    late: int
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HealthPage:
    """What the page shows. `picture` is empty where nothing was sent."""

    at: str
    is_well: bool
    lines: tuple[Line, ...]
    queues: tuple[Line, ...]
    channels: tuple[Line, ...]
    works: tuple[Line, ...]
    slow: str
    days: tuple[DayLine, ...]
    picture: Markup


def health_page(speech: Speech, found: Health) -> HealthPage:
    """Return the page."""
    lines = (_store(speech, found), _gateways(speech, found.gateways, found.at))
    queues = tuple(_queue(speech, one, found.at) for one in found.queues)
    channels = tuple(_channel(speech, one, found.at) for one in found.channels)
    works = tuple(_work(speech, one, found.at) for one in found.works)
    slow = found.latency.slow
    told = "" if slow is None else speech.gettext("Alerts are slow just now: one waited {n} s.").format(n=slow.seconds)
    return HealthPage(
        at=speech.precise_clock(found.at, NORWAY),
        is_well=not told and all(one.level is not Level.IMPORTANT for one in (*lines, *queues, *channels, *works)),
        lines=lines,
        queues=queues,
        channels=channels,
        works=works,
        slow=told,
        days=tuple(_day(speech, one) for one in found.latency.days),
        picture=_picture(found.latency.days, found.at.astimezone(NORWAY).date()),
    )


def _store(speech: Speech, found: Health) -> Line:
    said = speech.gettext("answers · {kind}, tables {version}, {size} MB").format(
        kind=found.store.kind,
        version=found.store.version,
        size=speech.tenths(found.store.size_bytes / _MEGABYTE),
    )
    return Line(Level.NORMAL, speech.gettext("Database"), said)


def _gateways(speech: Speech, found: Gateways, now: datetime) -> Line:
    name = speech.gettext("Gateways, by the brokers")
    if found.last_heard_at is None:
        return Line(Level.UNKNOWN, name, speech.gettext("unknown: no gateway was ever heard"))
    said = speech.gettext("last heard {ago} · {silent} of {known} silent").format(
        ago=speech.ago(found.last_heard_at, now), silent=len(found.silent), known=found.known
    )
    if found.never_heard:
        said += " · " + speech.gettext("{n} never heard").format(n=found.never_heard)
    if found.silent:
        said += ": " + ", ".join(found.silent)
    return Line(Level.IMPORTANT if found.silent else Level.NORMAL, name, said)


def _queue(speech: Speech, one: Queue, now: datetime) -> Line:
    said = speech.gettext("{due} due, {waiting} with a time").format(due=one.due, waiting=one.waiting)
    if one.oldest_due_at is not None:
        said += " · " + speech.gettext("the oldest {ago}").format(ago=speech.ago(one.oldest_due_at, now))
    return Line(Level.IMPORTANT if one.is_late else Level.NORMAL, speech.gettext(_QUEUES[one.name]), said)


def _channel(speech: Speech, one: Way, now: datetime) -> Line:
    name = speech.gettext("In the app") if one.name == "app" else channel_words(speech, one.name)
    if one.failing_since is not None:
        said = speech.gettext("fails since {when}").format(when=speech.moment(one.failing_since, NORWAY, now))
        return Line(Level.IMPORTANT if one.is_down else Level.UNKNOWN, name, said)
    if one.last_proven_at is None:
        return Line(Level.UNKNOWN, name, speech.gettext("unknown: nothing was sent by it yet"))
    said = speech.gettext("last proven {when}").format(when=speech.moment(one.last_proven_at, NORWAY, now))
    return Line(Level.NORMAL, name, said)


def _work(speech: Speech, one: Work, now: datetime) -> Line:
    name = speech.gettext(_WORKS[one.name])
    if one.last_at is None:
        return Line(Level.IMPORTANT if one.is_late else Level.UNKNOWN, name, speech.gettext("unknown"))
    said = speech.gettext("last {when}").format(when=speech.moment(one.last_at, NORWAY, now))
    return Line(Level.IMPORTANT if one.is_late else Level.NORMAL, name, said)


def _day(speech: Speech, one: DayOfUnit) -> DayLine:
    steps = {step.stage: step for step in one.steps}
    spans = tuple(_span(speech, steps.get(stage)) for stage in (Stage.SENT, Stage.TAKEN, Stage.ARRIVED))
    return DayLine(speech.short_day(one.day), one.unit, one.alerts, one.late, spans)


def _span(speech: Speech, step: Latency | None) -> str:
    return "–" if step is None else f"{_short(speech, step.p50)} / {_short(speech, step.p95)}"


def _short(speech: Speech, span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds >= _A_MINUTE_S:
        return speech.span(round(seconds / _A_MINUTE_S))
    return speech.gettext("{seconds} s").format(seconds=speech.number(round(seconds, 2)))


def _picture(days: Iterable[DayOfUnit], today: date) -> Markup:
    """Draw the sending of each day's slowest unit: the median, and above it all but one in twenty."""
    slowest: dict[date, Latency] = {}
    for one in days:
        for step in one.steps:
            if step.stage is Stage.SENT and (one.day not in slowest or step.p95 > slowest[one.day].p95):
                slowest[one.day] = step
    week = [slowest.get(today - timedelta(days=back)) for back in reversed(range(LATENCY_DAYS))]
    stacks = [(s.p50 // _MILLISECOND, (s.p95 - s.p50) // _MILLISECOND) if s else (0, 0) for s in week]
    # What took no second is not worth a picture: it would stand as tall as a minute.
    return draw_columns(stacks, ("step-3", "step-1")) if max(map(sum, stacks)) >= _A_SECOND_MS else Markup("")
