"""How an alert changes hands (given back, forwarded, re-opened), and what belongs to one happening. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from server.alerting.rules import AlertClass, AlertKind, AlertStatus, Severity, Standing
from server.errors import (
    AlertNotOpenError,
    AlertTakenError,
    ReopenError,
    SamePersonError,
    StaleVersionError,
    VisitFirstError,
)

_MINUTE: Final = timedelta(minutes=1)

# A close is undone by whoever slipped; what happens later is a new happening and a new alert.
REOPEN_WITHIN: Final = 30 * _MINUTE
# A named colleague has this long before the alert goes its ordinary way from the first step.
OFFERED_FOR: Final = 2 * _MINUTE


class Cause(StrEnum):
    """Why it happened, as the unit's people agree to say it (national event code 6)."""

    FALL = "fall"
    UNWELL = "unwell"
    TOILET = "toilet"
    UNEASY = "uneasy"
    ORDINARY_CARE = "ordinary_care"
    BY_MISTAKE = "by_mistake"
    SOMEBODY_ELSE = "somebody_else"
    AWAY = "away"
    EQUIPMENT = "equipment"
    UNKNOWN = "unknown"


class Measure(StrEnum):
    """What was done (national event code 7)."""

    HELPED_THERE = "helped_there"
    TALKED = "talked"
    NOTHING_NEEDED = "nothing_needed"
    DOCTOR = "doctor"
    EMERGENCY = "emergency"
    RELATIVE_TOLD = "relative_told"
    VISIT_MOVED = "visit_moved"
    EQUIPMENT_MENDED = "equipment_mended"


# Somebody may be in need: whoever has it is asked soon. The bedside needs both hands for longer than the way there.
_ASKED_AFTER: Final = {
    AlertStatus.TAKEN: 10 * _MINUTE,
    AlertStatus.ON_THE_WAY: 20 * _MINUTE,
    AlertStatus.WITH_RESIDENT: 45 * _MINUTE,
}
_ANSWERED_WITHIN: Final = 5 * _MINUTE
# A battery is changed at the next visit, and a slow change is talked over in the week's meeting.
_PATIENT: Final = {AlertClass.TECHNICAL: timedelta(days=1), AlertClass.TREND: timedelta(days=7)}
_PATIENT_ANSWER: Final = timedelta(days=1)


def is_patient(alert_class: AlertClass, severity: int) -> bool:
    """Return whether an alert somebody has may rest for days."""
    return alert_class in _PATIENT and severity < Severity.SERIOUS


def ask_at(alert_class: AlertClass, severity: int, status: AlertStatus, now: datetime) -> datetime:
    """Return when whoever has an alert is asked whether they still do."""
    if is_patient(alert_class, severity):
        return now + _PATIENT[alert_class]
    return now + _ASKED_AFTER[status]


def answer_by(alert_class: AlertClass, severity: int, now: datetime) -> datetime:
    """Return when an alert goes back to the queue, unless whoever was asked now answers before."""
    return now + (_PATIENT_ANSWER if is_patient(alert_class, severity) else _ANSWERED_WITHIN)


def leave(standing: Standing, *, by: int, seen_version: int) -> Standing:
    """Give back what one has.

    Raises:
        AlertNotOpenError: it is closed.
        AlertTakenError: somebody else has it.
        StaleVersionError: nobody has it, or the page claims to have seen what has not happened yet.
    """
    _must_be_theirs(standing, by, seen_version)
    return let_go(standing)


def let_go(standing: Standing) -> Standing:
    """Return an alert to the queue."""
    return Standing(AlertStatus.REPORTED, standing.version + 1)


def forward(standing: Standing, *, by: int, to: int, seen_version: int) -> Standing:
    """Offer an alert, one's own or nobody's, to a colleague; until they take it, it waits in the queue.

    Raises:
        SamePersonError: it is offered to whoever offers it.
        AlertNotOpenError, AlertTakenError, StaleVersionError: as `leave`, but nobody need have it.
    """
    if to == by:
        raise SamePersonError
    if standing.status is AlertStatus.REPORTED:
        _must_be_seen(standing, seen_version)
        return let_go(standing)
    return leave(standing, by=by, seen_version=seen_version)


