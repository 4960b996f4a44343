"""A home's nightly lesson: what is ordinary there, from when on something is told, and what has changed for good."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.calibration import Diary, limits
from models.days.kept import DaysKept
from models.finding import FindingKind
from models.guard import learnable_days
from models.hearing import Heard
from models.minutes import TICK_S
from models.nights import DaysPast, Settings, nights
from models.past import local_ticks
from models.prior import Priors
from models.routine import LEARN_FROM_DAYS, Routine, grown, learn
from models.stays.learning import learn_stays
from models.stays.routine import DEFAULT_RATES, StayRoutine
from models.store import of_many_homes
from models.technical.findings import Unseen
from models.trace import Trace
from models.trends.evaluate import Trend
from models.trends.note import Note

PAST_DAYS: Final = 57  # what the slowest changes are held against, and the day that has begun
_EPOCH: Final = date(1970, 1, 1).toordinal()
# A routine that was learned from few days is told of more seldom: it knows little, and a false start costs trust. A
# look back (`models.nights`) tells of nothing before three weeks, so that it needs no such care.
_TRUSTED_DAYS: Final = 14
_LEAST_TRUST: Final = 0.5


@dataclass(frozen=True)
class Wishes:
    """What people set for a home.

    `budget`: false alerts a week over all kinds; 0: none. `factors`: by kind, what their feedback multiplies its share
    by. `strange`: local days (ordinals) that must not teach: alarms that were real, absences, guests, faults.
    """

    budget: float = 0.5
    factors: Mapping[str, float] = field(default_factory=dict)
    strange: Collection[int] = ()


@dataclass(frozen=True)
class Before:
    """What a home carries from one lesson to the next. `life_since`: the day (ordinal) its present life began."""

    diary: Diary = field(default_factory=Diary)
    note: Note | None = None
    life_since: int | None = None
    alerts_since: int | None = None


@dataclass(frozen=True)
class Lesson:
    """What a night's learning brought. `trends`: slow changes seen today; `is_new_note`: staff should be told of them.

    `changed_on`: the day (ordinal) from which the home's life is another, found tonight; None: it is as before.
    `days`: the last weeks, for people to look at; None: nothing was heard yet.
    """

    routine: Routine
    stays: StayRoutine
    before: Before
    trends: tuple[Trend, ...] = ()
    is_new_note: bool = False
    changed_on: int | None = None
    days: DaysKept | None = None


def lesson(
    trace: Trace,
    zone: ZoneInfo,
    until: datetime,
    before: Before,
    wishes: Wishes,
    priors: Priors,
    unseen: Sequence[Unseen] = (),
) -> Lesson:
    """Learn from a home's last weeks, up to but not with the local day that holds `until`. A repeat changes nothing."""
    today = until.astimezone(zone).date().toordinal()
    if not trace.at.size:
        return Lesson(of_many_homes(), StayRoutine.default(), before)
    first, end = int(trace.at[0]) // TICK_S, int(until.timestamp()) // TICK_S + 1
    home = Heard(trace, unseen, first, end)
    minutes, series = home.minutes, home.series
    local = local_ticks(minutes.first_tick, minutes.end_tick, zone)
    days = learnable_days(series, local, today, 2 * LEARN_FROM_DAYS, wishes.strange)
    past = DaysPast(trace, minutes, zone)
    changed = past.changed_on(today, days)
    # A decline is no new life: who learns it anew calls it ordinary.
    is_news = before.life_since is None or (changed or 0) - before.life_since >= _TRUSTED_DAYS
    is_change = changed is not None and before.note is None and is_news
    life_since = changed if is_change else before.life_since
    ours = [day for day in days if life_since is None or day >= life_since]
    routine = grown(learn(home.to_learn_from(until.timestamp()), local, ours[-LEARN_FROM_DAYS:]), of_many_homes())
    alerts_since = today if before.alerts_since is None else before.alerts_since
    diary = before.diary
    if before.alerts_since is None and series.active.any():  # a home may so far have told only how warm it is
        diary = _lived(trace.kept(trace.at < until.timestamp()), zone, priors)
    diary = diary.without(set(wishes.strange))
    trust = max(_LEAST_TRUST, min(1.0, len(ours) / _TRUSTED_DAYS))
    budget = wishes.budget * trust * diary.correction(wishes.budget, today, alerts_since)
    routine = replace(routine, limits=limits(priors, diary, today, budget, wishes.factors))
    trends = past.trends(today, days)
    note = before.note.followed(trends, today - _EPOCH) if before.note else Note.of(trends, today - _EPOCH)
    return Lesson(
        routine,
        learn_stays(trace.kept(home.rows_to_learn_from(until.timestamp())), zone, ours[-LEARN_FROM_DAYS:]),
        Before(diary, note, life_since, alerts_since),
        tuple(trends),
        is_new_note=before.note is None and note is not None,
        changed_on=changed if is_change else None,
        days=past.kept(today, days),
    )


def _lived(trace: Trace, zone: ZoneInfo, priors: Priors) -> Diary:
    """Return the diary of a past that was never judged day by day: one that was imported, or by an older model."""
    diary = Diary()
    for night, _ in nights(trace, Settings(zone, budget=0.0), priors):
        diary = night.diary
    return diary


def stay_rates(wishes: Wishes) -> dict[FindingKind, float]:
    """Return how often a week each kind of stay may be told wrongly."""
    return {kind: rate * wishes.budget * wishes.factors.get(kind.value, 1.0) for kind, rate in DEFAULT_RATES.items()}
