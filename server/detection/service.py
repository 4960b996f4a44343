"""Looks at a home that is due: new facts first, then the time after them."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Row, bindparam
from sqlmodel import Session, col, select, update

from gateway.contract.observation import Stream
from models.finding import FACTS, Finding, FindingKind
from models.home import Ended, HomeState, live_on
from models.presence import Fact
from models.sight import Sight
from models.stays.view import Circumstances
from models.store import Learned, RoutineUnreadableError, from_bytes
from server.absences.service import Held, held_in
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease, lock_open, raise_alert
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.db.types import to_ms
from server.detection.agreed import follow_agreed
from server.detection.facts import eyes_of, facts_of, homes_with_silent, sight_of, suspects_in
from server.detection.muting import (
    BY_PEOPLE,
    LOOKS_AGAIN_AFTER,
    Muted,
    away_until,
    by_leaving_staff,
    looked_at,
    muted,
    note_return,
    unwatched,
)
from server.detection.rules import Lasting, is_present, stretches, to_tell
from server.detection.tables import FindingRow, HomeWatch, RoutineRow
from server.house_rules.following import Scene as AgreedScene
from server.house_rules.following import rules_in
from server.house_rules.tables import HouseRuleRow
from server.live.service import changed
from server.observations.service import StoredFact, facts_between
from server.observations.tables import StreamRow
from server.residents.service import residents_of
from server.residents.tables import Gateway, Home, Resident
from server.sensitivity.mutings import muted_in

_LOG = logging.getLogger(__name__)

# What is found in the moment; what changes slowly is found at night.
_LIVE_KINDS = tuple(AlertKind(kind.value) for kind, facts in FACTS.items() if facts.cls == "person")
# One look's worth: a long backlog is worked through in steps, so that other homes get their turn.
_MOST_FACTS = 5_000
# Homes in one transaction: what is asked of the database is then asked for all of them at once.
_MOST_HOMES = 20
# Some 4 KB each. Reading one costs as much as all the rest of a look.
_ROUTINES_KEPT = 20_000
# What came later than this is of absences that are long over.
_LATE = timedelta(days=2)
# A home whose look failed is looked at again after this long.
_AFTER_TROUBLE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A finding that is kept, and when somebody was alerted to it; None: nobody was."""

    row: FindingRow
    told_at: datetime | None = None

    def as_lasting(self) -> Lasting:
        told_at = self.told_at and max(self.told_at, self.row.noticed_at)  # an alert may be older, and still open
        return Lasting(FindingKind(self.row.kind), self.row.started_at, told_at)


@dataclass(frozen=True, slots=True)
class _Look:
    """One home, and what is needed to look at it.

    `residents`: unit and name of each. `held`: absences since it was last looked at. `told`: the kinds of which an
    alert is open. `agreed`: rules that people set. `muted`: the kinds people muted, and until when. `listens_since`:
    from when on any of its gateways heard anything; None: not told. `lasting`: what was found of people and lasts; it
    changes.
    """

    home_id: int
    zone: ZoneInfo
    learned: Learned
    around: Circumstances
    streams: tuple[tuple[int, str, int], ...]
    known_until: tuple[datetime, ...]
    listens_since: datetime | None
    residents: tuple[tuple[int, str], ...]
    held: tuple[Held, ...]
    told: frozenset[AlertKind]
    now: datetime
    patience: timedelta
    lasting: list[_Kept]
    agreed: list[HouseRuleRow]
    muted: Mapping[AlertKind, datetime]


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
            since = min((watch.seen_until for watch in watches if watch.seen_until), default=now)
            scenes = _scenes(db, home_ids, min(since, now), now, patience) if home_ids else {}
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
_STARTED = select(Gateway.home_id, Gateway.started_at).where(
    col(Gateway.home_id).in_(_HOME_IDS), col(Gateway.started_at).is_not(None)
)
_RESIDENTS = select(Resident.home_id, Resident.unit_id, Resident.code).where(col(Resident.home_id).in_(_HOME_IDS))


_LASTING = (
    select(FindingRow, AlertRow.raised_at)
    .outerjoin(AlertRow, col(AlertRow.alert_id) == FindingRow.alert_id)
    .where(FindingRow.finding_class == "person", col(FindingRow.ended_at).is_(None))
    .order_by(col(FindingRow.finding_id))
)


