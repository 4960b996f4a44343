"""Follows agreed rules as a home is looked at: judges them anew, tells people once a window, and says when to wake."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from gateway.contract.observation import SensorKind
from models.activity import shows_activity
from models.presence import Fact, cached_role
from models.rooms import Role
from models.sight import Eye, sight
from server.absences.rules import UNWATCHED
from server.absences.service import held_in
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease, raise_alert
from server.alerting.tables import AlertRow
from server.house_rules.conditions import BY_DEEDS, Around, Condition, ConditionKind, Unseen, rests_on_the_past
from server.house_rules.drafts import ASKS_DOOR, ASKS_NO_PLACE, from_json
from server.house_rules.rules import LOOK_BACK, Firing, HouseRule, Judged, judge, next_look
from server.house_rules.tables import HouseRuleFiring, HouseRuleRow
from server.house_rules.windows import Span, clock, spans
from server.observations.service import facts_since
from server.residents.service import rooms_of
from server.residents.tables import Resident
from server.visits.service import planned

_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)
# A backlog longer than this is not judged: what was agreed is about today.
_LONGEST_BACKLOG: Final = timedelta(days=3)
_BLINDING: Final = (AlertKind.GATEWAY_SILENT, AlertKind.GATEWAY_DEAF)


@dataclass(frozen=True, slots=True)
class Scene:
    """A home as it is looked at. `known_until`: the home's time up to which all is known.

    `is_present`: that is the present, so that people may be told. `has_news`: something was heard since the last look.
    `deaf`: since the last look nobody listened in this time. `eyes`: its sensors, and which are silent.
    """

    home_id: int
    zone: ZoneInfo
    known_until: datetime
    now: datetime
    is_present: bool
    has_news: bool
    deaf: tuple[datetime, datetime] | None
    eyes: tuple[Eye, ...]


def rules_in(db: Session, home_ids: Collection[int]) -> dict[int, list[HouseRuleRow]]:
    """Return the rules that are on in these homes, locked in one order for all."""
    wanted = (
        select(Resident.home_id, HouseRuleRow)
        .join(HouseRuleRow, col(HouseRuleRow.resident_id) == Resident.resident_id)
        .where(col(Resident.home_id).in_(home_ids), col(HouseRuleRow.is_on))
        .order_by(col(HouseRuleRow.house_rule_id))
        .with_for_update(of=HouseRuleRow)
    )
    found: dict[int, list[HouseRuleRow]] = defaultdict(list)
    for home_id, row in db.exec(wanted):
        found[home_id].append(row)
    return found


def follow(db: Session, rows: Sequence[HouseRuleRow], scene: Scene) -> datetime | None:
    """Judge a home's rules up to where it is known; return before when silence can make none of them hold."""
    wakes: list[datetime] = []
    for row in rows:
        rule = from_json(row.content)
        _note_sight(row, rule, scene)
        open_ones = _open_firings(db, row, scene.known_until)
        # What is heard makes silence last anew: only a count, or what holds already, need be judged again for it.
        is_news = scene.has_news and (bool(open_ones) or any(one.kind in BY_DEEDS for one in rule.conditions))
        if row.wakes_at is None or scene.known_until >= row.wakes_at or is_news:
            _judge(db, row, rule, open_ones, scene)
            open_ones = _open_firings(db, row, scene.known_until)
        wakes.append(row.wakes_at or scene.known_until)
        wakes += _tell(db, row, rule, open_ones, scene)
        db.add(row)
    return min(wakes, default=None)


def _judge(db: Session, row: HouseRuleRow, rule: HouseRule, open_ones: Sequence[HouseRuleFiring], scene: Scene) -> None:
    until = scene.known_until
    since = max(row.judged_until or until, until - _LONGEST_BACKLOG)
    earliest = min([since, *(one.window_end - _MILLISECOND for one in open_ones)])
    facts, around = _evidence(db, row, rule, earliest, scene)
    judged = judge(rule, scene.zone, facts, earliest, until, around)
    for one in judged:
        _keep(db, row, rule, one, open_ones, scene)
    fired = next((one.span for one in reversed(judged) if one.firing is not None), None)
    row.judged_until = until
    row.wakes_at = next_look(rule, scene.zone, facts, until, around, fired)


