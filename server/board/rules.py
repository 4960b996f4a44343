"""What is wrong with a device, whom it puts at risk, and how long a battery lasts. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from gateway.contract.observation import SensorKind
from server.alerting.rules import AlertClass, Severity


class Fault(StrEnum):
    """What is wrong with a device, the gravest first."""

    GATEWAY_SILENT = "gateway_silent"
    GATEWAY_DEAF = "gateway_deaf"
    SENSOR_SILENT = "sensor_silent"
    SEES_NOTHING = "sees_nothing"  # it is heard, and yet tells of nobody
    BABBLES = "babbles"
    BATTERY_LOW = "battery_low"
    CLOCK_UNSET = "clock_unset"
    WEAK_SIGNAL = "weak_signal"
    UNPROVEN = "unproven"


class MarkKind(StrEnum):
    """What somebody says of a fault."""

    COMMENT = "comment"
    SNOOZE = "snooze"  # it stands below those that nobody works on, until then


# A week-end and the days round it: who needs longer looks at it again and says so.
LONGEST_MARK: Final = timedelta(days=7)

# With these nothing comes from the device that could be believed, or soon nothing will.
_USELESS: Final = frozenset(
    {Fault.GATEWAY_SILENT, Fault.GATEWAY_DEAF, Fault.SENSOR_SILENT, Fault.SEES_NOTHING, Fault.BABBLES}
)
_CALLS: Final = frozenset({SensorKind.BUTTON, SensorKind.PULL_CORD, SensorKind.FALL})
_SEES: Final = frozenset({SensorKind.MOTION, SensorKind.BED, SensorKind.CHAIR})


@dataclass(frozen=True, slots=True)
class Found:
    """A fault of a device. `since`: when it began; None where that is not known, as of one never heard."""

    fault: Fault
    since: datetime | None


def is_useless(faults: Collection[Found]) -> bool:
    """Return whether a device with these faults helps nobody now."""
    return any(one.fault in _USELESS for one in faults)


@dataclass(frozen=True, slots=True)
class Mark:
    """A comment or a snooze, as it was made."""

    kind: MarkKind
    fault: Fault
    who: str
    why: str
    made_at: datetime
    until: datetime


def holds(mark: Mark, found: Found, now: datetime) -> bool:
    """Return whether a mark is still about this fault: not when its time is over, nor after contact.

    A fault that began after the mark was made is another one: between them the device was heard.
    """
    return mark.fault is found.fault and now < mark.until and (found.since is None or found.since <= mark.made_at)


class Risk(StrEnum):
    """Why a home's faults put somebody at risk."""

    NOBODY_LISTENS = "nobody_listens"  # no gateway of the home works
    CANNOT_CALL = "cannot_call"
    NOT_SEEN = "not_seen"
    FELL = "fell"  # within the last year


@dataclass(frozen=True, slots=True)
class Device:
    """A sensor of a home as its risk goes by: what it measures there, and whether it works."""

    kinds: frozenset[str]
    works: bool


def risks(sensors: Collection[Device], *, is_heard: bool, fell: bool) -> tuple[Risk, ...]:
    """Return why somebody is at risk in a home, the gravest first. `is_heard`: one of its gateways works.

    A fall within the last year alone is none: it makes the others graver.
    """
    can_call = is_heard and any(one.works and one.kinds & _CALLS for one in sensors)
    is_seen = is_heard and any(one.works and one.kinds & _SEES for one in sensors)
    found = [(not is_heard, Risk.NOBODY_LISTENS), (not can_call, Risk.CANNOT_CALL), (not is_seen, Risk.NOT_SEEN)]
    reasons = [risk for holds_, risk in found if holds_]
    return (*reasons, Risk.FELL) if fell and reasons else tuple(reasons)


_WEIGHT: Final = {Risk.NOBODY_LISTENS: 1, Risk.CANNOT_CALL: 3, Risk.NOT_SEEN: 3, Risk.FELL: 2}
_FAULTS: Final = list(Fault)


def urgency(found: Collection[Risk], faults: Collection[Found], now: datetime) -> tuple[int, int, float]:
    """Return by what homes are ordered, least first: who is at risk, the gravest fault, what has lasted longest."""
    gravest = min((_FAULTS.index(one.fault) for one in faults), default=len(_FAULTS))
    lasts = max(((now - one.since).total_seconds() for one in faults if one.since is not None), default=0.0)
    return -sum(_WEIGHT[risk] for risk in found), gravest, -lasts


# A cell is taken for empty here: below it sensors fall silent in the cold.
_EMPTY: Final = 10.0
_NEW_CELL: Final = 20.0  # a charge that rises by so much is another battery's
_LOOK_BACK: Final = timedelta(days=180)
_LEAST_SPAN: Final = timedelta(days=14)
_LEAST_DROP: Final = 3.0
_MOST: Final = timedelta(days=365)


def battery_lasts(told: Sequence[tuple[date, float]], today: date) -> timedelta | None:
    """Return how long a battery will last, a year at most; None: not known.

    The line is the median of the slopes between all pairs of days (Theil and Sen), so that a cold night or a wrong
    word does not bend it. `told`: charge in per cent by day, oldest first; the last word of a day counts.
    """
    points = _of_this_cell(sorted({day: percent for day, percent in told if today - day <= _LOOK_BACK}.items()))
    if len(points) < 2 or points[-1][0] - points[0][0] < _LEAST_SPAN:  # noqa: PLR2004 - a line needs two
        return None
    if points[0][1] - points[-1][1] < _LEAST_DROP:
        return None
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0]).days
        for place, earlier in enumerate(points)
        for later in points[place + 1 :]
    ]
    a_day = -median(slopes)
    if a_day <= 0:
        return None
    return min(_MOST, timedelta(days=max(points[-1][1] - _EMPTY, 0.0) / a_day))


def _of_this_cell(points: Sequence[tuple[date, float]]) -> list[tuple[date, float]]:
    first = 0
    for place in range(1, len(points)):
        if points[place][1] - points[place - 1][1] >= _NEW_CELL:
            first = place
    return list(points[first:])


class Level(StrEnum):
    """How grave it is in a flat, as a wall shows it: the gravest first."""

    CRITICAL = "critical"
    ALERT = "alert"
    UNKNOWN = "unknown"
    TECHNICAL = "technical"
    WELL = "well"


def level_of(severity: int, alert_class: AlertClass) -> Level:
    """Return how an open alert is shown on a wall. What changes over weeks is nothing to run for."""
    if alert_class is AlertClass.TECHNICAL:
        return Level.TECHNICAL
    if alert_class is AlertClass.TREND:
        return Level.WELL
    return Level.CRITICAL if severity >= Severity.CRITICAL else Level.ALERT


def flat_label(address: str) -> str:
    """Return what a wall calls a home: of "Bo- og servicesenteret, leilighet 214" the number, else the last part."""
    last = address.rsplit(",", 1)[-1].strip()
    numbered = _FLAT.match(last)
    return numbered[1] if numbered else last


_FLAT: Final = re.compile(r"(?:leilighet|leil\.?|rom|flat|room|bolig|H)\s*(\w*\d\w*)$", re.IGNORECASE)
