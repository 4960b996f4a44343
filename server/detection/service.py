"""Looks at a home that is due: new facts first, then the silence after them."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Row, bindparam
from sqlmodel import Session, col, select, update

from gateway.contract.observation import Stream
from models.activity import Activity
from models.finding import Finding
from models.live import HomeState, Routine, look, silence_due, step
from models.sight import Sight
from models.store import RoutineUnreadableError, from_bytes
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease, lock_open, raise_alert
from server.db.session import Database
from server.db.types import to_ms
from server.detection.activities import activities_of, homes_with_silent, sight_of
from server.detection.rules import is_present
from server.detection.tables import FindingRow, HomeWatch, RoutineRow
from server.live.service import changed
from server.observations.service import StoredFact, facts_between
from server.observations.tables import StreamRow
from server.residents.service import residents_of
from server.residents.tables import Gateway, Home, Resident

_LOG = logging.getLogger(__name__)

# One look's worth: a long backlog is worked through in steps, so that other homes get their turn.
_MOST_FACTS = 5_000
# Homes in one transaction: what is asked of the database is then asked for all of them at once.
_MOST_HOMES = 20
# Some 4 KB each. Reading one costs as much as all the rest of a look.
_ROUTINES_KEPT = 20_000
# A home whose look failed is looked at again after this long.
_AFTER_TROUBLE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Look:
    """One home, and what is needed to look at it. `residents`: unit and name of each."""

    home_id: int
    zone: ZoneInfo
    routine: Routine
    sight: Sight
    streams: tuple[tuple[int, str, int], ...]
    known_until: tuple[datetime, ...]
    residents: tuple[tuple[int, str], ...]
    is_told: bool
    now: datetime
    patience: timedelta


def look_at_due(database: Database, now: datetime, patience: timedelta, most: int = _MOST_HOMES) -> int:
    """Look at up to `most` homes that are due; return how many were.

    What was noticed, the alerts, the detector's place and the homes' next due times are one transaction, so that a
    restart at any moment neither repeats nor skips anything.
    """
    home_ids: list[int] = []
    try:
        with database.transaction() as db:
            wanted = select(HomeWatch).where(col(HomeWatch.due_at) <= now).order_by(col(HomeWatch.due_at))
            watches = db.exec(wanted.limit(most).with_for_update(skip_locked=True)).all()
            home_ids = [watch.home_id for watch in watches]
            scenes = _scenes(db, home_ids, now, patience) if home_ids else {}
            for watch in watches:
                _look_at(db, watch, scenes[watch.home_id])
    except Exception:
        if len(home_ids) > 1:  # one of them is to blame, and stands aside when it is looked at alone
            return look_at_due(database, now, patience, most=1)
        if home_ids:
            _postpone(database, home_ids[0], now)
        raise
    return len(home_ids)


def _postpone(database: Database, home_id: int, now: datetime) -> None:
    """Let the other homes have their turn before one whose look failed."""
    with database.transaction() as db:
        db.get_one(HomeWatch, home_id, with_for_update=True).due_at = now + _AFTER_TROUBLE


_HOME_IDS: BindParameter[Sequence[int]] = bindparam("home_ids", expanding=True)
_ZONES = select(Home.home_id, Home.time_zone).where(col(Home.home_id).in_(_HOME_IDS))
_ROUTINES = select(RoutineRow.home_id, RoutineRow.parameters).where(col(RoutineRow.home_id).in_(_HOME_IDS))
_STREAMS = select(StreamRow.home_id, StreamRow.stream_id, StreamRow.stream, StreamRow.up_to_seq).where(
    col(StreamRow.home_id).in_(_HOME_IDS)
)
_KNOWN_UNTIL = select(Gateway.home_id, Gateway.knows_until).where(
    col(Gateway.home_id).in_(_HOME_IDS), col(Gateway.knows_until).is_not(None)
)
_RESIDENTS = select(Resident.home_id, Resident.unit_id, Resident.code).where(col(Resident.home_id).in_(_HOME_IDS))


def _scenes(db: Session, home_ids: Sequence[int], now: datetime, patience: timedelta) -> dict[int, _Look]:
    """Fetch what is needed to look at these homes, all at once."""
    ids, connection = {"home_ids": home_ids}, db.connection()
    is_told = lock_open(db, home_ids, (AlertKind.INACTIVITY,))
    routines = {home_id: _routine(home_id, stored) for home_id, stored in connection.execute(_ROUTINES, ids)}
    silent = homes_with_silent(db, home_ids)
    streams, known_until, residents = (
        _by_home(connection.execute(wanted, ids)) for wanted in (_STREAMS, _KNOWN_UNTIL, _RESIDENTS)
    )
    return {
        home_id: _Look(
            home_id=home_id,
            zone=ZoneInfo(time_zone),
            routine=routines.get(home_id) or Routine.unlearned(),
            sight=sight_of(db, home_id) if home_id in silent else Sight(),
            streams=tuple(streams[home_id]),
            known_until=tuple(until for (until,) in known_until[home_id]),
            residents=tuple(residents[home_id]),
            is_told=(home_id, AlertKind.INACTIVITY) in is_told,
            now=now,
            patience=patience,
        )
        for home_id, time_zone in connection.execute(_ZONES, ids)
    }


def _by_home(rows: Iterable[Row[Any]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(tuple(row[1:]))
    return found


_read_routine = lru_cache(maxsize=_ROUTINES_KEPT)(from_bytes)


def _routine(home_id: int, parameters: bytes) -> Routine:
    """Return a home's learned routine, or the safe one where it cannot be used."""
    try:
        return _read_routine(parameters)
    except RoutineUnreadableError as error:
        _LOG.warning(
            "the routine of home %s cannot be used: %s; safe rules apply until it is learned anew", home_id, error
        )
        return Routine.unlearned()