def _evidence(
    db: Session, row: HouseRuleRow, rule: HouseRule, since: datetime, scene: Scene
) -> tuple[list[Fact], Around]:
    first = next(spans(rule.window, scene.zone, since, scene.known_until), None)
    if first is None:
        return [], Around()
    begin = first.begin - (LOOK_BACK if rests_on_the_past(rule.conditions) else timedelta(hours=1))
    facts, unseen = (
        heard(db, scene.home_id, begin, scene.known_until),
        paused_in(db, scene.home_id, begin, scene.known_until),
    )
    unseen += [
        Unseen(room, _moment(since_s), None if end_s is None else _moment(end_s)) for room, since_s, end_s in row.unseen
    ]
    unseen += blind_spans(db, scene.home_id, begin, facts)
    return facts, Around(tuple(unseen), _visits(db, row, rule, begin, scene.known_until))


def _visits(db: Session, row: HouseRuleRow, rule: HouseRule, since: datetime, until: datetime) -> tuple[datetime, ...]:
    if all(one.kind is not ConditionKind.CARER_MISSING for one in rule.conditions):
        return ()
    return visits_of(db, row.resident_id, since, until + _DAY)


def heard(db: Session, home_id: int, since: datetime, until: datetime) -> list[Fact]:
    """Return what somebody did in a home in [since, until], as rules are told it: not while nobody should look."""
    paused = paused_in(db, home_id, since, until)
    shown = [
        one
        for one in facts_since(db, home_id, since, until + _MILLISECOND)
        if shows_activity(one.kind, one.value) and not any(_covers(span, one.observed_at) for span in paused)
    ]
    rooms = rooms_of(db, {one.sensor_id for one in shown}) if shown else {}
    return [Fact(one.observed_at, rooms[one.sensor_id], one.kind, one.value) for one in shown]