def still_on_it(standing: Standing, *, by: int, seen_version: int) -> None:
    """Let somebody say that they still have it. Raises as `leave`."""
    _must_be_theirs(standing, by, seen_version)


def reopen(standing: Standing, closed_at: datetime | None, *, by: int, now: datetime) -> Standing:
    """Undo a close: whoever does has the alert.

    Raises:
        ReopenError: it is open, or was closed too long ago.
    """
    if standing.status is not AlertStatus.CLOSED or closed_at is None or now - closed_at > REOPEN_WITHIN:
        raise ReopenError
    return Standing(AlertStatus.TAKEN, standing.version + 1, by, taken_at=now)


def _must_be_theirs(standing: Standing, by: int, seen_version: int) -> None:
    _must_be_seen(standing, seen_version)
    if standing.taken_by is None or standing.taken_at is None:
        raise StaleVersionError
    if standing.taken_by != by:
        raise AlertTakenError(standing.taken_by_name, standing.taken_at)


def _must_be_seen(standing: Standing, seen_version: int) -> None:
    if standing.status is AlertStatus.CLOSED:
        raise AlertNotOpenError
    if seen_version > standing.version:
        raise StaleVersionError


# ---- one happening ----

# Hours: whoever lies on the floor is long in the bathroom first, then without movement, and presses when they can.
_OPEN_TOGETHER: Final = timedelta(hours=3)
# Minutes: the nurse has just gone, and it is about the same matter.
_CLOSED_TOGETHER: Final = 15 * _MINUTE
# What comes over many hours or days says nothing of a moment.
_APART: Final = frozenset({AlertKind.COLD_HOME, AlertKind.NO_MEALS, AlertKind.VITALS})


@dataclass(frozen=True, slots=True)
class Earlier:
    """An alert that was there before, about the same home. `closed_at` None: it is open."""

    happening: str
    kind: AlertKind
    raised_at: datetime
    closed_at: datetime | None


def has_happening(kind: AlertKind, alert_class: AlertClass) -> bool:
    """Return whether alerts of a kind may belong to one happening with others."""
    return alert_class is AlertClass.PERSON and kind not in _APART


def happening_of(earlier: Iterable[Earlier], now: datetime) -> str | None:
    """Return the happening a new alert of the home belongs to; None: it begins one."""
    near = [one for one in earlier if _is_near(one, now)]
    return max(near, key=lambda one: one.raised_at).happening if near else None


def _is_near(one: Earlier, now: datetime) -> bool:
    if one.closed_at is None:
        return now - one.raised_at <= _OPEN_TOGETHER
    return now - one.closed_at <= _CLOSED_TOGETHER


# ---- a repeat press ----

CALLS: Final = frozenset({AlertKind.BUTTON, AlertKind.PULL_CORD})
# One night and its morning: four presses in a night were closed without a visit, and the fifth never came.
REPEAT_WITHIN: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A second person's word that no visit is needed."""

    by: int
    at: datetime


def needs_visit(calls: Sequence[datetime], visits: Sequence[datetime]) -> bool:
    """Return whether somebody called again within `REPEAT_WITHIN` and nobody has been there between or since.

    `visits`: when somebody arrived.
    """
    last_call, last_visit = max(calls, default=None), max(visits, default=None)
    lately = [at for at in calls if last_call is not None and last_call - at <= REPEAT_WITHIN]
    return sum(last_visit is None or at > last_visit for at in lately) > 1


def may_close(calls: Sequence[datetime], confirmed: Confirmation | None, *, by: int) -> None:
    """Let a repeat press that nobody has visited be closed, if somebody else agrees.

    Raises:
        VisitFirstError: nobody else has, or only before the last call.
    """
    if confirmed is None or confirmed.by == by or confirmed.at < max(calls):
        raise VisitFirstError


def confirm(standing: Standing, *, by: int, seen_version: int) -> Standing:
    """Say, as a second person, that no visit is needed.

    Raises:
        SamePersonError: it is whoever has the alert.
        AlertNotOpenError: it is closed.
        StaleVersionError: it has changed since it was seen, perhaps by another press.
    """
    if standing.status is AlertStatus.CLOSED:
        raise AlertNotOpenError
    if standing.taken_by == by:
        raise SamePersonError
    if seen_version != standing.version:
        raise StaleVersionError
    return replace(standing, version=standing.version + 1)
