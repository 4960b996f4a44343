"""What was learned of a home's day, what was noticed there, and how often somebody was told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import inf
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.finding import FindingKind
from models.portrait import Hour, portrait
from models.prior import shipped
from models.store import Learned, RoutineUnreadableError, from_bytes
from models.trends.note import Note
from server.access.service import Viewer
from server.access.tables import Role
from server.alerting.service import Reason
from server.alerting.tables import AlertRow
from server.detection.tables import FindingRow, RoutineRow
from server.overview.service import look_at
from server.residents.tables import Home
from server.sensitivity.service import Budget, Effect, budget_of, effects_of

CARERS: Final = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
_LOOK_BACK: Final = timedelta(days=28)
_MOST_FINDINGS: Final = 60
_MINUTE_S: Final = 60
_WEEK_S: Final = 7 * 86400.0
_EPOCH: Final = date(1970, 1, 1)
_PORTRAITS_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something noticed. `alert_id`: whom it was told to is in that alert; None: nobody was told.

    `muted_until`: it was held back till then; None: it was not. `muted_by`: by a kind of absence, or by whose presence.
    """

    kind: FindingKind
    finding_class: str
    room: str | None
    p_value: float | None
    learned_days: int
    started_at: datetime
    noticed_at: datetime
    ended_at: datetime | None
    why: tuple[Reason, ...]
    alert_id: str | None
    muted_until: datetime | None = None
    muted_by: str = ""


@dataclass(frozen=True, slots=True)
class NoteView:
    """A slow change that staff were told of. `kinds`: in the order they were seen; both days are local ones."""

    kinds: tuple[FindingKind, ...]
    opened_on: date
    seen_on: date


@dataclass(frozen=True, slots=True)
class RoutineView:
    """What was learned of a home.

    `learned_days` 0: nothing yet, what holds for many homes applies, and there are no `hours`. `is_readable` False:
    what was learned cannot be used by this version, and safe rules apply until it is learned anew. `life_since`: from
    when its life is another one; None: always so. `told_a_week`: alerts of what was noticed in the last four weeks;
    None: none could come yet.
    """

    resident_id: str
    name: str
    time_zone: str
    learned_days: int
    fitted_at: datetime | None
    is_readable: bool
    life_since: date | None
    note: NoteView | None
    hours: tuple[Hour, ...]
    findings: tuple[FindingView, ...]
    budget: Budget
    told_a_week: float | None
    effects: tuple[Effect, ...]


def get_routine(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> RoutineView:
    """Return what was learned of a resident's home. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotAllowedError: a relative sees that all is well, not how somebody lives.
        NotFoundError: there is none of that name that this person may see.
    """
    viewer.may(*CARERS)
    resident, home = look_at(db, viewer, resident_id, now)
    home_id = home.home_id or 0
    row = db.get(RoutineRow, home_id)
    learned, is_readable = _learned(row)
    findings = _findings(db, home_id, now)
    zone = ZoneInfo(home.time_zone)
    return RoutineView(
        resident_id=resident.code,
        name=resident.name,
        time_zone=home.time_zone,
        learned_days=row.days if row and is_readable else 0,
        fitted_at=row.fitted_at if row else None,
        is_readable=is_readable,
        life_since=row.life_since if row else None,
        note=_note(row),
        hours=_portrait(row.parameters, zone, now.astimezone(zone).date()) if row and row.days and learned else (),
        findings=findings,
        budget=budget_of(db, home_id),
        told_a_week=_told_a_week(row, findings, now, zone),
        effects=effects_of(db, home_id, now),
    )


def home_to_rehearse(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> Home:
    """Return the home of a resident for whom a setting is to be tried. The look is audited, as in `get_routine`.

    Raises:
        NotAllowedError: relatives set nothing.
        NotFoundError: there is none of that name that this person may see.
    """
    viewer.may(*CARERS)
    return look_at(db, viewer, resident_id, now)[1]


def _learned(row: RoutineRow | None) -> tuple[Learned | None, bool]:
    try:
        return (from_bytes(row.parameters) if row else None), True
    except RoutineUnreadableError:
        return None, False


# Two dozen looks ahead take about as long as all the rest of the page.
@lru_cache(maxsize=_PORTRAITS_KEPT)
def _portrait(parameters: bytes, zone: ZoneInfo, day: date) -> tuple[Hour, ...]:
    learned = from_bytes(parameters)
    hours = portrait(learned.routine, shipped(), zone, day)
    if learned.stays.silence == inf:
        return hours
    line = int(learned.stays.silence // _MINUTE_S)  # drawn for every home, while its own is hardly known
    return tuple(replace(hour, told_after=min(hour.told_after or line, line)) for hour in hours)


def _note(row: RoutineRow | None) -> NoteView | None:
    if row is None or row.note is None:
        return None
    note = Note.from_json(row.note)
    days = (_EPOCH + timedelta(days=day) for day in (note.opened_on, note.seen_on))
    return NoteView(tuple(FindingKind(kind.value) for kind in note.kinds), *days)


def _findings(db: Session, home_id: int, now: datetime) -> tuple[FindingView, ...]:
    wanted = (
        select(FindingRow, AlertRow.code)
        .outerjoin(AlertRow, col(AlertRow.alert_id) == FindingRow.alert_id)
        .where(FindingRow.home_id == home_id, FindingRow.noticed_at >= now - _LOOK_BACK)
        .order_by(col(FindingRow.noticed_at).desc(), col(FindingRow.finding_id).desc())
    )
    return tuple(_view(row, code) for row, code in db.exec(wanted.limit(_MOST_FINDINGS)))


def _view(row: FindingRow, code: str | None) -> FindingView:
    why = tuple(Reason(each["key"], {k: v for k, v in each.items() if k != "key"}) for each in row.reasons)
    return FindingView(
        FindingKind(row.kind), row.finding_class, row.room, row.p_value, row.learned_days, row.started_at,
        row.noticed_at, row.ended_at, why, code, row.muted_until, row.muted_by,
    )  # fmt: skip


def _told_a_week(
    row: RoutineRow | None, findings: Sequence[FindingView], now: datetime, zone: ZoneInfo
) -> float | None:
    if row is None or row.alerts_since is None:
        return None
    since = datetime(row.alerts_since.year, row.alerts_since.month, row.alerts_since.day, tzinfo=zone)
    watched_s = min(now - since, _LOOK_BACK).total_seconds()
    if watched_s <= 0:
        return None
    told = sum(one.alert_id is not None and one.finding_class == "person" for one in findings)
    return told / max(watched_s / _WEEK_S, 1.0)
