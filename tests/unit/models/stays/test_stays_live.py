"""What lasts too long: told once, as of its moment, however the time is cut up, and over when it is over."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.finding import Finding, FindingKind
from models.presence import Fact
from models.sight import Sight
from models.stays.live import Ended, Outcome, advance, look
from models.stays.routine import Limits, StayRoutine
from models.stays.state import StayState, step
from models.stays.tail import Tail
from models.stays.view import Circumstances

_OSLO = ZoneInfo("Europe/Oslo")
_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_NIGHT = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_DEFAULT = StayRoutine(days=21).limits()  # of which it is as usual in other homes
_BLIND = Circumstances(Sight(is_blind=True, unseen_rooms=("hallway",)))


def motion(at: datetime, room: str) -> Fact:
    return Fact(at, room, SensorKind.MOTION, 1.0)


def door(at: datetime, value: float, room: str = "front_door") -> Fact:
    return Fact(at, room, SensorKind.DOOR, value)


def bed(at: datetime, value: float) -> Fact:
    return Fact(at, "bedroom", SensorKind.BED, value)


def warm(at: datetime, celsius: float, room: str = "lounge") -> Fact:
    return Fact(at, room, SensorKind.TEMPERATURE, celsius)


def passed(
    facts: Sequence[Fact], until: datetime, limits: Limits = _DEFAULT, around: Circumstances | None = None
) -> Outcome:
    return advance(StayState(), limits, _OSLO, facts, until, around or Circumstances())


def kinds(outcome: Outcome) -> list[FindingKind]:
    return [one.kind for one in outcome.opened]


IN_BATHROOM = [motion(_NOON, "hallway"), motion(_NOON + _MINUTE, "bathroom"), motion(_NOON + 4 * _MINUTE, "bathroom")]
LEFT_BED = [bed(_NIGHT - 2 * _HOUR, 1.0), bed(_NIGHT, 0.0), motion(_NIGHT + _MINUTE, "hallway")]
WENT_OUT = [motion(_NOON, "hallway"), door(_NOON + _MINUTE, 1.0), door(_NOON + 2 * _MINUTE, 0.0)]
DOOR_LEFT = [door(_NOON - _HOUR, 1.0), door(_NOON - 59 * _MINUTE, 0.0), door(_NOON, 1.0), motion(_NOON, "lounge")]
COLD = [warm(_NOON + n * 15 * _MINUTE, 15.0 - n / 10) for n in range(20)]
FEVER = [Fact(_NOON, "bedroom", SensorKind.BODY_TEMPERATURE, 39.4)]
STORIES = {
    FindingKind.LONG_IN_BATHROOM: (IN_BATHROOM, _NOON + _MINUTE),
    FindingKind.OUT_OF_BED: (LEFT_BED, _NIGHT),
    FindingKind.NOT_RETURNED: (WENT_OUT, _NOON + 2 * _MINUTE),
    FindingKind.DOOR_OPEN: (DOOR_LEFT, _NOON),
    FindingKind.VITALS: (FEVER, _NOON),
}
OVER = {
    FindingKind.LONG_IN_BATHROOM: motion(_NOON + _DAY, "hallway"),
    FindingKind.OUT_OF_BED: bed(_NIGHT + 5 * _HOUR, 1.0),
    FindingKind.NOT_RETURNED: motion(_NOON + _DAY, "hallway"),
    FindingKind.DOOR_OPEN: door(_NOON + _DAY, 0.0),
    FindingKind.VITALS: Fact(_NOON + _DAY, "bedroom", SensorKind.BODY_TEMPERATURE, 37.0),
    FindingKind.COLD_HOME: warm(_NOON + _DAY, 19.0),
}


@pytest.mark.parametrize("kind", STORIES)
def test_it_is_found_at_its_moment_and_not_before_and_once(kind: FindingKind) -> None:
    story, began = STORIES[kind]
    before = passed(story, story[-1].at + _MINUTE)
    due = before.next_due
    assert due is not None

    early = look(before.state, _DEFAULT, _OSLO, due - timedelta(seconds=1))
    found = look(before.state, _DEFAULT, _OSLO, due)

    assert before.opened == early.opened == ()
    assert kinds(found) == [kind]
    assert (found.opened[0].started_at, found.opened[0].noticed_at) == (began, due)
    assert look(found.state, _DEFAULT, _OSLO, due + 2 * _HOUR).opened == ()


@pytest.mark.parametrize("kind", OVER)
def test_it_is_over_with_what_ends_it(kind: FindingKind) -> None:
    story = COLD if kind is FindingKind.COLD_HOME else STORIES[kind][0]
    found = passed(story, OVER[kind].at - _MINUTE)
    over = advance(found.state, _DEFAULT, _OSLO, [OVER[kind]], OVER[kind].at)

    subjects = [one.subject for one in found.opened if one.kind is kind]
    assert [Ended(kind, subject, OVER[kind].at) for subject in subjects] == [
        one for one in over.ended if one.kind is kind
    ]
    assert subjects
    assert not over.state.open


def test_the_reason_says_how_long_and_what_is_usual_and_when_somebody_was_last_noticed() -> None:
    found = passed(IN_BATHROOM, _NOON + 5 * _HOUR).opened[0]

    figures = found.reasons[0].figures
    assert found.reasons[0].key == "in_bathroom_for"
    assert figures["minutes"] == (found.noticed_at - found.started_at) // _MINUTE > figures["usual_minutes"] == 15
    assert datetime.fromisoformat(figures["last_seen_at"]) == IN_BATHROOM[-1].at
    assert figures["learned_days"] == found.learned_days == 21


def test_any_sign_of_life_elsewhere_ends_a_stay_for_it_may_be_hers() -> None:
    assert passed([*IN_BATHROOM, motion(_NOON + 30 * _MINUTE, "kitchen")], _NOON + 9 * _HOUR).opened == ()


def test_whoever_is_up_and_about_is_left_more_time_out_of_bed_but_not_all_night() -> None:
    about = [motion(_NIGHT + n * _MINUTE, ("kitchen", "lounge")[n % 2]) for n in range(2, 70)]
    quiet = passed(LEFT_BED, _NIGHT + 3 * _HOUR).opened[0]
    busy = passed([*LEFT_BED, *about], _NIGHT + 3 * _HOUR).opened[0]

    assert busy.noticed_at == about[-1].at + 10 * _MINUTE > quiet.noticed_at


def test_rising_in_the_morning_is_no_empty_bed_at_night() -> None:
    morning = [bed(_NIGHT, 1.0), bed(_NIGHT + 3 * _HOUR + 50 * _MINUTE, 0.0)]  # 05:20 there

    assert FindingKind.OUT_OF_BED not in kinds(passed(morning, _NIGHT + 10 * _HOUR))


def test_a_short_sit_on_the_bed_in_the_evening_is_no_lying() -> None:
    sat = [bed(_NIGHT - 5 * _MINUTE, 1.0), bed(_NIGHT, 0.0)]

    assert passed(sat, _NIGHT + 4 * _HOUR).opened == ()


def test_a_planned_absence_is_not_missed_before_it_ends() -> None:
    back = _NOON + 3 * _DAY
    planned = Circumstances(away_until=back)

    assert passed(WENT_OUT, back - _MINUTE, around=planned).opened == ()
    assert passed(WENT_OUT, back - _MINUTE, around=planned).next_due == back
    assert kinds(passed(WENT_OUT, back, around=planned)) == [FindingKind.NOT_RETURNED]


def test_a_door_that_never_told_of_a_closing_is_not_said_to_stand_open() -> None:
    assert FindingKind.DOOR_OPEN not in kinds(passed([door(_NOON, 1.0)], _NOON + 3 * _HOUR))


def test_a_door_that_tells_again_that_it_is_open_was_open_before() -> None:
    again = [*DOOR_LEFT, door(_NOON + 9 * _MINUTE, 1.0)]

    assert passed(again, _NOON + 3 * _HOUR).opened[0].started_at == _NOON


def test_each_door_that_stands_open_is_told_by_its_name() -> None:
    fridge = [door(one.at + _MINUTE, one.value, "fridge_door") for one in DOOR_LEFT if one.kind is SensorKind.DOOR]
    both = passed(sorted([*DOOR_LEFT, *fridge]), _NOON + 2 * _HOUR)

    assert sorted(one.subject for one in both.opened) == ["fridge_door", "front_door"]


def test_a_home_is_cold_once_it_was_so_for_three_hours() -> None:
    assert passed(COLD[:12], COLD[11].at).opened == ()
    found = passed(COLD, COLD[-1].at).opened
    assert [one.kind for one in found] == [FindingKind.COLD_HOME]
    assert found[0].noticed_at - found[0].started_at >= 3 * _HOUR


@pytest.mark.parametrize("room", ["kitchen", "bathroom"])
def test_a_thermometer_by_a_cold_window_is_no_cold_home(room: str) -> None:
    other = [warm(one.at, 20.0, room) for one in COLD]

    assert passed(sorted([*COLD, *other]), COLD[-1].at).opened == ()


@pytest.mark.parametrize("room", ["bedroom", "hallway", "balcony"])
def test_a_cold_room_nobody_sits_in_is_no_cold_home(room: str) -> None:
    assert passed([warm(one.at, one.value, room) for one in COLD], COLD[-1].at).opened == ()


def test_a_temperature_that_falls_for_an_hour_while_somebody_airs_is_no_cold_home() -> None:
    aired = [warm(_NOON + n * 10 * _MINUTE, 12.0 if 20 <= n < 26 else 20.0) for n in range(60)]

    assert passed(aired, aired[-1].at).opened == ()


@pytest.mark.parametrize("kind", [kind for kind in STORIES if kind is not FindingKind.VITALS])
def test_in_a_home_that_cannot_be_seen_nothing_is_found_and_time_counts_from_when_it_can(kind: FindingKind) -> None:
    story, _ = STORIES[kind]
    before = passed(story, story[-1].at)
    assert before.next_due is not None
    lasts = before.next_due - STORIES[kind][1]
    blind = look(before.state, _DEFAULT, _OSLO, story[-1].at + _MINUTE, _BLIND)
    still = look(blind.state, _DEFAULT, _OSLO, story[-1].at + _HOUR, _BLIND)
    sees = look(still.state, _DEFAULT, _OSLO, story[-1].at + 61 * _MINUTE)

    assert blind.opened == still.opened == sees.opened == ()
    assert blind.next_due is None
    assert sees.next_due == story[-1].at + 61 * _MINUTE + lasts


def test_what_was_told_stays_told_while_the_home_cannot_be_seen() -> None:
    found = passed(IN_BATHROOM, _NOON + 5 * _HOUR)
    blind = look(found.state, _DEFAULT, _OSLO, _NOON + 6 * _HOUR, _BLIND)

    assert blind.ended == ()
    assert blind.state.open == found.state.open


def test_no_stay_is_told_of_a_room_that_cannot_be_seen() -> None:
    dark = Circumstances(Sight(unseen_rooms=("bathroom",)))

    assert passed(IN_BATHROOM, _NOON + 9 * _HOUR, around=dark).opened == ()


def test_where_the_way_out_may_be_unseen_a_stay_is_given_twice_the_time() -> None:
    dark = Circumstances(Sight(unseen_rooms=("hallway",)))
    usual, doubled = (passed(IN_BATHROOM, _NOON, around=one).next_due for one in (Circumstances(), dark))

    assert usual is not None
    assert doubled is not None
    assert doubled - IN_BATHROOM[1].at == 2 * (usual - IN_BATHROOM[1].at)


def test_a_kind_that_is_given_no_rate_is_never_told() -> None:
    nothing = StayRoutine(days=21).limits({})

    for kind in set(STORIES) - {FindingKind.VITALS}:
        assert passed(STORIES[kind][0], _NOON + 3 * _DAY, nothing).opened == ()
    assert passed(COLD, COLD[-1].at, nothing).opened == ()


def test_a_fever_is_told_whatever_people_wish_not_to_hear_of() -> None:
    assert kinds(passed(FEVER, _NOON + _HOUR, StayRoutine(days=21).limits({}))) == [FindingKind.VITALS]


def test_in_a_home_that_is_hardly_known_half_a_day_of_silence_is_told() -> None:
    young = StayRoutine.default().limits()
    silent = passed([motion(_NOON, "lounge")], _NOON + 12 * _HOUR, young)

    assert kinds(silent) == [FindingKind.INACTIVITY]
    assert datetime.fromisoformat(silent.opened[0].reasons[0].figures["last_seen_at"]) == _NOON
    assert advance(silent.state, young, _OSLO, [motion(_NOON + _DAY, "lounge")], _NOON + _DAY).ended


def test_whatever_a_home_is_used_to_sixteen_hours_of_silence_are_told() -> None:
    assert passed([motion(_NOON, "lounge")], _NOON + 15 * _HOUR).opened == ()
    assert kinds(passed([motion(_NOON, "lounge")], _NOON + 16 * _HOUR)) == [FindingKind.INACTIVITY]


_SOURCES = [
    *((room, SensorKind.MOTION, (0.0, 1.0)) for room in ("hallway", "bathroom", "lounge", "bedroom")),
    *((room, SensorKind.DOOR, (0.0, 1.0)) for room in ("front_door", "fridge_door")),
    ("bedroom", SensorKind.BED, (0.0, 1.0)),
    ("lounge", SensorKind.TEMPERATURE, (12.0, 20.0)),
    ("bedroom", SensorKind.SYSTOLIC, (85.0, 130.0)),
    ("bathroom", SensorKind.WEIGHT, (70.0, 74.0)),
]
_SHORT = StayRoutine(
    9, (Tail(100, 600, 9, 9), Tail(20, 600, 9, 9), Tail(20, 600, 9, 9)), Tail(9, 300, 9, 9), Tail(9, 3600, 9, 9)
).limits()


def facts_from(begin: datetime) -> st.SearchStrategy[list[Fact]]:
    def one(minutes: int, source: tuple[str, SensorKind, tuple[float, float]], which: int) -> Fact:
        return Fact(begin + minutes * _MINUTE, source[0], source[1], source[2][which])

    fact = st.builds(one, st.integers(0, 36 * 60), st.sampled_from(_SOURCES), st.integers(0, 1))
    unique = st.lists(fact, max_size=50, unique_by=lambda each: each.at)
    return unique.map(sorted)


# Over both clock changes of 2026: 02:00 to 03:00 on 29 March is not, on 25 October it is twice.
moments = st.sampled_from([datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 10, 24, 18, tzinfo=UTC), _NOON])
histories = moments.flatmap(facts_from)


def in_pieces(facts: Sequence[Fact], until: datetime, every: timedelta, *, stored: bool) -> Outcome:
    """Let the same pass, looking again and again, each time from what was stored."""
    state, opened, ended = StayState(), list[Finding](), list[Ended]()
    begin = min((one.at for one in facts), default=until) - _MINUTE
    cuts = [begin + n * every for n in range(int((until - begin) / every) + 1)] + [until]
    due = None
    for last, now in pairwise(cuts):
        outcome = advance(state, _SHORT, _OSLO, [one for one in facts if last < one.at <= now], now)
        state, due = outcome.state, outcome.next_due
        if stored:
            state = StayState.from_json(json.loads(json.dumps(state.as_json())))
        opened += outcome.opened
        ended += outcome.ended
    return Outcome(state, tuple(opened), tuple(ended), due)


@given(facts=histories, every=st.sampled_from([7 * _MINUTE, _HOUR, 5 * _HOUR]))
def test_in_one_go_and_in_pieces_and_after_restarts_it_is_the_same(facts: list[Fact], every: timedelta) -> None:
    until = max((one.at for one in facts), default=_NOON) + 12 * _HOUR

    whole = passed(facts, until, _SHORT)

    assert in_pieces(facts, until, every, stored=True) == whole


@given(facts=histories)
def test_what_is_told_twice_changes_nothing(facts: list[Fact]) -> None:
    until = max((one.at for one in facts), default=_NOON) + 12 * _HOUR

    assert passed([fact for one in facts for fact in (one, one)], until, _SHORT) == passed(facts, until, _SHORT)


@given(facts=histories, many=st.integers(0, 50))
def test_what_comes_again_late_changes_nothing(facts: list[Fact], many: int) -> None:
    state = StayState()
    for fact in facts:
        state = step(state, fact)
    for fact in facts[:many]:
        assert step(state, fact) == state


@given(facts=histories)
def test_a_look_finds_only_what_was_due_when_it_was_due(facts: list[Fact]) -> None:
    until = max((one.at for one in facts), default=_NOON) + 12 * _HOUR
    outcome = passed(facts, until, _SHORT)

    # In UTC: two moments of one zone are compared by the clock on the wall.
    spans = [(one.started_at.astimezone(UTC), one.noticed_at.astimezone(UTC)) for one in outcome.opened]
    assert all(started <= noticed <= until for started, noticed in spans)
    if outcome.next_due is not None:
        assert outcome.next_due > until
        assert look(outcome.state, _SHORT, _OSLO, outcome.next_due - timedelta(microseconds=1)).opened == ()
        assert look(outcome.state, _SHORT, _OSLO, outcome.next_due).opened


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 28, 22, tzinfo=UTC), 4.5), (datetime(2026, 10, 24, 21, tzinfo=UTC), 6.5)]
)
def test_the_night_ends_by_the_clock_on_the_wall(day: datetime, hours: float) -> None:
    # 23:00 there; till 05:30 the bed may be missed, which is an hour less in spring, and an hour more in autumn.
    begins = day.astimezone(_OSLO).replace(hour=23).astimezone(UTC)
    ends = begins + timedelta(hours=hours + 1)
    limit = timedelta(seconds=_SHORT.bed)
    lay = bed(begins - 2 * _HOUR, 1.0)

    late = passed([lay, bed(ends - limit - _MINUTE, 0.0)], ends + _HOUR, _SHORT)
    too_late = passed([lay, bed(ends - limit + _MINUTE, 0.0)], ends + _HOUR, _SHORT)

    assert kinds(late) == [FindingKind.OUT_OF_BED]
    assert too_late.opened == ()


def test_what_is_not_a_state_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="not the state of stays"):
        StayState.from_json({"presence": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], "doors": 4})
    assert StayState.from_json({}) == StayState()


def test_at_night_nobody_is_held_to_be_in_the_bathroom_who_may_be_back_in_a_bed_that_cannot_be_seen() -> None:
    dark = Circumstances(Sight(unseen_rooms=("bedroom",)))
    night = [motion(one.at + (_NIGHT - _NOON), one.room) for one in IN_BATHROOM]

    assert kinds(passed(night, _NIGHT + 5 * _HOUR)) == [FindingKind.LONG_IN_BATHROOM]
    assert passed(night, _NIGHT + 5 * _HOUR, around=dark).opened == ()
    assert kinds(passed(IN_BATHROOM, _NOON + 5 * _HOUR, around=dark)) == [FindingKind.LONG_IN_BATHROOM]