def visits_of(db: Session, resident_id: int, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return when the visits planned for a resident (by number) begin in [since, until)."""
    return tuple(visit.begins_at for visit in planned(db, resident_id, since, until))


def paused_in(db: Session, home_id: int, since: datetime, until: datetime) -> list[Unseen]:
    """Return when movement in a home is not looked at, for somebody paused it or is away."""
    held = held_in(db, [home_id], since, until).get(home_id, ())
    return [Unseen(None, one.span.begins_at, one.span.ends_at) for one in held if one.kind in UNWATCHED]


def _covers(span: Unseen, at: datetime) -> bool:
    return span.since <= at and (span.until is None or at < span.until)


def blind_spans(db: Session, home_id: int, since: datetime, facts: Iterable[Fact]) -> list[Unseen]:
    """Return when a gateway gave no sign of life, or heard nothing, and nothing of that time came later either."""
    rows = db.exec(
        select(AlertRow.observed_at, AlertRow.closed_at)
        .join(Resident, col(Resident.resident_id) == AlertRow.resident_id)
        .where(Resident.home_id == home_id, col(AlertRow.kind).in_(_BLINDING))
        .where(col(AlertRow.closed_at).is_(None) | (col(AlertRow.closed_at) > since))
    )
    moments = [fact.at for fact in facts]
    return [
        Unseen(None, begin, end)
        for begin, end in rows
        if not any(begin < at and (end is None or at < end) for at in moments)
    ]


def _note_sight(row: HouseRuleRow, rule: HouseRule, scene: Scene) -> None:
    """Remember when what the rule rests on cannot be seen, and when nobody listened."""
    until_s, kept = scene.known_until.timestamp(), []
    blind = {one.room for one in rule.conditions if not sees(one, scene.eyes)}
    for room, since_s, end_s in row.unseen:
        ended_s = until_s if end_s is None and room not in blind else end_s
        if ended_s is None or ended_s > until_s - 2 * _DAY.total_seconds():
            kept.append([room, since_s, ended_s])
    known = {room for room, _, end_s in kept if end_s is None}
    kept += [[room, until_s, None] for room in sorted(blind - known, key=str)]
    if scene.deaf is not None:
        kept.append([None, scene.deaf[0].timestamp(), scene.deaf[1].timestamp()])
    if kept != row.unseen:
        row.unseen, row.wakes_at = kept, None


def sees(condition: Condition, eyes: Sequence[Eye]) -> bool:
    """Return whether a sensor that is heard could see what a condition is about."""
    if sight(eyes).is_blind:
        return False
    if condition.kind in ASKS_DOOR | ASKS_NO_PLACE:
        doors = [eye for eye in eyes if SensorKind.DOOR in eye.kinds and _is_door(eye.room, condition.room)]
        return any(not eye.is_silent for eye in doors)
    there = [eye for eye in eyes if condition.room in {None, eye.room} and any(shows_activity(k, 1) for k in eye.kinds)]
    return any(not eye.is_silent for eye in there)


def _is_door(room: str, wanted: str | None) -> bool:
    return room == wanted if wanted is not None else cached_role(SensorKind.DOOR, room) is Role.OUTER_DOOR


def _open_firings(db: Session, row: HouseRuleRow, until: datetime) -> list[HouseRuleFiring]:
    wanted = select(HouseRuleFiring).where(
        HouseRuleFiring.house_rule_id == row.house_rule_id,
        col(HouseRuleFiring.ended_at).is_(None) | col(HouseRuleFiring.alert_id).is_(None),
        HouseRuleFiring.at > until - _DAY,
    )
    return list(db.exec(wanted.order_by(col(HouseRuleFiring.at))))


def _keep(
    db: Session, row: HouseRuleRow, rule: HouseRule, judged: Judged, open_ones: Sequence[HouseRuleFiring], scene: Scene
) -> None:
    there = next((one for one in open_ones if one.window_begin == judged.span.begin), None)
    if there is None:
        if judged.firing is not None and not _has_fired(db, row, judged.span):
            db.add(_firing(row, rule, judged.firing, scene))
            db.flush()
        return
    ended = _ended(judged.firing, scene.known_until) if judged.firing else scene.known_until
    if there.ended_at is None and ended is not None:
        there.ended_at = ended
        db.add(there)
        db.flush()
        if there.alert_id is not None and not any(one.alert_id and one.ended_at is None for one in open_ones):
            cease(db, db.get_one(Resident, row.resident_id), AlertKind.AGREED_RULE, scene.now, closes=False)


def _has_fired(db: Session, row: HouseRuleRow, span: Span) -> bool:
    wanted = select(HouseRuleFiring).where(HouseRuleFiring.house_rule_id == row.house_rule_id)
    return db.exec(wanted.where(HouseRuleFiring.window_begin == span.begin)).first() is not None


def _ended(firing: Firing, until: datetime) -> datetime | None:
    return firing.ended_at if firing.ended_at is not None and firing.ended_at <= until else None


def _firing(row: HouseRuleRow, rule: HouseRule, firing: Firing, scene: Scene) -> HouseRuleFiring:
    return HouseRuleFiring(
        house_rule_id=row.house_rule_id or 0,
        window_begin=firing.span.begin,
        window_end=firing.span.end,
        at=firing.at,
        ended_at=_ended(firing, scene.known_until),
        reasons=reasons_of(rule, firing),
    )


def reasons_of(rule: HouseRule, firing: Firing) -> list[dict[str, object]]:
    """Return why a rule held, in figures: one reason for each condition that did."""
    told: list[dict[str, object]] = []
    for place, truth in firing.because:
        one = rule.conditions[place]
        figures = {"room": one.room, "minutes": one.minutes, "times": one.times, "by": clock(rule.window.ends)}
        figures["from"] = clock(rule.window.begins)
        told.append(
            {"key": f"agreed_{one.kind}", **{k: v for k, v in figures.items() if v is not None}, **truth.figures}
        )
    return told


def _tell(
    db: Session, row: HouseRuleRow, rule: HouseRule, firings: Sequence[HouseRuleFiring], scene: Scene
) -> list[datetime]:
    """Alert people to what they were not told of and still lasts, or just happened; return when to try again."""
    untold = [one for one in firings if one.alert_id is None and _matters(one, scene)]
    if not untold:
        return []
    if row.muted_until is not None and row.muted_until > scene.now:
        return [row.muted_until]
    if not scene.is_present:
        return [scene.known_until]
    lasting = [one for one in firings if one in untold or (one.alert_id is not None and one.ended_at is None)]
    reasons = [
        Reason(str(r["key"]), {k: v for k, v in r.items() if k != "key"}) for one in lasting for r in one.reasons
    ]
    raised = Raised(
        kind=AlertKind.AGREED_RULE,
        observed_at=untold[0].at,
        received_at=None,
        room=next((one.room for one in rule.conditions if one.room), None),
        reasons=tuple(reasons),
    )
    alert = raise_alert(db, db.get_one(Resident, row.resident_id), raised, scene.now)
    for one in untold:
        one.alert_id = alert.alert_id
        db.add(one)
    return []


def _matters(firing: HouseRuleFiring, scene: Scene) -> bool:
    return firing.ended_at is None or scene.known_until - firing.at <= _JUST_NOW


# What held and is over already, as too many visits are at the window's end, is still told so long after it.
_JUST_NOW: Final = timedelta(minutes=15)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
