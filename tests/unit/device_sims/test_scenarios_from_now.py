"""A tester lets a scenario begin in a home that is being lived in."""

from datetime import UTC, datetime, timedelta

import pytest
from lives import life_of

from caregiver_ui.language import Language, load_languages
from caregiver_ui.simulation_words import choice_words, title_words
from device_sims.course import Course
from device_sims.errors import SimulationError
from device_sims.life.activities import Doing
from device_sims.life.profile import HEALTHY
from device_sims.scenarios.from_now import FromNow
from device_sims.scoring.truth import Expected, Forbidden
from gateway.contract.observation import SensorKind
from server.simulations.messages import Choice

_NOW = datetime(2026, 3, 5, 14, 20, tzinfo=UTC)
_SOON = _NOW + timedelta(minutes=3)


def test_a_home_is_offered_what_can_begin_now_and_what_it_has_rooms_and_sensors_for() -> None:
    titles = FromNow().titles(life_of())

    assert titles["night_wandering"] == "Walks about for an hour and a half at night"
    assert "press" in titles
    assert not {"gradual_decline", "gateway_dead", "sensor_dying", "cold_home"} & titles.keys()
    few = life_of().plan.only(SensorKind.MOTION)
    assert "button_four_times" not in FromNow().titles(type(life_of())("x", few, life_of().zone, life_of().people))


@pytest.mark.parametrize("language", [Language.BOKMAL, Language.NYNORSK])
def test_what_a_home_is_offered_is_told_in_its_tester_s_language(language: Language) -> None:
    speech, titles = load_languages()[language], FromNow().titles(life_of())

    told = {code: choice_words(speech, Choice(code=code, title=title)) for code, title in titles.items()}

    assert len(told) > 12
    assert [code for code, title in titles.items() if told[code] == title] == []
    assert [title for title in titles.values() if title_words(speech, title) == title] == []


def test_a_scenario_from_a_file_begins_soon_and_its_truth_with_it() -> None:
    turn = FromNow().begin("night_wandering", "h1", life_of(), _NOW)

    assert turn.life.position(_SOON + timedelta(minutes=10)).doing is Doing.WANDERING
    expected = [one for one in turn.truth if isinstance(one, Expected)]
    assert (expected[0].begins_at, expected[0].home) == (_SOON, "h1")
    assert all(one.begins_at >= _NOW for one in turn.truth if isinstance(one, Forbidden))


def test_what_a_scenario_tells_comes_in_the_home_s_course() -> None:
    course = Course([], life_of(HEALTHY))

    course.turn(_NOW, FromNow().begin("button_four_times", "h1", life_of(), _NOW))

    presses = []
    while (next_at := course.next_at) is not None and next_at < _SOON + timedelta(minutes=5):
        happening = course.take()
        if happening is not None and happening.kind is SensorKind.BUTTON:
            presses.append(happening.at - _SOON)
    assert presses == [timedelta(seconds=25 * number) for number in range(4)]


def test_a_scenario_that_cannot_begin_now_is_refused_with_those_that_can() -> None:
    with pytest.raises(SimulationError, match="no scenario 'gradual_decline'"):
        FromNow().begin("gradual_decline", "h1", life_of(), _NOW)
