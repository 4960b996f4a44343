"""A home that is followed live, looked at whenever and restarted at will, is told what a look back tells."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.calibration import Diary, limits
from models.finding import Finding
from models.follow import Ended, Opened
from models.guard import learnable_days
from models.hearing import minutes_of
from models.minutes import TICK_S
from models.nights import Settings, nights, spans
from models.past import local_ticks
from models.prior import shipped
from models.rhythm import Look, Noticed, RhythmState, look, p_value, step
from models.rooms import Role, role_of
from models.routine import LEARN_FROM_DAYS, Limit, Routine, grown, learn
from models.series import Series
from models.store import of_many_homes
from models.technical.findings import Suspect
from models.trace import Channel, Trace
from tests.unit.models.evaluation.lives import FIRST, life

OSLO = ZoneInfo("Europe/Oslo")
DAYS, LEARN_DAYS, BUDGET = 30, 20, 30.0
# So many days before a clock change that it falls among those that are watched.
SPRING, AUTUMN = (datetime(2026, month, day, tzinfo=OSLO) for month, day in ((3, 4), (9, 30)))
Told = tuple[str, str, int, float | None]


def life_from(begin: datetime) -> Trace:
    """Return a simple life from then on, with a day in which nobody was heard and a restless night."""
    lived = life(days=DAYS, seed=3)
    moved = replace(lived, at=lived.at + (int(begin.timestamp()) - FIRST))
    day = (moved.at - moved.at[0]) // 86_400
    calm = moved.kept((day != LEARN_DAYS + 3) & ((day < LEARN_DAYS) | (np.arange(day.size) % 7 > 0)))
    up = int(begin.timestamp()) + (LEARN_DAYS + 6) * 86_400 + 2 * 3600 + np.arange(0, 5400, 60)
    numbers = np.resize([4, 5, 2], up.size)
    return Trace.of("a", np.append(calm.at, up), np.append(calm.channel, numbers),
                    np.ones(calm.at.size + up.size), calm.channels)  # fmt: skip


@dataclass
class Life:
    """A trace, and its facts as they come one by one."""

    trace: Trace

    def facts(self) -> Iterator[tuple[datetime, Role]]:
        for at, number in zip(self.trace.at.tolist(), self.trace.channel.tolist(), strict=True):
            channel = self.trace.channels[number]
            if channel.kind is not SensorKind.TEMPERATURE:
                yield datetime.fromtimestamp(at, UTC), role_of(channel.kind, channel.room)

    def looked_back(self) -> tuple[list[Told], Diary]:
        told: list[Told] = []
        diary = Diary()
        for night, events in nights(self.trace, Settings(OSLO, LEARN_DAYS, BUDGET), shipped()):
            diary = night.diary
            for event in events:
                if isinstance(event, Opened):
                    told.append(("opened", event.concern, event.raised + 1, p_value(event, shipped())))
                elif isinstance(event, Ended):
                    told.append(("ended", event.concern, event.at + 1, None))
        return told, diary

    def followed(self, seed: int) -> tuple[list[Told], Diary]:
        """Live through it fact by fact, with looks at any time, each from a state that was stored."""
        rng, facts = np.random.default_rng(seed), list(self.facts())
        minutes = minutes_of(self.trace)
        series, local = Series(minutes), local_ticks(minutes.first_tick, minutes.end_tick, OSLO)
        begins = int(local.day[0]) + LEARN_DAYS
        state, diary, noticed, number = RhythmState.begun(facts[0][0]), Diary(), list[Noticed](), 0
        for _, end, day in spans(local):
            own = learn(series, local, learnable_days(series, local, day, 2 * LEARN_FROM_DAYS)[-LEARN_FROM_DAYS:])
            budget = BUDGET * diary.correction(BUDGET, day, begins)
            limit = limits(shipped(), diary, day, budget) if day >= begins else {}
            routine = None if own is None else replace(grown(own, of_many_homes()), limits=limit)
            until = moment(minutes.first_tick + end)
            while number < len(facts) and facts[number][0] < until:
                at, role = facts[number]
                state = step(step(state, at, role), at, role)
                number += 1
                if routine and rng.random() < 0.03:
                    looked = self._look(state, routine, at, noticed)
                    state = looked.state
            if routine is None:
                state = replace(state, judged_until=int(until.timestamp()) // TICK_S)
                continue
            state = self._look(state, routine, until, noticed).state
            for name, score in state.highest.get(day, {}).items():
                diary = diary.noted(name, day, score)
            diary = diary.with_raised(day, state.raised.get(day, 0))
        return [told(one) for one in noticed], diary

    def _look(self, state: RhythmState, routine: Routine, at: datetime, noticed: list[Noticed]) -> Look:
        looked = look(stored(state), routine, shipped(), OSLO, at)
        noticed += looked.noticed
        again = look(looked.state, routine, shipped(), OSLO, at)
        assert again.noticed == ()
        assert again.state is looked.state
        return looked


def told(one: Noticed) -> Told:
    if isinstance(one, Finding):
        return "opened", one.kind.value, int(one.noticed_at.timestamp()) // TICK_S, one.p_value
    return "ended", one.kind.value, int(one.at.timestamp()) // TICK_S, None


def stored(state: RhythmState) -> RhythmState:
    return RhythmState.from_json(json.loads(json.dumps(state.as_json())))


def moment(tick: int) -> datetime:
    return datetime.fromtimestamp(tick * TICK_S, UTC)


@pytest.mark.parametrize("begin", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_followed_live_through_a_clock_change_a_home_is_told_what_a_look_back_tells(begin: datetime) -> None:
    home = Life(life_from(begin))
    back, diary = home.looked_back()
    live, own_diary = home.followed(seed=1)
    assert [one[:3] for one in live] == [one[:3] for one in back]
    assert [one[3] for one in live] == [pytest.approx(one[3], abs=2e-3) for one in back]
    assert own_diary.raised == diary.raised
    for name, days in diary.scores.items():
        assert own_diary.scores[name] == pytest.approx(days, abs=0.01), name
    assert {"opened", "ended"} == {what for what, *_ in back}
    assert len({concern for _, concern, *_ in back}) > 1


NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def wary() -> Routine:
    """Return a routine that tells of rather little."""
    return replace(of_many_homes(), limits=limits(shipped(), Diary(), NOON.toordinal(), 40.0))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    between=st.lists(st.floats(0.001, 0.999), max_size=5).map(sorted),
    hours=st.integers(2, 60),
)
def test_before_it_is_due_there_is_nothing_to_find_and_when_it_is_there_is(
    wary: Routine, seed: int, between: list[float], hours: int
) -> None:
    rng = np.random.default_rng(seed)
    state = RhythmState.begun(NOON - 72 * HOUR)
    for minute in sorted(rng.integers(0, 72 * 60, int(rng.choice([3, 40, 900])))):
        state = step(state, NOON - 72 * HOUR + timedelta(minutes=int(minute)), Role(int(rng.integers(8))))
    looked = look(state, wary, shipped(), OSLO, NOON)
    for _ in range(hours):
        due, now = looked.due_at, moment(looked.state.judged_until)
        assert due > now
        for part in between:
            ahead = look(looked.state, wary, shipped(), OSLO, now + (due - now) * part)
            assert ahead.noticed == ()
            if ahead.state is not looked.state and due - now < 24 * HOUR:
                assert ahead.due_at == due
            looked = replace(ahead, due_at=due)
        looked = look(looked.state, wary, shipped(), OSLO, due)
        assert looked.noticed or due - now >= 23 * HOUR
        if due > NOON + hours * HOUR:
            break


def test_a_silence_is_found_at_the_minute_that_was_foretold(wary: Routine) -> None:
    only = replace(wary, limits={"inactivity": wary.limits["inactivity"]})
    state = step(RhythmState.begun(NOON), NOON, Role.LIVING)
    due = look(state, only, shipped(), OSLO, NOON + timedelta(seconds=TICK_S)).due_at

    assert look(state, only, shipped(), OSLO, due - timedelta(seconds=1)).noticed == ()
    [found] = look(state, only, shipped(), OSLO, due).noticed
    assert isinstance(found, Finding)
    assert (found.noticed_at, found.started_at, found.room) == (due, NOON, "living")
    assert found.evidence == (NOON,)
    assert 0 < found.p_value <= 1  # type: ignore[operator]


def test_while_a_home_is_unseen_no_silence_is_found_and_none_ends(wary: Routine) -> None:
    only = replace(wary, limits={"inactivity": wary.limits["inactivity"]})
    state = step(RhythmState.begun(NOON), NOON, Role.LIVING)
    due = look(state, only, shipped(), OSLO, NOON + timedelta(seconds=TICK_S)).due_at
    seen_again = NOON + 24 * HOUR

    unseen = look(state, only, shipped(), OSLO, seen_again, is_seen=False)
    assert unseen.noticed == ()
    assert look(unseen.state, only, shipped(), OSLO, seen_again + timedelta(minutes=25)).noticed == ()
    [found] = look(unseen.state, only, shipped(), OSLO, seen_again + 24 * HOUR).noticed  # and silent ever since
    assert isinstance(found, Finding)
    assert seen_again - timedelta(seconds=TICK_S) <= found.started_at <= seen_again
    assert found.evidence == (NOON,)

    told = look(state, only, shipped(), OSLO, due)
    lost = look(told.state, only, shipped(), OSLO, due + 24 * HOUR, is_seen=False)
    assert lost.noticed == ()
    assert "inactivity" in lost.state.standing.open


def suspect(room: str, hours: int, *, babbles: bool = False) -> Suspect:
    return Suspect(Channel(SensorKind.MOTION, room), int((NOON + hours * HOUR).timestamp()), babbles)


def test_what_needs_a_suspected_sensor_is_not_told_from_when_it_is_suspected(wary: Routine) -> None:
    only = replace(wary, limits={"no_meals": Limit(0, -np.inf)})
    state = step(RhythmState.begun(NOON), NOON, Role.KITCHEN)

    def told(*suspects: Suspect, until: datetime = NOON + 8 * HOUR) -> Look:
        return look(state, only, shipped(), OSLO, until, suspects=suspects)

    assert told(suspect("kitchen", 1)).noticed == ()
    assert told(suspect("kitchen", 1), suspect("hall", 6)).noticed == ()
    assert told(suspect("kitchen", 4)).noticed
    assert told(suspect("hall", 1)).noticed
    assert told(suspect("hall", 1, babbles=True)).noticed == ()  # meals are missed by what else is heard
    assert told(suspect("kitchen", 1), until=NOON + HOUR).due_at > NOON + 24 * HOUR


def test_while_a_sensor_is_suspected_a_silence_of_the_home_must_be_more_unusual() -> None:
    usually = limits(shipped(), Diary(), NOON.toordinal(), 1.0)
    only = replace(of_many_homes(), limits={"inactivity": usually["inactivity"]})
    state = step(RhythmState.begun(NOON), NOON, Role.LIVING)
    soon = NOON + timedelta(seconds=TICK_S)
    usual, later = (look(state, only, shipped(), OSLO, soon, suspects=each) for each in ((), [suspect("hall", 0)]))
    assert usual.due_at < later.due_at < NOON + 24 * HOUR


def test_who_was_silent_for_two_days_is_told_of_no_more_but_what_is_open_stays_so(wary: Routine) -> None:
    state = step(RhythmState.begun(NOON), NOON, Role.LIVING)
    never = replace(wary, limits={name: Limit(0, np.inf) for name in wary.limits})
    away = look(state, never, shipped(), OSLO, NOON + 49 * HOUR)
    assert look(away.state, wary, shipped(), OSLO, NOON + 200 * HOUR).noticed == ()

    found = look(state, wary, shipped(), OSLO, NOON + 200 * HOUR)
    standing = look(found.state, wary, shipped(), OSLO, NOON + 300 * HOUR).state.standing.open
    assert {"inactivity", "not_up", "left_at_night"} & set(standing)


def test_a_fact_that_is_told_again_or_is_too_old_changes_nothing() -> None:
    state = step(RhythmState.begun(NOON), NOON, Role.LIVING)
    assert step(state, NOON + timedelta(seconds=20), Role.LIVING) is state
    assert step(state, NOON - 73 * HOUR, Role.HALL) is state
    late = step(state, NOON - 2 * HOUR, Role.HALL)
    assert late.as_json() != state.as_json()
    assert step(late, NOON - 2 * HOUR, Role.HALL) is late


def test_facts_make_the_same_state_in_whichever_order_they_come() -> None:
    facts = [(NOON + timedelta(minutes=7 * number), Role(number % 8)) for number in range(20)]
    states = []
    for order in (facts, facts[:1] + facts[:0:-1], facts + facts):
        state = RhythmState.begun(NOON)
        for at, role in order:
            state = step(state, at, role)
        states.append(state.as_json())
    assert states[0] == states[1] == states[2]


def test_a_stored_state_is_small() -> None:
    home = Life(life_from(SPRING))
    state = RhythmState.begun(datetime.fromtimestamp(int(home.trace.at[0]), UTC))
    for at, role in list(home.facts())[:1500]:
        state = step(state, at, role)
    assert len(json.dumps(state.as_json())) < 8192
