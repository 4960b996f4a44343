"""What a home's nights teach: from none, from few days and from many; and what people's wishes change about it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gateway.contract.observation import SensorKind
from models.calibration import Diary
from models.guard import learnable_days
from models.hearing import minutes_of
from models.learning import Before, Lesson, Wishes, lesson
from models.past import local_ticks
from models.portrait import portrait
from models.prior import shipped
from models.routine import CONCERNS, FEWEST_DAYS, Routine, grown, learn, middling
from models.series import Series
from models.store import from_bytes, of_many_homes, to_bytes
from models.trace import Channel, Trace
from tests.unit.models.evaluation.lives import CHANNELS, FIRST, FRONT, KITCHEN, ZONE, life

DAYS = 24
TRACE = life(days=DAYS)
UNTIL = datetime.fromtimestamp(FIRST, UTC) + timedelta(days=DAYS - 1, hours=4)


def learned(days: int, trace: Trace = TRACE) -> Routine | None:
    """Return what the first so many days taught."""
    minutes = minutes_of(trace)
    series, local = Series(minutes), local_ticks(minutes.first_tick, minutes.end_tick, ZONE)
    return learn(series, local, learnable_days(series, local, int(local.day[0]) + days, 28))


def same(one: Routine, other: Routine) -> bool:
    return all(
        np.array_equal(table, other.tables[concern][name])
        for concern, of in one.tables.items()
        for name, table in of.items()
    )


def taught(before: Before | None = None, wishes: Wishes | None = None, trace: Trace = TRACE) -> Lesson:
    return lesson(trace, ZONE, UNTIL, before or Before(), wishes or Wishes(), shipped())


def test_a_home_that_told_only_how_warm_it_is_is_judged_by_many_homes() -> None:
    warm = Trace.of(
        "home", [FIRST + 600, FIRST + 4_200], [0, 0], [20.5, 20.1], [Channel(SensorKind.TEMPERATURE, "hall")]
    )

    assert same(taught(trace=warm).routine, of_many_homes())


def test_from_few_days_nothing_is_learned() -> None:
    assert learned(FEWEST_DAYS - 1) is None
    own = learned(FEWEST_DAYS)
    assert own is not None
    assert own.days == FEWEST_DAYS


def test_a_young_homes_routine_lies_between_that_of_many_homes_and_its_own() -> None:
    many, young, old = of_many_homes(), learned(7), learned(20)
    assert young is not None
    assert old is not None
    assert grown(None, many) is many
    assert grown(old, many) is old
    half = grown(young, many)
    assert half.days == 7
    for concern, of in half.tables.items():
        for name, table in of.items():
            own, others = young.tables[concern][name], many.tables[concern][name]
            if name in {"nights", "daytimes"}:  # moments as they were, of which there is no mean
                assert np.array_equal(table, np.concatenate([own[:14], others[14:]])), name
            else:
                assert np.allclose(table, (own + others) / 2, atol=0.02, rtol=2e-3), name


def test_the_routine_of_no_home_is_the_mean_of_many() -> None:
    one, other = learned(12), learned(20)
    assert one is not None
    assert other is not None
    mean = middling([one, other])
    assert mean.days == 0
    table = np.mean([each.tables["inactivity"]["usual"] for each in (one, other)], axis=0)
    assert np.allclose(mean.tables["inactivity"]["usual"], table, atol=0.01, rtol=2e-3)
    nights = [each.tables["wandering"]["nights"] for each in (one, other)]
    assert np.array_equal(mean.tables["wandering"]["nights"][3, 0], nights[1][3, 0])
    assert np.array_equal(mean.tables["wandering"]["nights"][3, 1], nights[0][3, 1])


def test_what_is_learned_is_kept_as_it_is_stored() -> None:
    own = learned(20)
    assert own is not None
    assert same(from_bytes(to_bytes(own)).routine, own)


def test_a_home_without_a_sensor_there_is_not_judged_by_it() -> None:
    kitchenless = learned(20, TRACE.kept(~np.isin(TRACE.channel, (KITCHEN, 0))))
    assert kitchenless is not None
    assert "no_meals" in kitchenless.unheard
    doorless = learned(20, TRACE.kept(TRACE.channel != FRONT))
    assert doorless is not None
    assert doorless.unheard == {"left_at_night"}
    whole = learned(20)
    assert whole is not None
    assert not whole.unheard


def test_a_lesson_taught_again_or_from_facts_in_another_order_is_the_same() -> None:
    order = np.random.default_rng(0).permutation(np.resize(np.arange(TRACE.at.size), TRACE.at.size + 99))
    shuffled = Trace.of("a", TRACE.at[order], TRACE.channel[order], np.ones(order.size), TRACE.channels)
    first, second = taught(), taught(trace=shuffled)
    again = taught(before=first.before)
    assert same(first.routine, second.routine)
    assert same(first.routine, again.routine)
    assert first.stays == second.stays == again.stays
    assert first.before == second.before == again.before
    assert first.routine.limits == again.routine.limits


def test_a_home_nobody_was_heard_in_has_what_holds_for_many() -> None:
    nothing = taught(trace=Trace.of("a", [], [], [], CHANNELS))
    assert nothing.routine is of_many_homes()
    assert nothing.stays.days == 0


def test_the_day_that_has_begun_teaches_nothing() -> None:
    midnight = UNTIL.replace(hour=0) - timedelta(hours=1)  # by the clock of the home
    assert same(taught().routine, taught(trace=TRACE.kept(TRACE.at < midnight.timestamp())).routine)


def test_a_past_that_was_never_judged_is_judged_once_before_anything_is_told() -> None:
    first = taught()
    assert first.before.diary.scores
    assert first.before.alerts_since == UNTIL.toordinal()
    assert max(max(days) for days in first.before.diary.scores.values()) < UNTIL.toordinal()
    assert taught(before=first.before).before == first.before


def test_strange_days_teach_nothing() -> None:
    strange = {UNTIL.toordinal() - ago for ago in range(1, 8)}
    before = Before(Diary().noted("inactivity", UNTIL.toordinal() - 3, 40.0), alerts_since=UNTIL.toordinal() - 5)
    left_out, kept = taught(before, Wishes(strange=strange)), taught(before)
    assert left_out.routine.days == kept.routine.days - 7
    assert left_out.routine.limits["inactivity"].score < kept.routine.limits["inactivity"].score
    assert not left_out.before.diary.scores["inactivity"]


def test_feedback_and_the_budget_move_the_limits() -> None:
    usual, quiet = taught(), taught(wishes=Wishes(factors={"wandering": 0.25}))
    assert quiet.routine.limits["wandering"].score > usual.routine.limits["wandering"].score
    assert quiet.routine.limits["inactivity"] == usual.routine.limits["inactivity"]
    assert all(limit.score == np.inf for limit in taught(wishes=Wishes(budget=0)).routine.limits.values())
    generous = taught(wishes=Wishes(budget=5)).routine.limits
    assert all(generous[name].score < limit.score for name, limit in usual.routine.limits.items())


def test_a_routine_of_few_days_is_told_of_more_seldom() -> None:
    young = TRACE.kept(TRACE.at >= UNTIL.timestamp() - 7 * 86_400)
    few, many = taught(trace=young).routine, taught().routine
    assert few.days < many.days
    assert few.limits["inactivity"].threshold > many.limits["inactivity"].threshold


def test_a_learned_day_can_be_read_hour_by_hour() -> None:
    routine = taught(wishes=Wishes(budget=2)).routine
    hours = portrait(routine, shipped(), ZONE, UNTIL.date())
    assert [one.hour for one in hours] == list(range(24))
    assert all(0 <= one.middle <= one.longest for one in hours)
    assert hours[3].longest > hours[15].longest  # this life sleeps at night and is heard all afternoon
    told = [one.told_after for one in hours]
    assert all(after is None or 0 < after < 24 * 60 for after in told)
    assert any(after is not None for after in told)


def test_what_is_told_of_nothing_shows_no_line() -> None:
    hours = portrait(of_many_homes(), shipped(), ZONE, UNTIL.date())
    assert {one.told_after for one in hours} == {None}


@pytest.mark.parametrize("concern", [one.name for one in CONCERNS])
def test_every_concern_has_a_prior_and_a_limit_of_its_own(concern: str) -> None:
    assert concern in shipped()
    assert concern in taught().routine.limits
