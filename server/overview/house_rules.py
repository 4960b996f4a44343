"""What people may do with a resident's agreed rules: one access decision, and the home is looked at anew after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from gateway.contract.observation import SensorKind
from models.activity import shows_activity
from models.presence import cached_role, is_between
from models.rooms import Role as RoomRole
from server.access.service import Viewer
from server.alerting.rules import AlertKind
from server.alerting.tables import AlertRow
from server.db.session import Database
from server.detection.due import make_due
from server.detection.facts import eyes_of
from server.house_rules.conditions import Around, ConditionKind, Unseen
from server.house_rules.drafts import Draft, Places, check
from server.house_rules.following import blind_spans, heard, paused_in, visits_of
from server.house_rules.rules import LOOK_BACK, HouseRule, Judged, judge
from server.house_rules.service import (
    RuleView,
    mute_rule,
    note_rehearsed,
    remove_rule,
    rule_named,
    rules_of,
    save_rule,
    switch_rule,
)
from server.house_rules.windows import moment_of
from server.overview.routine import CARERS
from server.overview.service import look_at
from server.residents.tables import Home, Resident
from server.sensitivity.mutings import MutingView, lift_muting, mute_kind, mutings_of

REHEARSED_DAYS: Final = 28
_NIGHT: Final = (22, 7)  # local hours: a night shift


@dataclass(frozen=True, slots=True)
class RulesView:
    """All that was agreed for a resident, and what is muted in the home."""

    resident_id: str
    name: str
    time_zone: str
    places: Places
    rules: tuple[RuleView, ...]
    mutings: tuple[MutingView, ...]


@dataclass(frozen=True, slots=True)
class RuleRehearsal:
    """What a rule would have brought in the `days` local days up to `until`. `windows`: every one, the oldest first."""

    rule: HouseRule
    days: int
    until: datetime
    windows: tuple[Judged, ...]
    at_night: int

    @property
    def fired(self) -> int:
        """How often somebody would have been told."""
        return sum(one.firing is not None for one in self.windows)

    @property
    def unknown(self) -> int:
        """How many windows were not seen whole."""
        return sum(one.is_unknown for one in self.windows)


def get_rules(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> RulesView:
    """Return what was agreed for a resident. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotAllowedError: this is for staff.
        NotFoundError: there is none of that name that this person may see.
    """
    resident, home = _of(db, viewer, resident_id, now)
    rules, muted = rules_of(db, resident, now), mutings_of(db, home.home_id or 0, now)
    places = _places(db, home)
    return RulesView(resident.code, resident.name, home.time_zone, places, tuple(rules), tuple(muted))


def keep_rule(
    db: Session, viewer: Viewer, resident_id: str, draft: Draft, now: datetime, code: str | None = None
) -> str:
    """Write a rule, or another version of one; return its name. Raises as `get_rules` and `save_rule`."""
    resident, home = _of(db, viewer, resident_id, now)
    make_due(db, [home.home_id or 0], now)
    return save_rule(db, viewer, resident, check(draft, _places(db, home)), draft.reason, now, code)


def switch(db: Session, viewer: Viewer, resident_id: str, code: str, now: datetime, *, on: bool) -> None:
    """Let a rule hold, or no longer. Raises as `get_rules` and `switch_rule`."""
    resident, home = _of(db, viewer, resident_id, now)
    make_due(db, [home.home_id or 0], now)
    switch_rule(db, viewer, rule_named(db, resident, code), now, on=on)


@dataclass(frozen=True, slots=True)
class Muting:
    """For how long nobody is told, and why; `until` None: tell again."""

    until: datetime | None
    why: str


def mute(db: Session, viewer: Viewer, resident_id: str, code: str, wanted: Muting, now: datetime) -> None:
    """Tell nobody of a rule for a time. Raises as `get_rules` and `mute_rule`."""
    resident, home = _of(db, viewer, resident_id, now)
    make_due(db, [home.home_id or 0], now)
    mute_rule(db, viewer, rule_named(db, resident, code), wanted.until, wanted.why, now)


def remove(db: Session, viewer: Viewer, resident_id: str, code: str, now: datetime) -> None:
    """Take a rule away. Raises as `get_rules` and `remove_rule`."""
    resident, _ = _of(db, viewer, resident_id, now)
    remove_rule(db, viewer, rule_named(db, resident, code), now)


def mute_a_kind(
    db: Session, viewer: Viewer, resident_id: str, kind: AlertKind, until: datetime, why: str, now: datetime
) -> None:
    """Tell nobody of a kind in a resident's home for a time. Raises as `get_rules` and `mute_kind`."""
    _, home = _of(db, viewer, resident_id, now)
    mute_kind(db, viewer, home.home_id or 0, kind, until, why, now)


