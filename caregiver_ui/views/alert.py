"""Alerts as cards and as a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level, alert_badge, level_of_alert
from caregiver_ui.reason_words import why_lines
from caregiver_ui.words import event_words, kind_words, outcome_words, room_name, state_words
from server.access.service import Viewer
from server.access.tables import Role
from server.alerting.rules import AlertStatus, LogEvent, Outcome
from server.alerting.views import AlertView

# Roles that answer alerts; the service centre's staff follow them without acting.
_ANSWERS = frozenset({Role.NURSE, Role.TESTER, Role.ADMIN})

_MINUTE = timedelta(minutes=1)


class Action(StrEnum):
    """What the viewer may do next. The value is the end of its address."""

    TAKE = "take"
    ON_THE_WAY = "on-the-way"
    ARRIVED = "arrived"
    CLOSE = "close"


_NEXT: Mapping[AlertStatus, tuple[Action, ...]] = {
    AlertStatus.TAKEN: (Action.ON_THE_WAY, Action.ARRIVED, Action.CLOSE),
    AlertStatus.ON_THE_WAY: (Action.ARRIVED, Action.CLOSE),
    AlertStatus.WITH_RESIDENT: (Action.CLOSE,),
}


@dataclass(frozen=True, slots=True)
class AlertCard:
    """An alert in a list. `state` is empty while nobody has it; `labels` are short warnings such as late arrival.

    `whom`: the resident; a home nobody lives in, or the unit, where it is about no one person.
    """

    id: str
    version: int
    badge: Badge
    title: str
    resident_id: str | None
    whom: str
    where: str
    phone: str
    reason: str
    clock: str
    ago: str
    labels: tuple[str, ...]
    state: str
    actions: tuple[Action, ...]
    is_closed: bool

    @property
    def is_critical(self) -> bool:
        """Whether it must be seen from any page."""
        return self.badge.level is Level.CRITICAL

    @property
    def is_untaken(self) -> bool:
        """Whether somebody must still take it."""
        return not self.state and not self.is_closed


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
    """Everything about one alert. `ahead`: whom it goes on to and when; empty when somebody has it."""

    card: AlertCard
    why: tuple[str, ...]
    times: tuple[TimeRow, ...]
    log: tuple[LogRow, ...]
    outcomes: tuple[tuple[Outcome, str], ...]
    outcome: str
    note: str
    code: str
    ahead: str = ""


def alert_card(speech: Speech, alert: AlertView, viewer: Viewer, now: datetime) -> AlertCard:
    """Return an alert as a card, told in the home's time zone."""
    zone = ZoneInfo(alert.time_zone)
    why = why_lines(speech, alert.why, zone, now)
    return AlertCard(
        id=alert.id,
        version=alert.version,
        badge=alert_badge(speech, level_of_alert(alert.severity, alert.alert_class)),
        title=_title(speech, alert),
        resident_id=alert.resident_id,
        whom=alert.resident_name or alert.address or alert.unit,
        where=_where(alert),
        phone=alert.phone,
        reason=why[0] if why else "",
        clock=speech.moment(alert.observed_at, zone, now),
        ago=speech.ago(alert.observed_at, now),
        labels=_labels(speech, alert, zone, now),
        state=_state(speech, alert, zone, now),
        actions=_actions(alert, viewer),
        is_closed=alert.status is AlertStatus.CLOSED,
    )


def alert_cards(speech: Speech, alerts: list[AlertView], viewer: Viewer, now: datetime) -> tuple[AlertCard, ...]:
    """Return alerts as cards, in the order given."""
    return tuple(alert_card(speech, alert, viewer, now) for alert in alerts)


def alert_page(speech: Speech, alert: AlertView, viewer: Viewer, now: datetime) -> AlertPage:
    """Return everything about one alert."""
    zone = ZoneInfo(alert.time_zone)
    return AlertPage(
        card=alert_card(speech, alert, viewer, now),
        why=why_lines(speech, alert.why, zone, now),
        times=_times(speech, alert, zone),
        log=tuple(
            LogRow(speech.precise_clock(line.at, zone), event_words(speech, LogEvent(line.event), line.by))
            for line in alert.log
        ),
        outcomes=tuple((outcome, outcome_words(speech, outcome)) for outcome in Outcome),
        outcome=outcome_words(speech, alert.outcome) if alert.outcome else "",
        note=alert.note,
        code=alert.code or "",
    )


def _where(alert: AlertView) -> str:
    """Return where that is: of a resident the address, of a corridor the unit it is in."""
    if alert.resident_id is not None:
        return alert.address
    return alert.unit if alert.address else ""


def _title(speech: Speech, alert: AlertView) -> str:
    title = kind_words(speech, alert.kind)
    return f"{title} · {room_name(speech, alert.room)}" if alert.room else title


def _labels(speech: Speech, alert: AlertView, zone: tzinfo, now: datetime) -> tuple[str, ...]:
    labels = []
    if alert.late and alert.received_at is not None:
        labels.append(
            speech.gettext("Late: reached us {moment}").format(moment=speech.moment(alert.received_at, zone, now))
        )
    if alert.repeats:
        times = alert.repeats + 1
        labels.append(speech.ngettext("{n} time", "{n} times", times).format(n=times))
    return tuple(labels)


def _state(speech: Speech, alert: AlertView, zone: tzinfo, now: datetime) -> str:
    if alert.status is AlertStatus.CLOSED and alert.closed_at is not None:
        how = outcome_words(speech, alert.outcome) if alert.outcome else speech.gettext("no outcome given")
        text = speech.gettext("Closed {moment}: {outcome}")
        return text.format(moment=speech.moment(alert.closed_at, zone, now), outcome=how)
    clock = speech.moment(alert.taken_at, zone, now) if alert.taken_at else ""
    name = None if alert.is_mine else alert.taken_by or ""
    return state_words(speech, alert.status, name, clock)


def _actions(alert: AlertView, viewer: Viewer) -> tuple[Action, ...]:
    if viewer.role not in _ANSWERS:
        return ()
    if alert.status is AlertStatus.REPORTED:
        return (Action.TAKE,)
    return _NEXT.get(alert.status, ()) if alert.is_mine else ()


def _times(speech: Speech, alert: AlertView, zone: tzinfo) -> tuple[TimeRow, ...]:
    told = (
        (speech.gettext("Happened"), alert.observed_at),
        (speech.gettext("Received"), alert.received_at),
        (speech.gettext("Alert raised"), alert.raised_at),
        (speech.gettext("Sent"), alert.notified_at),
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
