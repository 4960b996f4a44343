"""Reads what somebody typed as a rule, and says beside which field what is wrong. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from server.house_rules.conditions import Condition, ConditionKind
from server.house_rules.rules import HouseRule, Match
from server.house_rules.windows import EVERY_DAY, Window, clock, minutes_of

MOST_CONDITIONS: Final = 3
LONGEST_REASON: Final = 300
_MOST_TIMES: Final = 100

ASKS_MINUTES: Final = frozenset({ConditionKind.NONE_FOR, ConditionKind.TOO_LONG_IN, ConditionKind.CARER_MISSING})
ASKS_TIMES: Final = frozenset({ConditionKind.TOO_MANY})
NEEDS_ROOM: Final = frozenset({ConditionKind.TOO_LONG_IN, ConditionKind.TOO_MANY})
ASKS_DOOR: Final = frozenset({ConditionKind.DOOR_UNOPENED, ConditionKind.CARER_MISSING})
ASKS_NO_PLACE: Final = frozenset({ConditionKind.NOT_BACK})


class Wrong(StrEnum):
    """What is wrong with one field."""

    NOT_A_TIME = "not_a_time"
    EMPTY_WINDOW = "empty_window"
    NO_DAYS = "no_days"
    NO_CONDITION = "no_condition"
    NO_SUCH_KIND = "no_such_kind"
    NO_SUCH_ROOM = "no_such_room"
    NO_SUCH_DOOR = "no_such_door"
    NO_OUTER_DOOR = "no_outer_door"
    NOT_MINUTES = "not_minutes"
    LONGER_THAN_WINDOW = "longer_than_window"
    NOT_TIMES = "not_times"
    NO_REASON = "no_reason"
    REASON_TOO_LONG = "reason_too_long"


@dataclass(frozen=True, slots=True)
class Places:
    """What a home has: rooms in which somebody is noticed, doors that tell, and whether one of them leads out."""

    rooms: tuple[str, ...]
    doors: tuple[str, ...]
    has_outer_door: bool


@dataclass(frozen=True, slots=True)
class ConditionDraft:
    """One condition as it was typed."""

    kind: str = ""
    room: str = ""
    minutes: str = ""
    times: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as it was typed. `days`: Monday "0" to Sunday "6"."""

    begins: str = ""
    ends: str = ""
    days: tuple[str, ...] = ()
    match: str = Match.ALL
    conditions: tuple[ConditionDraft, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that was read. `rule` is there when nothing is `wrong`; `wrong` is by field: conditions.0.room."""

    rule: HouseRule | None
    wrong: Mapping[str, Wrong] = field(default_factory=dict)


def check(draft: Draft, places: Places) -> Checked:
    """Read a draft for a home."""
    wrong: dict[str, Wrong] = {}
    window = _window(draft, wrong)
    if not draft.reason.strip():
        wrong["reason"] = Wrong.NO_REASON
    elif len(draft.reason) > LONGEST_REASON:
        wrong["reason"] = Wrong.REASON_TOO_LONG
    if not 1 <= len(draft.conditions) <= MOST_CONDITIONS:
        wrong["conditions"] = Wrong.NO_CONDITION
    read = [_condition(one, place, window, places, wrong) for place, one in enumerate(draft.conditions)]
    conditions = tuple(one for one in read if one is not None)
    if wrong or window is None:
        return Checked(None, wrong)
    return Checked(HouseRule(window, conditions, Match.ANY if draft.match == Match.ANY else Match.ALL))


def _window(draft: Draft, wrong: dict[str, Wrong]) -> Window | None:
    begins, ends = minutes_of(draft.begins), minutes_of(draft.ends)
    days = frozenset(int(day) for day in draft.days if day in set("0123456"))
    for name, value in (("begins", begins), ("ends", ends)):
        if value is None:
            wrong[name] = Wrong.NOT_A_TIME
    if not days:
        wrong["days"] = Wrong.NO_DAYS
    if begins is None or ends is None:
        return None
    window = Window(begins % (24 * 60), ends, days or EVERY_DAY)
    if not window.minutes:
        wrong["ends"] = Wrong.EMPTY_WINDOW
        return None
    return window


def _condition(
    draft: ConditionDraft, place: int, window: Window | None, places: Places, wrong: dict[str, Wrong]
) -> Condition | None:
    at = f"conditions.{place}"
    if draft.kind not in set(ConditionKind):
        wrong[f"{at}.kind"] = Wrong.NO_SUCH_KIND
        return None
    kind = ConditionKind(draft.kind)
    room = _room(kind, draft.room, places, at, wrong)
    minutes = _number(draft.minutes) if kind in ASKS_MINUTES else None
    times = _number(draft.times, least=0) if kind in ASKS_TIMES else None
    if kind in ASKS_MINUTES and minutes is None:
        wrong[f"{at}.minutes"] = Wrong.NOT_MINUTES
    elif minutes is not None and window is not None and minutes > window.minutes:
        wrong[f"{at}.minutes"] = Wrong.LONGER_THAN_WINDOW
    if kind in ASKS_TIMES and (times is None or times > _MOST_TIMES):
        wrong[f"{at}.times"] = Wrong.NOT_TIMES
    return Condition(kind, room, minutes, times)


def _room(kind: ConditionKind, typed: str, places: Places, at: str, wrong: dict[str, Wrong]) -> str | None:
    room = typed.strip() or None
    if kind in ASKS_NO_PLACE or (kind in ASKS_DOOR and room is None):
        if not places.has_outer_door:
            wrong[f"{at}.kind"] = Wrong.NO_OUTER_DOOR
        return None
    known = places.doors if kind in ASKS_DOOR else places.rooms
    if room not in known and (room is not None or kind in NEEDS_ROOM):
        wrong[f"{at}.room"] = Wrong.NO_SUCH_DOOR if kind in ASKS_DOOR else Wrong.NO_SUCH_ROOM
    return room


def _number(typed: str, least: int = 1) -> int | None:
    text = typed.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None  # noqa: PLR2004 - a week has 5
    return number if number is not None and number >= least else None


def as_json(rule: HouseRule) -> dict[str, Any]:
    """Return a rule as it is stored."""
    return {
        "begins": rule.window.begins,
        "ends": rule.window.ends,
        "days": sorted(rule.window.days),
        "match": str(rule.match),
        "conditions": [
            {"kind": str(one.kind), "room": one.room, "minutes": one.minutes, "times": one.times}
            for one in rule.conditions
        ],
    }


def from_json(stored: Mapping[str, Any]) -> HouseRule:
    """Read what `as_json` wrote."""
    return HouseRule(
        Window(stored["begins"], stored["ends"], frozenset(stored["days"])),
        tuple(
            Condition(ConditionKind(one["kind"]), one["room"], one["minutes"], one["times"])
            for one in stored["conditions"]
        ),
        Match(stored["match"]),
    )


def draft_of(rule: HouseRule, reason: str) -> Draft:
    """Return a rule as a form shows it."""
    conditions = tuple(
        ConditionDraft(str(one.kind), one.room or "", _text(one.minutes), _text(one.times)) for one in rule.conditions
    )
    days: Sequence[str] = [str(day) for day in sorted(rule.window.days)]
    return Draft(clock(rule.window.begins), clock(rule.window.ends), tuple(days), rule.match, conditions, reason)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