def lift(db: Session, viewer: Viewer, resident_id: str, muting_id: int, now: datetime) -> None:
    """Tell of a kind again. Raises as `get_rules` and `lift_muting`."""
    _, home = _of(db, viewer, resident_id, now)
    make_due(db, [home.home_id or 0], now)
    lift_muting(db, viewer, home.home_id or 0, muting_id, now)


def rehearse_rule(
    database: Database, viewer: Viewer, resident_id: str, code: str, now: datetime, patience: timedelta
) -> RuleRehearsal:
    """Return what a rule would have brought in the last four weeks, by the same engine.

    From now on this version may be switched on. It takes up to a second: never call it on an event loop. Raises as
    `get_rules`.
    """
    with database.transaction() as db:
        resident, home = _of(db, viewer, resident_id, now)
        view = next((one for one in rules_of(db, resident, now) if one.id == code), None)
        row = rule_named(db, resident, code)
    # Nobody's alarm waits for what follows: the transaction is over.
    with database.reading() as db:
        found = _rehearsed(db, resident, home, view.rule, now - patience) if view else None
    with database.transaction() as db:
        again = rule_named(db, resident, code)
        if again.version == row.version:
            note_rehearsed(again)
    if found is None:
        raise LookupError("a rule that was found has no view")
    return found


def _rehearsed(db: Session, resident: Resident, home: Home, rule: HouseRule, until: datetime) -> RuleRehearsal:
    zone, home_id = ZoneInfo(home.time_zone), home.home_id or 0
    since = moment_of(until.astimezone(zone).date() - timedelta(days=REHEARSED_DAYS), 0, zone)
    facts = heard(db, home_id, since - LOOK_BACK, until)
    if not facts:
        return RuleRehearsal(rule, 0, until, (), 0)
    first = max(since, min(fact.at for fact in facts))
    asks_visits = any(one.kind is ConditionKind.CARER_MISSING for one in rule.conditions)
    around = Around(
        (
            *blind_spans(db, home_id, since, facts),
            *_silent_sensors(db, resident, since),
            *paused_in(db, home_id, since, until),
        ),
        visits_of(db, resident.resident_id or 0, since, until) if asks_visits else (),
    )
    windows = [one for one in judge(rule, zone, facts, first, until, around) if one.span.begin >= first]
    days = (until.astimezone(zone).date() - first.astimezone(zone).date()).days
    at_night = sum(one.firing is not None and is_between(one.firing.at, zone, *_NIGHT) for one in windows)
    return RuleRehearsal(rule, days, until, tuple(windows), at_night)


def _silent_sensors(db: Session, resident: Resident, since: datetime) -> list[Unseen]:
    rows = db.exec(
        select(AlertRow.room, AlertRow.observed_at, AlertRow.closed_at).where(
            AlertRow.resident_id == resident.resident_id, AlertRow.kind == AlertKind.SENSOR_SILENT
        )
    )
    return [Unseen(room, begin, end) for room, begin, end in rows if room and (end is None or end > since)]


def _places(db: Session, home: Home) -> Places:
    eyes = eyes_of(db, home.home_id or 0)
    doors = sorted({eye.room for eye in eyes if SensorKind.DOOR in eye.kinds})
    rooms: Sequence[str] = sorted({eye.room for eye in eyes if any(shows_activity(kind, 1) for kind in eye.kinds)})
    has_outer_door = any(cached_role(SensorKind.DOOR, room) is RoomRole.OUTER_DOOR for room in doors)
    return Places(tuple(rooms), tuple(doors), has_outer_door)


def _of(db: Session, viewer: Viewer, resident_id: str, now: datetime) -> tuple[Resident, Home]:
    viewer.may(*CARERS)
    return look_at(db, viewer, resident_id, now)
