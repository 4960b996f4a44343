"""Everything about one alert, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from caregiver_ui.alert_words import CAUSES, MEASURES, cause_words, log_words, measure_words
from caregiver_ui.language import Speech
from caregiver_ui.reason_words import why_lines
from caregiver_ui.views.alert import ANSWERS, AlertCard, alert_card
from caregiver_ui.words import outcome_words
from server.access.service import Viewer
from server.alerting.handing import Colleague
from server.alerting.life import Cause, Measure
from server.alerting.rules import AlertStatus, Outcome
from server.alerting.views import AlertView, LogLine

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One of an alert's times; `clock` is empty for what has not happened. `after` counts from the observation."""

    label: str
    clock: str
    after: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the log."""

    clock: str
    text: str


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Everything about one alert.

    `question`: what whoever has it is asked; `visit_first`: why it cannot be closed yet. Both are empty when not so.
    `can_confirm`: the viewer may be the second person; `can_reopen`: a close can be undone. `colleagues`: to whom it
    can be forwarded; none where the viewer cannot. `ahead`: whom it goes on to and when; empty when somebody has it.
    `visit`: whom the resident waits for; `suggested`: the outcome that is likely for that reason, None: none is.
    `company`: a line for each relative who is with the resident, or comes.
    """

    card: AlertCard
    why: tuple[str, ...]
    times: tuple[TimeRow, ...]
    log: tuple[LogRow, ...]
    outcomes: tuple[tuple[Outcome, str], ...]
    causes: tuple[tuple[Cause, str], ...]
    measures: tuple[tuple[Measure, str], ...]
    outcome: str
    details: tuple[str, ...]
    note: str
    code: str
    question: str
    visit_first: str
    can_confirm: bool
    can_reopen: bool
    colleagues: tuple[Colleague, ...]
    ahead: str = ""
    visit: str = ""
    suggested: Outcome | None = None
    company: tuple[str, ...] = ()


def alert_page(
    speech: Speech, alert: AlertView, viewer: Viewer, colleagues: Sequence[Colleague], now: datetime
) -> AlertPage:
    """Return everything about one alert."""
    zone = ZoneInfo(alert.time_zone)
    answers = viewer.role in ANSWERS
    return AlertPage(
        card=alert_card(speech, alert, viewer, now),
        why=why_lines(speech, alert.why, zone, now),
        times=_times(speech, alert, zone),
        log=tuple(LogRow(speech.precise_clock(line.at, zone), _line(speech, line)) for line in alert.log),
        outcomes=tuple((outcome, outcome_words(speech, outcome)) for outcome in Outcome),
        causes=tuple((cause, speech.gettext(words)) for cause, words in CAUSES.items()),
        measures=tuple((measure, speech.gettext(words)) for measure, words in MEASURES.items()),
        outcome=outcome_words(speech, alert.outcome) if alert.outcome else "",
        details=_details(speech, alert),
        note=alert.note,
        code=alert.code or "",
        question=_question(speech, alert, zone),
        visit_first=_visit_first(speech, alert),
        can_confirm=answers and alert.needs_visit and not alert.is_mine and alert.confirmed_by is None,
        can_reopen=answers and alert.reopen_until is not None and now <= alert.reopen_until,
        colleagues=tuple(colleagues) if alert.is_mine or alert.status is AlertStatus.REPORTED else (),
    )


def _line(speech: Speech, line: LogLine) -> str:
    return log_words(speech, line)


def _details(speech: Speech, alert: AlertView) -> tuple[str, ...]:
    cause = cause_words(speech, alert.cause) if alert.cause else ""
    measure = measure_words(speech, alert.measure) if alert.measure else ""
    return tuple(words for words in (cause, measure) if words)


def _question(speech: Speech, alert: AlertView, zone: tzinfo) -> str:
    if not (alert.is_asked and alert.is_mine) or alert.due_at is None:
        return ""
    text = speech.gettext("Are you still on it? Without an answer it goes back in the queue at {clock}.")
    return text.format(clock=speech.clock(alert.due_at, zone))


def _visit_first(speech: Speech, alert: AlertView) -> str:
    if not alert.needs_visit:
        return ""
    if alert.confirmed_by is not None:
        return speech.gettext("{name} agrees that no visit is needed.").format(name=alert.confirmed_by)
    return speech.gettext(
        "Called again, and nobody has been there. Visit, or ask a colleague to agree that none is needed."
    )


def _times(speech: Speech, alert: AlertView, zone: tzinfo) -> tuple[TimeRow, ...]:
    told = (
        (speech.gettext("Happened"), alert.observed_at),
        (speech.gettext("Received"), alert.received_at),
        (speech.gettext("Alert raised"), alert.raised_at),
        (speech.gettext("Sent"), alert.notified_at),
        (speech.gettext("Delivered"), alert.delivered_at),
        (speech.gettext("Shown"), alert.shown_at),
        (speech.gettext("Taken"), alert.taken_at),
        (speech.gettext("On the way"), alert.on_the_way_at),
        (speech.gettext("With the resident"), alert.arrived_at),
        (speech.gettext("Closed"), alert.closed_at),
    )
    return tuple(TimeRow(label, *_time(speech, at, alert.observed_at, zone)) for label, at in told)


def _time(speech: Speech, at: datetime | None, since: datetime, zone: tzinfo) -> tuple[str, str]:
    if at is None:
        return "", ""
    after = max(at - since, timedelta())
    if after < _MINUTE:
        said = speech.gettext("{seconds} s").format(seconds=round(after.total_seconds()))
    else:
        said = speech.span(int(after / _MINUTE))
    return speech.precise_clock(at, zone), said
