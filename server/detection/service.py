"""Looks at a home that is due: new facts first, then the silence after them."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from gateway.contract.observation import Stream
from models.activity import Activity
from models.finding import Finding
from models.live import HomeState, Routine, look, silence_due, step
from models.sight import Sight
from models.store import RoutineUnreadableError, from_bytes
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease, raise_alert
from server.db.session import Database
from server.db.types import to_ms
from server.detection.activities import activities_of, sight_of
from server.detection.rules import is_present
from server.detection.tables import FindingRow, HomeWatch, RoutineRow
from server.live.service import changed
from server.observations.service import facts_between
from server.observations.tables import StreamRow
from server.residents.service import home_of, residents_of
from server.residents.tables import Gateway, Home

_LOG = logging.getLogger(__name__)

# One look's worth: a long backlog is worked through in steps, so that other homes get their turn.
_MOST_FACTS = 5_000
# A home whose look failed is looked at again after this long.
_AFTER_TROUBLE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Look:
    home: Home
    routine: Routine
    now: datetime
    patience: timedelta
    sight: Sight

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.home.time_zone)


def look_at_due(database: Database, now: datetime, patience: timedelta) -> int:
    """Look at one home that is due; return how many were (0 or 1).

    What was noticed, the alerts, the detector's place and the home's next due time are one transaction, so that a
    restart at any moment neither repeats nor skips anything.
    """
    home_id: int | None = None
    try:
        with database.transaction() as db:
            wanted = select(HomeWatch).where(col(HomeWatch.due_at) <= now).order_by(col(HomeWatch.due_at))
            watch = db.exec(wanted.limit(1).with_for_update(skip_locked=True)).first()
            if watch is None:
                return 0
            home_id = watch.home_id
            scene = _Look(home_of(db, home_id), routine_of(db, home_id), now, patience, sight_of(db, home_id))
            _look_at(db, watch, scene)
    except Exception:
        if home_id is not None:
            _postpone(database, home_id, now)
        raise
    return 1


def _postpone(database: Database, home_id: int, now: datetime) -> None:
    """Let the other homes have their turn before one whose look failed."""
    with database.transaction() as db:
        db.get_one(HomeWatch, home_id, with_for_update=True).due_at = now + _AFTER_TROUBLE


def routine_of(db: Session, home_id: int) -> Routine:
    """Return a home's learned routine, or the safe one where there is none that can be used."""
    row = db.get(RoutineRow, home_id)
    if row is None:
        return Routine.unlearned()
    try:
        return from_bytes(row.parameters)
    except RoutineUnreadableError as error:
        _LOG.warning(
            "the routine of home %s cannot be used: %s; safe rules apply until it is learned anew", home_id, error
        )
        return Routine.unlearned()


def _look_at(db: Session, watch: HomeWatch, scene: _Look) -> None:
    watch.due_at = watch.wakes_at = None
    state = HomeState.from_json(watch.state)
    activities, known_until, more = _new_activities(db, watch)
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
        for resident in residents_of(db, watch.home_id):
            changed(db, resident.unit_id, "resident", resident.code)


def _live_through(db: Session, scene: _Look, before: HomeState, activity: Activity) -> HomeState:
    """Step the state over one activity, keeping the silence it ends."""
    state, finding = look(before, scene.routine, scene.zone, activity.at, scene.sight)
    after = step(state, activity)
    if finding is not None:
        _keep(db, scene.home.home_id or 0, finding, ended_at=activity.at)
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


def _new_activities(db: Session, watch: HomeWatch) -> tuple[list[Activity], datetime | None, bool]:
    """Return the activities not yet looked at in order of time, up to when the home is known, and whether more wait."""
    found: list[Activity] = []
    looked_at = dict(watch.looked_at)
    newest: list[datetime] = [watch.seen_until] if watch.seen_until else []
    more = False
    for stream in db.exec(select(StreamRow).where(StreamRow.home_id == watch.home_id)).all():
        after = looked_at.get(str(stream.stream_id), 0)
        facts = facts_between(db, stream, after, stream.up_to_seq, _MOST_FACTS)
        up_to = facts[-1].seq if len(facts) == _MOST_FACTS else stream.up_to_seq
        more = more or up_to < stream.up_to_seq
        looked_at[str(stream.stream_id)] = up_to
        found += activities_of(db, facts)
        if stream.stream == Stream.ROUTINE:  # what is urgent overtakes a backlog, so it proves nothing about the rest
            newest += [fact.observed_at for fact in facts[-1:]]
    watch.looked_at = looked_at
    newest += [until for until in db.exec(select(Gateway.knows_until).where(Gateway.home_id == watch.home_id)) if until]
    return sorted(found), max(newest, default=None), more


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
        FindingRow.home_id == scene.home.home_id,
        col(FindingRow.ended_at).is_(None),
        col(FindingRow.alert_id).is_(None),
    )
    for row in db.exec(untold).all():
        _tell(db, scene, row, state.last_room)


def _tell(db: Session, scene: _Look, row: FindingRow, room: str | None) -> None:
    received_at = db.exec(select(Gateway.last_heard_at).where(Gateway.home_id == scene.home.home_id)).first()
    raised = Raised(
        kind=AlertKind(row.kind),
        observed_at=row.noticed_at,
        received_at=received_at,
        room=room,
        reasons=tuple(Reason(r["key"], {k: v for k, v in r.items() if k != "key"}) for r in row.reasons),
    )
    for resident in residents_of(db, scene.home.home_id or 0):
        row.alert_id = raise_alert(db, resident, raised, scene.now).alert_id


def _end_open_finding(db: Session, scene: _Look, ended_at: datetime) -> None:
    db.exec(
        update(FindingRow)
        .where(col(FindingRow.home_id) == scene.home.home_id, col(FindingRow.ended_at).is_(None))
        .values(ended_at=ended_at)
    )
    for resident in residents_of(db, scene.home.home_id or 0):
        cease(db, resident, AlertKind.INACTIVITY, scene.now, closes=False)
