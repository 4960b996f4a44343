"""What a home would have been alerted to in its last weeks with another setting, by the same engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.finding import FindingKind
from models.hearing import minutes_of
from models.minutes import TICK_S
from models.nights import Settings
from models.presence import is_between
from models.prior import shipped
from models.replay import replay_home
from models.technical.findings import Faults, Unseen
from models.technical.home_faults import home_faults
from models.trace import Trace
from server.absences.service import held_in
from server.detection.facts import trace_of
from server.detection.learning import unseen_of
from server.detection.muting import without_absences
from server.residents.tables import Home
from server.sensitivity.service import effects_of

# As far back as is looked: the days whose alerts are told, and before them those that are learned from.
_TOLD_DAYS: Final = 28
_PAST_DAYS: Final = 56
_LEAST_LEARNED_DAYS: Final = 7
_LEAST_TOLD_DAYS: Final = 7
_NIGHT: Final = (22, 7)  # local hours: a night shift


@dataclass(frozen=True, slots=True)
class WouldBeTold:
    """One alert that would have come. `hour`: of the home's own clock."""

    kind: FindingKind
    at: datetime
    hour: int
    is_at_night: bool


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would have been told with a budget in the `days` local days up to `until`. `days` 0: too little is known."""

    budget: float
    days: int
    until: datetime
    told: tuple[WouldBeTold, ...] = ()

    @property
    def at_night(self) -> int:
        """How many of them between 22 and 07."""
        return sum(one.is_at_night for one in self.told)


@dataclass(frozen=True)
class Stage:
    """What a rehearsal is played on. `factors`: what ratings make of each kind there; `unseen`: when none could see."""

    trace: Trace
    zone: ZoneInfo
    until: datetime
    factors: Mapping[str, float]
    unseen: tuple[Unseen, ...] = ()


def stage_of(db: Session, home: Home, until: datetime) -> Stage:
    """Fetch what a rehearsal of a home is played on: its stored facts of the last eight weeks, and people's ratings."""
    home_id, zone = home.home_id or 0, ZoneInfo(home.time_zone)
    factors = {effect.kind.value: effect.factor for effect in effects_of(db, home_id, until)}
    begin = until - timedelta(days=_PAST_DAYS)
    heard = trace_of(db, home_id, begin, until)
    unseen = tuple(unseen_of(db, home_id, until, heard))
    trace = without_absences(heard, held_in(db, [home_id], begin, until).get(home_id, ()))
    return Stage(trace, zone, until, factors, unseen)


def rehearse(stage: Stage, budget: float) -> Rehearsal:
    """Return what would have been told. It takes about a second: never call it on an event loop."""
    if not stage.trace.at.size:
        return Rehearsal(budget, 0, stage.until)
    today = stage.until.astimezone(stage.zone).date()
    first_s = minutes_of(stage.trace).first_tick * TICK_S  # of movement: what was measured before tells no rhythm
    known = (today - datetime.fromtimestamp(first_s, stage.zone).date()).days
    days = min(_TOLD_DAYS, known - _LEAST_LEARNED_DAYS)
    if days < _LEAST_TOLD_DAYS:
        return Rehearsal(budget, 0, stage.until)
    begins = datetime.combine(today - timedelta(days=days), time(), stage.zone)
    noticed = _noticed(stage, Settings(stage.zone, known - days, budget, stage.factors))
    told = [_told(kind, at, stage.zone) for kind, at in noticed if begins <= at <= stage.until]
    return Rehearsal(budget, days, stage.until, tuple(sorted(told, key=lambda one: one.at)))


def _told(kind: FindingKind, at: datetime, zone: ZoneInfo) -> WouldBeTold:
    return WouldBeTold(kind, at, at.astimezone(zone).hour, is_between(at, zone, *_NIGHT))


def _noticed(stage: Stage, settings: Settings) -> Iterator[tuple[FindingKind, datetime]]:
    faults = Faults.of([home_faults(stage.trace, stage.zone, int(stage.until.timestamp())), Faults((), stage.unseen)])
    for alert in replay_home(stage.trace, settings, shipped(), faults):
        if alert.cls == "person":
            yield FindingKind(alert.kind), alert.raised_at
