"""What an alert is and how it lives until it is closed. Pure: no clock, no database."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from gateway.contract.observation import SensorKind
from models import finding
from server.errors import AlertNotOpenError, AlertTakenError, StaleVersionError

# Older than this when it reaches us, a call for help is labelled late and never shown as if it happened now.
LATE_AFTER = timedelta(minutes=2)


class AlertClass(StrEnum):
    """Whom an alert is about."""

    PERSON = "person"
    TREND = "trend"
    TECHNICAL = "technical"


class Severity(IntEnum):
    """The national severity scale (extension of `vkp-alert-code-v090`)."""

    NORMAL = 10
    MODERATE = 20
    SERIOUS = 30
    CRITICAL = 40


class AlertKind(StrEnum):
    """What happened."""

    BUTTON = "button"
    PULL_CORD = "pull_cord"
    FALL = "fall"
    SMOKE = "smoke"
    WATER_LEAK = "water_leak"
    INACTIVITY = "inactivity"
    NOT_UP = "not_up"
    LONG_IN_BATHROOM = "long_in_bathroom"
    OUT_OF_BED = "out_of_bed"
    LEFT_AT_NIGHT = "left_at_night"
    NOT_RETURNED = "not_returned"
    WANDERING = "wandering"
    BATHROOM_VISITS = "bathroom_visits"
    NO_MEALS = "no_meals"
    COLD_HOME = "cold_home"
    DOOR_OPEN = "door_open"
    VITALS = "vitals"
    AGREED_RULE = "agreed_rule"
    VISIT_OVERDUE = "visit_overdue"
    NIGHT_RESTLESSNESS = "night_restlessness"
    POOR_SLEEP = "poor_sleep"
    FEW_OUTINGS = "few_outings"
    LONG_IN_BED = "long_in_bed"
    LOW_ACTIVITY = "low_activity"
    DECLINE = "decline"
    RHYTHM_CHANGE = "rhythm_change"
    SLOWER_WALKING = "slower_walking"
    ROUND_OVERDUE = "round_overdue"
    GATEWAY_SILENT = "gateway_silent"
    GATEWAY_DEAF = "gateway_deaf"
    SENSOR_SILENT = "sensor_silent"
    SENSOR_FLAPPING = "sensor_flapping"
    FLEET_OUTAGE = "fleet_outage"
    BATTERY_LOW = "battery_low"
    CHAIN_STALLED = "chain_stalled"  # alerts that should have been passed on and were not
    NOBODY_ON_DUTY = "nobody_on_duty"
    CHAIN_SLOW = "chain_slow"
    CHANNEL_DOWN = "channel_down"  # a way to people outside the app by which nobody is reached


class AlertStatus(StrEnum):
    """Where an alert stands."""

    REPORTED = "reported"
    TAKEN = "taken"
    ON_THE_WAY = "on_the_way"
    WITH_RESIDENT = "with_resident"
    CLOSED = "closed"

    def is_beyond(self, other: "AlertStatus") -> bool:
        """Return whether an alert here has come at least as far as there."""
        order = list(AlertStatus)
        return order.index(self) >= order.index(other)


class Outcome(StrEnum):
    """How an alert ended."""

    REAL_EVENT = "real_event"
    FALSE_ALARM = "false_alarm"
    KNOWN_REASON = "known_reason"
    WAITING_FOR_VISIT = "waiting_for_visit"
    TECHNICAL = "technical"
    TEST = "test"


class LogEvent(StrEnum):
    """A line in an alert's log."""

    RAISED = "raised"
    REPEATED = "repeated"
    NOTIFIED = "notified"
    NOBODY_TO_NOTIFY = "nobody_to_notify"
    ESCALATED = "escalated"
    HELD_BACK = "held_back"  # it may wait, and nobody is told before the quiet hours are over
    SHOWN = "shown"
    TAKEN = "taken"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    CLOSED = "closed"
    CAUSE = "cause"
    MEASURE = "measure"
    LEFT = "left"  # given back by whoever had it
    FORWARDED = "forwarded"
    ASKED = "asked"  # whether whoever has it still does
    STILL_ON_IT = "still_on_it"
    RETURNED = "returned"  # back to the queue: whoever had it did not answer
    REOPENED = "reopened"
    CONFIRMED = "confirmed"  # a second person agreed that a repeated call needs no visit
    RELATIVE_ASKED = "relative_asked"  # a relative who agreed to it was asked to go there
    RELATIVE_GOES = "relative_goes"
    RELATIVE_CANNOT = "relative_cannot"
    CEASED = "ceased"  # what was noticed is no longer so; the alert stays open until somebody closes it


