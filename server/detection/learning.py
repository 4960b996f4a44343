"""Learns each home's routine anew every night, by the home's own time, and notes what changes slowly."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from models.calibration import Diary
from models.finding import FACTS, FindingKind
from models.home import HomeState
from models.learning import PAST_DAYS, Before, Lesson, lesson, stay_rates
from models.prior import shipped
from models.store import to_bytes
from models.technical.findings import Unseen
from models.trace import Trace
from models.trends.note import Note
from server.absences.rules import Span
from server.absences.service import held_in
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, raise_alert
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.days import keep_days
from server.detection.equipment import look_at_equipment
from server.detection.facts import trace_of
from server.detection.muting import strange_spans, unseen_in, without_absences
from server.detection.tables import FindingRow, HomeWatch, RoutineRow
from server.residents.service import home_of, residents_of
from server.sensitivity.rules import Rating, of_outcome
from server.sensitivity.service import wishes_of
from server.sensitivity.tables import AlertRating

_LOG = logging.getLogger(__name__)

# At this local hour most homes are at their quietest, and a new routine disturbs nobody's evening. Each home has its
# own minute of it, so that all of them are not learned at once.
_FIT_HOUR = 4
_SPREAD_MINUTES = 60


def fit_due(database: Database, rest: Callable[[float], None] = lambda _: None) -> int:
    """Learn the routine of every home whose night has come; return how many. Repeating it changes nothing.

    `rest` is told after each home how many seconds that took: a town's night must not hold up one home's alarm.
    """
    with database.reading() as db:
        due = db.exec(select(HomeWatch.home_id).outerjoin(RoutineRow, _same_home()).where(_is_due())).all()
    learned = 0
    for home_id in due:
        began = perf_counter()
        learned += _learned(database, home_id)
        rest(perf_counter() - began)
    return learned


def _learned(database: Database, home_id: int) -> bool:
    try:
        with database.transaction() as db:
            _fit(db, home_id)
    except Exception:  # noqa: BLE001 - one home's trouble must not keep the others from being learned
        _LOG.exception("the routine of home %s could not be learned; it is tried again at the next look", home_id)
        return False
    return True


def _same_home() -> ColumnElement[bool]:
    return col(RoutineRow.home_id) == col(HomeWatch.home_id)


def _is_due() -> ColumnElement[bool]:
    known = col(HomeWatch.seen_until)
    return known.is_not(None) & or_(col(RoutineRow.home_id).is_(None), col(RoutineRow.next_fit_at) <= known)


def _fit(db: Session, home_id: int) -> None:
    watch = db.get_one(HomeWatch, home_id)
    until = watch.seen_until
    if until is None:
        return
    zone = ZoneInfo(home_of(db, home_id).time_zone)
    row = db.get(RoutineRow, home_id) or RoutineRow(
        home_id=home_id, fitted_at=until, next_fit_at=until, days=0, parameters=b""
    )
    begin = until - timedelta(days=PAST_DAYS)
    held = held_in(db, [home_id], begin, until).get(home_id, ())
    strange = strange_days(db, home_id, until, zone) | days_of(strange_spans(held), zone)
    wishes = wishes_of(db, home_id, until, strange)
    heard = trace_of(db, home_id, begin, until)
    unseen = [*look_at_equipment(db, home_id, heard, until, zone).unseen, *unseen_of(db, home_id, until, heard)]
    past = without_absences(heard, held)
    tonight = lesson(past, zone, until, _before(row, watch, zone), wishes, shipped(), unseen)
    row.fitted_at, row.next_fit_at = until, _next_night(until, zone, home_id)
    row.days, row.parameters = tonight.routine.days, to_bytes(tonight.routine, tonight.stays, stay_rates(wishes))
    _remember(row, tonight.before)
    db.add(row)
    if tonight.days is not None:
        keep_days(db, home_id, tonight.days)
    if tonight.is_new_note:
        _note(db, home_id, tonight, until)
    # What is too long may have moved, and so the moment at which silence becomes a finding.
    watch.due_at = watch.due_at or watch.seen_until
    db.add(watch)


def _before(row: RoutineRow, watch: HomeWatch, zone: ZoneInfo) -> Before:
    """Return what last night left, with the highest scores of the days since.

    What was scored before that was scored by another routine: it is in the diary, or the diary knows it better.
    """
    diary = Diary.from_json(row.diary)
    rhythm = HomeState.from_json(watch.state).rhythm
    fitted_on = row.fitted_at.astimezone(zone).date().toordinal()
    if rhythm is not None:
        for day in (day for day in rhythm.highest if day >= fitted_on):
            for concern, score in rhythm.highest[day].items():
                diary = diary.noted(concern, day, score)
            diary = diary.with_raised(day, rhythm.raised.get(day, 0))
    note = row.note and Note.from_json(row.note)
    since = [None if day is None else day.toordinal() for day in (row.life_since, row.alerts_since)]
    return Before(diary, note or None, since[0], since[1])


def _remember(row: RoutineRow, before: Before) -> None:
    row.diary = before.diary.as_json()
    row.note = None if before.note is None else before.note.as_json()
    row.life_since, row.alerts_since = (
        None if day is None else date.fromordinal(day) for day in (before.life_since, before.alerts_since)
    )


def _note(db: Session, home_id: int, tonight: Lesson, until: datetime) -> None:
    """Tell staff of a slow change: something to look at by day, that wakes nobody."""
    first = tonight.trends[0]
    kind = FindingKind(first.kind.value)
    started = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=first.started_on)
    reasons = [{"key": reason.key, **reason.figures} for trend in tonight.trends for reason in trend.reasons]
    finding = FindingRow(
        home_id=home_id, kind=kind, finding_class=FACTS[kind].cls, p_value=first.p_value, started_at=started,
        noticed_at=until, ended_at=until, reasons=reasons, learned_days=tonight.routine.days,
    )  # fmt: skip
    told = tuple(Reason(r["key"], {k: v for k, v in r.items() if k != "key"}) for r in reasons)
    for resident in residents_of(db, home_id):
        raised = Raised(AlertKind(kind.value), until, None, None, told)
        finding.alert_id = raise_alert(db, resident, raised, until).alert_id
    db.add(finding)


def strange_days(db: Session, home_id: int, until: datetime, zone: ZoneInfo) -> set[int]:
    """Return the days on which somebody was alerted: what was strange must not become ordinary by being learned.

    What people called a false alarm or rated as not relevant, closed or not, was ordinary, and must.
    """
    rows: Iterable[tuple[FindingRow, AlertRow, AlertRating | None]] = db.exec(
        select(FindingRow, AlertRow, AlertRating)
        .join(AlertRow, col(AlertRow.alert_id) == FindingRow.alert_id)
        .outerjoin(AlertRating, col(AlertRating.alert_id) == AlertRow.alert_id)
        .where(
            FindingRow.home_id == home_id,
            FindingRow.finding_class == "person",
            FindingRow.started_at >= until - timedelta(days=PAST_DAYS),
        )
    )
    days: set[int] = set()
    for row, alert, tapped in rows:
        if (of_outcome(alert.outcome) if tapped is None else tapped.rating) is Rating.NOT_RELEVANT:
            continue
        first, last = (moment.astimezone(zone).date().toordinal() for moment in (row.started_at, row.ended_at or until))
        days |= set(range(first, last + 1))
    return days


_BLINDING = (AlertKind.GATEWAY_SILENT, AlertKind.GATEWAY_DEAF)


def unseen_of(db: Session, home_id: int, until: datetime, past: Trace) -> list[Unseen]:
    """Return the spans in which a gateway gave no sign of life and nothing of them came later either.

    And those in which nobody's movement was looked at, by wish or because nobody was at home.
    """
    rows = db.exec(
        select(AlertRow).where(
            AlertRow.home_id == home_id,
            col(AlertRow.kind).in_(_BLINDING),
            AlertRow.observed_at >= until - timedelta(days=PAST_DAYS),
        )
    )
    outages = db.exec(
        select(FindingRow).where(
            FindingRow.home_id == home_id,
            FindingRow.kind == FindingKind.FLEET_OUTAGE,
            FindingRow.started_at >= until - timedelta(days=PAST_DAYS),
        )
    )
    blind = [(row.observed_at, row.closed_at) for row in rows] + [(row.noticed_at, row.ended_at) for row in outages]
    spans = [(int(since.timestamp()), int((end or until).timestamp())) for since, end in blind]
    faults = [
        Unseen(since, since, end, None, is_fault=True)
        for since, end in spans
        if past.between(since + 1, end).start == past.between(since + 1, end).stop
    ]
    held = held_in(db, [home_id], until - timedelta(days=PAST_DAYS), until).get(home_id, ())
    return faults + unseen_in(held)


def days_of(spans: Sequence[Span], zone: ZoneInfo) -> set[int]:
    """Return the local days (ordinals) that any of these spans touches."""
    days: set[int] = set()
    for span in spans:
        first, last = (moment.astimezone(zone).date().toordinal() for moment in (span.begins_at, span.ends_at))
        days |= set(range(first, last + 1))
    return days


def _next_night(until: datetime, zone: ZoneInfo, home_id: int) -> datetime:
    local = until.astimezone(zone)
    tonight = local.replace(hour=_FIT_HOUR, minute=home_id % _SPREAD_MINUTES, second=0, microsecond=0)
    return tonight if local < tonight else tonight + timedelta(days=1)