def _look_at(db: Session, watch: HomeWatch, scene: _Look) -> None:
    watch.due_at = watch.wakes_at = None
    state = HomeState.from_json(watch.state)
    activities, known_until, more = _new_activities(db, watch, scene)
    for activity in activities:
        state = _live_through(db, scene, state, activity)
    if more:
        watch.due_at = scene.now
    elif known_until is not None:
        state = _let_time_pass(db, watch, scene, state, known_until)
    watch.state = state.as_json()
    watch.seen_until = known_until
    db.add(watch)
    if activities:
        for unit_id, code in scene.residents:
            changed(db, unit_id, "resident", code)


def _live_through(db: Session, scene: _Look, before: HomeState, activity: Activity) -> HomeState:
    """Step the state over one activity, keeping the silence it ends."""
    state, finding = look(before, scene.routine, scene.zone, activity.at, scene.sight)
    after = step(state, activity)
    if finding is not None:
        _keep(db, scene.home_id, finding, ended_at=activity.at)
    elif state.silent_since is not None and after.silent_since is None:
        _end_open_finding(db, scene, activity.at)
    return after


def _let_time_pass(db: Session, watch: HomeWatch, scene: _Look, before: HomeState, known_until: datetime) -> HomeState:
    """Move the home's time to where it is known, and tell of a silence that is too long and still lasts."""
    state, finding = look(before, scene.routine, scene.zone, known_until, scene.sight)
    if finding is not None:
        _keep(db, watch.home_id, finding, ended_at=None)
    if state.silent_since is None:
        watch.wakes_at = silence_due(state, scene.routine, scene.zone)
    elif is_present(known_until, scene.now, scene.patience) and not scene.sight.is_blind:
        _tell_open_findings(db, scene, state)
    else:
        watch.wakes_at = known_until  # it may still last when more is known, and then somebody must be told
    return state


def _new_activities(db: Session, watch: HomeWatch, scene: _Look) -> tuple[list[Activity], datetime | None, bool]:
    """Return the activities not yet looked at in order of time, up to when the home is known, and whether more wait."""
    found: list[StoredFact] = []
    looked_at = dict(watch.looked_at)
    newest: list[datetime] = [watch.seen_until] if watch.seen_until else []
    more = False
    for stream_id, stream, mark in scene.streams:
        after = looked_at.get(str(stream_id), 0)
        if after >= mark:
            continue
        facts = facts_between(db, stream_id, after, mark, _MOST_FACTS)
        up_to = facts[-1].seq if len(facts) == _MOST_FACTS else mark
        more = more or up_to < mark
        looked_at[str(stream_id)] = up_to
        found += facts
        if stream == Stream.ROUTINE:  # what is urgent overtakes a backlog, so it proves nothing about the rest
            newest += [fact.observed_at for fact in facts[-1:]]
    watch.looked_at = looked_at
    newest += scene.known_until
    return sorted(activities_of(db, found)), max(newest, default=None), more


def _keep(db: Session, home_id: int, finding: Finding, *, ended_at: datetime | None) -> None:
    row = FindingRow(
        home_id=home_id,
        kind=finding.kind,
        started_at=finding.started_at,
        noticed_at=finding.noticed_at,
        ended_at=ended_at,
        reasons=[{"key": reason.key, **reason.figures} for reason in finding.reasons],
        evidence=[to_ms(moment) for moment in finding.evidence],
    )
    db.add(row)


def _tell_open_findings(db: Session, scene: _Look, state: HomeState) -> None:
    """Raise an alert for a silence that still lasts, unless somebody was told of it already."""
    untold = select(FindingRow).where(
        FindingRow.home_id == scene.home_id,
        col(FindingRow.ended_at).is_(None),
        col(FindingRow.alert_id).is_(None),
    )
    for row in db.exec(untold).all():
        _tell(db, scene, row, state.last_room)


def _tell(db: Session, scene: _Look, row: FindingRow, room: str | None) -> None:
    received_at = db.exec(select(Gateway.last_heard_at).where(Gateway.home_id == scene.home_id)).first()
    raised = Raised(
        kind=AlertKind(row.kind),
        observed_at=row.noticed_at,
        received_at=received_at,
        room=room,
        reasons=tuple(Reason(r["key"], {k: v for k, v in r.items() if k != "key"}) for r in row.reasons),
    )
    for resident in residents_of(db, scene.home_id):
        row.alert_id = raise_alert(db, resident, raised, scene.now).alert_id


def _end_open_finding(db: Session, scene: _Look, ended_at: datetime) -> None:
    db.exec(
        update(FindingRow)
        .where(col(FindingRow.home_id) == scene.home_id, col(FindingRow.ended_at).is_(None))
        .values(ended_at=ended_at)
    )
    for resident in residents_of(db, scene.home_id) if scene.is_told else ():
        cease(db, resident, AlertKind.INACTIVITY, scene.now, closes=False)
