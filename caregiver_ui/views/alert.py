"""Alerts as cards: one for each happening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level, alert_badge, level_of_alert
from caregiver_ui.reason_words import why_lines
from caregiver_ui.words import kind_words, outcome_words, room_name, state_words
from server.access.service import Viewer
from server.access.tables import Role
from server.alerting.rules import AlertStatus
from server.alerting.views import AlertView, Companion

# Roles that answer alerts; the service centre's staff follow them without acting.
ANSWERS = frozenset({Role.NURSE, Role.TESTER, Role.ADMIN})


class Action(StrEnum):
    """What a person does with an alert. The value is the end of its address."""

    TAKE = "take"
    ON_THE_WAY = "on-the-way"
    ARRIVED = "arrived"
    CLOSE = "close"
    LEAVE = "leave"
    STILL_ON_IT = "still-on-it"
    CONFIRM = "confirm-no-visit"
    REOPEN = "reopen"


_NEXT: Mapping[AlertStatus, tuple[Action, ...]] = {
    AlertStatus.TAKEN: (Action.ON_THE_WAY, Action.ARRIVED, Action.CLOSE, Action.LEAVE),
    AlertStatus.ON_THE_WAY: (Action.ARRIVED, Action.CLOSE, Action.LEAVE),
    AlertStatus.WITH_RESIDENT: (Action.CLOSE, Action.LEAVE),
}


@dataclass(frozen=True, slots=True)
class CompanionLine:
    """Another open alert of the same happening. `version`: as it is shown, for closing it along."""

    id: str
    version: int
    badge: Badge
    title: str
    clock: str
    is_mine: bool
    is_untaken: bool


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
    is_asked: bool
    together: tuple[CompanionLine, ...]

    @property
    def is_critical(self) -> bool:
        """Whether it must be seen from any page."""
        return self.badge.level is Level.CRITICAL

    @property
    def is_untaken(self) -> bool:
        """Whether somebody must still take it."""
        return not self.state and not self.is_closed


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
        is_asked=alert.is_asked and alert.is_mine,
        together=tuple(_companion(speech, one, zone, now) for one in alert.together),
    )


def alert_cards(speech: Speech, alerts: Sequence[AlertView], viewer: Viewer, now: datetime) -> tuple[AlertCard, ...]:
    """Return alerts as cards, in the order given."""
    return tuple(alert_card(speech, alert, viewer, now) for alert in alerts)


def gathered(alerts: Sequence[AlertView]) -> list[AlertView]:
    """Return the first of each happening, in the order given: the others stand on its card."""
    first: dict[str, AlertView] = {}
    for alert in alerts:
        first.setdefault(alert.happening or alert.id, alert)
    return list(first.values())


def _companion(speech: Speech, one: Companion, zone: tzinfo, now: datetime) -> CompanionLine:
    return CompanionLine(
        id=one.id,
        version=one.version,
        badge=alert_badge(speech, level_of_alert(one.severity, one.alert_class)),
        title=_title(speech, one),
        clock=(speech.gettext("Late: {clock}") if one.late else "{clock}").format(
            clock=speech.moment(one.observed_at, zone, now)
        ),
        is_mine=one.is_mine,
        is_untaken=one.status is AlertStatus.REPORTED,
    )


def _where(alert: AlertView) -> str:
    """Return where that is: of a resident the address, of a corridor the unit it is in."""
    if alert.resident_id is not None:
        return alert.address
    return alert.unit if alert.address else ""


def _title(speech: Speech, alert: AlertView | Companion) -> str:
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
    if alert.is_offered_to_me:
        labels.append(speech.gettext("Forwarded to you"))
    elif alert.offered_to:
        labels.append(speech.gettext("Forwarded to {name}").format(name=alert.offered_to))
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
    if viewer.role not in ANSWERS:
        return ()
    if alert.status is AlertStatus.REPORTED:
        return (Action.TAKE,)
    return _NEXT.get(alert.status, ()) if alert.is_mine else ()
