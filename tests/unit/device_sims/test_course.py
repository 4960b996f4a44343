"""A home's future goes on for ever, and a tester can turn it at any moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from device_sims.course import Course
from device_sims.errors import SimulationError
from device_sims.life.life import Life
from device_sims.life.noticing import Happening, noticed, tells
from device_sims.life.people import Person
from device_sims.life.plan_file import plan_named
from device_sims.life.profile import HEALTHY
from device_sims.scoring.truth import Expected, Forbidden
from device_sims.turns import AtHand
from gateway.contract.observation import SensorKind

_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_SEEN = {SensorKind.MOTION, SensorKind.DOOR}


def _life() -> Life:
    plan = plan_named("care_flat").only(*_SEEN, SensorKind.BUTTON)
    return Life("course", plan, ZoneInfo("Europe/Oslo"), (Person("Torvald", HEALTHY),))


def _course(life: Life, *besides: Happening) -> Course:
    known = [*noticed(life, _NOON.date() - timedelta(days=1), _NOON.date()), *besides]
    return Course(sorted((one for one in known if one.at > _NOON), key=lambda one: one.at), life, besides)


def _until(course: Course, end: datetime) -> list[Happening]:
    taken = []
    while course.next_at is not None and course.next_at <= end:
        if (happening := course.take()) is not None:
            taken.append(happening)
    return taken


def test_a_life_is_thought_out_as_it_goes_and_never_ends() -> None:
    taken = _until(_course(_life()), _NOON + timedelta(days=9))

    assert [one.at for one in taken] == sorted(one.at for one in taken)
    assert len(taken) == len(set(taken))
    days = {one.at.date() for one in taken}
    assert len(days) == 10


def test_a_home_without_a_life_ends_with_what_is_known_of_it_and_cannot_be_turned() -> None:
    life = _life()
    press = tells(life.plan, "button", _NOON)
    course = Course([press])
    course.turn(_NOON, AtHand().begin("press", "b", life, _NOON))

    assert course.take() == press
    assert course.next_at is None
    assert course.take() is None


def test_who_has_fallen_is_seen_no_more_until_somebody_helps() -> None:
    life, asked = _life(), _NOON + _HOUR
    course = _course(life)
    _until(course, asked)

    turn = AtHand().begin("fall_in_bathroom", "b", life, asked)
    course.turn(asked, turn)
    falls = asked + timedelta(minutes=8)
    meanwhile = _until(course, falls + 5 * _HOUR)

    # The way to the bathroom, and washing there, is the last that is seen.
    assert [one for one in meanwhile if one.at > falls + timedelta(minutes=2)] == []
    assert [(one.kinds, one.begins_at, one.home) for one in turn.truth if isinstance(one, Expected)] == [
        (("inactivity", "fall", "long_in_bathroom"), falls, "b")
    ]
    assert course.life is not None
    helped = falls + 5 * _HOUR
    course.turn(helped, AtHand().begin("helped_up", "b", course.life, helped))
    assert len(_until(course, helped + 5 * _HOUR)) > 5


def test_a_press_comes_at_once_and_what_was_to_be_pressed_later_still_is() -> None:
    life = _life()
    later = tells(life.plan, "button", _NOON + 3 * _HOUR)
    course = _course(life, later)

    turn = AtHand().begin("press", "b", life, _NOON + _HOUR)
    course.turn(_NOON + _HOUR, turn)

    first = course.take()
    assert first is not None
    assert (first.kind, first.at) == (SensorKind.BUTTON, _NOON + _HOUR)
    presses = [one for one in _until(course, _NOON + 12 * _HOUR) if one.kind is SensorKind.BUTTON]
    assert presses == [later]


def test_who_goes_out_must_not_be_missed_at_home() -> None:
    life = _life()

    [forbidden] = AtHand().begin("goes_out", "b", life, _NOON).truth

    assert isinstance(forbidden, Forbidden)
    assert forbidden.kinds == ("inactivity",)


def test_a_home_offers_what_its_sensors_can_tell_and_refuses_the_rest_in_words() -> None:
    some, all_ = _life(), Life("all", plan_named("care_flat"), ZoneInfo("Europe/Oslo"), (Person("Torvald", HEALTHY),))

    assert set(AtHand().titles(some)) == {"press", "fall_in_bathroom", "helped_up", "goes_out"}
    assert set(AtHand().titles(all_)) == {*AtHand().titles(some), "pull_cord", "smoke", "water_leak"}
    with pytest.raises(SimulationError, match="no scenario 'smoke'; it has press, fall_in_bathroom"):
        AtHand().begin("smoke", "b", some, _NOON)