# Source: national code list for alarm workflow events, vkp-composition-event-v090.
NATIONAL_EVENT_CODE = {
    LogEvent.RAISED: "0",
    LogEvent.TAKEN: "3",
    LogEvent.ON_THE_WAY: "4",
    LogEvent.ARRIVED: "5",
    LogEvent.STILL_ON_IT: "1",
    LogEvent.CAUSE: "6",
    LogEvent.MEASURE: "7",
    LogEvent.FORWARDED: "10",
    LogEvent.RELATIVE_ASKED: "10",
}


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What always holds for one kind of alert.

    `national_code` is from vkp-alert-code-v090; None for technical faults, which have no code there.
    """

    national_code: str | None
    severity: Severity
    alert_class: AlertClass


def _of_finding(facts: finding.FindingFacts) -> KindFacts:
    return KindFacts(facts.code or None, Severity(facts.severity), AlertClass(facts.cls))


_KINDS = frozenset(kind.value for kind in AlertKind)
# What the routine model finds stands as it says; what follows here is told by sensors and by the supervision.
FACTS = {
    **{AlertKind(kind.value): _of_finding(facts) for kind, facts in finding.FACTS.items() if kind.value in _KINDS},
    AlertKind.BUTTON: KindFacts("4.13", Severity.CRITICAL, AlertClass.PERSON),
    AlertKind.PULL_CORD: KindFacts("4.14", Severity.CRITICAL, AlertClass.PERSON),
    AlertKind.FALL: KindFacts("4.1", Severity.CRITICAL, AlertClass.PERSON),
    AlertKind.SMOKE: KindFacts("4.11", Severity.CRITICAL, AlertClass.PERSON),
    AlertKind.WATER_LEAK: KindFacts("4.17", Severity.SERIOUS, AlertClass.PERSON),
    AlertKind.AGREED_RULE: KindFacts("4.8", Severity.SERIOUS, AlertClass.PERSON),
    AlertKind.VISIT_OVERDUE: KindFacts("4.8", Severity.MODERATE, AlertClass.PERSON),
    AlertKind.ROUND_OVERDUE: KindFacts(None, Severity.MODERATE, AlertClass.TECHNICAL),
    AlertKind.GATEWAY_SILENT: KindFacts(None, Severity.MODERATE, AlertClass.TECHNICAL),
    AlertKind.GATEWAY_DEAF: KindFacts(None, Severity.MODERATE, AlertClass.TECHNICAL),
    AlertKind.SENSOR_SILENT: KindFacts(None, Severity.MODERATE, AlertClass.TECHNICAL),
    AlertKind.CHAIN_STALLED: KindFacts(None, Severity.SERIOUS, AlertClass.TECHNICAL),
    AlertKind.BATTERY_LOW: KindFacts(None, Severity.NORMAL, AlertClass.TECHNICAL),
    # As grave as the gravest alert that nobody would answer.
    AlertKind.NOBODY_ON_DUTY: KindFacts(None, Severity.CRITICAL, AlertClass.TECHNICAL),
    # Alerts still come, only late: somebody must look at it now, and nobody at a bedside need be disturbed.
    AlertKind.CHAIN_SLOW: KindFacts(None, Severity.SERIOUS, AlertClass.TECHNICAL),
    AlertKind.CHANNEL_DOWN: KindFacts(None, Severity.SERIOUS, AlertClass.TECHNICAL),
}

URGENT_ALERT = {
    SensorKind.BUTTON: AlertKind.BUTTON,
    SensorKind.PULL_CORD: AlertKind.PULL_CORD,
    SensorKind.FALL: AlertKind.FALL,
    SensorKind.SMOKE: AlertKind.SMOKE,
    SensorKind.WATER_LEAK: AlertKind.WATER_LEAK,
}


def is_late(observed_at: datetime, now: datetime) -> bool:
    """Return whether an urgent fact reached us so late that it must be labelled."""
    return now - observed_at > LATE_AFTER


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alert stands and who has it. `version` rises with every change a person could act on."""

    status: AlertStatus
    version: int
    taken_by: int | None = None
    taken_by_name: str = ""
    taken_at: datetime | None = None


def take(standing: Standing, *, by: int, seen_version: int) -> Standing:
    """Let a person have the alert. Taking what one already has changes nothing.

    A repeat that was counted since the page was drawn does not stand in the way: only another person does.

    Raises:
        AlertNotOpenError: it is closed.
        AlertTakenError: somebody else has it.
        StaleVersionError: the page claims to have seen what has not happened yet.
    """
    _must_be_open(standing)
    if standing.taken_by == by:
        return standing
    if standing.taken_by is not None and standing.taken_at is not None:
        raise AlertTakenError(standing.taken_by_name, standing.taken_at)
    if seen_version > standing.version:
        raise StaleVersionError
    return replace(standing, status=AlertStatus.TAKEN, taken_by=by, version=standing.version + 1)


_NEXT = {
    AlertStatus.ON_THE_WAY: (AlertStatus.TAKEN,),
    AlertStatus.WITH_RESIDENT: (AlertStatus.TAKEN, AlertStatus.ON_THE_WAY),
}


def advance(standing: Standing, to: AlertStatus, *, by: int, seen_version: int) -> Standing:
    """Move a taken alert on: on the way, then with the resident. Saying it twice changes nothing.

    Raises:
        AlertNotOpenError: it is closed.
        AlertTakenError: somebody else has it.
        StaleVersionError: it stands elsewhere than the page showed.
    """
    _must_be_open(standing)
    if standing.taken_by not in {None, by} and standing.taken_at is not None:
        raise AlertTakenError(standing.taken_by_name, standing.taken_at)
    if standing.status is to:
        return standing
    if standing.status not in _NEXT[to] or seen_version > standing.version:
        raise StaleVersionError
    return replace(standing, status=to, version=standing.version + 1)


def close(standing: Standing, *, seen_version: int) -> Standing:
    """End the alert.

    Raises:
        AlertNotOpenError: it is closed already; the first outcome stands.
        StaleVersionError: the alert changed since the page was drawn, so its outcome may be about something else.
    """
    _must_be_open(standing)
    if seen_version != standing.version:
        raise StaleVersionError
    return replace(standing, status=AlertStatus.CLOSED, version=standing.version + 1)


def _must_be_open(standing: Standing) -> None:
    if standing.status is AlertStatus.CLOSED:
        raise AlertNotOpenError
