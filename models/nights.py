"""One home's past as the service would have lived through it: causally, one night's learning after another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gateway.contract.observation import SensorKind
from models.calibration import Diary, limits
from models.days.kept import DaysKept, kept
from models.days.local import LocalDays
from models.days.table import Table, day_features
from models.days.walking import walking_s
from models.finding import Finding, FindingKind
from models.follow import Event, Opened, Standing, follow
from models.guard import learnable_days
from models.hearing import Heard, muted
from models.minutes import TICK_S, Minutes
from models.past import LocalTicks, local_ticks
from models.prior import Priors
from models.reasons import Scene, reasons
from models.rooms import role_of
from models.routine import LEARN_FROM_DAYS, Judged, grown, judge, learn
from models.stays.live import Ended
from models.stays.past import StaysPast
from models.stays.routine import DEFAULT_RATES
from models.stays.state import StayState
from models.store import of_many_homes
from models.technical.findings import Faults
from models.trace import Trace
from models.trends.change import change_day
from models.trends.evaluate import Trend, evaluate
from models.trends.note import Note

LEARNS_AT: Final = 4 * 12  # tick of the local day: most homes are at their quietest
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Settings:
    """`budget`: false alerts a home and week over all kinds of the class person. `learn_days`: none before so many.

    `factors`: by kind, what people's feedback multiplies its share of the budget by.
    """

    zone: ZoneInfo
    learn_days: int = 21
    budget: float = 0.5
    factors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slow:
    """A slow change was noted on a day (ordinal), `tick` after that night's learning."""

    trend: Trend
    tick: int


@dataclass(frozen=True, slots=True)
class Night:
    """What one home's replay carries from one night's learning to the next. `day`: the local day that then begins."""

    day: int = 0
    standing: Standing = field(default_factory=Standing)
    diary: Diary = field(default_factory=Diary)
    note: Note | None = None
    stays: StayState = field(default_factory=StayState)


News = Event | Slow | Finding | Ended
FIRST_NIGHT: Final = Night()


def nights(
    trace: Trace,
    settings: Settings,
    priors: Priors,
    night: Night = FIRST_NIGHT,
    until_s: float = np.inf,
    faults: Faults | None = None,
) -> Iterator[tuple[Night, list[News]]]:
    """Live through a trace from `night` on, up to `until_s`; yield after each day where it stands and what happened.

    Of a copy of a trace that differs only from some day on, whatever comes before that day need not be lived again.
    `faults`: what was wrong with the equipment meanwhile; what could not be seen is nobody's silence.
    """
    home = Heard(trace, (faults or Faults()).unseen)
    minutes, series = home.minutes, home.series
    mute = muted(trace, minutes, home.unseen)
    local = local_ticks(minutes.first_tick, minutes.end_tick, settings.zone)
    past, lasting = DaysPast(trace, minutes, settings.zone), StaysPast(home, settings.zone)
    begins = int(local.day[0]) + settings.learn_days
    for begin, end, day in spans(local):
        if day < night.day or (minutes.first_tick + begin) * TICK_S >= until_s:
            continue
        days = learnable_days(series, local, day, 2 * LEARN_FROM_DAYS)
        begin_s, end_s = ((minutes.first_tick + place) * TICK_S for place in (begin, end))
        own = learn(home.to_learn_from(begin_s), local, days[-LEARN_FROM_DAYS:])
        if own is None:
            continue
        routine = grown(own, of_many_homes())
        judged = judge(routine, priors, series, local.of_day, np.arange(begin, end))
        budget = settings.budget * night.diary.correction(settings.budget, day, begins)
        limit = limits(priors, night.diary, day, budget, settings.factors) if day >= begins else {}
        heard = {name: one.less(mute[name]) for name, one in judged.items()}
        standing, happened = follow(night.standing, heard, limit, series, local.of_day, end - 1)
        diary = noted(night.diary, judged, day)
        stays = lasting.live(
            night.stays, lasting.limits(days[-LEARN_FROM_DAYS:], begin_s, _rates(settings)), begin_s, end_s
        )
        told = (*happened, *stays.noticed) if day >= begins else happened
        diary = diary.with_raised(day, sum(isinstance(event, Opened) for event in happened))
        trends = past.trends(day, days) if day >= begins else []
        opens = night.note is None and trends
        note = night.note.followed(trends, day - _EPOCH) if night.note else Note.of(trends, day - _EPOCH)
        night = Night(day + 1, standing, diary, note, stays.state)
        news: list[News] = [
            replace(event, reasons=reasons(Scene(event, routine, series, local.of_day, settings.zone)))
            if isinstance(event, Opened)
            else event
            for event in told
        ]
        yield night, [Slow(trends[0], minutes.first_tick + begin), *news] if opens else news


def _rates(settings: Settings) -> dict[FindingKind, float]:
    return {k: rate * settings.budget * settings.factors.get(k.value, 1.0) for k, rate in DEFAULT_RATES.items()}


class DaysPast:
    """The days of a trace, for what changes slowly. A day's row does not depend on later ones."""

    def __init__(self, trace: Trace, minutes: Minutes, zone: ZoneInfo) -> None:
        self._minutes, self._zone = minutes, zone
        self._days = LocalDays.of(minutes, zone)
        days = [date.fromordinal(int(day) + _EPOCH) for day in (*self._days.days, self._days.days[-1] + 1)]
        midnights = np.array([int(datetime.combine(day, time.min, zone).timestamp()) for day in days])
        roles = np.array([role_of(one.kind, one.room) for one in trace.channels])[trace.channel]
        moved = np.array([one.kind is SensorKind.MOTION for one in trace.channels])[trace.channel] & (trace.value > 0)
        self._table: Table = day_features(self._days, None, walking_s(trace.at[moved], roles[moved], midnights))

    def trends(self, day: int, ordinary: list[int]) -> list[Trend]:
        """Return the slow changes as of the morning of `day`; `ordinary`: days (ordinals) that may be learned from."""
        table, ok = self._before(day, ordinary)
        return evaluate(table, ok, day - _EPOCH)

    def changed_on(self, day: int, ordinary: list[int]) -> int | None:
        """Return the day (ordinal) from which the home's life is another, as known in the morning of `day`."""
        row = change_day(*self._before(day, ordinary))
        return None if row is None else self._days.first_day + row + _EPOCH

    def kept(self, day: int, ordinary: list[int]) -> DaysKept:
        """Return the days before `day` as people look at them."""
        minutes = self._minutes
        seen = Minutes(minutes.first_tick, minutes.seen.astype(np.uint8), minutes.seen)
        return kept(*self._before(day, ordinary), self._days, LocalDays.of(seen, self._zone))

    def _before(self, day: int, ordinary: list[int]) -> tuple[Table, NDArray[np.bool_]]:
        known = day - _EPOCH - self._days.first_day
        return self._table[:known], np.isin(self._days.days[:known], np.array(ordinary) - _EPOCH)


def spans(local: LocalTicks) -> Iterator[tuple[int, int, int]]:
    """Return the stretches between two nights' learning: first place, place after the last, and the local day."""
    starts = np.flatnonzero(local.of_day == LEARNS_AT)
    ends = np.append(starts[1:], local.of_day.size)[: starts.size]
    return ((int(b), int(e), int(local.day[b])) for b, e in zip(starts, ends, strict=True))


def noted(diary: Diary, judged: dict[str, Judged], day: int) -> Diary:
    """Return the diary with the highest scores of these ticks."""
    for name, one in judged.items():
        if one.scores.size:
            diary = diary.noted(name, day, float(one.scores.max()))
    return diary