def _scenes(
    db: Session, home_ids: Sequence[int], since: datetime, now: datetime, patience: timedelta
) -> dict[int, _Look]:
    """Fetch what is needed to look at these homes, all at once. `since`: up to when the longest unseen one was seen."""
    ids, connection = {"home_ids": home_ids}, db.connection()
    told = lock_open(db, home_ids, (*_LIVE_KINDS, AlertKind.AGREED_RULE))
    agreed, muted = rules_in(db, home_ids), muted_in(db, home_ids, now)
    routines = {home_id: _learned(home_id, stored) for home_id, stored in connection.execute(_ROUTINES, ids)}
    suspects, held = suspects_in(db, home_ids), held_in(db, home_ids, since - _LATE, now + patience)
    unlike = homes_with_silent(db, home_ids) | suspects.keys()
    lasting: dict[int, list[_Kept]] = defaultdict(list)
    for row, raised_at in db.exec(_LASTING.where(col(FindingRow.home_id).in_(home_ids))):
        lasting[row.home_id].append(_Kept(row, raised_at))
    streams, known_until, started, residents = (
        _by_home(connection.execute(wanted, ids)) for wanted in (_STREAMS, _KNOWN_UNTIL, _STARTED, _RESIDENTS)
    )
    return {
        home_id: _Look(
            home_id=home_id,
            zone=ZoneInfo(time_zone),
            learned=routines.get(home_id) or Learned.of_nobody(),
            around=Circumstances(
                sight_of(db, home_id) if home_id in unlike else Sight(), suspects=suspects.get(home_id, ())
            ),
            streams=tuple(streams[home_id]),
            known_until=tuple(until for (until,) in known_until[home_id]),
            listens_since=min((since for (since,) in started[home_id]), default=None),
            residents=tuple(residents[home_id]),
            held=held.get(home_id, ()),
            told=frozenset(kind for of_home, kind in told if of_home == home_id),
            now=now,
            patience=patience,
            lasting=lasting[home_id],
            agreed=agreed.get(home_id, []),
            muted=muted.get(home_id, {}),
        )
        for home_id, time_zone in connection.execute(_ZONES, ids)
    }


