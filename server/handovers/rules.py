"""How things stand when a shift ends, as it is frozen with the signature: opaque names, kinds and times. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.absences.rules import AbsenceKind
from server.alerting.rules import AlertKind, AlertStatus
from server.board.rules import Risk

# Longer ago nobody waits any more: whoever still needs somebody has said so again.
PROMISED_WITHIN: Final = timedelta(hours=24)
# Who signs before the shift has begun hands over the one that was; after its end some stay to finish.
_STAYS_ON: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that nobody has closed. `resident` None: it is about no one person."""

    alert: str
    kind: AlertKind
    resident: str | None
    status: AlertStatus


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody called, was told to wait for a visit, and nobody has said that they were there. `visit` None: none."""

    alert: str
    kind: AlertKind
    resident: str
    since: datetime
    visit: datetime | None


@dataclass(frozen=True, slots=True)
class MutedKind:
    """Nobody is told of a kind of alert, or (`rule`) of one agreed rule, in a home until then."""

    kind: AlertKind
    home: str
    resident: str | None
    until: datetime
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class AwayUntil:
    """A resident whose home is not judged as on other days."""

    resident: str
    kind: AbsenceKind
    until: datetime


@dataclass(frozen=True, slots=True)
class HomeAtRisk:
    """A home with faults that put somebody at risk, the gravest first."""

    home: str
    risks: tuple[Risk, ...]


@dataclass(frozen=True, slots=True)
class HandedShift:
    """The shift that is handed over. `code`: of the plan; None: it was not planned, and is duty as it was kept."""

    code: str | None
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """All of it. What was signed before some of this was told has nothing there."""

    alerts: tuple[OpenAlert, ...] = ()
    promised: tuple[Promise, ...] = ()
    muted: tuple[MutedKind, ...] = ()
    away: tuple[AwayUntil, ...] = ()
    at_risk: tuple[HomeAtRisk, ...] = ()
    shift: HandedShift | None = None

    @property
    def residents(self) -> set[str]:
        """The opaque names of all residents that are told of."""
        of_homes = {one.resident for one in self.alerts} | {one.resident for one in self.muted}
        found = of_homes | {one.resident for one in self.promised} | {one.resident for one in self.away}
        return {one for one in found if one is not None}

    @property
    def homes(self) -> set[str]:
        """The codes of all homes that are told of."""
        return {one.home for one in self.muted} | {one.home for one in self.at_risk}


def handed_over(shifts: Iterable[HandedShift], now: datetime) -> HandedShift | None:
    """Return which of somebody's shifts they hand over: the last that has begun, and is not long over; None: none."""
    begun = (one for one in shifts if one.from_at <= now <= one.to_at + _STAYS_ON)
    return max(begun, key=lambda one: one.from_at, default=None)
