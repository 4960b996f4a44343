"""When an agreed rule holds: each kind, windows over midnight and clock changes, and what is not known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.presence import Fact
from server.house_rules.conditions import Around, Condition, ConditionKind, Unseen
from server.house_rules.rules import Firing, HouseRule, Match, judge, next_look
from server.house_rules.windows import Span, Window, minutes_of, moment_of, next_begin, spans

OSLO = ZoneInfo("Europe/Oslo")
DAY0 = datetime(2025, 1, 15, tzinfo=OSLO)  # a Wednesday
MORNING = Window(6 * 60, 10 * 60)
DAYTIME = Window(8 * 60, 20 * 60)
NIGHT = Window(22 * 60, 6 * 60)
ALONE = Around()


def at(clock: str, day: int = 0) -> datetime:
    hours, minutes = clock.split(":")
    return (DAY0 + timedelta(days=day, hours=int(hours), minutes=int(minutes))).astimezone(UTC)


def moved(clock: str, room: str = "kitchen", day: int = 0) -> Fact:
    return Fact(at(clock, day), room, SensorKind.MOTION, 1.0)


def door(clock: str, value: float = 1.0, day: int = 0) -> Fact:
    return Fact(at(clock, day), "front_door", SensorKind.DOOR, value)


def agreed(kind: ConditionKind, window: Window = DAYTIME, **more: object) -> HouseRule:
    return HouseRule(window, (Condition(kind, **more),))  # type: ignore[arg-type]


def fired(
    rule: HouseRule, facts: list[Fact], until: datetime, around: Around = ALONE, since: datetime | None = None
) -> list[Firing]:
    judged = judge(rule, OSLO, facts, since or at("0:00"), until, around)
    return [one.firing for one in judged if one.firing is not None]


def moments(rule: HouseRule, facts: list[Fact], until: datetime, around: Around = ALONE) -> list[datetime]:
    return [one.at for one in fired(rule, facts, until, around)]


def test_no_movement_in_the_kitchen_by_ten_holds_at_ten_and_ends_when_somebody_comes() -> None:
    rule = agreed(ConditionKind.FIRST_BY, MORNING, room="kitchen")
    facts = [moved("5:50"), moved("7:00", "bedroom"), moved("10:20")]

    [found] = fired(rule, facts, at("11:00"))

    assert (found.at, found.ended_at) == (at("10:00"), at("10:20"))
    assert moments(rule, [moved("9:59")], at("11:00")) == []
    assert moments(rule, facts, at("9:59")) == []


def test_nobody_for_three_hours_counts_within_the_window_only() -> None:
    rule = agreed(ConditionKind.NONE_FOR, minutes=180)

    assert moments(rule, [moved("5:00")], at("23:00")) == [at("11:00")]
    assert moments(rule, [moved("10:00"), moved("13:00"), moved("15:59"), moved("18:00")], at("23:00")) == []
    assert moments(rule, [moved("10:00"), moved("13:01")], at("23:00")) == [at("13:00")]


def test_too_long_in_the_bathroom_ends_with_another_room() -> None:
    rule = agreed(ConditionKind.TOO_LONG_IN, NIGHT, room="bathroom", minutes=30)
    facts = [moved("23:00", "bathroom"), moved("23:20", "bathroom"), moved("23:40", "bedroom")]

    [found] = fired(rule, facts, at("6:30", 1))

    assert (found.at, found.ended_at) == (at("23:30"), at("23:40"))
    assert moments(rule, [moved("23:00", "bathroom"), moved("23:29", "bedroom")], at("6:30", 1)) == []
    begun_before = [moved("21:00", "bathroom")]
    assert moments(rule, begun_before, at("6:30", 1)) == [at("22:00")]


def test_more_than_three_visits_at_night_hold_with_the_fourth() -> None:
    rule = agreed(ConditionKind.TOO_MANY, NIGHT, room="bathroom", times=3)
    visits = [moved(clock, "bathroom") for clock in ("22:10", "22:12", "22:30", "23:00", "23:40")]

    assert moments(rule, visits, at("6:00", 1)) == [at("23:40")]
    assert moments(rule, visits[:-1], at("6:00", 1)) == []


def test_openings_of_a_door_are_counted_and_not_its_closings() -> None:
    rule = agreed(ConditionKind.TOO_MANY, room="front_door", times=1)

    assert moments(rule, [door("9:00"), door("9:01", 0.0)], at("20:00")) == []
    assert moments(rule, [door("9:00"), door("9:01", 0.0), door("9:05")], at("20:00")) == [at("9:05")]


def test_who_left_and_is_not_back_by_the_evening_is_told_of_once() -> None:
    rule = agreed(ConditionKind.NOT_BACK)
    left = [moved("7:00", "bedroom"), moved("7:58", "hallway"), door("7:59")]

    assert moments(rule, left, at("23:00")) == [at("20:00")]
    assert moments(rule, [*left, door("15:00"), moved("15:10")], at("23:00")) == []
    assert moments(rule, [moved("19:50"), door("19:55")], at("23:00")) == [], "hardly out of the door"


def test_a_carer_who_did_not_come_is_missed_after_the_agreed_patience() -> None:
    rule = agreed(ConditionKind.CARER_MISSING, minutes=45)
    visit = Around(visits=(at("9:00"),))

    assert moments(rule, [moved("9:10")], at("12:00"), visit) == [at("9:45")]
    assert moments(rule, [door("8:40")], at("12:00"), visit) == []
    assert moments(rule, [door("9:44")], at("12:00"), visit) == []
    assert moments(rule, [], at("12:00")) == []


def test_a_door_that_nobody_opened_holds_at_the_windows_end() -> None:
    rule = agreed(ConditionKind.DOOR_UNOPENED, MORNING, room="front_door")

    assert moments(rule, [door("9:00", 0.0)], at("11:00")) == [at("10:00")]
    assert moments(rule, [door("9:00")], at("11:00")) == []


def test_all_conditions_must_hold_at_once_and_of_any_the_first_is_enough() -> None:
    silent = Condition(ConditionKind.NONE_FOR, None, 60)
    many = Condition(ConditionKind.TOO_MANY, "front_door", None, 1)
    facts = [door("9:00"), door("10:30"), moved("12:00")]

    assert moments(HouseRule(DAYTIME, (silent, many), Match.ALL), facts, at("20:00")) == [at("11:30")]
    assert moments(HouseRule(DAYTIME, (silent, many), Match.ANY), facts, at("20:00")) == [at("10:00")]


def test_what_was_not_seen_makes_nothing_hold_and_is_said_to_be_unknown() -> None:
    gone = Around((Unseen(None, at("7:00"), at("8:00")),))
    rule = agreed(ConditionKind.FIRST_BY, MORNING)

    [judged] = judge(rule, OSLO, [], at("0:00"), at("11:00"), gone)

    assert (judged.firing, judged.is_unknown) == (None, True)
    silence = agreed(ConditionKind.NONE_FOR, MORNING, minutes=90)
    assert moments(silence, [], at("10:00"), gone) == [at("9:30")], "counted from when it is seen again"
    stay = agreed(ConditionKind.TOO_LONG_IN, MORNING, room="bathroom", minutes=60)
    assert moments(stay, [moved("6:50", "bathroom")], at("10:00"), gone) == []
    out = agreed(ConditionKind.NOT_BACK, MORNING)
    assert moments(out, [door("6:30")], at("11:00"), gone) == []


def test_a_rule_about_one_room_holds_while_another_cannot_be_seen() -> None:
    blind_bathroom = Around((Unseen("bathroom", at("5:00"), None),))

    assert moments(agreed(ConditionKind.FIRST_BY, MORNING, room="kitchen"), [], at("11:00"), blind_bathroom)
    assert not moments(agreed(ConditionKind.FIRST_BY, MORNING, room="bathroom"), [], at("11:00"), blind_bathroom)


def test_a_rule_holds_on_its_weekdays_only_and_a_night_is_of_the_day_it_begins_on() -> None:
    friday_night = HouseRule(Window(22 * 60, 6 * 60, frozenset({4})), (Condition(ConditionKind.FIRST_BY),))

    found = fired(friday_night, [], at("12:00", 14))

    assert [one.span.begin for one in found] == [at("22:00", 2), at("22:00", 9)]
    assert [one.at for one in found] == [at("6:00", 3), at("6:00", 10)]


@pytest.mark.parametrize(
    ("day", "window", "hours"),
    [
        (datetime(2025, 3, 29, tzinfo=OSLO), NIGHT, 7),  # the night that loses an hour
        (datetime(2025, 10, 25, tzinfo=OSLO), NIGHT, 9),  # the night that has one twice
        (datetime(2025, 3, 30, tzinfo=OSLO), Window(2 * 60 + 15, 2 * 60 + 45), 0.5),  # in the hour that is left out
        (datetime(2025, 10, 26, tzinfo=OSLO), Window(2 * 60 + 15, 2 * 60 + 45), 1.5),  # in the hour that comes twice
        (datetime(2025, 10, 26, tzinfo=OSLO), Window(0, 24 * 60), 25),
        (datetime(2025, 3, 30, tzinfo=OSLO), Window(0, 24 * 60), 23),
    ],
)
def test_both_clock_changes_keep_the_walls_clock(day: datetime, window: Window, hours: float) -> None:
    found = [
        one
        for one in spans(window, OSLO, day, day + timedelta(hours=3))
        if one.begin.astimezone(OSLO).date() == day.date()
    ]
    found += [
        one
        for one in spans(window, OSLO, day, day + timedelta(hours=23))
        if one not in found and one.begin.astimezone(OSLO).date() == day.date()
    ]

    assert [one.end - one.begin for one in found] == [timedelta(hours=hours)]


def test_the_next_window_is_found_whatever_the_day() -> None:
    mondays = Window(9 * 60, 10 * 60, frozenset({0}))

    assert next_begin(mondays, OSLO, at("12:00")) == at("9:00", 5)
    assert moment_of(DAY0.date(), 24 * 60, OSLO) == at("0:00", 1)


def test_clock_times_are_read_as_people_write_them_and_nothing_else_is() -> None:
    assert [minutes_of(text) for text in ("7:30", "07.30", "24:00", " 0:00 ")] == [450, 450, 1440, 0]
    assert [minutes_of(text) for text in ("", "7", "25:00", "07:60", "7:3", "24:01", "٧:30", "-1:00")] == [None] * 8


# --- live, step by step, is the same as one look at the whole ---

_ROOMS = ("kitchen", "bathroom", "bedroom")
_fact = st.builds(
    lambda minute, what: Fact(
        at("0:00") + timedelta(minutes=minute),
        *(("front_door", SensorKind.DOOR) if what >= len(_ROOMS) else (_ROOMS[what], SensorKind.MOTION)),
        float(what != len(_ROOMS)),
    ),
    st.integers(0, 4 * 1440),
    st.integers(0, len(_ROOMS) + 1),
)
_clock = st.integers(0, 95).map(lambda quarter: quarter * 15)
_window = st.builds(Window, _clock, _clock, st.frozensets(st.integers(0, 6), min_size=1)).filter(lambda w: w.minutes)
_condition = st.one_of(
    st.builds(Condition, st.just(ConditionKind.FIRST_BY), st.sampled_from([None, *_ROOMS])),
    st.builds(Condition, st.just(ConditionKind.NONE_FOR), st.sampled_from([None, *_ROOMS]), st.integers(10, 600)),
    st.builds(Condition, st.just(ConditionKind.TOO_LONG_IN), st.sampled_from(_ROOMS), st.integers(10, 600)),
    st.builds(
        Condition,
        st.just(ConditionKind.TOO_MANY),
        st.sampled_from([*_ROOMS, "front_door"]),
        st.none(),
        st.integers(0, 5),
    ),
    st.builds(Condition, st.just(ConditionKind.NOT_BACK)),
    st.builds(Condition, st.just(ConditionKind.DOOR_UNOPENED), st.just("front_door")),
    st.builds(Condition, st.just(ConditionKind.CARER_MISSING), st.none(), st.integers(10, 120)),
)
_rule = st.builds(HouseRule, _window, st.lists(_condition, min_size=1, max_size=3).map(tuple), st.sampled_from(Match))
_gap = st.tuples(st.integers(0, 4 * 1440), st.integers(1, 600), st.sampled_from([None, *_ROOMS])).map(
    lambda told: Unseen(
        told[2], at("0:00") + timedelta(minutes=told[0]), at("0:00") + timedelta(minutes=told[0] + told[1])
    )
)
_visits = st.lists(st.integers(0, 4 * 1440), max_size=6).map(
    lambda minutes: tuple(at("0:00") + timedelta(minutes=minute) for minute in sorted(minutes))
)


def _seen_by(gaps: list[Unseen], until: datetime) -> tuple[Unseen, ...]:
    """What was known of the gaps by then."""
    begun = [one for one in gaps if one.since < until]
    return tuple(Unseen(one.room, one.since, one.until if one.until and one.until <= until else None) for one in begun)


@given(
    _rule,
    st.lists(_fact, max_size=60),
    st.lists(st.integers(1, 4 * 1440), max_size=25),
    st.lists(_gap, max_size=2),
    _visits,
)
def test_judged_step_by_step_a_rule_holds_as_judged_in_one_go(
    rule: HouseRule, facts: list[Fact], steps: list[int], gaps: list[Unseen], visits: tuple[datetime, ...]
) -> None:
    """Restarted at each step, with facts in disorder and twice, and looked at only when it asked to be."""
    end = at("0:00", 4)
    whole = {one.span: one.at for one in fired(rule, facts, end, Around(tuple(gaps), visits))}

    live: dict[Span, datetime] = {}
    judged_until = wakes_at = at("0:00")
    for until in [*(at("0:00") + timedelta(minutes=step) for step in sorted(steps)), end]:
        known = [fact for fact in facts if fact.at <= until]
        counts = any(one.kind is ConditionKind.TOO_MANY for one in rule.conditions)
        if until < wakes_at and not counts:
            continue
        around = Around(_seen_by(gaps, until), visits)
        judged = judge(rule, OSLO, [*reversed(known), *known], judged_until, until, around)
        for one in judged:
            if one.firing is not None:
                live.setdefault(one.span, one.firing.at)
        last = next((one.span for one in reversed(judged) if one.firing is not None), None)
        judged_until, wakes_at = until, next_look(rule, OSLO, known, until, around, last)
        assert wakes_at > until

    assert live == whole


@given(_rule, st.lists(_fact, max_size=40), st.lists(_fact, max_size=10))
def test_what_comes_too_late_makes_no_window_hold_twice(rule: HouseRule, facts: list[Fact], late: list[Fact]) -> None:
    end = at("0:00", 4)

    before = fired(rule, facts, end)
    after = fired(rule, [*late, *facts], end)

    for found in (before, after):
        assert len({one.span for one in found}) == len(found)
        assert all(one.span.begin <= one.at <= one.span.end for one in found)
        assert all(one.ended_at is None or one.ended_at >= one.at for one in found)
