from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lives import OSLO, life_of

from device_sims.life.activities import Doing, Stay
from device_sims.life.homes import COUPLE, home_of
from device_sims.life.life import Life
from device_sims.life.people import Drift, recovering
from device_sims.life.profile import COPD_NIGHT_UNREST, DEMENTIA, HEALTHY, PROFILES, SPOUSE

_DAY = timedelta(days=1)
_FIRST, _LAST = date(2026, 3, 1), date(2026, 3, 30)  # the clocks go forward on 29 March

_dates = st.dates(date(2024, 1, 1), date(2030, 12, 31))
_seeds = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=8)


@cache
def _month(name: str, seed: str = "inger") -> list[Stay]:
    return life_of(PROFILES[name], seed=seed).stays_of("inger", _FIRST, _LAST)


def _nights(stays: list[Stay], *doings: Doing) -> int:
    early = [stay for stay in stays if stay.start.astimezone(OSLO).hour < 5]
    return sum(stay.doing in doings for stay in early)


@settings(max_examples=40, deadline=None)
@given(_seeds, st.sampled_from([*PROFILES, COUPLE]), _dates, st.integers(0, 4))
def test_everybody_who_lives_here_is_always_somewhere_and_only_in_one_place(
    seed: str, kind: str, first: date, days: int
) -> None:
    life = home_of(seed, kind)

    for person in life.people:
        stays = life.stays_of(person.name, first, first + days * _DAY)
        assert {stay.who for stay in stays} == {person.name}
        assert all(before.end == after.start for before, after in pairwise(stays))
        assert all(stay.start < stay.end for stay in stays)
        assert all(stay.room is None or stay.room in life.plan.rooms for stay in stays)


@settings(max_examples=20, deadline=None)
@given(_seeds, _dates, st.integers(0, 5))
def test_any_day_can_be_asked_for_by_itself_and_is_the_same(seed: str, first: date, number: int) -> None:
    week = home_of(seed).stays_of("resident", first, first + 6 * _DAY)

    alone = home_of(seed).stays_of("resident", first + number * _DAY, first + number * _DAY)

    assert alone
    start = week.index(alone[0])
    assert week[start : start + len(alone)] == alone


@settings(max_examples=20, deadline=None)
@given(_seeds, _dates)
def test_all_stays_of_a_home_come_by_start(seed: str, first: date) -> None:
    stays = home_of(seed).stays(first, first + 6 * _DAY)

    assert stays == sorted(stays, key=lambda stay: (stay.start, stay.who))
    assert stays != home_of(seed + "x").stays(first, first + 6 * _DAY)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_day_of_a_clock_change_is_lived_by_the_wall_clock_and_is_as_long_as_it_is(day: date, hours: int) -> None:
    punctual = replace(HEALTHY, spread_min=0.0, weekend_later_min=0.0)
    life = life_of(punctual)

    stays = life.stays_of("inger", day - _DAY, day)

    before, today, after = (next(s.start for s in life.stays_of("inger", d, d)) for d in (day - _DAY, day, day + _DAY))
    assert after - today == pytest.approx(timedelta(hours=24), abs=timedelta(minutes=10))
    assert today - before == pytest.approx(timedelta(hours=hours), abs=timedelta(minutes=10))
    assert time(7) <= today.astimezone(OSLO).time() <= time(7, 30)
    assert stays[-1].end == after
    assert all(one.end == other.start for one, other in pairwise(stays))


def test_people_sleep_at_night_and_eat_in_the_daytime() -> None:
    asleep = sum((s.long for s in _month("healthy") if s.doing is Doing.SLEEPING), timedelta())
    eating = [s.start.astimezone(OSLO).hour for s in _month("healthy") if s.doing is Doing.EATING]

    assert timedelta(hours=6) < asleep / 30 < timedelta(hours=9)
    assert min(eating) >= 6
    assert max(eating) <= 21


def test_days_are_full_of_different_things() -> None:
    doings = Counter(stay.doing for stay in _month("healthy"))

    assert {*doings} >= {
        Doing.COOKING, Doing.EATING, Doing.MEDICATION, Doing.WATCHING_TV, Doing.OUT, Doing.NAPPING, Doing.ON_TOILET,
        Doing.SHOWERING, Doing.WITH_VISITOR,
    }  # fmt: skip


def test_somebody_with_copd_is_awake_more_of_the_night_and_somebody_with_dementia_walks_about() -> None:
    awake = (Doing.LYING_AWAKE, Doing.WATCHING_TV)

    assert _nights(_month(COPD_NIGHT_UNREST.name), *awake) > 2 * _nights(_month("healthy"), *awake)
    assert _nights(_month(DEMENTIA.name), Doing.WANDERING) > 0 == _nights(_month("healthy"), Doing.WANDERING)