def _by_home(rows: Iterable[Row[Any]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(tuple(row[1:]))
    return found


_read = lru_cache(maxsize=_ROUTINES_KEPT)(from_bytes)


def _learned(home_id: int, parameters: bytes) -> Learned:
    """Return what was learned of a home, or what is safe where that cannot be used."""
    try:
        return _read(parameters)
    except RoutineUnreadableError as error:
        _LOG.warning(
            "the routine of home %s cannot be used: %s; safe rules apply until it is learned anew", home_id, error
        )
        return Learned.of_nobody()


def _look_at(db: Session, watch: HomeWatch, scene: _Look) -> None:
    watch.due_at = watch.wakes_at = None
    since = watch.seen_until
    facts, known_until, more = _new_facts(db, watch, scene)
    if known_until is not None:
        _live_on(db, watch, scene, facts, known_until, more=more)
        if facts and scene.held:
            note_return(db, scene.home_id, scene.held, known_until, scene.now)
    watch.seen_until = known_until
    if more:
        watch.due_at = scene.now
    elif known_until is not None:
        _tell(db, watch, scene, known_until)
        if scene.agreed:
            follow_agreed(db, watch, scene.agreed, _agreed_scene(db, scene, since, known_until, has_news=bool(facts)))
    db.add(watch)
    if facts:
        for unit_id, code in scene.residents:
            changed(db, unit_id, "resident", code)


def _agreed_scene(
    db: Session, scene: _Look, since: datetime | None, known_until: datetime, *, has_news: bool
) -> AgreedScene:
    deaf_until = _deaf_until(since, scene)
    return AgreedScene(
        scene.home_id, scene.zone, known_until, scene.now, is_present(known_until, scene.now, scene.patience), has_news,
        None if since is None or deaf_until is None else (since, deaf_until), eyes_of(db, scene.home_id),
    )  # fmt: skip


def _live_on(
    db: Session, watch: HomeWatch, scene: _Look, facts: Sequence[Fact], known_until: datetime, *, more: bool
) -> None:
    """Let the home live on up to where it is known, and keep what begins to be unusual and what ends."""
    state = HomeState.from_json(watch.state)
    deaf_until = _deaf_until(watch.seen_until, scene)
    if deaf_until is not None:
        blind = Circumstances(Sight(is_blind=True))
        state = live_on(state, scene.learned, scene.zone, (), deaf_until, blind).state
    spans = unwatched(scene.held)
    waiting = looked_at(facts, spans) if spans else facts
    for part in stretches(deaf_until or watch.seen_until, known_until, spans):
        now_on = [fact for fact in waiting if fact.at < part.until or part.until == known_until]
        waiting = waiting[len(now_on) :]
        around = replace(
            scene.around, is_paused=part.is_paused, away_until=away_until(scene.held, part.until) if spans else None
        )
        look = live_on(state, scene.learned, scene.zone, now_on, part.until, around, more=more and not part.is_paused)
        state, watch.wakes_at = look.state, look.due_at
        if part.is_paused:
            watch.wakes_at = min(look.due_at or known_until, known_until + LOOKS_AGAIN_AFTER)
        for one in look.noticed:
            if isinstance(one, Ended):
                _end(db, scene, one)
            else:
                _keep(db, scene, one)
    watch.state = state.as_json()


def _deaf_until(seen_until: datetime | None, scene: _Look) -> datetime | None:
    """Return until when no gateway of the home listened, since it was last known; None: one did all the while.

    Without power a gateway hears nothing, and has nothing to send of that time afterwards. A restart is too short.
    """
    since = scene.listens_since
    if seen_until is None or since is None or since - seen_until <= scene.patience:
        return None
    return since


def _new_facts(db: Session, watch: HomeWatch, scene: _Look) -> tuple[list[Fact], datetime | None, bool]:
    """Return the facts not yet looked at in order of time, up to when the home is known, and whether more wait."""
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
    return sorted(facts_of(db, found)), max(newest, default=None), more


def _keep(db: Session, scene: _Look, finding: Finding) -> None:
    row = FindingRow(
        home_id=scene.home_id,
        kind=finding.kind,
        finding_class=FACTS[finding.kind].cls,
        subject=finding.subject,
        room=finding.room,
        p_value=finding.p_value,
        learned_days=finding.learned_days,
        started_at=finding.started_at,
        noticed_at=finding.noticed_at,
        reasons=[{"key": reason.key, **reason.figures} for reason in finding.reasons],
        evidence=[to_ms(moment) for moment in finding.evidence],
    )
    db.add(row)
    if row.finding_class == "person":
        scene.lasting.append(_Kept(row))


def _end(db: Session, scene: _Look, ended: Ended) -> None:
    """Note that something is over; whoever was told of it learns that, and still has to see to it."""
    kind, subject = ended.kind.value, ended.subject
    for kept in [kept for kept in scene.lasting if (kept.row.kind, kept.row.subject) == (kind, subject)]:
        kept.row.ended_at = ended.at
        scene.lasting.remove(kept)
    of_kind = (col(FindingRow.home_id) == scene.home_id) & (col(FindingRow.kind) == kind)
    lasting = of_kind & col(FindingRow.ended_at).is_(None)
    db.exec(update(FindingRow).where(lasting, col(FindingRow.subject) == subject).values(ended_at=ended.at))
    if AlertKind(kind) not in scene.told or db.exec(select(FindingRow.finding_id).where(lasting).limit(1)).first():
        return
    for resident in residents_of(db, scene.home_id):
        cease(db, resident, AlertKind(kind), scene.now, closes=False)


def _tell(db: Session, watch: HomeWatch, scene: _Look, known_until: datetime) -> None:
    """Raise an alert for what still lasts and nobody was told of, once it is known up to the present."""
    untold = [kept for kept in scene.lasting if kept.row.alert_id is None]
    if is_present(known_until, scene.now, scene.patience) and not scene.around.sight.is_blind:
        told = [kept.as_lasting() for kept in scene.lasting if kept.row.alert_id is not None]
        free = [kept for kept in untold if not _is_muted(db, scene, kept.row, known_until)]
        chosen = to_tell([kept.as_lasting() for kept in free], told, scene.now)
        for kept in free:
            if kept.as_lasting() in chosen:
                _raise(db, scene, kept.row)
        if len(free) < len(untold):
            again = known_until + LOOKS_AGAIN_AFTER
            watch.wakes_at = min(watch.wakes_at or again, again)
    elif untold:
        watch.wakes_at = known_until  # it may still last when more is known, and then somebody must be told


def _is_muted(db: Session, scene: _Look, row: FindingRow, known_until: datetime) -> bool:
    """Tell whether nobody is told for now, and keep until when and why."""
    found = muted(db, scene.home_id, scene.held, FindingKind(row.kind), known_until)
    if found is None and row.kind == FindingKind.LEFT_AT_NIGHT:
        found = by_leaving_staff(db, scene.home_id, row.noticed_at, known_until)
    if AlertKind(row.kind) in scene.muted:
        found = Muted(scene.muted[AlertKind(row.kind)], BY_PEOPLE)
    if found is not None:
        row.muted_until, row.muted_by = found.until, found.why
        db.add(row)
    return found is not None


def _is_told_too(other: FindingRow, row: FindingRow) -> bool:
    return other.alert_id is not None and (other.kind, other.subject) == (row.kind, row.subject)


def _raise(db: Session, scene: _Look, row: FindingRow) -> None:
    received_at = db.exec(select(Gateway.last_heard_at).where(Gateway.home_id == scene.home_id)).first()
    raised = Raised(
        kind=AlertKind(row.kind),
        observed_at=row.noticed_at,
        received_at=received_at,
        room=row.room,
        reasons=tuple(Reason(r["key"], {k: v for k, v in r.items() if k != "key"}) for r in row.reasons),
        # The routine and a fixed rule may tell of one silence, each in its time: it is one happening.
        goes_on=any(_is_told_too(kept.row, row) for kept in scene.lasting),
    )
    for resident in residents_of(db, scene.home_id):
        row.alert_id = raise_alert(db, resident, raised, scene.now).alert_id
