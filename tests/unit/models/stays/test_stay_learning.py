"""What a home's past teaches about its stays: the same lengths as the live state would have seen."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from models.presence import Fact
from models.stays.learning import learn_stays
from models.stays.lengths import absences, bathroom_stays, local_minutes, lyings, open_spans
from models.stays.routine import StayRoutine
from models.stays.tail import Tail
from models.trace import Channel, Trace

_OSLO = ZoneInfo("Europe/Oslo")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FIRST = datetime(2026, 3, 2, tzinfo=_OSLO)
_DAYS = range(_FIRST.toordinal(), _FIRST.toordinal() + 28)


def trace_of(facts: Sequence[Fact]) -> Trace:
    channels = sorted({Channel(one.kind, one.room) for one in facts})
    return Trace.of(
        "h1",
        [int(one.at.timestamp()) for one in facts],
        [channels.index(Channel(one.kind, one.room)) for one in facts],
        [one.value for one in facts],
        channels,
    )


def fact(at: datetime, room: str, kind: SensorKind = SensorKind.MOTION, value: float = 1.0) -> Fact:
    return Fact(at.astimezone(UTC), room, kind, value)


def lived(bathroom_min: float = 5, absence_h: float = 2, rises_h: float = 7, warm: float = 21) -> list[Fact]:
    """Return four weeks: in bed at ten, up once at night, out once a day."""
    facts: list[Fact] = []
    chance = np.random.default_rng(7)
    for number in range(28):
        # By the clock on the wall, also on the day of the clock change.
        day = (_FIRST + timedelta(days=number)).replace(tzinfo=None)

        def at(hours: float, day: datetime = day) -> datetime:
            return (day + timedelta(hours=hours)).replace(tzinfo=_OSLO)

        up, out = at(rises_h), absence_h * float(chance.lognormal(0, 0.1))
        facts += [
            fact(at(0.5), "bedroom", SensorKind.BED, 0.0), fact(at(0.75), "bedroom", SensorKind.BED, 1.0),
            fact(up, "bedroom", SensorKind.BED, 0.0),
            fact(at(9), "front_door", SensorKind.DOOR, 1.0), fact(at(9.01), "front_door", SensorKind.DOOR, 0.0),
            fact(at(9.01 + out), "front_door", SensorKind.DOOR, 1.0),
            fact(at(9.02 + out), "front_door", SensorKind.DOOR, 0.0),
            fact(at(22), "bedroom", SensorKind.BED, 1.0),
        ]  # fmt: skip
        for visit in range(6):
            begins = 14 + visit
            lasts = bathroom_min / 60 * float(chance.lognormal(0, 0.1))
            facts += [fact(at(begins), "bathroom"), fact(at(begins + lasts), "hallway")]
        facts += [fact(at(quarter / 4), "lounge", SensorKind.TEMPERATURE, warm) for quarter in range(96)]
        facts += [fact(at(8), "bedroom", SensorKind.SYSTOLIC, 130.0 + number % 5)]
    return sorted(facts)


def test_lengths_are_those_the_live_state_sees() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    seconds = [
        fact(at, "hallway"), fact(at + 1 * _MINUTE, "bathroom"), fact(at + 9 * _MINUTE, "bathroom"),
        fact(at + 10 * _MINUTE, "lounge", SensorKind.TEMPERATURE, 20.0), fact(at + 11 * _MINUTE, "hallway"),
        fact(at + 12 * _MINUTE, "front_door", SensorKind.DOOR, 1.0),
        fact(at + 13 * _MINUTE, "front_door", SensorKind.DOOR, 0.0), fact(at + 3 * _HOUR, "hallway"),
        fact(at + 4 * _HOUR, "bedroom", SensorKind.BED, 1.0), fact(at + 5 * _HOUR, "bedroom", SensorKind.BED, 0.0),
        fact(at + 5 * _HOUR + 2 * _MINUTE, "bedroom", SensorKind.BED, 1.0),
        fact(at + 9 * _HOUR, "bedroom", SensorKind.BED, 0.0), fact(at + 9 * _HOUR, "hallway"),
    ]  # fmt: skip
    trace = trace_of(seconds)

    assert bathroom_stays(trace).length_s.tolist() == [600]
    assert absences(trace).length_s.tolist() == [3 * 3600 - 13 * 60]
    assert lyings(trace).length_s.tolist() == [5 * 3600]
    assert open_spans(trace, "front_door").length_s.tolist() == [60]


@pytest.mark.parametrize("kind", [SensorKind.MOTION, SensorKind.BED, SensorKind.DOOR, SensorKind.TEMPERATURE])
@pytest.mark.parametrize("many", [0, 1])
def test_a_past_with_hardly_anything_in_it_teaches_nothing(kind: SensorKind, many: int) -> None:
    facts = [fact(_FIRST + _HOUR, "bathroom", kind)] * many

    learned = learn_stays(trace_of(facts), _OSLO, _DAYS)

    assert learned.bathroom == StayRoutine.default().bathroom
    assert not learned.doors


def test_no_days_teach_nothing() -> None:
    assert learn_stays(trace_of(lived()), _OSLO, []) == StayRoutine.default()


@given(st.permutations(range(40)))
def test_order_and_repeats_teach_nothing_else(order: list[int]) -> None:
    facts = lived()[:40]
    shuffled = [facts[place] for place in order] + facts[:9]

    assert learn_stays(trace_of(shuffled), _OSLO, _DAYS) == learn_stays(trace_of(facts), _OSLO, _DAYS)


def test_a_home_of_short_stays_is_told_of_sooner_than_one_of_long_ones() -> None:
    quick, slow = (learn_stays(trace_of(lived(bathroom_min=each)), _OSLO, _DAYS).limits() for each in (3, 45))

    assert quick.bathroom[0] < slow.bathroom[0]
    assert quick.bathroom[0] < StayRoutine.default().limits().bathroom[0]


def test_whoever_is_never_out_for_long_is_missed_sooner() -> None:
    brief, long = (learn_stays(trace_of(lived(absence_h=each)), _OSLO, _DAYS).limits() for each in (1, 10))

    assert brief.away < long.away


def test_the_night_ends_before_the_resident_usually_rises() -> None:
    early, late = (learn_stays(trace_of(lived(rises_h=each)), _OSLO, _DAYS) for each in (5.5, 7.5))

    assert (early.night_ends_min, late.night_ends_min) == (5 * 60, 7 * 60)


@pytest.mark.parametrize(("usual", "limit"), [(24.0, 17.5), (18.0, 16.5), (12.0, 13.0)])
def test_a_room_is_cold_below_what_is_usual_for_it_within_bounds(usual: float, limit: float) -> None:
    assert learn_stays(trace_of(lived(warm=usual)), _OSLO, _DAYS).cold_c == {"lounge": limit}


def test_what_was_learned_is_stored_small_and_comes_back() -> None:
    learned = learn_stays(trace_of(lived()), _OSLO, _DAYS)
    stored = json.dumps(learned.as_json())

    assert StayRoutine.from_json(json.loads(stored)) == learned
    assert StayRoutine.from_json(json.loads(stored)).limits() == learned.limits()
    assert learned.days == 28
    assert len(stored) < 2048


@pytest.mark.parametrize(
    "broken", [{}, {"version": 0}, {"version": 1}, {**StayRoutine.default().as_json(), "bathroom": [[1, 2]]}]
)
def test_what_is_not_a_routine_is_refused_in_words(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="learn again"):
        StayRoutine.from_json(broken)


def test_a_smaller_rate_is_a_longer_wait() -> None:
    learned = learn_stays(trace_of(lived()), _OSLO, _DAYS)
    few, many = (dict.fromkeys(FindingKind, rate) for rate in (0.002, 0.2))

    for each in ("bed", "away"):
        assert getattr(learned.limits(few), each) >= getattr(learned.limits(many), each)
    assert learned.limits(few).bathroom[0] > learned.limits(many).bathroom[0]


@pytest.mark.parametrize("alpha", [1.5, 2.5, 4.0])
def test_a_learned_tail_is_passed_about_as_often_as_it_says(alpha: float) -> None:
    chance = np.random.default_rng(3)
    lengths = 300 * (1 + chance.pareto(alpha, 4000))

    tail = Tail(100, 900, 3).fitted(lengths[:2000], weeks=20)
    passed = int((lengths[2000:] > tail.length_at(0.5)).sum())

    assert 0.2 < passed / 20 < 1.2


@given(rate=st.floats(1e-6, 2.4), high=st.floats(60, 1e5), alpha=st.floats(0.5, 9))
def test_the_p_value_of_a_limit_is_its_rate(rate: float, high: float, alpha: float) -> None:
    tail = Tail(100, high, alpha)
    limit = high * (100 * 0.025 / rate) ** (1 / alpha)

    assert tail.length_at(rate) == pytest.approx(limit, abs=1)
    assert tail.p_value(limit) == pytest.approx(rate / 100)


@given(st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)]), st.integers(0, 26 * 60))
def test_local_minutes_are_those_of_the_clock_on_the_wall(day: date, minutes: int) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=_OSLO).astimezone(UTC) + minutes * _MINUTE
    wall = moment.astimezone(_OSLO)

    ordinal, minute = local_minutes(np.array([int(moment.timestamp())]), _OSLO)

    assert (ordinal[0], minute[0]) == (wall.toordinal(), wall.hour * 60 + wall.minute)