def test_few_go_into_the_garden_in_the_cold_and_out_in_the_dark() -> None:
    def month(first: date) -> Counter[Doing]:
        lives = [life_of(seed=str(number)) for number in range(8)]
        return Counter(stay.doing for life in lives for stay in life.stays_of("inger", first, first + 27 * _DAY))

    january, june = month(date(2026, 1, 4)), month(date(2026, 6, 7))

    assert january[Doing.IN_GARDEN] < 0.3 * june[Doing.IN_GARDEN]
    assert january[Doing.OUT] < 0.85 * june[Doing.OUT]
    outings = [s for s in life_of().stays_of("inger", date(2026, 12, 1), date(2026, 12, 31)) if s.doing is Doing.OUT]
    assert all(stay.start.astimezone(OSLO).time() > time(8) for stay in outings)


def test_the_home_care_service_comes_when_it_should_and_helps_the_resident_in_the_same_room() -> None:
    life = life_of(DEMENTIA)
    stays = life.stays(_FIRST, _LAST)
    cared = [s for s in stays if s.who == "carer" and s.room is not None]
    resident = [s for s in stays if s.who == "inger" and s.doing is Doing.CARED_FOR]

    assert len(cared) >= 2.5 * 30
    assert len(resident) >= 0.9 * len(cared)
    met = [c for c in cared if any(r.room == c.room and r.start < c.end and c.start < r.end for r in resident)]
    assert len(met) >= 0.9 * len(cared)


def test_two_who_live_together_often_go_out_together() -> None:
    life = home_of("a", COUPLE)
    stays = {p.name: [s for s in life.stays_of(p.name, _FIRST, _LAST) if s.doing is Doing.OUT] for p in life.people}

    ours, theirs = stays["resident"], stays["spouse"]

    assert [p.profile.name for p in life.people] == ["healthy", SPOUSE.name]
    assert sum(any(abs(s.start - t.start) < timedelta(hours=1) for t in theirs) for s in ours) >= 0.4 * len(ours)


def test_a_guest_stays_from_friday_to_sunday_and_sleeps_here() -> None:
    life = life_of(replace(HEALTHY, guest_weeks=1.0))

    guest = [s for s in life.stays(_FIRST, _LAST) if s.who == "guest"]

    assert any(s.doing is Doing.SLEEPING and s.room == "guest_room" for s in guest)
    assert {s.start.astimezone(OSLO).weekday() for s in guest} <= {4, 5, 6}


def test_after_hospital_there_is_more_going_on_from_week_to_week() -> None:
    life = Life("inger", life_of().plan, OSLO, (recovering("inger", _FIRST, "inger"),))

    def speed_and_outings(week: int) -> tuple[float, int]:
        first = _FIRST + timedelta(weeks=week)
        out = [s for s in life.stays_of("inger", first, first + 20 * _DAY) if s.doing is Doing.OUT]
        return life.person().on(first).walking_m_s, len(out)

    assert speed_and_outings(0) < speed_and_outings(3) < speed_and_outings(6)
    assert speed_and_outings(0)[1] < speed_and_outings(6)[1]


def test_decline_comes_slowly_and_stays() -> None:
    drift = Drift.of(_FIRST, _FIRST + 20 * _DAY, {"liveliness": 0.5})
    person = life_of().with_drift(drift).person()

    told = [person.on(_FIRST + days * _DAY).liveliness for days in (-5, 0, 10, 20, 90)]

    assert told == pytest.approx([1.0, 1.0, 0.75, 0.5, 0.5])
    with pytest.raises(ValueError, match="'livelyness' is no number of a profile; there are awake_min"):
        Drift.of(_FIRST, _LAST, {"livelyness": 0.5})
    with pytest.raises(ValueError, match="cannot be over on"):
        Drift.of(_LAST, _FIRST, {"liveliness": 0.5})


def test_a_position_is_in_the_room_and_on_the_way_it_moves() -> None:
    life = life_of()
    stays = life.stays_of("inger", _FIRST, _FIRST)
    before, after = next(
        (a, b)
        for a, b in pairwise(stays)
        if {a.room, b.room} == {"lounge", "kitchen"} and b.long > timedelta(minutes=1)
    )

    at_start = life.position(after.start)
    later = life.position(after.end - timedelta(seconds=1))

    assert at_start.at is not None
    assert later.at is not None
    assert at_start.room == before.room
    assert (later.room, later.doing) == (after.room, after.doing)
    assert life.plan.rooms[later.room or ""].holds(later.at)
    out = next(s for d in range(20) for s in life.stays_of("inger", _FIRST + d * _DAY, _FIRST + d * _DAY) if not s.room)
    assert life.position(out.start + out.long / 2).at is None


def test_a_position_is_known_at_any_moment_of_the_year() -> None:
    life = home_of("b")
    at = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)

    for step in range(120):
        position = life.position(at + step * timedelta(hours=73))
        assert position.doing is not Doing.AWAY
